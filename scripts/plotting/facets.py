# SPDX-License-Identifier: MIT
"""Share combinations of the other axes out to panels and curves, so that all stay readable."""
import itertools

from . import palette
from .page import MARGIN, y_room
from .result import combination, combination_label, combinations

PANELS_MAX = 6
GAP = 46  # between panels, so that the labels at their corners do not touch


class Curve:
    """The cells of one combination within one panel."""

    def __init__(self, name, colour, cells):
        self.name, self.colour, self.cells = name, colour, cells


class Facets:
    """panels: [(title, [Curve])]; names: [(name, colour)] for
    the legend, none where all panels have one curve; left_out: a sentence."""

    def __init__(self, cells, axes, curves_max=6):
        split = _split(cells, axes, curves_max)
        kept = [axis for axis in axes if axis not in split]
        wanted = combinations(cells, split)[:PANELS_MAX]
        curves = combinations(cells, kept)[:curves_max]
        colours = _colours(kept, curves)
        self.names = [(combination_label(kept, c), colours[c]) for c in curves if len(curves) > 1]
        self.panels = []
        for panel in wanted:
            mine = [c for c in cells if combination(c, split) == panel]
            drawn = [Curve(combination_label(kept, key), colours[key],
                           [c for c in mine if combination(c, kept) == key])
                     for key in combinations(mine, kept) if key in colours]
            self.panels.append((combination_label(split, panel) if split else "", drawn))
        self.left_out = self._left_out(cells, axes)

    def _left_out(self, cells, axes):
        total = len(combinations(cells, axes))
        shown = sum(len(curves) for _, curves in self.panels)
        if shown == total:
            return ""
        return f"{shown} of {total} combinations are shown, the first ones of each axis."


def _split(cells, axes, curves_max):
    """The fewest axes to make panels of, so that panels and curves stay within their limits."""
    best = None
    for count in range(len(axes) + 1):
        for split in itertools.combinations(axes, count):
            kept = [axis for axis in axes if axis not in split]
            panels, curves = len(combinations(cells, split)), len(combinations(cells, kept))
            excess = max(panels - PANELS_MAX, 0) + max(curves - curves_max, 0)
            if best is None or (excess, count, panels) < best[0]:
                best = ((excess, count, panels), list(split))
        if best and best[0][0] == 0:
            break
    return best[1]


def _colours(axes, curves):
    if axes == ["threads"] and len(curves) > 2:
        return {c: palette.ramp(i, len(curves)) for i, c in enumerate(curves)}
    return {c: palette.category(i) for i, c in enumerate(curves)}


def places(page, count, room, tall=420, low=250):
    """[(left, top, width, height)] of count panels, room pixels for y labels, and the bottom."""
    columns = _columns(count)
    height = tall if count == 1 else low
    top = page.top + 34 + (24 if count > 1 else 8)
    width = (page.width - room - MARGIN - (columns - 1) * GAP) / columns
    found = []
    for number in range(count):
        row, column = divmod(number, columns)
        found.append((room + column * (width + GAP), top + row * (height + 66), width, height))
    rows = -(-count // columns)
    return found, top + rows * (height + 66) - 66 + 44


def _columns(count):
    return {1: 1, 2: 2, 4: 2}.get(count, 3)


def draw(page, titles, series, x, y, names):
    """Panels that share their axes; names: (x title, y title's parts). Returns the bottom."""
    boxes, bottom = places(page, len(titles), y_room(y))
    for number, (title, curves, place) in enumerate(zip(titles, series, boxes)):
        panel = page.panel(place, x, y, curves, y_labels=number % _columns(len(titles)) == 0)
        page.panel_title(panel, title)
        if number + _columns(len(titles)) >= len(titles):
            page.x_title(panel, names[0])
    page.y_title(page.panels[0], *names[1], "log scale" if y.log else "", lift=24 if len(titles) > 1 else 0)
    return bottom
