# SPDX-License-Identifier: MIT
"""What the suites of guests share: is there a QEMU and a kernel, boot one, read what came of it."""
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(os.environ.get("OVERMAP_ROOT") or Path(__file__).resolve().parents[3])
LAB = ROOT / "scripts" / "lab"
OVERMAP = Path(os.environ.get("OVERMAP") or ROOT / "build" / "overmap")
STRESS = bool(os.environ.get("OVERMAP_STRESS"))

sys.path.insert(0, str(LAB))

import kernel_cache                # noqa: E402
from problem import Problem        # noqa: E402


def kernel(wanted="6.1"):
    """A kernel of the cache, or None. Nothing is fetched: tests need no network."""
    try:
        return str(kernel_cache.find(wanted))
    except Problem:
        return None


def missing(wanted="6.1"):
    """Why no guest can be booted here, or None."""
    if not shutil.which("qemu-system-x86_64"):
        return "no qemu-system-x86_64 here (scripts/bootstrap.sh --for lab installs it)"
    if not shutil.which("busybox"):
        return "no busybox here (scripts/bootstrap.sh --for lab installs it)"
    if not kernel(wanted):
        return f"no kernel {wanted} in the cache (scripts/lab/kernels {wanted} fetches it)"
    return None


def command(*words):
    return [str(LAB / "guest"), "--overmap", str(OVERMAP), *map(str, words)]


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


def qemu_processes():
    """Process numbers of all QEMUs on this machine."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "comm").read_text(encoding="ascii").startswith("qemu-system"):
                found.add(int(folder.name))
        except OSError:
            continue
    return found
