# SPDX-License-Identifier: MIT
"""Vectors for what charts reckon: intervals, percentiles, tics, units, and text made harmless."""
import itertools
import math
import unittest

import example
import place  # noqa: F401 (finds scripts/plotting)
from plotting import axis, interval, palette, text, units
from plotting.histogram import Histogram


class Intervals(unittest.TestCase):
    # n, rank: David and Nagaraja's table of order-statistic intervals for the median at 95 %
    RANKS = [(1, 0), (2, 0), (5, 0), (6, 1), (7, 1), (8, 1), (9, 2), (10, 2), (12, 3), (15, 4),
             (20, 6), (25, 8), (30, 10), (50, 18), (100, 40)]

    def test_ranks(self):
        for n, rank in self.RANKS:
            self.assertEqual(interval.order_statistic_rank(n), rank, n)

    def test_coverage_by_enumeration(self):
        for n in range(1, 13):
            rank = interval.order_statistic_rank(n)
            signs = itertools.product((0, 1), repeat=n)
            inside = sum(rank <= sum(s) <= n - rank for s in signs)
            if rank:
                self.assertGreaterEqual(inside / 2**n, 0.95, n)

    def test_median(self):
        for values, middle in (([3], 3), ([1, 2], 1.5), ([5, 1, 3], 3), ([4, 1, 3, 2], 2.5),
                               ([1e308, 1e308], 1e308), ([7] * 9, 7)):
            self.assertEqual(interval.median(values), middle)

    def test_interval(self):
        self.assertEqual(interval.median_interval([6, 5, 4, 3, 2, 1]), (3.5, 1, 6))
        self.assertEqual(interval.median_interval([1, 2, 3]), (2, None, None))


class Histograms(unittest.TestCase):
    def test_edges_hold_their_values(self):
        merged = Histogram()
        for value in [0, 1, 127, 128, 255, 256, 257, 1000, 123456789, 2**40 + 12345, 2**64 - 1]:
            index = example.bucket(value)
            high = merged.high_edge(index)
            self.assertLessEqual(value, high)
            self.assertLessEqual(high - value, max(value / 128, 0) + 1)
            self.assertEqual(example.bucket(high), index)
            self.assertEqual(example.bucket(high + 1), index + 1)

    def test_percentiles(self):
        merged = Histogram()
        merged.add(example.histogram(list(range(1, 101))))
        for share, value in ((0.5, 50), (0.99, 99), (1.0, 100), (0.0, 1)):
            self.assertEqual(merged.percentile(share), value)
        merged.add(example.histogram([10**6] * 100))
        self.assertEqual(merged.n, 200)
        self.assertEqual(merged.percentile(0.5), 100)
        self.assertEqual(merged.percentile(0.75), 10**6)
        self.assertEqual(merged.curve()[-1], (1.0, 10**6))

    def test_nothing(self):
        merged = Histogram()
        merged.add(None)
        merged.add({"n": 0, "buckets": []})
        self.assertEqual(merged.n, 0)


class Units(unittest.TestCase):
    def test_bytes(self):
        for count, words in ((0, "0 B"), (1, "1 B"), (1023, "1023 B"), (1024, "1 KiB"),
                             (4096, "4 KiB"), (1536, "1.5 KiB"), (1 << 20, "1 MiB"),
                             (25276354560, "23.5 GiB"), (1022 << 20, "1022 MiB"),
                             (64 << 40, "64 TiB"), (1 << 57, "128 PiB"), (2**64, "16 EiB")):
            self.assertEqual(units.format_bytes(count), words)

    def test_times_and_rates(self):
        for value, unit, words in ((812, "ns", "812 ns"), (999.9, "ns", "1000 ns"),
                                   (1000, "ns", "1 µs"), (2.5e9, "ns", "2.5 s"),
                                   (0.25, "ns", "250 ps"), (0, "ns", "0 ns"),
                                   (3.2e6, "1/s", "3.2 M/s"), (12, "1/s", "12/s"),
                                   (3 << 30, "B/s", "3 GiB/s"), (0.5, "1", "0.5"),
                                   (7, "pages", "7 pages")):
            self.assertEqual(units.format_value(value, unit), words)

    def test_digits(self):
        for value, words in ((0, "0"), (1, "1"), (0.1, "0.1"), (1234.5, "1234"), (1e18, "1.00e+18"),
                             (-2.5, "-2.5"), (100, "100")):
            self.assertEqual(units.digits(value), words)


class Axes(unittest.TestCase):
    def check(self, one, values, most):
        self.assertTrue(2 <= len(one.tics) <= most, one.tics)
        places = [one.at(v) for v in values] + [one.at(v) for v, _ in one.tics]
        self.assertGreaterEqual(min(places), -1e-9)
        self.assertLessEqual(max(places), 1 + 1e-9)
        names = [name for _, name in one.tics]
        self.assertEqual(len(set(names)), len(names), names)

    def test_sizes(self):
        for low, high in ((4096, 1 << 57), (4096, 4096), (1 << 40, 1 << 46), (1, 2),
                          (25276354560, 25276358656), (4096, 1 << 30)):
            one = axis.log_bytes(low, high)
            self.check(one, (low, high), 10)
            for value, _ in one.tics:
                self.assertEqual(math.log2(value), round(math.log2(value)))
        names = [name for _, name in axis.log_bytes(4096, 1 << 32).tics]
        self.assertEqual(names[:3], ["4 KiB", "64 KiB", "1 MiB"])

    def test_costs(self):
        for low, high in ((1, 1), (1, 1e9), (99, 101), (5, 6), (1, 4.9), (1, 5.1), (1e-3, 1e14),
                          (7.77, 7.78), (300, 30000)):
            self.check(axis.log_decimal(low, high, str), (low, high), 12)

    def test_linear(self):
        for low, high in ((0, 1), (0, 0), (3, 3), (-1, 1), (0, 1e15), (0.98, 1.02)):
            self.check(axis.linear(low, high, str), (low, high), 9)
        for high in (0, 1, 5, 1023, 1025, 3 << 30, 64 << 40):
            self.check(axis.linear_bytes(high), (0, high), 9)

    def test_nines(self):
        one = axis.nines(5)
        self.assertEqual(one.tics[-1][1], "99.999 %")
        self.assertAlmostEqual(axis.nines_at(0.999), 3)


class Text(unittest.TestCase):
    def test_quoted_text_has_no_sign_that_gnuplot_reads(self):
        every = "".join(map(chr, range(0x20, 0x7f)))
        quoted = text.quote(every)
        self.assertEqual((quoted[0], quoted[-1]), ('"', '"'))
        for sign in "\"'`@$%{}^_&~#!|[]*?":
            self.assertNotIn(sign, quoted[1:-1])
        self.assertNotRegex(quoted, r"\\(?![0-7]{3})")

    def test_clean(self):
        for raw, words in (("a\nb\t c", "a b c"), ("\u202eabc", "abc"), ("\x00\ud800", "��"),
                           (None, "None"), (7, "7"), ("  ", "")):
            self.assertEqual(text.clean(raw), words)

    def test_shorten_and_wrap(self):
        self.assertEqual(text.shorten("short", 1000, 13), "short")
        for words in ("word " * 50, "x" * 5000, "中文" * 400, "ok"):
            for room in (40, 120, 333):
                self.assertLessEqual(text.width(text.shorten(words, room, 13), 13), room)
                lines = text.wrap(words, room, 13, 3)
                self.assertLessEqual(len(lines), 3)
                for line in lines:
                    self.assertLessEqual(text.width(line, 13), room)
        self.assertEqual(text.wrap("one two three", 50, 13, 9), ["one", "two", "three"])


class Colours(unittest.TestCase):
    def test_ramp_grows_lighter(self):
        light = [palette._lightness(c) for c in palette.RAMP]
        self.assertEqual(light, sorted(light))

    def test_text_can_be_read_on_every_outcome(self):
        for name in ("ok", "ENOMEM", "EAGAIN", "SIGBUS", "oom-killed", "timeout", "failed",
                     "refused", "skipped", "degraded"):
            colour = palette.outcome(name)
            one, other = sorted((palette._lightness(colour),
                                 palette._lightness(palette.ink_on(colour))))
            self.assertGreaterEqual((other + 0.05) / (one + 0.05), 4.5, name)


if __name__ == "__main__":
    unittest.main()
