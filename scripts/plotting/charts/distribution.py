# SPDX-License-Identifier: MIT
"""Every repetition as a dot, cell beside cell: what a median hides."""
from .. import axis, palette, rows, units, words
from ..error import Nothing
from ..page import Page
from ..result import combination, combination_label, primary_metrics

NAME, KIND, TIMED = "distribution", "result", True
HELP = "every repetition of every cell as a dot, with median and 95 % interval"


def suits(result):
    """Nothing varies and there are values enough to show how they lie."""
    return not result.varying and any(len(c.values(m)) >= 5 for c in result.cells
                                      for m in primary_metrics(result))


def pages(result):
    """Pages of each metric."""
    metrics = words.need_metrics(primary_metrics(result))
    made = [page for metric in metrics for page in _pages(result, metric)]
    if not made:
        raise Nothing("no metric has values above 0")
    return made


def _pages(result, metric):
    cells = [c for c in result.cells if any(v > 0 for v in c.values(metric))]
    if not cells:
        return []
    values = [v for c in cells for v in c.values(metric) if v > 0]
    groups = rows.blocks(cells, result.everything)
    made = []
    for number, group in enumerate(groups, 1):
        x = axis.log_decimal(min(values), max(values), _show(metric))
        page = _page(result, metric, group, x, rows.which(groups, number, len(cells)))
        page.suffix = metric.name + (f"-{number}" if len(groups) > 1 else "")
        made.append(page)
    return made


def _show(metric):
    return lambda value: units.format_value(value, metric.unit)


def _page(result, metric, group, x, which):
    page = Page(NAME, f"{metric.title()}, every repetition", step=metric.step)
    page.heading([words.summary(result)])
    bands = any(c.interval(metric)[1] is not None for c in group)
    page.legend([("dot", palette.BLUE, "one repetition"), ("mark", palette.INK, "median")]
                + ([("box", palette.TINT, "95 % interval")] if bands else []))
    labels = [combination_label(result.varying, combination(c, result.varying)) for c in group]
    panel = rows.panel(page, labels, x)
    panel.series = [{"dots": list(_dots(group, metric)), **_middles(group, metric)}]
    bottom = rows.x_title(page, panel, metric.word, metric.direction())
    return page.finish(bottom, result, words.remarks(result.cells, metric, line="Mark",
                                                     band="box", which=which))


def _dots(group, metric):
    """Dots in order of time from the row's upper to its lower edge, so that they seldom cover."""
    for row, cell in enumerate(group):
        values = cell.values(metric)
        for number, value in enumerate(values):
            if value > 0:
                spread = (number + 0.5) / len(values) - 0.5
                yield (value, -row - spread * 0.6)


def _middles(group, metric):
    marks, boxes = [], []
    for row, cell in enumerate(group):
        middle, low, high = cell.interval(metric)
        if middle > 0:
            marks.append((middle, -row - 0.38, 0, 0.76))
        if low is not None and low > 0:
            boxes.append((middle, -row, low, high, -row - 0.38, -row + 0.38))
    return {"marks": marks, "boxes": boxes}
