# SPDX-License-Identifier: MIT
"""Charts with one row a cell: labels at the left, values along a shared x axis."""
from . import palette, text
from .axis import Axis
from .page import LEGEND, MARGIN, TIC

ROWS_MAX = 36
PAGES_MAX = 4  # nobody reads more; --all draws them


def blocks(entries, everything=False):
    """Entries in groups that each fill one page, as even as possible; the first pages alone, unless
    everything is wanted."""
    if not everything:
        entries = entries[:ROWS_MAX * PAGES_MAX]
    count = -(-len(entries) // ROWS_MAX)
    size = -(-len(entries) // max(count, 1))
    return [entries[at:at + size] for at in range(0, len(entries), size)]


def which(groups, number, total):
    """What a page (from 1) of groups has of all entries: nothing to say where it has all."""
    first = sum(len(group) for group in groups[:number - 1])
    drawn = sum(len(group) for group in groups)
    if len(groups) == 1 and drawn == total:
        return ""
    more = f", of which the first {drawn} are drawn (--all draws all)" if drawn < total else ""
    return f"Rows {first + 1} to {first + len(groups[number - 1])} of {total}{more}."


def height(count):
    """Pixels of one row where there are so many."""
    return 40 if count <= 10 else 30 if count <= 20 else 24


def panel(page, labels, x, right=0):
    """A panel with len(labels) rows from the top down; right: pixels kept free at its right."""
    size = height(len(labels))
    widest = max(text.width(text.clean(name), TIC) for name in labels)
    room = min(widest, 400 if len(labels) <= 20 else 470)
    left, top = MARGIN + room + 12, page.top + 12
    y = Axis(-len(labels) + 0.5, 0.5, [])
    place = (left, top, page.width - MARGIN - left - right, size * len(labels))
    made = page.panel(place, x, y)
    for number, name in enumerate(labels):
        middle = made.py(-number)
        lines = text.wrap(name, room, TIC, 2 if size >= 40 else 1)
        for line, part in enumerate(lines):
            at = middle + (line - (len(lines) - 1) / 2) * 16
            page.text(left - 10, at, part, TIC, palette.INK, "right")
    return made


def x_title(page, made, *parts):
    """The x axis' name beneath its labels; returns the bottom of the panel with all of that."""
    page.x_title(made, *parts)
    return made.top + made.height + 36 + LEGEND
