# SPDX-License-Identifier: MIT
"""Every chart of many shapes of result: no text is clipped, none lies on another."""
import json
import os
import tempfile
import unittest

import example
import place  # noqa: F401 (finds scripts/plotting)
from plotting import document, page, text
from plotting.charts import CHARTS
from plotting.error import Nothing
from plotting.result import Result

PWNED = os.path.join(tempfile.gettempdir(), f"overmap-plots-pwned-{os.getpid()}")
HOSTILE = (f"`touch {PWNED}` $(x) @a {{/Bold b}}_c^d & <svg> \"q\" 'q' \\n %s \u202e\x07 é 中文 "
           f"100% ''' '; system('touch {PWNED}'); '")
SIZES = [4096 << shift for shift in range(0, 20, 2)]
OUTCOMES = ["ok", "degraded", "ENOMEM", "EAGAIN", "SIGBUS", "oom-killed", "timeout", "skipped",
            "refused", "failed"]


def mixed(one, turn, sequence, source):
    """Every outcome somewhere, some cells with two of them, some not as expected."""
    place_ = one["cell"] % 13
    outcome = OUTCOMES[place_] if place_ < 10 else source.choice(["ok", "ENOMEM"])
    if outcome in ("ok", "degraded"):
        row = example.measured(one, turn, sequence, source, events=False)
        row["outcome"] = outcome
        return row
    return example.refused(one, turn, sequence, outcome, as_expected=place_ != 3, expected="ok")


def refused(one, turn, sequence, _source):
    return example.refused(one, turn, sequence)


def long_words(tail):
    return "private anonymous noreserve fixed-noreplace stack 32bit sync droppable " * 3 + tail


def hostile():
    found = example.matrix({"size": [1 << 20, 1 << 30], "flags": [HOSTILE, HOSTILE + "2"]}, 6)
    found["scenario"].update(name=HOSTILE, summary=HOSTILE * 4)
    found["host"].update(name=HOSTILE, kernel=HOSTILE, machine=HOSTILE)
    found["tool"]["version"] = HOSTILE
    found["run"]["started"] = HOSTILE
    for repetition in found["repetitions"]:
        repetition.update(outcome=HOSTILE if repetition["round"] else "ok", detail=HOSTILE,
                          expected=HOSTILE, step=HOSTILE, as_expected=False)
    return found


def noisy():
    """By all three: with a caption of two lines more."""
    found = example.matrix({"size": SIZES}, 6)
    for number, repetition in enumerate(found["repetitions"]):
        repetition["metrics"].update({
            "system.steal_time": 400000, "system.busy_time": 900000, "system.idle_time": 500000,
            "usage.user_time": 200000, "usage.system_time": 300000})
        for name in ("map.time", "touch.time_per_page"):
            repetition["metrics"][name] *= 1 + 9 * (number // len(SIZES) % 2)
    return found


def results():
    """{name: document} of the shapes that charts have to stand."""
    four = {"size": SIZES, "overcommit": ["heuristic", "always"],
            "hugepages": ["none", "thp always", "thp never", "thp madvise", "hugetlb 2MiB"],
            "flags": ["private anonymous", "shared anonymous"]}
    words = {"size": [1 << 20, 1 << 40], "flags": [long_words("A"), long_words("B")],
             "overcommit": ["heuristic", "never with a ratio of fifty and much more to say"]}
    return {
        "the question": example.overcommit(),
        "one cell": example.matrix({"size": [1 << 20]}),
        "one cell once": example.matrix({"size": [1 << 20]}, 1),
        "noisy": noisy(),
        "two cells": example.matrix({"size": [1 << 20, 1 << 30]}),
        "200 cells": example.matrix(four, 1),
        "200 cells mixed": example.matrix(four, 3, make=mixed),
        "all refused": example.matrix({"size": SIZES, "flags": ["a", "b"]}, make=refused),
        "long words": example.matrix(words, 6, make=mixed),
        "terabytes": example.matrix({"size": [1 << 40, 1 << 43, 1 << 46]}),
        "threads": example.matrix({"threads": [1, 2, 4, 8, 16, 512],
                                   "hugepages": ["none", "thp always"]}, 7),
        "many threads": example.matrix({"threads": list(range(1, 65))}, 1),
        "categories": example.matrix({"numa": ["default", "local", "bind 0"],
                                      "overcommit": ["heuristic", "always"]}),
        "hostile": hostile(),
        "comparison": example.comparison(),
        "comparison of one": example.comparison(1),
        "comparison of 100": example.comparison(100, baseline=HOSTILE),
        "ceilings": example.ceilings(),
        "cumulative": example.cumulative(),
        "cumulative far": example.cumulative(64, 1 << 40),
        "cumulative short": example.cumulative(2),
    }


def load(found):
    """The document as a Result, through a file as the command reads it."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "r.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(found, file)
        return Result(document.load(path))


def box(one):
    """(left, right, top, bottom) of a text."""
    wide = text.width(one["text"], one["size"], one["bold"])
    left = one["x"] - {"left": 0, "center": wide / 2, "right": wide}[one["align"]]
    return left, left + wide, one["y"] - one["size"] * 0.45, one["y"] + one["size"] * 0.45


class Layout(unittest.TestCase):
    def check_page(self, drawn):
        boxes = [(box(one), one["text"]) for one in drawn.texts]
        for (left, right, top, bottom), words in boxes:
            self.assertGreaterEqual(left, 4, words)
            self.assertLessEqual(right, drawn.width - 4, words)
            self.assertGreaterEqual(top, 4, words)
            self.assertLessEqual(bottom, drawn.height - 4, words)
        boxes.sort(key=lambda item: item[0][2])
        for number, (one, words) in enumerate(boxes):
            for other, others in boxes[number + 1:]:
                if other[2] >= one[3]:
                    break
                apart = other[0] >= one[1] - 0.5 or one[0] >= other[1] - 0.5 or other[3] <= one[2]
                self.assertTrue(apart, f'"{words}" and "{others}" overlap')
        for panel in drawn.panels:
            self.assertGreater(panel.width, 100)
            self.assertGreater(panel.height, 20)

    def check_data(self, drawn):
        """Nothing that is drawn leaves its panel."""
        for panel in drawn.panels:
            for one in panel.series:
                for part in ("points", "p99", "dots", "running", "ideal", "last"):
                    for row in one.get(part, ()) if isinstance(one, dict) else ():
                        for axis, value in ((panel.x, row[0]), (panel.y, row[1])):
                            self.assertGreaterEqual(axis.at(value), -1e-9, (drawn.title, part))
                            self.assertLessEqual(axis.at(value), 1 + 1e-9, (drawn.title, part))

    def test_no_overlap(self):
        drawn_charts = set()
        for shape, found in results().items():
            result = load(found)
            for name, chart in CHARTS.items():
                if chart.KIND != result.document["kind"]:
                    continue
                with self.subTest(shape=shape, chart=name):
                    try:
                        pages = chart.pages(result)
                    except Nothing as reason:
                        self.assertTrue(str(reason))
                        continue
                    self.assertTrue(pages)
                    drawn_charts.add(name)
                    for drawn in pages:
                        self.check_page(drawn)
                        self.check_data(drawn)
        self.assertEqual(drawn_charts, set(CHARTS))

    def test_every_metric_axis_says_which_way_is_better(self):
        result = load(example.matrix({"size": SIZES, "threads": [1, 2]}, 6))
        for name in ("cost-vs-size", "thread-scaling", "bars", "distribution", "run-sequence",
                     "latency-percentiles"):
            for drawn in CHARTS[name].pages(result):
                said = [t["text"] for t in drawn.texts if "is better" in t["text"]]
                self.assertTrue(said, name)

    def test_caption_names_the_origin(self):
        for drawn in CHARTS["outcome-map"].pages(load(example.overcommit())):
            said = " ".join(t["text"] for t in drawn.texts)
            for what in ("lab-07", "Linux 6.18.44 x86_64", "2026-11-24", "larger-than-memory"):
                self.assertIn(what, said)

    def test_caption_says_noisy(self):
        pages = [CHARTS["cost-vs-size"].pages(load(found))[0]
                 for found in (noisy(), example.matrix({"size": SIZES}, 6))]
        said = [" ".join(t["text"] for t in drawn.texts) for drawn in pages]
        for what in ("Noisy: 60 of 60 repetitions", "22 % of the CPUs' time in all",
                     "other processes used 22 %", "medians with an interval wider than"):
            self.assertIn(what, said[0])
        self.assertNotIn("oisy", said[1])
        for drawn in CHARTS["outcome-map"].pages(load(noisy())):
            self.assertNotIn("oisy", " ".join(t["text"] for t in drawn.texts))
        self.assertEqual(pages[0].height - pages[1].height, round(2 * page.CAPTION * page.LINE))

    def test_caption_warns(self):
        found = example.overcommit()
        found.update(complete=False, emulated=True)
        said = " ".join(words for words, _ in page.caption(load(found)))
        self.assertIn("Incomplete", said)
        self.assertIn("Emulated machine: its times", said)
        found["run"]["clock"] = "instructions"
        said = " ".join(words for words, _ in page.caption(load(found)))
        self.assertIn("clock counts instructions", said)


if __name__ == "__main__":
    unittest.main()
