# SPDX-License-Identifier: MIT
"""scripts/test counts right, and calls nothing well that is not."""
import os
import sys
import tempfile
import unittest
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def load(path, name):
    loader = SourceFileLoader(name, str(path))
    module = module_from_spec(spec_from_loader(name, loader))
    sys.modules[name] = module  # dataclasses look themselves up there
    loader.exec_module(module)
    return module


runner = load(ROOT / "scripts" / "test", "runner")

CMOCKA = """\
[==========] Running 3 test(s).
[ RUN      ] sizes
[       OK ] sizes
[ RUN      ] broken
[  FAILED  ] broken
[ RUN      ] far
SKIP: far: one NUMA node
[  SKIPPED ] far
[==========] 3 test(s) run.
[  PASSED  ] 1 test(s).
[  SKIPPED ] 1 test(s), listed below:
[  SKIPPED ] far

 1 SKIPPED TEST(S)
[  FAILED  ] 1 test(s), listed below:
[  FAILED  ] broken

 1 FAILED TEST(S)
"""

UNITTEST = """\
test_a (test_x.T.test_a) ... ok
test_b (test_x.T.test_b)
With words. ... skipped 'no swap'
test_c (test_x.T.test_c) ... FAIL
test_d (test_x.T.test_d) ... ERROR

======
FAIL: test_c

Ran 4 tests in 0.001s

FAILED (failures=1, errors=1, skipped=1)
"""


# unittest does not count the tests of a class that is skipped as a whole, and does count the skip.
CLASS_SKIPPED = """\
test_a (test_x.T.test_a) ... ok
setUpClass (test_x.U) ... skipped 'no guest'

----
Ran 1 test in 0.001s

OK (skipped=1)
"""


class Counting(unittest.TestCase):
    def test_class_skipped(self):
        count = runner.count_python(CLASS_SKIPPED)
        self.assertEqual((count.passed, count.failed, count.skips), (1, 0, [("setUpClass", "no guest")]))

    def test_cmocka(self):
        count = runner.count_c(CMOCKA)
        self.assertEqual((count.passed, count.failed, count.skips, count.faults),
                         (1, 1, [("far", "one NUMA node")], []))

    def test_cmocka_groups_are_summed(self):
        count = runner.count_c(CMOCKA + CMOCKA.replace("far", "near"))
        self.assertEqual((count.passed, count.failed, len(count.skips)), (2, 2, 2))

    def test_cmocka_cut_short(self):
        count = runner.count_c("[==========] Running 2 test(s).\n[ RUN      ] sizes\n")
        self.assertEqual(count.faults, ["2 tests announced, 0 accounted for"])

    def test_shell(self):
        count = runner.count_shell("ok - a\n# ok - no\nnot ok - b: c\nskip - d: needs root: yes\n")
        self.assertEqual((count.passed, count.failed, count.skips),
                         (1, 1, [("d", "needs root: yes")]))

    def test_unittest(self):
        count = runner.count_python(UNITTEST)
        self.assertEqual((count.passed, count.failed, count.skips, count.faults),
                         (1, 2, [("test_b", "no swap")], []))

    def test_unittest_without_summary(self):
        self.assertEqual(runner.count_python("Traceback\n").faults, ["no summary of unittest"])


class Running(unittest.TestCase):
    def suite(self, script):
        folder = tempfile.mkdtemp()
        source = Path(folder) / "test_x.sh"
        source.write_text(script)
        self.addCleanup(os.rmdir, folder)
        self.addCleanup(source.unlink)
        return runner.Suite("x", "shell", ["sh", str(source)], source)

    def faults(self, script):
        count, _, _ = runner.run(self.suite(script), False)
        return count.faults

    def test_vectors(self):
        vectors = (
            ("echo ok - a", []),
            ("echo not ok - a; exit 1", []),
            ("", ["counted no test"]),
            ("echo ok - a; exit 3", ["exit status 3 without a failed test"]),
            ("echo ok - a; kill -SEGV $$", ["killed by SIGSEGV"]),
            ("# time limit: 1 s\necho ok - a; sleep 60", ["not done after 1 s"]),
        )
        for script, faults in vectors:
            with self.subTest(script=script):
                self.assertEqual(self.faults(script), faults)

    def test_what_is_left_behind_is_ended(self):
        grace, runner.GRACE_S = runner.GRACE_S, 0.1
        try:
            self.assertEqual(self.faults("echo ok - a; sleep 60 &"), ["left processes behind"])
        finally:
            runner.GRACE_S = grace

    def test_exit_status_of_the_whole(self):
        suite = self.suite("")
        good, bad = runner.Count(passed=1), runner.Count(passed=1, faults=["crashed"])
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            stdout, sys.stdout = sys.stdout, nowhere
            try:
                statuses = [runner.close([(suite, c)]) for c in (good, bad)] + [runner.close([])]
            finally:
                sys.stdout = stdout
        self.assertEqual(statuses, [0, 1, 1])


if __name__ == "__main__":
    unittest.main()
