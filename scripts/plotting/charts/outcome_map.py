# SPDX-License-Identifier: MIT
"""Where it maps and where it is refused: one tile a cell, coloured and named by its outcome."""
from .. import axis, palette, text, units, words
from ..error import Nothing
from ..page import MARGIN, TIC, Page
from ..result import axes_title, combination, combinations, label

NAME, KIND, TIMED = "outcome-map", "result", False
HELP = "which cells map and which are refused, with what errno: size × overcommit × flags …"
COLUMNS_MAX, ROWS_MAX = 10, 36
SMALL = 11


def suits(result):
    """Something became other than ok."""
    return any(outcome != "ok" for cell in result.cells for outcome in cell.outcomes())


def pages(result):
    """One page for each block of rows and columns that is still readable."""
    cells = [c for c in result.cells if c.repetitions]
    if not cells:
        raise Nothing("no cell has run")
    rows, columns = _sides(result, cells)
    row_keys, column_keys = _keys(cells, rows), combinations(cells, columns)
    blocks = [(row_keys[r:r + ROWS_MAX], column_keys[c:c + COLUMNS_MAX])
              for r in range(0, len(row_keys), ROWS_MAX)
              for c in range(0, len(column_keys), COLUMNS_MAX)]
    found = {(combination(c, rows), combination(c, columns)): c for c in cells}
    return [_Map(result, found, rows, columns, block).page() for block in blocks]


def _sides(result, cells):
    """Which axes make the rows and which the columns: sizes down, the rest across while it fits."""
    axes = list(result.varying)
    if not axes:
        return [], []
    down = "size" if "size" in axes else max(axes, key=lambda a: len(result.values_of(a)))
    rows, columns = [down], [a for a in axes if a != down]
    while len(combinations(cells, columns)) > COLUMNS_MAX and len(columns) > 1:
        rows.insert(0, columns.pop(0))
    if len(combinations(cells, columns)) > COLUMNS_MAX:
        rows, columns = columns + rows, []
    return rows, columns


def _keys(cells, rows):
    """Row combinations in the order of the cells, sizes ascending by bytes."""
    keys = combinations(cells, rows)
    if "size" not in rows:
        return keys
    place = rows.index("size")
    order = {combination(c, rows): c.size_bytes or 0 for c in cells}
    first = {key[:place]: i for i, key in reversed(list(enumerate(keys)))}
    return sorted(keys, key=lambda key: (first[key[:place]], order[key]))


class _Map:
    """One page; the steps of its layout share these figures."""

    def __init__(self, result, found, rows, columns, block):
        self.result, self.found, self.rows, self.columns = result, found, rows, columns
        self.row_keys, self.column_keys = block
        shown = [self.found.get((r, c)) for r in self.row_keys for c in self.column_keys]
        self.cells = [cell for cell in shown if cell]
        self.tile_height = 42 if len(self.row_keys) <= 16 else 30
        width = 1000 if len(self.column_keys) <= 6 else 1280
        self.page_ = Page(NAME, self._title(), width, TIMED)

    def _title(self):
        if not self.result.varying:
            return "What became of the one cell"
        what = "What maps and what is refused" if _only_map(self.result) else "What became of it"
        return f"{what}, by {axes_title(self.result.varying)}"

    def page(self):
        """Heading, column heads, rows, tiles, caption."""
        page = self.page_
        page.heading([words.summary(self.result)])
        self._legend()
        left = self._row_label_room()
        width = min((page.width - MARGIN - left) / max(len(self.column_keys), 1), 340)
        top = self._column_heads(left, width)
        height = self.tile_height * len(self.row_keys)
        place = (left, top, width * len(self.column_keys), height)
        panel = page.bare_panel(place, axis.Axis(0, len(self.column_keys), []),
                                axis.Axis(0, len(self.row_keys), []))
        self._row_labels(left, top)
        panel.series = self._tiles(left, top, width)
        return page.finish(top + height + 4, self.result, [self._remark()])

    def _legend(self):
        names = dict.fromkeys(o for cell in self.cells for o in cell.outcomes())
        page = self.page_
        entries = [("box", palette.outcome(name), name) for name in names]
        page.legend(entries)

    def _remark(self):
        counts = [len(cell.repetitions) for cell in self.cells]
        span = f"{min(counts)}" if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"
        plural = "repetition" if max(counts) == 1 else "repetitions"
        unexpected = sum(not _as_expected(cell) for cell in self.cells)
        stated = any(r.get("expected") for cell in self.cells for r in cell.repetitions)
        parts = [f"Each tile: {span} {plural} of one cell."]
        if any(len(cell.outcomes()) > 1 for cell in self.cells):
            parts.append("Colours share a tile as often as each outcome came.")
        if unexpected:
            parts.append(f"Framed: not what was expected ({unexpected}).")
        elif stated:
            parts.append("Every outcome is the one that was expected.")
        return " ".join(parts)

    # Rows

    def _row_words(self, key):
        """(what the row is, its size in bytes as a second column)."""
        named = [label(a, v) for a, v in zip(self.rows, key) if a != "size"]
        size = next((v for a, v in zip(self.rows, key) if a == "size"), None)
        if size is None:
            return " · ".join(named) or "the one cell", ""
        count = next((c.size_bytes for (r, _), c in self.found.items() if r == key), None)
        exact = units.format_bytes(count, 4) if count else ""
        if text.clean(size).replace(" ", "") != exact.replace(" ", ""):
            named.append(text.clean(size))
        return " · ".join(named), exact

    def _row_label_room(self):
        words_, sizes = zip(*map(self._row_words, self.row_keys))
        self.size_room = max(text.width(s, TIC) for s in sizes)
        wanted = max(text.width(w, TIC) for w in words_)
        self.word_room = min(wanted, 250 if len(self.column_keys) > 5 else 420)
        return MARGIN + self.word_room + (14 if wanted else 0) + self.size_room + 12

    def _row_labels(self, left, top):
        for number, key in enumerate(self.row_keys):
            name, size = self._row_words(key)
            middle = top + (number + 0.5) * self.tile_height
            self.page_.text(left - 12, middle, size, TIC, palette.INK, "right")
            parts = text.wrap(name, self.word_room, TIC, 2 if self.tile_height > 36 else 1)
            for line, part in enumerate(parts):
                y = middle + (line - (len(parts) - 1) / 2) * 16
                x = left - 12 - self.size_room - (14 if self.size_room else 0)
                self.page_.text(x, y, part, TIC, palette.SOFT, "right")

    # Columns

    def _column_heads(self, left, width):
        """One line of groups an axis, the last one wrapped; returns where the tiles begin."""
        top = self.page_.top + 6
        for level, name in enumerate(self.columns):
            last = level == len(self.columns) - 1
            spans = self._spans(level)
            room = [text.wrap(label(name, key[level]), width * count - 10, TIC, 3 if last else 2,
                               bold=not last)
                    for _, count, key in spans]
            lines = max(map(len, room))
            for (start, count, _), parts in zip(spans, room):
                x = left + (start + count / 2) * width
                for line, part in enumerate(parts):
                    y = top + (lines - len(parts) + line + 0.5) * 17
                    self.page_.text(x, y, part, TIC, palette.INK, "center", bold=not last)
                if not last:
                    y = top + lines * 17 + 3
                    self.page_.line(left + start * width + 4, y,
                                    left + (start + count) * width - 4, y, palette.FAINT)
            top += lines * 17 + 8
        return top

    def _spans(self, level):
        """[(first column, how many, key)] of neighbours that agree up to this level."""
        spans = []
        for number, key in enumerate(self.column_keys):
            if spans and spans[-1][2][:level + 1] == key[:level + 1]:
                spans[-1][1] += 1
            else:
                spans.append([number, 1, key])
        return spans

    # Tiles

    def _tiles(self, left, top, width):
        """Rectangles for the template: (x0, x1, y0, y1, colour), y from the bottom."""
        tiles, rows = [], len(self.row_keys)
        for r, row in enumerate(self.row_keys):
            for c, column in enumerate(self.column_keys):
                cell = self.found.get((row, column))
                place = (left + c * width, top + r * self.tile_height)
                if not cell:
                    self.page_.text(place[0] + width / 2, place[1] + self.tile_height / 2, "–",
                                    TIC, palette.FAINT, "center")
                    continue
                tiles += self._tile(cell, c, rows - 1 - r)
                self._tile_text(cell, place, width)
        return tiles

    def _tile(self, cell, x, y):
        """A tile is shared out by how often each outcome came."""
        total, at = len(cell.repetitions), 0
        for name, count in cell.outcomes().items():
            yield (x + at / total, x + (at + count) / total, y, y + 1,
                   palette.number(palette.outcome(name)))
            at += count

    def _tile_text(self, cell, place, width):
        if not _as_expected(cell):
            self._frame(place, width)
        if len(cell.outcomes()) > 1:
            self._mixed_text(cell, place, width)
            return
        x, y = place[0] + width / 2, place[1] + self.tile_height / 2
        ink = palette.ink_on(palette.outcome(next(iter(cell.outcomes()))))
        lines = _tile_lines(cell)[:2 if self.tile_height > 36 else 1]
        for number, what in enumerate(lines):
            size = TIC if number == 0 else SMALL
            middle = y + (number - (len(lines) - 1) / 2) * 16
            self.page_.text(x, middle, text.shorten(what, width - 10, size), size, ink, "center")

    def _mixed_text(self, cell, place, width):
        """Counts with names on a label of their own; without room, the counts on their colours."""
        outcomes = cell.outcomes()
        what = " · ".join(f"{count} {name}" for name, count in outcomes.items())
        y = place[1] + self.tile_height / 2
        size = TIC if text.width(what, TIC) <= width - 16 else SMALL
        half = text.width(what, size) / 2 + 3
        if half <= width / 2 - 5:
            x = place[0] + width / 2
            self.page_.box(x - half, y - 8, x + half, y + 8, palette.PAPER, front=True)
            self.page_.text(x, y, what, size, palette.INK, "center")
            return
        at, total = place[0], len(cell.repetitions)
        for name, count in outcomes.items():
            part = width * count / total
            if text.width(str(count), TIC) < part - 4:
                ink = palette.ink_on(palette.outcome(name))
                self.page_.text(at + part / 2, y, str(count), TIC, ink, "center")
            at += part

    def _frame(self, place, width):
        x0, y0 = place[0] + 4, place[1] + 4
        x1, y1 = place[0] + width - 4, place[1] + self.tile_height - 4
        for line in ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)):
            self.page_.line(*line, palette.BLACK, 2.2, front=True)


def _only_map(result):
    """Did something go wrong, and was all of it that a mapping was refused?"""
    ops = {s.get("name"): s.get("op") for s in result.document.get("steps") or []}
    bad = [r for c in result.cells for r in c.repetitions if r["outcome"] != "ok"]
    return bool(bad) and all(ops.get(r.get("step"), r.get("step")) == "map" for r in bad)


def _as_expected(cell):
    return all(r.get("as_expected") is not False for r in cell.repetitions)


def _tile_lines(cell):
    """What stands in a tile: the outcome, and where or what was expected instead."""
    name, first = next(iter(cell.outcomes())), cell.repetitions[0]
    if not _as_expected(cell) and first.get("expected"):
        return [name, f"expected {first['expected']}"]
    return [name, f"at {first['step']}"] if first.get("step") and name != "ok" else [name]
