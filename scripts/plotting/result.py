# SPDX-License-Identifier: MIT
"""A result as charts ask for it: cells in order, which axes vary, values of one metric."""
from . import interval, steps
from .histogram import Histogram
from .text import clean

# What stays of a name's sense without the axis' name before it.
_SELF_EXPLAINING = ("flags", "overcommit", "size", "workers", "protection")
_TITLES = {"hugepages": "huge pages", "numa": "NUMA policy", "overcommit": "overcommit mode",
           "threads": "number of threads"}


class Metric:
    """A row of the result's metrics."""

    def __init__(self, row):
        self.name, self.unit = row["name"], row["unit"]
        self.step = row.get("step") or self.name.split(".")[0]
        self.step_title = clean(self.step)
        self.better, self.help = row.get("better"), row.get("help")
        self.headline = row.get("headline") is True
        self.word = self.name.split(".", 1)[-1].replace("_", " ")

    def title(self):
        """"touch: time per page", for a heading."""
        return f"{self.step_title}: {clean(self.word)}"

    def direction(self):
        """"lower is better"; nothing for a metric that is neither."""
        return f"{self.better} is better" if self.better in ("lower", "higher") else ""


class Cell:
    """One point of the matrix with all that was measured there."""

    def __init__(self, row):
        self.number, self.params = row["cell"], row["params"]
        self.size_bytes, self.nr_workers = row.get("size_bytes"), row.get("nr_workers") or 1
        self.repetitions = []
        self._histograms = {}  # merged once, asked for often

    def outcomes(self):
        """{outcome: count}, the most frequent first."""
        counts = {}
        for repetition in self.repetitions:
            counts[repetition["outcome"]] = counts.get(repetition["outcome"], 0) + 1
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def measured(self):
        """Repetitions whose values count: the ok ones; only where there are none, degraded."""
        for outcome in ("ok", "degraded"):
            found = [r for r in self.repetitions if r["outcome"] == outcome]
            if found:
                return found
        return []

    def degraded(self):
        """Are the values from repetitions under other conditions than were asked for?"""
        measured = self.measured()
        return bool(measured) and measured[0]["outcome"] == "degraded"

    def values(self, metric):
        """The metric's value in each repetition that counts and has one, in order of time."""
        found = [(r.get("metrics") or {}).get(metric.name) for r in self.measured()]
        return [v for v in found if v is not None]

    def interval(self, metric):
        """(median, low, high), or None where nothing was measured."""
        values = self.values(metric)
        return interval.median_interval(values) if values else None

    def histogram(self, step, kind):
        """The merged "times" or "events" of a step over the repetitions that count."""
        if (step, kind) not in self._histograms:
            self._histograms[step, kind] = histogram_of([self], step, kind)
        return self._histograms[step, kind]


def histogram_of(cells, step, kind):
    """The merged "times" or "events" of a step over several cells' repetitions that count."""
    merged = Histogram()
    for repetition in (r for c in cells for r in c.measured()):
        for entry in repetition.get("steps") or []:
            if entry["step"] == step:
                merged.add(entry.get(kind))
    return merged


class Result:
    """A checked document of kind "result" with what charts want to know of it."""

    def __init__(self, document):
        self.document = document
        self.scenario = document.get("scenario") or {}
        self.run, self.host = document.get("run") or {}, document.get("host") or {}
        self.metrics = [Metric(row) for row in document.get("metrics") or []]
        self._step_titles = steps.titles(document.get("steps") or [])
        for metric in self.metrics:
            metric.step_title = self.step_title(metric.step)
        self.wanted_metrics = []
        self.everything = False  # every page of a chart with a row a cell
        self.cells = self._cells()
        self.varying = self._varying()

    def step_title(self, name):
        """What a reader calls the step."""
        return self._step_titles.get(name, clean(name))

    def _cells(self):
        cells = {row["cell"]: Cell(row) for row in self.document.get("cells") or []}
        for repetition in self.document.get("repetitions") or []:
            cells[repetition["cell"]].repetitions.append(repetition)
        for cell in cells.values():
            cell.repetitions.sort(key=lambda r: (r.get("round") or 0, r.get("sequence") or 0))
        return [cells[number] for number in sorted(cells)]

    def _varying(self):
        names = [axis["name"] for axis in self.document.get("axes") or []]
        return [name for name in names if len(self.values_of(name)) > 1]

    def values_of(self, axis):
        """The axis' distinct values in the order of the cells."""
        return list(dict.fromkeys(c.params[axis] for c in self.cells if axis in c.params))

    def others(self, *known):
        """The axes that vary, without the known ones."""
        return [axis for axis in self.varying if axis not in known]

    def sized(self):
        """Does the size in bytes vary?"""
        return "size" in self.varying and \
            len({c.size_bytes for c in self.cells if c.size_bytes}) > 1

    def instructions(self):
        """Did the clock count instructions instead of time?"""
        return self.run.get("clock") == "instructions"

    def emulated(self):
        """Was the machine emulated in software?"""
        stated = str(self.host.get("virtualisation") or "").lower()
        return self.document.get("emulated") is True or "emulat" in stated or "tcg" in stated

    def wall_clock_is_false(self):
        """Times of an emulated machine that no counted clock makes repeatable."""
        return self.emulated() and not self.instructions()

    def measured_metrics(self):
        """Metrics that at least one cell has a value of."""
        return [m for m in self.metrics if any(c.values(m) for c in self.cells)]


def label(axis, value):
    """A value with as much of its axis as it takes to understand it."""
    value = clean(value)
    if axis == "threads":
        return f"{value} thread" if value == "1" else f"{value} threads"
    if axis in _SELF_EXPLAINING or (axis == "hugepages" and value != "none"):
        return value
    return f"{axis} {value}"


def axis_title(axis):
    """An axis' name within a sentence."""
    return _TITLES.get(axis, clean(axis))


def axes_title(axes):
    """"overcommit mode, flags and size"."""
    names = [axis_title(axis) for axis in axes]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def combination(cell, axes):
    """The cell's values of these axes, as a tuple: what a curve or a column stands for."""
    return tuple(cell.params.get(axis, "") for axis in axes)


def combination_label(axes, values):
    """"never · private anonymous"."""
    return " · ".join(label(a, v) for a, v in zip(axes, values)) or "the one cell"


def combinations(cells, axes):
    """The combinations that occur, in the order of the cells."""
    return list(dict.fromkeys(combination(c, axes) for c in cells))


def primary_metrics(result, rates=False, limit=4):
    """One metric a step: what tables show of it, or where nothing is said of that the cost a page or a
    call, latency, bandwidth; with rates, throughput.

    And the headlines of the step that are another cost, such as the writes after a fork.
    """
    measured = result.measured_metrics()
    if result.wanted_metrics:
        return [m for m in measured if m.name in result.wanted_metrics]
    chosen = {}
    for metric in measured:
        rank = _rate_rank(metric) if rates else _cost_rank(metric)
        order = (rates or not metric.headline, rank)
        if rank is not None and order < chosen.get(metric.step, ((True, 99),))[0]:
            chosen[metric.step] = (order, metric)
    best = [metric for _, metric in chosen.values()][:limit]
    return [m for m in measured if m in best or (m.headline and not rates and _further(m, best))]


def _further(metric, best):
    """Is it a cost beside one of these that is a headline too, of the same step?"""
    return metric.better in ("lower", "higher") and \
        any(b.step == metric.step and b.headline for b in best)


def _rate_rank(metric):
    if metric.better != "higher" or not metric.unit.endswith("/s"):
        return None
    return 0 if metric.unit == "1/s" else 1


def _cost_rank(metric):
    word = metric.name.split(".", 1)[-1]
    if metric.unit == "ns" and (word.startswith("time_per") or "latency" in word):
        return 0
    if metric.unit == "B/s":
        return 1
    if metric.unit == "ns":
        return 2
    return 3 if metric.better in ("lower", "higher") else None
