# SPDX-License-Identifier: MIT
"""What the user can mend: said in one sentence, without a traceback."""


class Problem(Exception):
    """A mistake in what was asked for, or something that this machine lacks."""
