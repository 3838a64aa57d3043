# SPDX-License-Identifier: MIT
# time limit: 400 s
"""Are the rules those of other kernels too? The property test inside guests, and the resident ceiling where the OOM
killer takes the whole control group."""
import re
import unittest
from pathlib import Path

import lab

HERE = Path(__file__).parent
MODES = ("heuristic", "always", "never", "never, with kbytes", "heuristic, crowded")
MIB = 1 << 20


class Property(lab.Guest, unittest.TestCase):
    words = ("--memory", "2G", "--cpus", "2")
    limit = 380
    requests = 3000 if lab.STRESS else 400

    @classmethod
    def files(cls):
        script = f"requests={cls.requests}\n" + (HERE / "property.sh").read_text(encoding="utf-8")
        return ["--program", lab.build_of(cls.arch) / "tests" / "model" / "test_check",
                "--script", lab.write(cls.folder, "property.sh", script)]

    def test_rules(self):
        out = self.folder / "out" / "property.out"
        said = out.read_text(encoding="utf-8", errors="replace") if out.exists() else self.said
        self.assertIn("property 0\n", (self.folder / "out" / "property.sh.txt").read_text(encoding="utf-8"), said)
        counts = dict(re.findall(r"^(.*): (\d+) requests in .* 0 disagreements$", said, re.M))
        self.assertEqual(set(counts), set(MODES), said)
        for mode in MODES[:-1]:
            self.assertGreaterEqual(int(counts[mode]), self.requests)

    def test_resident_ceiling(self):
        """The figure is there though nobody of the group was left to report it."""
        for repetition in self.result("resident").repetitions():
            with self.subTest(repetition["outcome"]):
                self.assertEqual(repetition["outcome"], "oom-killed")
                self.assertGreater(repetition["metrics"]["resident.bytes"], 32 * MIB)
                self.assertLessEqual(repetition["metrics"]["resident.bytes"], 64 * MIB)
                self.assertEqual(repetition["rule"], "group-memory")


class Property510(Property):
    needs = "5.10"
    stress_only = True


class Property612(Property):
    needs = "6.12"
    stress_only = True


class Property618(Property):
    needs = "6.18"
    stress_only = True


class Property73(Property):
    needs = "7.3"
    stress_only = True


if __name__ == "__main__":
    unittest.main(verbosity=2)
