# SPDX-License-Identifier: MIT
"""How throughput grows with the number of threads, beside the line of perfect scaling."""
from .. import axis, palette, units, words
from ..error import Nothing
from ..facets import Facets, draw
from ..page import Page
from ..result import primary_metrics

NAME, KIND, TIMED = "thread-scaling", "result", True
HELP = "throughput against the number of threads, with the ideal line"


def suits(result):
    """The number of threads varies and a rate was measured at two counts or more."""
    return _threaded(result) and any(_counts(result, m) for m in primary_metrics(result, True))


def pages(result):
    """One page a metric."""
    if not _threaded(result):
        raise Nothing("the number of threads does not vary")
    metrics = words.need_metrics(primary_metrics(result, rates=True), "a rate (higher is better)")
    drawn = [m for m in metrics if _counts(result, m)]
    if not drawn:
        raise Nothing("no rate has values at two thread counts or more")
    return [_page(result, metric) for metric in drawn]


def _threaded(result):
    return "threads" in result.varying and len({c.nr_workers for c in result.cells}) > 1


def _counts(result, metric):
    """Are there values above 0 at two counts or more?"""
    return len({c.nr_workers for c in result.cells if _positive(c, metric)}) > 1


def _positive(cell, metric):
    found = cell.interval(metric)
    return found is not None and found[0] > 0


def _called(cells):
    """What the workers are."""
    kinds = {c.params.get("workers", "threads") for c in cells}
    return kinds.pop() if len(kinds) == 1 else "workers"


def _page(result, metric):
    cells = [c for c in result.cells if _positive(c, metric)]
    facets = Facets(cells, result.others("threads"))
    cpus = (result.host.get("cpu") or {}).get("allowed")
    called = _called(cells)
    page = Page(NAME, f"{metric.title()} against the number of {called}", step=metric.step)
    page.suffix = metric.name
    page.heading([words.summary(result)])
    series = [[_series(curve, metric, cpus) for curve in curves] for _, curves in facets.panels]
    every = [s for curves in series for s in curves]
    entries = [("line", colour, name) for name, colour in facets.names]
    if any(s["bars"] for s in every):
        entries.append(("bar", palette.SOFT, "95 % interval"))
    page.legend(entries + [("dashed", palette.SOFT, f"ideal: the fewest {called}' rate, multiplied up to the CPUs")])
    x = axis.log_points([p[0] for s in every for p in s["points"]])
    bottom = _draw(page, facets, series, x, metric, called)
    remarks = words.remarks(result.cells, metric, band="bars")
    return page.finish(bottom, result, remarks + [facets.left_out])


def _draw(page, facets, series, x, metric, called):
    rates = [v for curves in series for s in curves for row in s["points"] + s["bars"] + s["ideal"]
             for v in row[1:]]
    y = axis.log_decimal(min(rates), max(rates), lambda v: units.format_value(v, metric.unit))
    titles = [title for title, _ in facets.panels]
    return draw(page, titles, series, x, y, (called, (metric.word, metric.direction())))


def _ideal(first, counts, cpus):
    """The first count's rate, multiplied as far as there are CPUs: (threads, rate)."""
    bend = [cpus] if cpus and counts[0] < cpus < counts[-1] and cpus not in counts else []
    room = max(cpus, first[0]) if cpus else counts[-1]
    return [(n, first[1] * min(n, room) / first[0]) for n in sorted(counts + bend)]


def _series(curve, metric, cpus):
    """Points (threads, median), bars (threads, median, low, high), the ideal line."""
    cells = sorted(curve.cells, key=lambda c: c.nr_workers)
    found = [(c.nr_workers, *c.interval(metric)) for c in cells]
    first = found[0]
    ideal = _ideal(first, [row[0] for row in found], cpus)
    return {"colour": curve.colour, "points": [row[:2] for row in found], "ideal": ideal,
            "bars": [row for row in found if row[2] is not None and row[2] > 0]}
