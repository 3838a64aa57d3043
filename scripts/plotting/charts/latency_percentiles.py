# SPDX-License-Identifier: MIT
"""How long single events take, up to the rarest: each further nine has the same room."""
from .. import axis, units, words
from ..error import Nothing
from ..facets import Facets, draw
from ..page import Page
from ..result import combination, combination_label

NAME, KIND, TIMED = "latency-percentiles", "result", True
HELP = "time of single events (or of whole executions) by percentile, on an axis of nines"
LEAST = 20  # fewer have no tail to speak of


def suits(result):
    """Single events were timed, or executions often enough in every cell that has any."""
    return any(_kind(result, step) == "events" or not _rare(result, step)
               for step in _steps(result))


def pages(result):
    """One page a step."""
    steps = _steps(result)
    if not steps:
        raise Nothing("the result has no histograms")
    drawn = [(step, _kind(result, step)) for step in steps if _kind(result, step)]
    if not drawn:
        raise Nothing(f"no step of any cell was timed {LEAST} times or more")
    return [_page(result, step, kind) for step, kind in drawn]


def _steps(result):
    """Steps with a histogram, in the order of the repetitions' steps."""
    names = {}
    for cell in result.cells:
        for repetition in cell.measured():
            for step in repetition.get("steps") or []:
                if step.get("events") or step.get("times"):
                    names[step["step"]] = None
    return list(names)


def _kind(result, step):
    """Events where there are any, else times; None where there are too few of both."""
    for kind in ("events", "times"):
        if any(c.histogram(step, kind).n >= LEAST for c in result.cells):
            return kind
    return None


def _rare(result, step):
    """Is there a cell whose executions are too few?"""
    return any(0 < c.histogram(step, "times").n < LEAST for c in result.cells)


def _page(result, step, kind):
    cells = [c for c in result.cells if c.histogram(step, kind).n >= LEAST]
    facets = Facets(cells, result.others())
    what = "single events" if kind == "events" else "whole executions"
    page = Page(NAME, f"{result.step_title(step)}: time of {what} by percentile", step=step)
    page.suffix = step
    page.heading([words.summary(result)])
    page.legend([("plain", colour, name) for name, colour in facets.names])
    series = [[_series(curve, step, kind) for curve in curves] for _, curves in facets.panels]
    bottom = _draw(page, facets, series, what)
    remarks = [_remark(cells, step, kind), _few(result, cells, step, kind), facets.left_out]
    return page.finish(bottom, result, remarks)


def _remark(cells, step, kind):
    counts = [c.histogram(step, kind).n for c in cells]
    few, many = units.format_count(min(counts)), units.format_count(max(counts))
    span = few if few == many else f"{few} to {many}"
    return (f"{span} {'events' if kind == 'events' else 'executions'} a curve, all repetitions "
            "together; the dot at the end is the slowest. "
            + words.degraded(cells)).strip()


def _few(result, drawn, step, kind):
    """Which cells have no curve, and why."""
    missing = [c for c in result.cells if c not in drawn]
    if not missing:
        return ""
    axes = result.others()
    names = "; ".join(combination_label(axes, combination(c, axes)) for c in missing[:3])
    more = f"; and {len(missing) - 3} more" if len(missing) > 3 else ""
    most = max(c.histogram(step, kind).n for c in missing)
    what = "event" if kind == "events" else "execution"
    had = f"at most {most} {what}s each" if most > 1 else f"one {what} each" if most else f"no {what}"
    verb = "has" if len(missing) == 1 else "have"
    return (f"{len(missing)} of {len(result.cells)} cells {verb} no curve, with {had} where {LEAST} "
            f"are needed: {names}{more}.")


def _series(curve, step, kind):
    """Steps (nines, ns), level up to a bucket's last event; the end is where one event is left."""
    histogram = curve.cells[0].histogram(step, kind)
    end = axis.nines_at(1 - 1 / histogram.n)
    points, before = [], 0.0
    for share, value in histogram.curve():
        at = min(axis.nines_at(share) if share < 1 else end, end)
        points += [(before, max(value, 1)), (at, max(value, 1))]
        before = at
    return {"colour": curve.colour, "points": points, "last": [(end, max(histogram.max, 1))]}


def _draw(page, facets, series, what):
    every = [p for curves in series for s in curves for p in s["points"]]
    count = len(facets.panels)
    x = axis.nines(max(p[0] for p in every), narrow=count > 2)
    y = axis.log_decimal(min(p[1] for p in every), max(p[1] for p in every), units.format_time)
    titles = [title for title, _ in facets.panels]
    share = "executions" if "executions" in what else "events"
    x_name = f"share of {share} that took at most this long" if count < 3 else f"share of {share}"
    return draw(page, titles, series, x, y, (x_name, ("time", "lower is better")))
