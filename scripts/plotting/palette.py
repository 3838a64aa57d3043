# SPDX-License-Identifier: MIT
"""Colours that colour-blind readers can tell apart, each with a meaning.

Categories: Okabe and Ito, Color Universal Design (2008). The ramp for ordered values runs from
dark blue over green to yellow with lightness rising evenly, so that it also reads in grey.
"""

BLUE, SKY, GREEN, YELLOW = "#0072b2", "#56b4e9", "#009e73", "#f0e442"
ORANGE, VERMILLION, PURPLE, BLACK = "#e69f00", "#d55e00", "#cc79a7", "#000000"

INK, SOFT, FAINT, GRID, PAPER = "#1a1a1a", "#555555", "#9a9a9a", "#e4e4e4", "#ffffff"
TINT = "#d6dde3"

CATEGORIES = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK, "#8c6d1f")

RAMP = ("#3b1c5a", "#3f4889", "#31688e", "#26828e", "#1f9e89", "#4ab96b", "#8fce3f", "#d8d21c")

_OUTCOMES = {
    "ok": GREEN, "degraded": YELLOW, "ENOMEM": VERMILLION, "oom-killed": "#333333",
    "timeout": BLUE, "skipped": "#e2e2e2", "refused": SKY, "failed": "#7a3b8f",
}

VERDICTS = {"faster": GREEN, "higher": GREEN, "slower": VERMILLION, "lower": ORANGE,
            "equivalent": BLUE, "inconclusive": FAINT, "indicative": PURPLE}


def category(index):
    """The colour of the category with that number; there are len(CATEGORIES)."""
    return CATEGORIES[index % len(CATEGORIES)]


def ramp(index, count):
    """The colour of place index of count along the ordered ramp."""
    if count < 2:
        return BLUE
    return RAMP[round(index * (len(RAMP) - 1) / (count - 1))]


def outcome(name):
    """Signals are purple, errnos other than ENOMEM orange; the text says the rest."""
    if name in _OUTCOMES:
        return _OUTCOMES[name]
    return PURPLE if name.startswith("SIG") else ORANGE


def number(colour):
    """The colour as the whole number that gnuplot's `rgb variable` reads."""
    return int(colour[1:], 16)


def _lightness(colour):
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ink_on(colour):
    """Black or white, whichever reads better on this colour (WCAG contrast)."""
    light = _lightness(colour) + 0.05
    return PAPER if 1.05 / light > light / 0.05 else INK
