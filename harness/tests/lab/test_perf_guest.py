# SPDX-License-Identifier: MIT
# time limit: 120 s
"""Performance events in a guest whose emulated processor has counters: QEMU's aarch64 with a clock of instructions
counts cycles and instructions in seven of them. Of x86_64 it emulates none."""
import subprocess
import unittest
from pathlib import Path

import lab

LOADS, ITERATIONS, PAGES = 2_000_000, 2, 1024
FEW = f"""
scenario: few
summary: Four events, that four counters count at once.
matrix: {{size: 4MiB, hugepages: none, threads: [1, 2], workers: [threads, processes]}}
setup: [map, fill]
steps: [{{chase: {{loads: {LOADS}}}}}]
measure:
  iterations: {ITERATIONS}
  perf: [cycles, instructions, 'instructions:u', 'instructions:k', llc_load_misses, 'skl::UOPS_ISSUED:ANY', page_faults]
repetitions: 2
"""
MORE_LOADS = 20_000_000
IN_TURNS = ("cycles", "instructions", "cycles:u", "instructions:u", "cycles:k", "instructions:k", "perf_raw::r11",
            "perf_raw::r8", "perf_raw::r11:u", "perf_raw::r8:u")
MANY = f"""
scenario: many
summary: Ten events for seven counters.
matrix: {{size: 4MiB, hugepages: none}}
setup: [map, fill]
steps: [{{chase: {{loads: {MORE_LOADS}}}}}]
measure: {{perf: [{", ".join(f"'{name}'" for name in IN_TURNS)}, context-switches]}}
repetitions: 2
"""
TOUCHED = f"""
scenario: touched
summary: Faults whose number is known, in steps that others stand between.
matrix: {{size: {PAGES * 4}KiB, hugepages: none, threads: [1, 2], workers: [threads, processes]}}
steps: [map, {{touch: {{access: write}}}}, unmap]
measure: {{iterations: 3, perf: [page_faults, instructions]}}
repetitions: 1
"""


class Perf(lab.Guest, unittest.TestCase):
    arch = "aarch64"
    words = ("--clock", "instructions")
    limit = 100

    @classmethod
    def files(cls):
        texts = {"few": FEW, "many": MANY, "touched": TOUCHED}
        return [*(lab.write(cls.folder, f"{name}.yaml", text) for name, text in texts.items()),
                "--program", lab.build_of(cls.arch) / "tests" / "sys" / "test_perf",
                "--script", Path(__file__).parent / "perf.sh"]

    def absent(self, result):
        return {m["name"]: m["absent"] for m in result.document["metrics"] if m["step"] == "perf"}

    def show(self, name, *words):
        path = self.folder / "out" / f"{name}.json"
        return subprocess.run([lab.OVERMAP, "show", *words, path], stdout=subprocess.PIPE, check=True, text=True).stdout

    def test_counts(self):
        result = self.result("few")
        for threads in ("1", "2"):
            for workers in ("threads", "processes"):
                for repetition in result.repetitions(threads=threads, workers=workers):
                    loads, metrics = int(threads) * ITERATIONS * LOADS, repetition["metrics"]
                    with self.subTest(threads=threads, workers=workers, metrics=metrics):
                        # One instruction a load, and 3 a loop of 128 loads.
                        self.assertGreater(metrics["perf.instructions:u"], loads)
                        self.assertLess(metrics["perf.instructions:u"], loads * 1.05)
                        # The timer's interrupts are the kernel's.
                        self.assertGreater(metrics["perf.instructions:k"], 0)
                        self.assertLess(metrics["perf.instructions:k"], loads * 0.05)
                        both = metrics["perf.instructions:u"] + metrics["perf.instructions:k"]
                        self.assertAlmostEqual(metrics["perf.instructions"] / both, 1, delta=0.001)
                        # This clock makes them the same.
                        self.assertAlmostEqual(metrics["perf.cycles"] / metrics["perf.instructions"], 1, delta=0.001)
                        self.assertEqual(repetition["counters_share"], {})

    def test_counts_are_of_the_steps(self):
        """A ns of this clock is an instruction: the event and the time stamps are two ways to count the same."""
        for repetition in self.result("few").repetitions(threads="1"):
            elapsed = sum(step["elapsed_ns"] for step in repetition["steps"])
            self.assertAlmostEqual(repetition["metrics"]["perf.instructions"] / elapsed, 1, delta=0.002)

    def test_faults(self):
        result = self.result("touched")
        for threads in ("1", "2"):
            for workers in ("threads", "processes"):
                for repetition in result.repetitions(threads=threads, workers=workers):
                    faults = repetition["metrics"]["perf.page_faults"]
                    # A process that was just forked has some pages of its own to copy.
                    self.assertGreaterEqual(faults, int(threads) * 3 * PAGES)
                    self.assertLessEqual(faults, int(threads) * (3 * PAGES + 16))

    def test_absent(self):
        result = self.result("few")
        absent = self.absent(result)
        self.assertEqual(absent["perf.llc_load_misses"], "this machine has no such event")
        self.assertIn("libpfm4 knows no CPU 'skl'", absent["perf.skl::UOPS_ISSUED:ANY"])
        self.assertIsNone(absent["perf.cycles"])
        for repetition in result.repetitions():
            self.assertIsNone(repetition["metrics"]["perf.llc_load_misses"])
            self.assertIsNone(repetition["metrics"]["perf.skl::UOPS_ISSUED:ANY"])
        self.assertIn("perf.llc_load_misses is absent: this machine has no such event", self.show("few", "-m", "perf"))

    def test_turns(self):
        """More events than counters: two groups take turns, each figure is scaled by its own share."""
        for repetition in self.result("many").repetitions():
            metrics, shares = repetition["metrics"], repetition["counters_share"]
            self.assertEqual(set(shares), {f"perf.{name}" for name in IN_TURNS}, "what is the kernel's needs no turn")
            self.assertTrue(all(0.2 < share < 0.8 for share in shares.values()), shares)
            self.assertAlmostEqual(min(shares.values()) + max(shares.values()), 1, delta=0.1)
            for name in ("cycles", "instructions", "cycles:u", "instructions:u", "perf_raw::r11", "perf_raw::r8"):
                self.assertAlmostEqual(metrics[f"perf.{name}"] / (MORE_LOADS * 1.02), 1, delta=0.1, msg=name)
            # Of one group: their ratio is exact, however large the share.
            self.assertEqual(shares["perf.cycles"], shares["perf.instructions"])
            self.assertAlmostEqual(metrics["perf.cycles"] / metrics["perf.instructions"], 1, delta=0.001)
            self.assertIsNotNone(metrics["perf.context-switches"])

    def test_turns_are_shown(self):
        self.assertRegex(self.show("many", "-m", "perf.cycles", "-m", "perf.instructions"),
                         r"scaled up, since they took turns on the CPU's counters: perf\.cycles counted for "
                         r"[2-7]\d\.\d to [2-7]\d\.\d % of the time, perf\.instructions counted for")
        self.assertNotIn("took turns", self.show("many", "-m", "perf.context-switches"))
        self.assertNotIn("took turns", self.show("few", "-m", "perf"))

    def test_unit_suite(self):
        said = (self.folder / "out" / "test_perf.out").read_text(encoding="utf-8")
        self.assertIn("test_perf 0", (self.folder / "out" / "perf.sh.txt").read_text(encoding="utf-8"), said)
        self.assertNotIn("SKIP", said)

    def test_not_permitted(self):
        """Debian's kernels know a level 3: nothing for others than root."""
        absent = self.absent(self.result("paranoid-3"))
        self.assertEqual(absent["perf.cycles"], "not permitted: kernel.perf_event_paranoid is 3; set it to 2, or run with "
                                                "CAP_PERFMON")
        self.assertIn("set it to 1", absent["perf.context-switches"])
        for repetition in self.result("paranoid-3").repetitions():
            self.assertEqual({repetition["metrics"][name] for name in absent}, {None})

    def test_user_mode_only(self):
        result = self.result("paranoid-2")
        notes = {m["name"]: m.get("note") for m in result.document["metrics"]}
        self.assertIn("in user mode only: kernel.perf_event_paranoid is 2", notes["perf.cycles"])
        absent = self.absent(result)
        self.assertIn("set it to 1", absent["perf.cycles:k"])
        self.assertIn("set it to 1", absent["perf.context-switches"])
        for repetition in result.repetitions():
            metrics = repetition["metrics"]
            self.assertEqual(metrics["perf.page_faults"], PAGES)
            # Some instructions a page: the kernel's part, thousands a page, is not in it.
            self.assertGreater(metrics["perf.cycles"], PAGES)
            self.assertLess(metrics["perf.cycles"], PAGES * 50)
            self.assertIsNone(metrics["perf.cycles:k"])
            self.assertIsNone(metrics["perf.context-switches"])
        self.assertIn("in user mode only", self.show("paranoid-2", "-m", "perf.cycles"))


if __name__ == "__main__":
    unittest.main()
