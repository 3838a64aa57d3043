# SPDX-License-Identifier: MIT
"""Sentences that several charts say: how to read them, what is not in them."""
from .interval import order_statistic_rank
from .error import Nothing
from .text import clean


def summary(result):
    """What the scenario is about, beneath every title."""
    return clean(result.scenario.get("summary") or "")


def repetitions(counts, line="Line", band="band"):
    """"Line: median of 6 to 64 repetitions; band: its 95 % interval. counts: of each point."""
    if max(counts) == 1:
        return f"{line}: the value of one repetition, hence no interval."
    span = f"{min(counts)}" if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"
    if not order_statistic_rank(max(counts)):
        return f"{line}: median of {span} repetitions; fewer than 6 give no 95 % interval."
    return f"{line}: median of {span} repetitions; {band}: its 95 % interval (order statistics)."


def absent(cells, metric):
    """How many cells have no value of the metric and what became of them."""
    missing = [c for c in cells if not c.values(metric)]
    if not missing:
        return ""
    counts = {}
    for cell in missing:
        for outcome in list(cell.outcomes())[:1] or ["not run"]:
            counts[outcome] = counts.get(outcome, 0) + 1
    became = ", ".join(f"{clean(name)} {count}" for name, count in sorted(counts.items()))
    verb = "cell has" if len(missing) == 1 else "cells have"
    return f"{len(missing)} of {len(cells)} {verb} no value: {became}."


def degraded(cells):
    """Say where the conditions were not those asked for."""
    count = sum(c.degraded() for c in cells)
    if not count:
        return ""
    verb = "cell is" if count == 1 else "cells are"
    return f"{count} {verb} degraded: effective conditions were not those requested."


def remarks(cells, metric, line="Line", band="band", which="", counts=None):
    """All of the above, for the caption; which: what rows.which() says; counts: where points are not
    single cells, the repetitions of each."""
    counts = counts or [len(c.values(metric)) for c in cells if c.values(metric)]
    parts = [repetitions(counts, line, band), degraded(cells), absent(cells, metric), which]
    return [" ".join(part for part in parts if part)]


def need_metrics(metrics, what="a cost"):
    """Nothing, with the reason, where there is no metric to draw."""
    if not metrics:
        raise Nothing(f"no cell has a measured value of {what}")
    return metrics
