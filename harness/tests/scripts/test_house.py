# SPDX-License-Identifier: MIT
"""scripts/lint/house finds each kind of offence, in a tree that has just that one."""
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[3] / "scripts" / "lint" / "house"
LICENCE = "/* SPDX-License-Identifier: MIT */\n"
LONG = "int f(void)\n{\n" + "\tg();\n" * 79 + "}\n"

# file below the root, text, what the check must say (None: nothing)
VECTORS = (
    ("harness/cmd/run.c", LICENCE + '#include "run/run.h"\n#include "result/write.h"\n', None),
    ("harness/sys/numa.c", LICENCE + "#include <numa.h>\n", None),
    ("harness/base/a.c", LICENCE + LONG.replace("\tg();\n", "", 1), None),
    ("harness/tests/base/a.c", LICENCE + '#include "cmd/run.h"\n', None),
    ("harness/ops/map.c", LICENCE + '#include "scenario/matrix.h"\n',
     "ops/map.c:2: ops must not include scenario/"),
    ("harness/run/run.c", LICENCE + '#include "result/write.h"\n',
     "run/run.c:2: run must not include result/"),
    ("harness/result/write.c", LICENCE + '#include "run/run.h"\n',
     "result/write.c:2: result must not include run/"),
    ("harness/axes/size.c", LICENCE + '#include "ops/op.h"\n',
     "axes/size.c:2: axes must not include ops/"),
    ("harness/main.c", LICENCE + '#include "run/run.h"\n', "main.c:2: main must not include run/"),
    ("harness/base/a.c", LICENCE + '#include "b.h"\n', '"b.h" is not written as ROOM/FILE.h'),
    ("harness/cellar/a.c", LICENCE, "cellar/ has no floor"),
    ("harness/sys/host.c", LICENCE + "#include <hwloc.h>\n", "<hwloc.h> belongs to sys/topology.c"),
    ("harness/cmd/a.c", LICENCE + "#include <libfyaml.h>\n", "<libfyaml.h> belongs to scenario/"),
    ("harness/base/a.c", "int a;\n", "harness/base/a.c: no SPDX"),
    ("scripts/a", "#!/bin/sh\n", "scripts/a: no SPDX"),
    ("harness/base/a.c", LICENCE + LONG, "f() has 81 lines, 80 are the most"),
    ("harness/base/a.c", LICENCE + "int f(void)\n{\n#ifdef A\n#endif\n}\n", "f() holds an #if"),
    ("harness/base/util.c", LICENCE, "util.c: a file is named after what it holds"),
    ("harness/sys/common.h", LICENCE, "common.h: a file is named after what it holds"),
    ("harness/tests/base/test_a.c", LICENCE, "there is no harness/base/a.c"),
)


class House(unittest.TestCase):
    def check(self, name, text):
        with tempfile.TemporaryDirectory() as root:
            for path in (Path(root) / "scripts/lint/house", Path(root) / name):
                path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(HOUSE, Path(root) / "scripts/lint/house")
            (Path(root) / name).write_text(text)
            return subprocess.run([f"{root}/scripts/lint/house"], capture_output=True, text=True,
                                  check=False)

    def test_vectors(self):
        for name, text, offence in VECTORS:
            with self.subTest(name=name, offence=offence):
                done = self.check(name, text)
                self.assertEqual(done.stderr, "")
                if offence:
                    self.assertIn(offence, done.stdout)
                    self.assertEqual(done.stdout.count("not ok - "), 1, done.stdout)
                else:
                    self.assertNotIn("not ok", done.stdout)
                self.assertEqual(done.returncode, 1 if offence else 0)

    def test_a_library_in_two_rooms(self):
        with tempfile.TemporaryDirectory() as root:
            for name in ("scripts/lint/house", "harness/ops/a.c", "harness/run/b.c"):
                (Path(root) / name).parent.mkdir(parents=True, exist_ok=True)
                (Path(root) / name).write_text(LICENCE + "#include <md5.h>\n")
            shutil.copy(HOUSE, Path(root) / "scripts/lint/house")
            done = subprocess.run([f"{root}/scripts/lint/house"], capture_output=True, text=True,
                                  check=False)
        self.assertIn("<md5.h> is included by ops, run: give it one home", done.stdout)


if __name__ == "__main__":
    unittest.main()
