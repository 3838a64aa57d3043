# SPDX-License-Identifier: MIT
"""The two ways in which drawing ends early: a mistake of the user, and nothing to show."""
import difflib


class PlotError(Exception):
    """One sentence for the user; the program exits with 2."""


class Nothing(Exception):
    """This chart has nothing to show; the text is the reason. Other charts go on."""


def did_you_mean(word, known):
    """' : did you mean "x"?', or the list of all that there is."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    if near:
        return f'did you mean "{near[0]}"?'
    return "choose " + ", ".join(known)
