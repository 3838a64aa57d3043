# SPDX-License-Identifier: MIT
"""One bar a category: for axes that are words, such as overcommit, huge pages or NUMA policy."""
from .. import axis, palette, rows, text, units, words
from ..page import TIC, Page
from ..result import axes_title, combination, combination_label, combinations, primary_metrics
from . import thread_scaling

NAME, KIND, TIMED = "bars", "result", True
HELP = "median with its 95 % interval for each value of axes other than size"


def suits(result):
    """Neither size nor threads have a chart of their own; of one cell only few values."""
    metrics = primary_metrics(result)
    if result.sized() or not metrics or thread_scaling.suits(result):
        return False
    if not result.varying:
        return all(len(c.values(m)) < 5 for c in result.cells for m in metrics)
    return True


def pages(result):
    """Pages of a metric, more than one where there are more rows than one can hold."""
    metrics = words.need_metrics(primary_metrics(result))
    return [page for metric in metrics for page in _pages(result, metric)]


def _pages(result, metric):
    cells = [c for c in result.cells if c.values(metric)]
    axes = result.varying
    colour_axis = axes[-1] if len(axes) > 1 and len(result.values_of(axes[-1])) <= 6 else None
    groups = rows.blocks(cells, result.everything)
    made = []
    for number, group in enumerate(groups, 1):
        page = _page(result, metric, group, cells, colour_axis,
                     rows.which(groups, number, len(cells)))
        page.suffix = metric.name + (f"-{number}" if len(groups) > 1 else "")
        made.append(page)
    return made


def _page(result, metric, group, cells, colour_axis, which):
    page = Page(NAME, _title(result, metric), step=metric.step)
    page.heading([words.summary(result)])
    colours = _colours(cells, colour_axis)
    found = [c.interval(metric) for c in group]
    entries = [("box", colours[v], combination_label([colour_axis], v)) for v in colours if v]
    if any(low is not None for _, low, _ in found):
        entries.append(("bar", palette.INK, "95 % interval"))
    page.legend(entries)
    panel, ends = _panel(page, result, metric, group, _edges(cells, metric))
    panel.series = [_bar(-number, row, colours[_colour_key(cell, colour_axis)])
                    for number, (cell, row) in enumerate(zip(group, found))]
    _ends(page, panel, ends, found)
    bottom = rows.x_title(page, panel, metric.word, metric.direction())
    remarks = words.remarks(result.cells, metric, line="Bar", band="whisker", which=which)
    return page.finish(bottom, result, remarks)


def _title(result, metric):
    return metric.title() + (f" by {axes_title(result.varying)}" if result.varying else "")


def _edges(cells, metric):
    """The lowest and the highest value that has to have room."""
    values = [v for c in cells for v in c.interval(metric) if v is not None]
    return min(values), max(values)


def _colour_key(cell, colour_axis):
    return combination(cell, [colour_axis]) if colour_axis else ()


def _colours(cells, colour_axis):
    if not colour_axis:
        return {(): palette.BLUE}
    keys = combinations(cells, [colour_axis])
    return {key: palette.category(number) for number, key in enumerate(keys)}


def _panel(page, result, metric, group, edges):
    """The panel, and the text that stands at the end of each bar."""
    x = axis.linear_bytes(edges[1]) if metric.unit in ("B", "B/s") and edges[0] >= 0 else \
        axis.linear(*edges, _show(metric), zero=True)
    x.tics = [(v, units.format_value(v, metric.unit)) for v, _ in x.tics]
    ends = [units.format_value(c.interval(metric)[0], metric.unit) for c in group]
    labels = [combination_label(result.varying, combination(c, result.varying)) for c in group]
    room = max(text.width(e, TIC) for e in ends) + 16
    return rows.panel(page, labels, x, right=room), ends


def _show(metric):
    return lambda value: units.format_value(value, metric.unit)


def _bar(y, row, colour):
    middle, low, high = row
    return {"colour": colour, "bar": [(0, y, 0, middle, y - 0.34, y + 0.34)],
            "whisker": [] if low is None else [(middle, y, low, high)]}


def _ends(page, panel, ends, found):
    """The values, right of bar and whisker."""
    for number, (name, (middle, _, high)) in enumerate(zip(ends, found)):
        at = panel.px(max(high if high is not None else middle, 0))
        page.text(at + 10, panel.py(-number), name, TIC, palette.INK)
