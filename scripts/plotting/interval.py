# SPDX-License-Identifier: MIT
"""The median of a cell's repetitions and how sure it is: pure, no I/O."""
import math


def median(values):
    """The middle of a list that is not empty; the mean of the two middle ones where n is even."""
    ordered = sorted(values)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return ordered[half - 1] / 2 + ordered[half] / 2


def order_statistic_rank(n, coverage=0.95):
    """The largest k for which [x(k), x(n + 1 − k)] holds the median with that probability.

    0 where there is none: below 6 values for 95 %. The number of values below the median is
    binomial with p = 1/2 (David and Nagaraja, Order Statistics, 7.1).
    """
    below, rank = 0, 0
    for k in range(1, n // 2 + 1):
        below += math.comb(n, k - 1)
        if below / 2**n > (1 - coverage) / 2:
            break
        rank = k
    return rank


def median_interval(values, coverage=0.95):
    """(median, low, high); low and high are None where the values are too few."""
    ordered = sorted(values)
    rank = order_statistic_rank(len(ordered), coverage)
    if not rank:
        return median(ordered), None, None
    return median(ordered), ordered[rank - 1], ordered[len(ordered) - rank]
