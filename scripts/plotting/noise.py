# SPDX-License-Identifier: MIT
"""What disturbed a run while it measured: the rules of harness/result/noise.c, said on its charts."""
import functools

from . import units
from .result import primary_metrics

_STEAL_ALLOWED, _OTHERS_ALLOWED = 0.01, 0.05  # of the processors' time
_WIDE = 2  # high over low
# The kernel counts in ticks of mostly 10 ms: below these the sums say nothing.
_LEAST_US, _LEAST_STOLEN_US = 500_000, 20_000
_BUSY, _STEAL, _IDLE = "system.busy_time", "system.steal_time", "system.idle_time"
_USED, _HARNESS = ("usage.user_time", "usage.system_time"), "usage.harness_time"


@functools.lru_cache(maxsize=1)  # on every page of a result
def sentence(result):
    """One sentence on all that made the run noisy; None of a quiet one."""
    found = [part for part in (_stolen(result), _others(result), _widths(result)) if part]
    return f"Noisy: {'; '.join(found)}." if found else None


def _counters(repetition, *names):
    """The counters, or None where one was not counted."""
    metrics = repetition.get("metrics") or {}
    values = [metrics.get(name) for name in names]
    return None if None in values else values


def _is_stolen(result, repetition):
    counted = _counters(repetition, _STEAL)
    window = _counters(repetition, _STEAL, _BUSY, _IDLE)
    if counted is None:
        return False
    # Without the window's own length: from fork to reap, which is longer.
    cpus = (result.host.get("cpu") or {}).get("online") or 1
    whole = sum(window) if window else (repetition.get("elapsed_ns") or 0) / 1e3 * cpus
    return counted[0] >= _LEAST_STOLEN_US and counted[0] > _STEAL_ALLOWED * whole


def _shares(result):
    """What was stolen and what other processes used, of the processors' time; None: not known."""
    repetitions = [r for c in result.cells for r in c.repetitions]
    rows = [_counters(r, _STEAL, _BUSY, _IDLE, *_USED) for r in repetitions]
    steal, busy, idle, *used = (sum(column) for column in zip(*filter(None, rows))) \
        if any(rows) else (0, 0, 0)
    whole = steal + busy + idle
    # Results from before have it among the others.
    used.append(sum((_counters(r, _HARNESS) or [0])[0] for r in repetitions))
    return (steal / whole, max(0, busy - sum(used)) / whole) if whole >= _LEAST_US else (None, None)


def _percent(share):
    return f"{units.digits(share * 100, 2)} %"


def _stolen(result):
    repetitions = [r for c in result.cells for r in c.repetitions]
    n, share = sum(_is_stolen(result, r) for r in repetitions), _shares(result)[0]
    if not n:
        return None
    of_all = f" ({_percent(share)} of the CPUs' time in all)" if share else ""
    return f"{n} of {len(repetitions)} repetitions disturbed by steal time above " \
        f"{_STEAL_ALLOWED * 100:g} %{of_all}"


def _others(result):
    share = _shares(result)[1]
    if share is None or share <= _OTHERS_ALLOWED:
        return None
    return f"other processes used {share * 100:.0f} % of the CPUs' time"


def _widths(result):
    """Of the medians that charts of this result draw."""
    found = [(*cell.interval(metric), metric) for metric in primary_metrics(result)
             for cell in result.cells if cell.values(metric)]
    ratios = [(high / low, metric) for _, low, high, metric in found if low and low > 0]
    wide = [one for one in ratios if one[0] > _WIDE]
    if not wide:
        return None
    worst, metric = max(wide, key=lambda one: one[0])
    return f"{len(wide)} of {len(ratios)} medians with an interval wider than a factor of {_WIDE}, " \
        f"at worst {units.digits(worst, 3)} ({metric.name})"
