# SPDX-License-Identifier: MIT
"""scripts/plot as people run it: files, formats, choices, mistakes, and what it must never do."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.dom.minidom

import example
import place
import test_layout
from plotting import gnuplot
from plotting.charts import CHARTS
from plotting.error import Nothing

HAS_GNUPLOT = shutil.which("gnuplot") is not None


class Command(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def put(self, found, name="r.json"):
        path = self.folder / name
        path.write_text(found if isinstance(found, str) else json.dumps(found), encoding="utf-8")
        return path

    def plot(self, *arguments, env=None):
        return subprocess.run([sys.executable, "-B", str(place.PLOT), *map(str, arguments)],
                              capture_output=True, text=True, cwd=self.folder, timeout=120,
                              env=env, check=False)

    def fails(self, *arguments, says, env=None):
        done = self.plot(*arguments, env=env)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(says, done.stderr)


class Mistakes(Command):
    def test_unreadable(self):
        good = json.dumps(example.overcommit(1))
        (self.folder / "binary").write_bytes(bytes(range(256)))
        (self.folder / "folder").mkdir()
        cell = {"cell": 0, "params": {"size": 3}}
        for name, content, says in (
                ("empty.json", "", "the file is empty"),
                ("blank.json", " \n", "the file is empty"),
                ("cut.json", good[:len(good) // 2], "cut short"),
                ("half.json", '{"overmap": "result",', "cut short"),
                ("text.json", "hello", "not JSON"),
                ("list.json", "[1, 2]", "it holds a list"),
                ("foreign.json", '{"context": {}, "benchmarks": []}', "not a result of overmap"),
                ("newer.json", '{"overmap": "result", "schema": 2}', "written with schema 2"),
                ("noschema.json", '{"overmap": "result", "schema": "x"}', "is no schema number"),
                ("bare.json", '{"overmap": "result", "schema": 1}', 'has no "axes"'),
                ("deep.json", "[" * 100000, "not"),
                ("nan.json", '{"overmap": "result", "schema": NaN}', "NaN is not JSON"),
                ("kinds.json", json.dumps(example.document([cell], [], [])), "is a whole number"),
                ("stray.json", json.dumps(example.document(
                    [], [example.repetition(7, 0, 0)], [])), "there is no cell 7"),
                ("ratio.json", '{"comparisons": [{"cell": "a", "ratio": 0}]}', "is not above 0"),
                ("missing.json", None, "No such file"), ("binary", None, "not UTF-8 text"),
                ("folder", None, "Is a directory")):
            with self.subTest(name):
                if content is not None:
                    self.put(content, name)
                self.fails(name, says=says)

    def test_bad_metric_values_and_histograms(self):
        found = example.overcommit(1)
        found["repetitions"][0]["metrics"]["map.time"] = "fast"
        self.fails(self.put(found), says="metrics.map.time is a text, not a number")
        found = example.matrix({"size": [4096]}, 1)
        found["repetitions"][0]["steps"][1]["events"]["n"] += 1
        self.fails(self.put(found), says="do not add up")
        found["repetitions"][0]["steps"][1]["events"]["buckets"] = [[-1, 2]]
        self.fails(self.put(found), says="is not a histogram")

    def test_names(self):
        path = self.put(example.overcommit(1))
        self.fails(path, "--chart", "outcome-mop", says='did you mean "outcome-map"?')
        self.fails(path, "--format", "svgg", says='did you mean "svg"?')
        self.fails(path, "--format", "", says="choose svg, png, pdf")
        self.fails(path, "--metric", "map.tim", says='did you mean "map.time"?')
        self.fails(path, "--colour", says="unrecognized arguments: --colour")
        self.fails(says="which result?")
        found = example.overcommit(1)
        found["scenario"]["charts"] = ["cost-vs-sise"]
        self.fails(self.put(found), says='did you mean "cost-vs-size"?')

    def test_results_that_would_replace_each_other(self):
        (self.folder / "other").mkdir()
        paths = self.put(example.overcommit(1)), self.put(example.overcommit(1), "other/r.json")
        self.fails(*paths, "-o", "out", says="would both be drawn as r-…: draw them apart, each")
        self.fails(paths[0], paths[0], says="would both be drawn")

    def test_no_place_to_write(self):
        path = self.put(example.overcommit(1))
        self.put("", "file")
        self.fails(path, "-o", "file", says="file: cannot be made")
        if os.path.isdir("/proc/self"):
            self.fails(path, "-o", "/proc/self", says="cannot be written")

    def test_gnuplot_missing_or_old(self):
        path = self.put(example.overcommit(1))
        bare = dict(os.environ, PATH=str(self.folder / "bin"))
        (self.folder / "bin").mkdir()
        self.fails(path, env=bare, says="gnuplot is not installed")
        fake = self.folder / "bin" / "gnuplot"
        for stated, says in (("gnuplot 5.2 patchlevel 8", "gnuplot is 5.2: charts need 5.4"),
                             ("what", "does not say which version")):
            fake.write_text(f"#!/bin/sh\necho {stated}\n")
            fake.chmod(0o755)
            self.fails(path, env=bare, says=says)

    def test_list_and_help(self):
        done = self.plot("--list")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(len(done.stdout.splitlines()), 10)
        self.assertIn("--force", self.plot("--help").stdout)

    def test_standard_output_that_takes_nothing(self):
        reader, writer = os.pipe()
        os.close(reader)
        for out, code, says in ((writer, 141, ""),
                                (os.open("/dev/full", os.O_WRONLY), 2,
                                 "plot: standard output: No space left on device\n")):
            done = subprocess.run([sys.executable, "-B", str(place.PLOT), "--list"], stdout=out,
                                  stderr=subprocess.PIPE, text=True, timeout=60, check=False)
            os.close(out)
            self.assertEqual((done.returncode, done.stderr), (code, says))


@unittest.skipUnless(HAS_GNUPLOT, "gnuplot is not installed")
class Drawing(Command):
    def draws(self, path, *arguments):
        done = self.plot(path, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        written = [self.folder / line for line in done.stdout.splitlines()]
        self.assertTrue(written)
        for one in written:
            self.assertGreater(one.stat().st_size, 500)
        return written, done.stderr

    def test_formats(self):
        path = self.put(example.overcommit(2))
        written, _ = self.draws(path, "--format", "svg,png,pdf", "--chart", "outcome-map")
        self.assertEqual([p.name for p in written], ["r-outcome-map.svg", "r-outcome-map.png",
                                                     "r-outcome-map.pdf"])
        starts = [p.read_bytes()[:8] for p in written]
        self.assertTrue(starts[0].startswith(b"<?xml"))
        self.assertTrue(starts[1].startswith(b"\x89PNG"))
        self.assertTrue(starts[2].startswith(b"%PDF"))
        svg = xml.dom.minidom.parse(str(written[0])).documentElement
        wide = int.from_bytes(written[1].read_bytes()[16:20], "big")
        self.assertEqual(wide, 2 * int(svg.getAttribute("width")))
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()),
                         sorted(["r.json"] + [p.name for p in written]))

    def test_same_input_same_bytes(self):
        found = example.matrix({"size": [4096, 1 << 20, 1 << 30], "flags": ["a", "b"]}, 6)
        path = self.put(found)
        first, _ = self.draws(path, "-o", "one")
        second, _ = self.draws(path, "-o", "two")
        self.assertEqual([p.name for p in first], [p.name for p in second])
        for one, other in zip(first, second):
            self.assertEqual(one.read_bytes(), other.read_bytes())
            for stamp in (b"2026-11-25", b"CreationDate", b"GNUPLOT"):
                self.assertNotIn(stamp, one.read_bytes())

    def test_choice(self):
        sizes = [4096, 1 << 20]
        cost = {"cost-vs-size-map.time", "cost-vs-size-touch.time_per_page",
                "cost-vs-size-unmap.time"}
        bars = {name.replace("cost-vs-size", "bars") for name in cost}
        for found, names in (
                (example.overcommit(1), cost | {"outcome-map"}),
                (example.matrix({"size": sizes}, 1), cost | {"latency-percentiles-touch"}),
                (example.matrix({"numa": ["local", "remote"]}, 1),
                 bars | {"latency-percentiles-touch"}),
                (example.matrix({"threads": [1, 2]}, 1),
                 {"thread-scaling-touch.rate", "latency-percentiles-touch"}),
                (example.ceilings(), {"ceiling"}), (example.cumulative(), {"cumulative"}),
                ({"overmap": "ceilings", "schema": 1, "ceilings": example.ceilings()["ceilings"]},
                 {"ceiling"}),
                ({"overmap": "cumulative", "schema": 1,
                  "cumulative": example.cumulative()["cumulative"]}, {"cumulative"}),
                (example.comparison(), {"ratio"})):
            written, _ = self.draws(self.put(found), "-o", "out")
            self.assertEqual({p.stem[2:] for p in written}, names)
            shutil.rmtree(self.folder / "out")

    def test_executions_too_few_in_some_cells(self):
        found = example.matrix({"threads": [1, 2]}, 6)
        for repetition in found["repetitions"]:
            for step in repetition["steps"]:
                step["events"] = None
                if repetition["cell"]:
                    step["times"] = example.histogram([1000] * 20)
        names = {p.stem for p in self.draws(self.put(found))[0]}
        self.assertEqual(names, {"r-thread-scaling-touch.rate"})
        self.assertTrue(self.draws(self.put(found), "--chart", "latency-percentiles")[0])

    def test_several_results(self):
        paths = [self.put(example.overcommit(1), name) for name in ("a.json", "b.json")]
        written, _ = self.draws(*paths, "-o", "out", "--chart", "outcome-map")
        self.assertEqual([p.name for p in written], ["a-outcome-map.svg", "b-outcome-map.svg"])

    def test_thousands_of_rows(self):
        path = self.put(example.comparison(count=1000))
        written, _ = self.draws(path)
        self.assertEqual([p.name for p in written], [f"r-ratio-{n}.svg" for n in range(1, 5)])
        said = [p.read_text(encoding="utf-8") for p in written]
        self.assertIn("Rows 1 to 36 of 1000, of which the first 144 are drawn", said[0])
        self.assertIn("Rows 109 to 144 of 1000", said[3])
        written, _ = self.draws(path, "--all")
        self.assertEqual(len(written), 28)
        self.assertNotIn("are drawn", written[0].read_text(encoding="utf-8"))
        written, _ = self.draws(self.put(example.comparison(count=36)))
        self.assertNotIn("Rows ", written[0].read_text(encoding="utf-8"))

    def test_scenario_names_its_charts(self):
        found = example.overcommit(3)
        found["scenario"]["charts"] = ["run-sequence"]
        written, _ = self.draws(self.put(found), "--metric", "map.time")
        self.assertEqual([p.name for p in written], ["r-run-sequence-map.time.svg"])

    def test_nothing_to_show(self):
        cells = example.matrix({"size": [4096, 8192]}, 1, make=test_layout.refused)
        path = self.put(cells)
        done = self.plot(path, "--chart", "cost-vs-size", "--chart", "thread-scaling",
                         "--chart", "latency-percentiles", "--chart", "ratio")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("not drawn: "), 4, done.stderr)
        self.assertEqual(self.plot(self.put(example.document([], [], []))).returncode, 1)
        written, said = self.draws(self.put(cells), "--chart", "bars", "--chart", "outcome-map")
        self.assertEqual(len(written), 1)
        self.assertIn("bars: not drawn: no cell has a measured value", said)

    def test_journal(self):
        found = example.overcommit(2)
        cells, repetitions = found.pop("cells"), found.pop("repetitions")
        flat = [dict(found, overmap="journal")] + cells + repetitions
        named = [{"header": found}] + [{"cell": c} for c in cells] \
            + [{"repetition": r} for r in repetitions]
        pictures = []
        for lines in (named, flat):
            whole = "\n".join(json.dumps(line) for line in lines)
            written, _ = self.draws(self.put(whole, "w.journal"), "--chart", "outcome-map")
            pictures.append(written[0].read_bytes())
        self.assertEqual(pictures[0], pictures[1])
        path = self.put(whole[:-40], "run.json.journal")
        written, said = self.draws(path, "--chart", "outcome-map")
        self.assertEqual(written[0].name, "run-outcome-map.svg")
        self.assertIn("the run was ended early", said)
        self.assertIn("Incomplete: the run was ended early", written[0].read_text())
        broken = whole.split("\n")
        broken[3] = broken[3][:10]
        self.fails(self.put("\n".join(broken), "x.journal"), says="x.journal:4: this line")

    def test_emulated_times_are_refused(self):
        found = example.matrix({"size": [4096, 1 << 20]}, 2)
        found["emulated"] = True
        path = self.put(found)
        done = self.plot(path, "--chart", "cost-vs-size", "--metric", "map.time")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--force draws them all the same", done.stderr)
        written, _ = self.draws(path, "--chart", "cost-vs-size", "--metric", "map.time", "--force")
        self.assertIn("Emulated machine", written[0].read_text())
        self.draws(path, "--chart", "outcome-map")
        found["run"]["clock"] = "instructions"
        written, _ = self.draws(self.put(found), "--chart", "cost-vs-size", "--metric", "map.time")
        self.assertIn("counts instructions", written[0].read_text())

    def test_hostile_words_are_only_words(self):
        for form in ("svg", "png"):
            written, _ = self.draws(self.put(test_layout.hostile()), "--format", form,
                                    "--chart", "outcome-map", "--chart", "cost-vs-size",
                                    "--metric", "map.time")
        written, _ = self.draws(self.put(test_layout.hostile()), "--chart", "outcome-map")
        shown = xml.dom.minidom.parse(str(written[0]))
        words = " ".join(node.data for text in shown.getElementsByTagName("text")
                         for node in _texts(text))
        for part in ("`touch", "$(x)", "@a", "{/Bold", "b}_c^d", "<svg>", "%s", "'q'"):
            self.assertIn(part, words)
        self.assertFalse(os.path.exists(test_layout.PWNED))

    def test_gnuplot_takes_every_script(self):
        """Each chart in four shapes; a warning of gnuplot's is a failure too."""
        drawn = dict.fromkeys(CHARTS, 0)
        for shape, found in test_layout.results().items():
            result = test_layout.load(found)
            for name, chart in CHARTS.items():
                if chart.KIND != result.document["kind"] or drawn[name] == 4:
                    continue
                with self.subTest(shape=shape, chart=name):
                    try:
                        page = chart.pages(result)[-1]
                    except Nothing:
                        continue
                    xml.dom.minidom.parseString(gnuplot.draw(page, "svg"))
                    drawn[name] += 1
        self.assertTrue(all(drawn.values()), drawn)


def _texts(node):
    for child in node.childNodes:
        if child.nodeType == child.TEXT_NODE:
            yield child
        yield from _texts(child)


if __name__ == "__main__":
    unittest.main()
