# SPDX-License-Identifier: MIT
"""What made a run noisy: the vectors of harness/tests/result/test_noise.c."""
import unittest

import place  # noqa: F401 (finds scripts/plotting)
from plotting import noise
from plotting.result import Result

NAMES = ("system.steal_time", "system.busy_time", "system.idle_time", "usage.user_time",
         "usage.system_time", "usage.harness_time")
NAN = None
# Two repetitions of 1 s on two processors, in us; how many are disturbed, what share was stolen in
# all and what share others used.
VECTORS = [
    ((0, 1e6, 1e6, 6e5, 4e5), (0, 1e6, 1e6, 5e5, 5e5), 0, 0, 0),
    ((20000, 1e6, 980000, 5e5, 5e5), (0, 1e6, 1e6, 5e5, 5e5), 0, 0.005, 0),
    ((30000, 1e6, 970000, 5e5, 5e5), (0, 1e6, 1e6, 5e5, 5e5), 1, 0.0075, 0),
    ((0, 1e6, 1e6, 5e5, 5e5), (0, 2e6, 0, 5e5, 5e5), 0, 0, 0.25),
    ((0, 2e6, 0, 5e5, 5e5, 0), (0, 2e6, 0, 5e5, 5e5, 18e5), 0, 0, 0.05),
    ((0, 9e5, 11e5, 5e5, 5e5), (0, 9e5, 11e5, 5e5, 5e5), 0, 0, 0),
    ((0, 1e6, 1e6, 5e5, 4e5), (40000, NAN, 1e6, 5e5, 5e5), 1, 0, 0.05),
    ((20000, 4000, 0, 0, 0), (10000, 20000, 10000, 0, 0), 1, NAN, NAN),
    ((0, 1e5, 1e5, 0, 0), (0, 1e5, 1e5, 0, 0), 0, NAN, NAN),
]


def made_up(rows, values=()):
    """A result of one cell with these counters, and values of one metric."""
    repetitions = [{"cell": 0, "round": number, "outcome": "ok", "elapsed_ns": 10**9,
                    "metrics": dict(zip(NAMES, row))} for number, row in enumerate(rows)]
    repetitions += [{"cell": 0, "round": number, "outcome": "ok", "metrics": {"map.time": value}}
                    for number, value in enumerate(values)]
    return Result({"host": {"cpu": {"online": 2}}, "cells": [{"cell": 0, "params": {}}],
                   "metrics": [{"name": "map.time", "unit": "ns", "better": "lower"}],
                   "repetitions": repetitions})


class Noise(unittest.TestCase):
    def test_vectors(self):
        for first, second, stolen, steal, others in VECTORS:
            said = noise.sentence(made_up((first, second))) or ""
            with self.subTest(first=first, second=second):
                self.assertEqual(f"{stolen} of 2 repetitions disturbed" in said, stolen > 0)
                self.assertEqual("in all" in said, bool(stolen and steal))
                self.assertEqual(f"used {100 * (others or 0):.0f} %" in said, (others or 0) > 0.05)

    def test_nothing_counted(self):
        self.assertIsNone(noise.sentence(made_up([()])))
        self.assertIsNone(noise.sentence(Result({})))

    def test_wide_intervals(self):
        self.assertIsNone(noise.sentence(made_up([], [100, 110, 120, 130, 140, 200])))
        self.assertEqual(noise.sentence(made_up([], [100, 110, 120, 130, 140, 700])),
                         "Noisy: 1 of 1 medians with an interval wider than a factor of 2, at "
                         "worst 7 (map.time).")


if __name__ == "__main__":
    unittest.main()
