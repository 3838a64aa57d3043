# SPDX-License-Identifier: MIT
"""A page: heading, legend, panels and caption, laid out in pixels from the top left corner.

All text, lines and boxes that are not data are placed here, with measured widths, so that nothing
overlaps and nothing is clipped; templates in plots/ only draw the data into the panels.
"""
from . import noise, palette, steps, text

MARGIN = 28
TITLE, NOTE, LEGEND, TIC, CAPTION = 21, 14, 13, 13, 12
LINE = 1.38  # line height by font size


class Panel:
    """A rectangle for data with its two axes; series are the template's own."""

    def __init__(self, number, place, x, y, series=()):
        self.number = number
        self.left, self.top, self.width, self.height = place
        self.x, self.y, self._series = x, y, []
        self.series = series

    @property
    def series(self):
        """What the template draws: dicts, each with an id that names its data in the script."""
        return self._series

    @series.setter
    def series(self, series):
        self._series = list(series)
        for number, one in enumerate(self._series):
            if isinstance(one, dict):
                one["id"] = f"{self.number}_{number}"

    def px(self, value):
        """Pixels from the left of the page to the value."""
        return self.left + self.x.at(value) * self.width

    def py(self, value):
        """Pixels from the top of the page to the value."""
        return self.top + (1 - self.y.at(value)) * self.height


class Page:
    """One picture. height is known once finish() was called; timed: what is noisy matters to it; step:
    the name of the one that it is about."""

    def __init__(self, template, title, width=1000, timed=True, step=None):
        self.template, self.title, self.width = template, text.clean(title), width
        self.panels, self.texts, self.lines, self.boxes, self.points = [], [], [], [], []
        self.suffix, self.timed, self.step = "", timed, step
        self.top = MARGIN
        self.height = 0

    # Primitives

    def text(self, x, y, what, size=TIC, colour=palette.INK, align="left", bold=False):
        """One line of text; y is its middle."""
        what = text.clean(what)
        if what:
            self.texts.append({"x": x, "y": y, "text": what, "size": size, "colour": colour,
                               "align": align, "bold": bold})

    def line(self, x0, y0, x1, y1, colour=palette.GRID, width=1, dash=None, front=False):
        """A straight line; dash is None, "dashed" or "dotted"."""
        self.lines.append({"x0": x0, "y0": y0, "x1": x1, "y1": y1, "colour": colour,
                           "width": width, "dash": dash, "front": front})

    def box(self, x0, y0, x1, y1, colour, alpha=1.0, front=False):
        """A filled rectangle, behind the data unless in front."""
        self.boxes.append({"x0": x0, "y0": y0, "x1": x1, "y1": y1, "colour": colour,
                           "alpha": alpha, "front": front})

    def point(self, x, y, colour, kind=7, size=0.9):
        """One of gnuplot's points: 7 filled circle, 6 hollow, 13 filled diamond."""
        self.points.append({"x": x, "y": y, "colour": colour, "kind": kind, "size": size})

    # Parts of a page, from the top down

    def heading(self, notes=()):
        """The title and what has to be known to read the chart, beneath it."""
        room = self.width - 2 * MARGIN
        for part in text.wrap(self.title, room, TITLE, 2, bold=True):
            self.text(MARGIN, self.top + TITLE * LINE / 2, part, TITLE, bold=True)
            self.top += TITLE * LINE
        self.top += 4
        for note in notes:
            for part in text.wrap(note, room, NOTE, 2) if note else ():
                self.text(MARGIN, self.top + NOTE * LINE / 2, part, NOTE, palette.SOFT)
                self.top += NOTE * LINE
        self.top += 8

    def legend(self, entries):
        """Entries (kind, colour, text) in columns beneath the heading, as many as fit in a row.

        Kinds: box, band, line (with a point), plain, dashed, dotted, mark, bar, dot, diamond.
        """
        if not entries:
            return
        room = self.width - 2 * MARGIN
        labels = [text.shorten(entry[2], room - 48, LEGEND) for entry in entries]
        x = MARGIN
        for (kind, colour, _), name in zip(entries, labels):
            taken = 36 + text.width(name, LEGEND) + 22
            if x > MARGIN and x + taken - 22 > self.width - MARGIN:
                x, self.top = MARGIN, self.top + LEGEND * 1.6
            self._swatch(kind, colour, x, self.top + LEGEND * 0.8)
            self.text(x + 36, self.top + LEGEND * 0.8, name, LEGEND)
            x += taken
        self.top += LEGEND * 1.6 + 8

    def _swatch(self, kind, colour, x, y):
        if kind == "box":
            self.box(x + 8, y - 7, x + 28, y + 7, colour)
        elif kind == "band":
            self.box(x + 2, y - 7, x + 28, y + 7, colour, alpha=0.25)
        elif kind in ("line", "plain", "dashed", "dotted"):
            self.line(x + 2, y, x + 28, y, colour, 2.2, kind)
            if kind == "line":
                self.point(x + 15, y, colour)
        elif kind == "bar":
            self.line(x + 2, y, x + 28, y, colour, 1.6)
            self.line(x + 2, y - 5, x + 2, y + 5, colour, 1.6)
            self.line(x + 28, y - 5, x + 28, y + 5, colour, 1.6)
        elif kind == "mark":
            self.line(x + 15, y - 8, x + 15, y + 8, colour, 2.2)
        else:
            self.point(x + 17, y, colour, {"dot": 7, "diamond": 13}[kind], 1.1)

    def bare_panel(self, place, x, y, series=()):
        """Add a panel at (left, top, width, height) that has no grid and no labels yet."""
        panel = Panel(len(self.panels), place, x, y, series)
        self.panels.append(panel)
        return panel

    def panel(self, place, x, y, series=(), y_labels=True):
        """Add a panel with its grid and tic labels; labels that would touch are left out."""
        panel = self.bare_panel(place, x, y, series)
        self.grid_y(panel, y_labels)
        self.grid_x(panel)
        return panel

    def grid_y(self, panel, labels=True):
        """Horizontal grid lines with the y labels at their left."""
        for value, name in panel.y.tics:
            y = panel.py(value)
            self.line(panel.left, y, panel.left + panel.width, y)
            if labels:
                self.text(panel.left - 8, y, name, TIC, palette.SOFT, "right")

    def grid_x(self, panel):
        """Vertical grid lines with the x labels beneath, thinned so that none touch."""
        bottom, shown = panel.top + panel.height, []
        for value, name in panel.x.tics:
            x = panel.px(value)
            self.line(x, panel.top, x, bottom)
            shown.append((x, name))
        every = 1
        while every < len(shown) and _touch(shown[::every]):
            every += 1
        for x, name in shown[::every]:
            half = text.width(name, TIC) / 2
            x = min(max(x, MARGIN / 2 + half), self.width - MARGIN / 2 - half)
            self.text(x, bottom + 14, name, TIC, palette.SOFT, "center")
        self.line(panel.left, bottom, panel.left + panel.width, bottom, palette.FAINT)

    def x_title(self, panel, *parts):
        """What the x axis shows, under its labels."""
        name = " · ".join(p for p in parts if p)
        name = text.shorten(name, self.width - 2 * MARGIN, TIC)
        half = text.width(name, TIC) / 2
        middle = min(max(panel.left + panel.width / 2, MARGIN + half), self.width - MARGIN - half)
        self.text(middle, panel.top + panel.height + 36, name, TIC, palette.INK, "center")

    def y_title(self, panel, *parts, lift=0):
        """What the y axis shows, above the panel and not turned, so that it is read at once."""
        name = " · ".join(p for p in parts if p)
        name = text.shorten(name, panel.width + panel.left - MARGIN, TIC)
        self.text(MARGIN, panel.top - 20 - lift, name, TIC, palette.INK)

    def panel_title(self, panel, name):
        """The name of one of several panels, above it."""
        name = text.shorten(name, panel.width, TIC, bold=True)
        self.text(panel.left, panel.top - 14, name, TIC, palette.INK, bold=True)

    def finish(self, bottom, result, remarks=()):
        """The caption beneath everything; sets the page's height."""
        room, y = self.width - 2 * MARGIN, bottom + 20
        self.line(MARGIN, y - 6, self.width - MARGIN, y - 6, palette.GRID)
        for words, colour in caption(result, remarks, self.timed, self.step):
            for part in text.wrap(words, room, CAPTION, 2):
                self.text(MARGIN, y + CAPTION * LINE / 2, part, CAPTION, colour)
                y += CAPTION * LINE
        self.height = round(y + 16)
        return self


def _touch(labels):
    """Does any label come closer than 12 pixels to the next?"""
    for (x0, name0), (x1, name1) in zip(labels, labels[1:]):
        if x0 + text.width(name0, TIC) / 2 + 12 > x1 - text.width(name1, TIC) / 2:
            return True
    return False


def y_room(axis):
    """Pixels that the labels of a y axis take at the left of a panel."""
    return MARGIN + max(text.width(name, TIC) for _, name in axis.tics) + 10


def caption(result, remarks=(), timed=True, step=None):
    """[(text, colour)]: how to read it; where, on what and when; what to beware of."""
    lines = [(remark, palette.SOFT) for remark in remarks if remark]
    lines.append((_provenance(result) or "origin not stated", palette.SOFT))
    warnings = [*cautions(result), steps.stamps(result, step) if step else None,
                noise.sentence(result) if timed else None]
    return lines + [(warning, palette.VERMILLION) for warning in warnings if warning]


def _provenance(result):
    host, run = result.host, result.run
    machine = host.get("machine") or ""
    kernel = f"Linux {host['kernel']} {machine}" if host.get("kernel") else machine
    version = (result.document.get("tool") or {}).get("version")
    parts = [("host ", host.get("name"), 260), ("", kernel, 260),
             ("", str(run.get("started") or "")[:10], 90),
             ("scenario ", result.scenario.get("name"), 300), ("overmap ", version, 160)]
    return " · ".join(before + text.shorten(what, room, CAPTION) for before, what, room in parts
                      if what)


def cautions(result):
    """What makes the chart worth less than it looks."""
    if result.document.get("kind") == "result" and result.document.get("complete") is not True:
        yield "Incomplete: the run was ended early; this is what it had finished."
    if result.emulated() and result.instructions():
        yield "Emulated machine, clock counts instructions: 1 ns is one instruction, not time."
    elif result.instructions():
        yield "The clock counts instructions: 1 ns is one instruction, not time."
    elif result.emulated():
        yield "Emulated machine: its times say nothing about real hardware."
