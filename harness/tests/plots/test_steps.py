# SPDX-License-Identifier: MIT
"""What a reader calls a step, and what charts of events that are mostly time stamp say."""
import unittest

import example
import place  # noqa: F401 (finds scripts/plotting)
from plotting import steps
from plotting.charts import CHARTS
from plotting.result import Result


def row(name, **args):
    """A step as results have it: "touch-2" is the second of touch."""
    return {"name": name, "op": name.split("-")[0], "args": args, "setup": False}


class Titles(unittest.TestCase):
    def test_vectors(self):
        for rows, titles in (
                ([row("map"), row("touch"), row("unmap")], ["map", "touch", "unmap"]),
                ([row("map"), row("touch"), row("touch-2")], ["map", "first touch", "second touch"]),
                ([row("touch"), row("touch-2", access="read", order="random")],
                 ["first touch", "second touch (read, random)"]),
                ([row("touch", access="read", amount="4MiB"), row("touch-2", access="read")],
                 ["first touch (amount 4MiB)", "second touch"]),
                ([row("lock")] + [row(f"lock-{n}") for n in range(2, 13)],
                 None)):
            found = list(steps.titles(rows).values())
            self.assertEqual(found, titles or found)
        self.assertEqual(found[-1], "12th lock")

    def test_they_are_on_the_charts(self):
        found = example.matrix({"size": [example.MiB, 2 * example.MiB]})
        found["steps"] = [row("touch-1") | {"name": "before"}, row("touch"), row("map")]
        said = {page.title for page in CHARTS["cost-vs-size"].pages(Result(found))}
        self.assertIn("second touch: time per page against mapping size", said)
        self.assertIn("map: time against mapping size", said)


class Stamps(unittest.TestCase):
    def pages(self, share):
        found = example.matrix({"size": [example.MiB, 2 * example.MiB]}, 6)
        found["run"]["event_stamp_cost_ns"] = 14
        for repetition in found["repetitions"]:
            repetition["steps"][1]["stamp_share"] = share
        return [page for name in ("cost-vs-size", "bars", "latency-percentiles", "distribution",
                                  "run-sequence") for page in CHARTS[name].pages(Result(found))]

    def test_said_of_the_step_alone(self):
        for page in self.pages(0.8):
            said = " ".join(t["text"] for t in page.texts)
            told = ("Mostly the time stamp: an event takes 17.5 ns, of which the stamp 14 ns, in 12 "
                    "of 12 repetitions.")
            self.assertEqual(told in said, "touch" in page.suffix, page.title)

    def test_not_of_longer_events(self):
        for share in (0.49, None):
            for page in self.pages(share):
                self.assertNotIn("stamp", " ".join(t["text"] for t in page.texts))


if __name__ == "__main__":
    unittest.main()
