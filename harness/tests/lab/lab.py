# SPDX-License-Identifier: MIT
"""What the suites of guests share: is there a QEMU and a kernel, boot one, read what came of it."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(os.environ.get("OVERMAP_ROOT") or Path(__file__).resolve().parents[3])
LAB = ROOT / "scripts" / "lab"
OVERMAP = Path(os.environ.get("OVERMAP") or ROOT / "build" / "overmap")
STRESS = bool(os.environ.get("OVERMAP_STRESS"))

sys.path.insert(0, str(LAB))

import kernel_cache                # noqa: E402
from architecture import architecture  # noqa: E402
from problem import Problem        # noqa: E402


def kernel(wanted="6.1", arch=None):
    """A kernel of the cache, or None. Nothing is fetched: tests need no network."""
    try:
        return str(kernel_cache.find(wanted, arch=architecture(arch)))
    except Problem:
        return None


def build_of(arch=None):
    """The folder of what was built for that architecture."""
    return ROOT / "build" / arch if arch else OVERMAP.parent


def missing(wanted="6.1", arch=None):
    """Why no guest can be booted here, or None."""
    group, option = ("cross", f"--arch {arch} ") if arch else ("lab", "")
    if not shutil.which(architecture(arch).emulator):
        return f"no {architecture(arch).emulator} here (scripts/bootstrap.sh --for {group} installs it)"
    if not arch and not shutil.which("busybox"):
        return "no busybox here (scripts/bootstrap.sh --for lab installs it)"
    if not kernel(wanted, arch):
        return f"no kernel {wanted} in the cache (scripts/lab/kernels {option}{wanted} fetches it)"
    if not (build_of(arch) / "overmap").exists():
        return f"nothing built for {arch} (scripts/lab/cross {arch} does)"
    return None


def command(*words):
    own = [] if "--arch" in words else ["--overmap", str(OVERMAP)]
    return [str(LAB / "guest"), *own, *map(str, words)]


def guest(folder, *words, limit=150):
    """Run scripts/lab/guest to its end: (exit status, what it said)."""
    done = subprocess.run(command("-o", folder, "--time-limit", limit, *words), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          timeout=limit + 30)
    return done.returncode, done.stdout


def write(folder, name, text):
    path = Path(folder) / name
    path.write_text(text, encoding="utf-8")
    return path


class Result:
    """A result by the values of its axes."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.document = json.load(file)
        self.cells = {cell["cell"]: cell["params"] for cell in self.document["cells"]}

    def repetitions(self, **params):
        """Those of the cells that match; at least one, or the test itself is wrong."""
        found = [r for r in self.document["repetitions"]
                 if all(self.cells[r["cell"]].get(name) == value for name, value in params.items())]
        if not found:
            raise AssertionError(f"no repetition of {params}: {sorted(map(str, self.cells.values()))}")
        return found

    def shares(self, **params):
        """Every repetition's share of each node."""
        return [r["effective"]["node_share"] for r in self.repetitions(**params)]

    def outcomes(self, **params):
        return {(r["outcome"], r["step"]) for r in self.repetitions(**params)}


def qemu_processes(folder):
    """Process numbers of the QEMUs that write to that folder; others on this machine are not ours."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
            if (process / "comm").read_text().startswith("qemu-system") and str(folder).encode() in words:
                found.add(int(process.name))
        except OSError:
            continue
    return found


class Guest:
    """Boot once, keep the results for all tests of a class."""

    needs = "6.1"                # the kernel
    arch = None                  # this machine's
    words = ()                   # more for scripts/lab/guest
    limit = 150                  # seconds
    stress_only = False

    @classmethod
    def setUpClass(cls):
        reason = missing(cls.needs, cls.arch)
        if cls.stress_only and not STRESS:
            reason = "only under stress (make stress)"
        if reason:
            raise unittest.SkipTest(reason)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        arch = ["--arch", cls.arch] if cls.arch else []
        cls.status, cls.said = guest(cls.folder / "out", "-k", kernel(cls.needs, cls.arch), *arch, *cls.words,
                                     *cls.files(), limit=cls.limit)
        cls.left = qemu_processes(cls.folder)
        cls.note = json.loads((cls.folder / "out" / "boot.json").read_text(encoding="utf-8"))

    def result(self, name):
        path = self.folder / "out" / f"{name}.json"
        if not path.exists():
            self.fail(f"no {name}.json\n{self.said}\n" + "".join(
                f"{p.name}: {p.read_text(errors='replace')}" for p in (self.folder / "out").glob("*.txt")))
        return Result(path)

    def test_ends_well(self):
        self.assertEqual(self.note["outcome"], "done", self.said)
        self.assertFalse(self.left, "QEMU processes are left")
