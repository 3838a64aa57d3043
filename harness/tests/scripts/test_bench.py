# SPDX-License-Identifier: MIT
"""scripts/bench says how it is used, and what is wrong with its argument, before it measures."""
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def bench(*arguments):
    return subprocess.run([ROOT / "scripts" / "bench", *arguments], cwd=ROOT, capture_output=True,
                          text=True, check=False)


class Arguments(unittest.TestCase):
    def test_help(self):
        said = bench("--help")
        self.assertEqual((said.returncode, said.stderr), (0, ""))
        self.assertIn("usage: bench", said.stdout)

    def test_what_is_no_program(self):
        for path in ("build/no-such-program", "scripts"):
            said = bench(path)
            self.assertEqual(said.returncode, 2)
            self.assertIn(f"{path}: no such program", said.stderr)
            self.assertNotIn("Traceback", said.stderr)


if __name__ == "__main__":
    unittest.main()
