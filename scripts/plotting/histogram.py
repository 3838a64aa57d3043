# SPDX-License-Identifier: MIT
"""Log-linear histograms as results store them: sparse [index, count] pairs."""
import math


class Histogram:
    """The sum of any number of stored histograms of the same shape."""

    def __init__(self):
        self.n, self.min, self.max = 0, math.inf, 0
        self.sub_bits = 7
        self.buckets = {}

    def add(self, stored):
        """Merge one object of a result: {"sub_bits", "n", "min", "max", "buckets"}."""
        if not stored or not stored.get("n"):
            return
        self.sub_bits = stored.get("sub_bits", 7)
        self.n += stored["n"]
        self.min = min(self.min, stored["min"])
        self.max = max(self.max, stored["max"])
        for index, count in stored["buckets"]:
            self.buckets[index] = self.buckets.get(index, 0) + count

    def high_edge(self, index):
        """The largest value of a bucket: index = (s << sub_bits) + (v >> s)."""
        shift = max((index >> self.sub_bits) - 1, 0)
        return ((index - (shift << self.sub_bits)) << shift) + (1 << shift) - 1

    def percentile(self, share):
        """The value at or below which a share (0 … 1) of the events lie."""
        wanted = max(math.ceil(share * self.n), 1)
        seen = 0
        for index in sorted(self.buckets):
            seen += self.buckets[index]
            if seen >= wanted:
                return min(max(self.high_edge(index), self.min), self.max)
        return self.max

    def curve(self):
        """(share below or at, value) at every bucket's upper edge, ascending, the last at 1."""
        points, seen = [], 0
        for index in sorted(self.buckets):
            seen += self.buckets[index]
            points.append((seen / self.n, min(max(self.high_edge(index), self.min), self.max)))
        return points
