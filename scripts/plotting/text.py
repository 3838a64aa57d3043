# SPDX-License-Identifier: MIT
"""Text on charts: made harmless for gnuplot, measured, wrapped and shortened.

Every text reaches gnuplot under `noenhanced` and in double quotes, where all signs that could mean
something are octal escapes: gnuplot 5.4 does not read a doubled quote rightly at the start of a
single-quoted string, and runs what stands between backticks in a double-quoted one.
"""
import re
import unicodedata

# Advance widths of DejaVu Sans in thousandths of the font size, from space to tilde.
_WIDTHS = (
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
    575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685,
    611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579,
    278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838)
_OTHER_WIDTHS = {"·": 318, "–": 500, "²": 401, "µ": 636}
_BOLD = 1.115
_HARMLESS = " .,:;()/+-=<>"
ELLIPSIS = "…"


def clean(text):
    """Any value as one line of printable text: no control, direction or half characters."""
    out = []
    for char in str(text):
        kind = unicodedata.category(char)
        if kind in ("Zs", "Zl", "Zp") or char in "\t\n\r":
            out.append(" ")
        elif kind in ("Cs", "Cn", "Co", "Cc"):
            out.append("\N{REPLACEMENT CHARACTER}")
        elif kind != "Cf":
            out.append(char)
    return re.sub(" +", " ", "".join(out)).strip()


def quote(text):
    """A gnuplot string literal that shows just this text."""
    return '"' + "".join(_literal(char) for char in clean(text)) + '"'


def _literal(char):
    if char.isalnum() or char in _HARMLESS or ord(char) > 127:
        return char
    return f"\\{ord(char):03o}"


def _advance(char):
    code = ord(char) - 32
    if 0 <= code < len(_WIDTHS):
        return _WIDTHS[code]
    if unicodedata.combining(char):
        return 0
    if unicodedata.east_asian_width(char) in "WF":
        return 1100
    return _OTHER_WIDTHS.get(char, 840)


def width(text, size, bold=False):
    """Pixels that text takes at a font size in pixels."""
    return sum(map(_advance, text)) * size / 1000 * (_BOLD if bold else 1)


def shorten(text, room, size, bold=False):
    """Text cut in its middle so that it fits the room: both ends tell cells apart."""
    text = clean(text)
    if width(text, size, bold) <= room:
        return text
    # No text of more characters can fit: 4000 is far above any room.
    head, tail = text[:2000], text[-2000:]
    kept = len(head) + len(tail)
    while kept > 1:
        kept -= max(1, kept // 16)
        left = (kept + 1) // 2
        short = head[:left].rstrip() + ELLIPSIS + (tail[-(kept - left):] if kept > left else "")
        if width(short, size, bold) <= room:
            return short
    return ELLIPSIS


def wrap(text, room, size, lines, bold=False):
    """At most so many lines that each fit the room; what does not fit is shortened."""
    words, done = clean(text).split(" "), []
    while words and len(done) < lines - 1:
        count = 1
        while count < len(words) and width(" ".join(words[:count + 1]), size, bold) <= room:
            count += 1
        done.append(shorten(" ".join(words[:count]), room, size, bold))
        words = words[count:]
    if words:
        done.append(shorten(" ".join(words), room, size, bold))
    return done
