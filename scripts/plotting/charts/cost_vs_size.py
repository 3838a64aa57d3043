# SPDX-License-Identifier: MIT
"""How cost grows with the size of the mapping: log–log, median with its interval, p99."""
from .. import axis, units, words
from ..error import Nothing
from ..facets import Facets, draw
from ..interval import median_interval
from ..page import Page
from ..result import histogram_of, primary_metrics

NAME, KIND, TIMED = "cost-vs-size", "result", True
HELP = "each step's cost against mapping size: median, 95 % interval, p99 where events were timed"
P99_EVENTS = 100  # fewer say nothing about one in a hundred
SAME = 1.01  # sizes by so much apart, at most, have one place on the axis


def suits(result):
    """The size varies and something was measured at two sizes or more."""
    return result.sized() and any(_drawable(result, m) for m in primary_metrics(result))


def pages(result):
    """One page a metric."""
    if not result.sized():
        raise Nothing("all cells have one size")
    metrics = words.need_metrics(primary_metrics(result))
    drawn = [m for m in metrics if _drawable(result, m)]
    if not drawn:
        raise Nothing("no metric has values above 0 at two sizes or more")
    return [_page(result, metric) for metric in drawn]


def _drawable(result, metric):
    return len(_places([c for c in result.cells if c.size_bytes and _positive(c, metric)])) > 1


def _places(cells):
    """Cells by size, those together that no axis could show apart: "100% ram" and a page more."""
    places = []
    for cell in sorted(cells, key=lambda c: c.size_bytes):
        if places and cell.size_bytes <= places[-1][0].size_bytes * SAME:
            places[-1].append(cell)
        else:
            places.append([cell])
    return places


def _positive(cell, metric):
    found = cell.interval(metric)
    return found is not None and found[0] > 0


def _page(result, metric):
    sized = [c for c in result.cells if c.size_bytes]
    cells = [c for c in sized if _positive(c, metric)]
    facets = Facets(cells, result.others("size"), curves_max=4)  # bands cover each other
    page = Page(NAME, f"{metric.title()} against mapping size", step=metric.step)
    page.suffix = metric.name
    page.heading([words.summary(result)])
    series = [[_series(curve, metric) for curve in curves] for _, curves in facets.panels]
    _legend(page, facets, series)
    bottom = _panels(page, facets, series, metric)
    remarks = words.remarks(sized, metric,
                            counts=[n for curves in series for s in curves for n in s["counts"]])
    if any(s["merged"] for curves in series for s in curves):
        remarks.append("Sizes less than 1 % apart are one point, of all their repetitions.")
    if any(s["p99"] for curves in series for s in curves):
        what = "whole executions" if _p99_kind(metric) == "times" else "single events"
        remarks.append(f"Dotted: 99 % of {what} took at most this long.")
    return page.finish(bottom, result, remarks + [facets.left_out])


def _legend(page, facets, series):
    entries = [("line", colour, name) for name, colour in facets.names]
    if any(s["band"] for curves in series for s in curves):
        entries.append(("band", "#555555", "95 % interval"))
    if any(s["p99"] for curves in series for s in curves):
        entries.append(("dotted", "#555555", "p99"))
    page.legend(entries)


def _series(curve, metric):
    """Points of one curve: (size, median), its band, p99; a band of one size is a bar."""
    points, band, p99, counts, places = [], [], [], [], _places(curve.cells)
    for cells in places:
        size = cells[0].size_bytes
        values = [v for c in cells for v in c.values(metric)]
        middle, low, high = median_interval(values)
        counts.append(len(values))
        points.append((size, middle))
        if low is not None and low > 0:
            band.append((size, low, high))
        tail = _p99(cells, metric)
        if tail:
            p99.append((size, tail))
    # gnuplot leaves a gap around the bar's own point: it is the median's.
    middles = dict(points)
    alone = [(size, middles[size], low, high) for size, low, high in band] if len(band) == 1 else []
    return {"colour": curve.colour, "points": points, "band": band, "p99": p99, "alone": alone,
            "counts": counts, "merged": len(places) < len(curve.cells)}


def _p99_kind(metric):
    return "times" if metric.name.endswith(".time") else "events"


def _p99(cells, metric):
    """Of single events for a cost a page, of executions for a cost an execution; else None."""
    if metric.unit != "ns":
        return None
    histogram = histogram_of(cells, metric.step, _p99_kind(metric))
    return histogram.percentile(0.99) if histogram.n >= P99_EVENTS else None


def _panels(page, facets, series, metric):
    every = [s for curves in series for s in curves]
    costs = [p[1] for s in every for p in s["points"] + s["p99"]]
    costs += [edge for s in every for b in s["band"] for edge in b[1:]]
    sizes = [p[0] for s in every for p in s["points"]]
    count = len(facets.panels)
    x = axis.log_bytes(min(sizes), max(sizes), 9 if count == 1 else 5)
    y = axis.log_decimal(min(costs), max(costs), lambda v: units.format_value(v, metric.unit))
    titles = [title for title, _ in facets.panels]
    names = ("size of the mapping", (metric.word, metric.direction()))
    return draw(page, titles, series, x, y, names)
