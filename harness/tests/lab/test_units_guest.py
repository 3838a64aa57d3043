# SPDX-License-Identifier: MIT
# time limit: 400 s
"""What could hurt a machine, in a guest with a disk, swap and cgroup version 2: unit suites that change settings
for real, kills of runs together with their guardians, and limits of memory that are reached."""
import re
import tempfile
import unittest
from pathlib import Path

import lab

HERE = Path(__file__).parent
SUITES = ("sys/test_settings_kill", "sys/test_guardian", "sys/test_cgroup", "sys/test_swapspace", "sys/test_settings_undo",
          "sys/test_numa", "sys/test_pagemap", "sys/test_mapping", "base/test_clock")
KILLS = 200 if lab.STRESS else 24
MODEL = """
scenario: model
summary: What this processor's kernel grants is what the model says.
matrix:
  overcommit: [heuristic, always, never]
  flags: [private anonymous, shared anonymous, private anonymous noreserve]
  size: [1 page, 16MiB, 2x ram+swap]
  hugepages: none
steps: [map, {touch: {amount: 1 page, access: write}}, unmap]
expect: model
repetitions: 2
"""


class Units(lab.Guest, unittest.TestCase):
    words = ("--nodes", "2", "--cpus", "2", "--memory", "512M,256M", "--disk", "256M", "--module", "zram",
             "--pool", "0:2M:4")
    limit = 900 if lab.STRESS else 200
    scripts = ("units.sh", "killed.sh", "limited.sh")
    skipped = ("weights", "shares_a_merged_area")     # this kernel has no numa weights, no PAGEMAP_SCAN

    @classmethod
    def files(cls):
        build = lab.build_of(cls.arch)
        words = [lab.write(cls.folder, "model.yaml", MODEL)]
        words += [word for suite in SUITES for word in ("--program", build / "tests" / suite)]
        head = f"export OVERMAP_KILLS={KILLS}\n"
        for name in cls.scripts:
            text = (HERE / name).read_text(encoding="utf-8")
            words += ["--script", lab.write(cls.folder, name, head + text)]
        return words

    def text(self, name):
        path = self.folder / "out" / name
        if not path.exists():
            self.fail(f"no {name}\n{self.said}")
        return path.read_text(encoding="utf-8", errors="replace")

    def test_suites(self):
        statuses = dict(line.split(" ")[:2] for line in self.text("statuses").splitlines())
        self.assertEqual(set(statuses), {Path(suite).name for suite in SUITES})
        for suite, status in statuses.items():
            said = self.text(f"{suite}.out")
            with self.subTest(suite):
                self.assertEqual(status, "0", said)
                self.assertRegex(said, r"\[  PASSED  \] [1-9]")
                self.assertLessEqual(set(re.findall(r"SKIP: ([^:\n]+)", said)), set(self.skipped), said)

    def test_model(self):
        self.assertEqual(self.note["statuses"]["model"], 0, self.said)
        self.assertEqual(self.result("model").outcomes(size="2x ram+swap", overcommit="heuristic", flags="private anonymous"),
                         {("ENOMEM", "map")})

    def test_run_and_guardian_killed(self):
        said = self.text("killed.sh.txt")
        self.assertEqual(said.splitlines(), ["restore 0", "all is as before", "other boot 0",
                                             "another boot's settings are left alone", "its swap file is gone"])
        self.assertIn("vm.swappiness", self.text("restored"))
        self.assertIn("earlier boot", self.text("other_boot"))

    def test_memory_max(self):
        said = self.text("limited.sh.txt")
        for name, outcome in (("limited", ("oom-killed", "touch")), ("unlimited", ("ok", None)), ("swapped", ("ok", None))):
            self.assertIn(f"{name} 0\n", said)
            result = lab.Result(self.folder / "out" / f"{name}.json")
            self.assertEqual(result.outcomes(size="16MiB"), {("ok", None)})
            self.assertEqual(result.outcomes(size="128MiB"), {outcome}, name)
        self.assertEqual(said.splitlines()[3:4], ["3"], "the kernel killed each, and no group is left\n" + said)


class UnitsNewer(Units):
    needs = "6.12"
    skipped = ()
    stress_only = True


class UnitsOlder(Units):
    needs = "5.10"
    stress_only = True


class UnitsAarch64(Units):
    arch = "aarch64"


class Pages16k(lab.Guest, unittest.TestCase):
    """Pages that are not 4 KiB."""

    arch, needs, stress_only = "aarch64", "6.12-16k", True

    @classmethod
    def files(cls):
        return [lab.write(cls.folder, "model.yaml", MODEL)]

    def test_model(self):
        self.assertEqual(self.note["statuses"]["model"], 0, self.said)
        self.assertEqual(self.result("model").document["host"]["memory"]["page_bytes"], 16384)


if __name__ == "__main__":
    unittest.main()
