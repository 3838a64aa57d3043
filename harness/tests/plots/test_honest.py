# SPDX-License-Identifier: MIT
"""What charts show and say of what they leave out: one place a size, headlines, cells without a curve."""
import copy
import unittest

import example
import place  # noqa: F401 (finds scripts/plotting)
from plotting.charts import cost_vs_size, latency_percentiles, outcome_map, thread_scaling
from plotting.interval import median_interval
from plotting.result import Result, primary_metrics


def _said(page):
    return " ".join(t["text"] for t in page.texts)


class Sizes(unittest.TestCase):
    def test_sizes_that_no_axis_shows_apart_are_one_point(self):
        found = Result(example.overcommit(flags=("private anonymous noreserve",), modes=("always",)))
        for page in cost_vs_size.pages(found):
            (one,), = [p.series for p in page.panels]
            sizes = [size for size, _ in one["points"]]
            # 50 %, 100 %, that and a page, 4x, 1 TiB, 64 TiB.
            self.assertEqual(len(sizes), 5)
            self.assertTrue(all(b > a * cost_vs_size.SAME for a, b in zip(sizes, sizes[1:])))
            self.assertIn("less than 1 % apart are one point", _said(page))
            # 6 repetitions a cell, and 12 where two are one point.
            self.assertIn("Line: median of 6 to 12 repetitions", _said(page))
            self.assertIn("log scale", _said(page))
        near = [c for c in found.cells if c.params["size"].startswith("100% ram+swap")]
        self.assertEqual(len(near), 2)
        (metric,) = [m for m in found.metrics if m.name == page.suffix]
        pooled = median_interval([v for c in near for v in c.values(metric)])
        self.assertEqual(one["points"][1][1], pooled[0])
        self.assertEqual(one["band"][1][1:], pooled[1:])

    def test_sizes_apart_are_told_nothing_of(self):
        found = Result(example.matrix({"size": [example.MiB, 2 * example.MiB]}))
        for page in cost_vs_size.pages(found):
            self.assertEqual(len(page.panels[0].series[0]["points"]), 2)
            self.assertNotIn("apart", _said(page))


class Workers(unittest.TestCase):
    def test_they_are_called_what_they_are(self):
        for kinds, called in ((["threads"], "threads"), (["processes"], "processes"),
                              (["threads", "processes"], "workers")):
            document = example.matrix({"threads": [1, 2, 4], "workers": kinds}, 6)
            page, = thread_scaling.pages(Result(document))
            self.assertIn(f"against the number of {called}", page.title)
            self.assertIn(called, [t["text"] for t in page.texts])
            self.assertIn(f"the fewest {called}' rate", _said(page))


class Bars(unittest.TestCase):
    def test_the_gap_in_an_interval_is_at_its_median(self):
        """gnuplot leaves one around an error bar's own point."""
        document = example.matrix({"size": [example.MiB, 2 * example.MiB], "numa": ["a", "b"]})
        for repetition in document["repetitions"]:
            if repetition["cell"] == 3:  # one curve of a single place
                repetition.update(outcome="ENOMEM", metrics={})
        alone = [(s["alone"], s["points"]) for page in cost_vs_size.pages(Result(document))
                 for panel in page.panels for s in panel.series if s["alone"]]
        self.assertTrue(alone)
        for ((size, middle, low, high),), points in alone:
            self.assertEqual([(size, middle)], points)
            self.assertTrue(low <= middle <= high and low < high)


class Percentiles(unittest.TestCase):
    def test_a_curve_is_level_up_to_a_buckets_last_event(self):
        """Between the steps of a coarse clock there is no event, and no line through it."""
        document = example.matrix({"threads": [1]}, 6)
        for repetition in document["repetitions"]:
            repetition["steps"][1]["events"] = example.histogram([10] * 50 + [20] * 50)
        page, = [p for p in latency_percentiles.pages(Result(document)) if p.suffix == "touch"]
        points = page.panels[0].series[0]["points"]
        self.assertEqual([value for _, value in points], [10, 10, 20, 20])
        self.assertEqual([points[0][0], points[1][0]], [0, points[2][0]])


class Headlines(unittest.TestCase):
    def setUp(self):
        self.document = example.matrix({"size": [example.MiB, 2 * example.MiB]})
        self.document["metrics"] = copy.deepcopy(example.METRICS)

    def names(self, **headlines):
        for metric in self.document["metrics"]:
            if metric["name"] in headlines["of"]:
                metric["headline"] = True
        return [m.name for m in primary_metrics(Result(self.document))]

    def test_one_a_step_where_nothing_is_stated(self):
        self.assertEqual(self.names(of=[]), ["map.time", "touch.time_per_page", "unmap.time"])

    def test_another_cost_is_drawn_too(self):
        self.assertEqual(self.names(of=["touch.time", "touch.time_per_page"]),
                         ["map.time", "touch.time", "touch.time_per_page", "unmap.time"])

    def test_charts_show_what_tables_do(self):
        """A page of a range that was never touched costs nothing: munmap()'s time says more."""
        self.assertEqual(self.names(of=["touch.time"]), ["map.time", "touch.time", "unmap.time"])

    def test_rates_are_no_headlines(self):
        self.names(of=["touch.time"])
        self.assertEqual([m.name for m in primary_metrics(Result(self.document), rates=True)],
                         ["touch.rate"])


class LeftOut(unittest.TestCase):
    def test_cells_without_a_curve_are_named(self):
        document = example.matrix({"threads": [1, 2]}, count=6)
        for row in document["repetitions"]:
            if row["cell"] == 0:
                for step in row["steps"]:
                    step["events"] = example.histogram([100, 200])
        page, = [p for p in latency_percentiles.pages(Result(document)) if p.suffix == "touch"]
        self.assertEqual(sum(len(p.series) for p in page.panels), 1)
        self.assertIn("1 of 2 cells has no curve, with at most 12 events each where 20 are needed: "
                      "1 thread.", _said(page))

    def test_all_are_there(self):
        page, *_ = latency_percentiles.pages(Result(example.matrix({"threads": [1, 2]})))
        self.assertNotIn("no curve", _said(page))


class Titles(unittest.TestCase):
    def title(self, document):
        return outcome_map.pages(Result(document))[0].title

    def test_refused_mappings(self):
        self.assertIn("What maps and what is refused", self.title(example.overcommit()))

    def test_other_outcomes(self):
        document = example.overcommit()
        document["steps"].append({"name": "fork", "op": "fork", "args": {}, "setup": False})
        bad = [row for row in document["repetitions"] if row["outcome"] != "ok"]
        bad[0].update(step="fork")
        self.assertIn("What became of it", self.title(document))

    def test_all_ok(self):
        self.assertIn("What became of it", self.title(example.overcommit(modes=("always",))))


if __name__ == "__main__":
    unittest.main()
