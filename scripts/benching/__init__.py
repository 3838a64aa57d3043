# SPDX-License-Identifier: MIT
"""What scripts/bench is made of: running programs, the harness against itself, the harness beside
others, and which goals were met."""
