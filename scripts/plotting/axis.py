# SPDX-License-Identifier: MIT
"""An axis of a panel: its range, where its tics stand and what they say.

Tics are made here, not by gnuplot: gnuplot 5.4 writes binary units as "kiB", and only a label
that we placed ourselves is known to clash with no other.
"""
import math

from . import units


class Axis:
    """A range with tics [(value, label)]; at() says where a value lies, 0 … 1."""

    def __init__(self, low, high, tics, log=False):
        self.low, self.high, self.tics, self.log = low, high, tics, log

    def at(self, value):
        """The place of a value as a share of the axis' length."""
        if self.log:
            span = math.log(self.high / self.low)
            return math.log(value / self.low) / span
        return (value - self.low) / (self.high - self.low)


def linear(low, high, show, zero=False, count=5):
    """From a little below the lowest to a little above the highest value, at round steps."""
    if zero:
        low, high = min(low, 0), max(high, 0)
    if low == high:
        low, high = (low - abs(low) * 0.1, high + abs(high) * 0.1) if low else (0, 1)
    step = _round_step((high - low) / count)
    first, last = math.floor(low / step), math.ceil(high / step)
    tics = [(i * step, show(i * step)) for i in range(first, last + 1)]
    return Axis(first * step, last * step, tics)


def linear_bytes(high, count=5):
    """From 0 to a round number of binary units."""
    if high <= 0:
        high = 1
    unit = 1024 ** int(math.log(high, 1024))
    step = _round_step(high / unit / count)
    if step * unit < 1:
        step = 1
    last = max(math.ceil(high / unit / step), 1)
    tics = [(i * step * unit, units.format_bytes(i * step * unit)) for i in range(last + 1)]
    return Axis(0, last * step * unit, tics)


def _round_step(rough):
    power = 10 ** math.floor(math.log10(rough))
    for factor in (1, 2, 2.5, 5):
        if rough <= factor * power * 1.0000001:
            return factor * power
    return 10 * power


def log_bytes(low, high, count=9):
    """Powers of two, 4 KiB, 64 KiB, 1 MiB …: so many apart that at most count are left."""
    first, last = math.floor(math.log2(low)), math.ceil(math.log2(high))
    if first == last:
        first, last = first - 1, last + 1
    for step, start in ((1, 0), (2, 0), (4, 0), (8, 4), (10, 0), (20, 0)):
        powers = range(first + (start - first) % step, last + 1, step)
        if len(powers) <= count:
            break
    tics = [(2**p, units.format_bytes(2**p)) for p in powers]
    pad = (last - first) * 0.03
    low_edge = 2.0**first if powers[0] == first else low
    return Axis(low_edge / 2**pad, max(high, 2 ** powers[-1]) * 2**pad, tics, log=True)


def log_decimal(low, high, show, count=8):
    """Round steps while they are few, else decades, else every second, third or sixth one."""
    if low == high:
        low, high = low / 1.2, high * 1.2
    pad = (high / low) ** 0.06
    low, high = low / pad, high * pad
    if high / low < 5:
        return _log_fine(low, high, show)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    choices = (((1, 1.5, 2, 3, 5, 7), 1), ((1, 2, 5), 1), ((1, 3), 1),
               ((1,), 1), ((1,), 2), ((1,), 3), ((1,), 6))
    for factors, every in choices:
        values = [f * 10.0**p for p in range(first, last + 1) if p % every == 0 for f in factors]
        tics = [(v, show(v)) for v in values if low <= v <= high]
        if len(tics) <= count:
            break
    return Axis(low, high, tics, log=True)


def _log_fine(low, high, show):
    """Less than half a decade: round linear steps read better than decades."""
    step = _round_step((high - low) / 7)
    values = [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return Axis(low, high, [(v, show(v)) for v in values if v > 0], log=True)


def log_points(values):
    """A log axis with a tic at each of a few whole numbers: thread counts."""
    low, high = min(values), max(values)
    tics = [(v, f"{v:g}") for v in sorted(set(values))]
    if low == high:
        return Axis(low / 2, high * 2, tics, log=True)
    pad = (high / low) ** 0.04
    return Axis(low / pad, high * pad, tics, log=True)


def nines(most, narrow=False):
    """Percentiles so that each further nine takes the same room: x is −log10(1 − share)."""
    names = [(0, "0 %"), (0.9, "90 %"), (0.99, "99 %"), (0.999, "99.9 %")]
    if not narrow:
        names.insert(1, (0.5, "50 %"))
    names += [(1 - 10.0**-k, f"99.{'9' * (k - 2)} %") for k in range(4, 12)]
    tics = [(nines_at(share), name) for share, name in names]
    return Axis(0, most * 1.03, [t for t in tics if t[0] <= most * 1.03])


def nines_at(share):
    """Where a share (below 1) stands on the axis of nines."""
    return -math.log10(1 - share)
