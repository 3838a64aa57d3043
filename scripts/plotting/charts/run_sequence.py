# SPDX-License-Identifier: MIT
"""Values in the order in which they were taken: drift and disturbances show at once."""
from .. import axis, interval, palette, units, words
from ..error import Nothing
from ..facets import places
from ..page import Page, y_room
from ..result import primary_metrics

NAME, KIND, TIMED = "run-sequence", "result", True
HELP = "values in order of time, relative to each cell's median, to see drift"
LEAST = 3


def suits(_result):
    """Only where it is asked for."""
    return False


def pages(result):
    """One page a metric."""
    metrics = words.need_metrics(primary_metrics(result))
    made = [page for page in (_page(result, m) for m in metrics) if page]
    if not made:
        raise Nothing(f"no cell has {LEAST} values to look for drift in")
    return made


def _page(result, metric):
    cells = [c for c in result.cells if len(c.values(metric)) >= LEAST
             and interval.median(c.values(metric)) > 0]
    if not cells:
        return None
    relative = len(cells) > 1
    points = _points(cells, metric, relative)
    page = Page(NAME, f"{metric.title()}, as the run went on", step=metric.step)
    page.suffix = metric.name
    page.heading([words.summary(result)])
    page.legend([("dot", palette.SKY, "one repetition"),
                 ("plain", palette.INK, f"median of {_window(points)} neighbours")])
    return page.finish(_draw(page, metric, points, relative), result, [_remark(cells, relative)])


def _remark(cells, relative):
    if relative:
        return (f"Each repetition of {len(cells)} cells against the median of its own cell. "
                "A level line at 1 means no drift.")
    return f"{len(cells[0].repetitions)} repetitions of one cell. A level line means no drift."


def _started(repetition):
    return repetition.get("started_ns") or 0


def _points(cells, metric, relative):
    """(seconds since the first, value), in order of time; the order alone where times lack."""
    rows = []
    for cell in cells:
        middle = interval.median(cell.values(metric)) if relative else 1
        for repetition in cell.measured():
            value = (repetition.get("metrics") or {}).get(metric.name)
            if value is not None:
                rows.append((_started(repetition), repetition.get("sequence") or 0,
                             value / middle))
    rows.sort()
    timed = rows[0][0] > 0
    return [((row[0] - rows[0][0]) / 1e9 if timed else number, row[2])
            for number, row in enumerate(rows)]


def _window(points):
    """An odd number of neighbours, about an eighth of all."""
    return min(max(len(points) // 8 | 1, 5), 101, len(points))


def _running(points):
    """(time, median of the neighbours)."""
    half = _window(points) // 2
    for number in range(half, len(points) - half):
        near = points[number - half:number + half + 1]
        yield points[number][0], interval.median([value for _, value in near])


def _draw(page, metric, points, relative):
    values = [value for _, value in points]
    last = points[-1][0]
    unit, scale = ("minutes", 60) if last > 300 else ("seconds", 1)
    if last == 0:
        last = 1
    points = [(t / scale, v) for t, v in points]
    x = axis.linear(0, last / scale, units.digits, count=8)
    x.low, x.high = -x.high * 0.015, max(last / scale * 1.015, 1e-9)
    x.tics = [(v, name) for v, name in x.tics if x.low <= v <= x.high]
    show = (lambda v: f"{units.digits(v)} ×") if relative else \
        (lambda v: units.format_value(v, metric.unit))
    y = axis.linear(min(values), max(values), show)
    boxes, bottom = places(page, 1, y_room(y))
    panel = page.panel(boxes[0], x, y, [{"dots": points, "running": list(_running(points))}])
    page.x_title(panel, f"{unit} since the first repetition began")
    named = f"{metric.word} relative to the cell's median" if relative else metric.word
    page.y_title(panel, named, metric.direction())
    return bottom
