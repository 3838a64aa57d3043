# SPDX-License-Identifier: MIT
"""Which shared libraries a program needs: its own architecture's are asked of the loader, those of another are
looked for in its sysroot."""
import re
import subprocess
from pathlib import Path

from problem import Problem


def loaded(program):
    """[(path in the guest, path here)] by ldd; [] for a static program."""
    said = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False)
    if said.returncode:
        if "not a dynamic executable" in said.stdout + said.stderr or "statically" in said.stdout:
            return []
        raise Problem(f"{program} is no program that ldd can read: {said.stderr.strip()}")
    missing = re.findall(r"^\s*(\S+) => not found", said.stdout, re.M)
    if missing:
        raise Problem(f"{program} needs {', '.join(missing)}, which is not here")
    return [(path, Path(path)) for path in re.findall(r"(/\S+) \(0x", said.stdout)]


def headers(path):
    """What readelf says of a file's segments and dynamic section."""
    try:
        said = subprocess.run(["readelf", "-W", "-l", "-d", str(path)], capture_output=True, text=True, check=False,
                              env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
    except FileNotFoundError:
        raise Problem("no readelf here: it comes with the compiler") from None
    if said.returncode:
        raise Problem(f"{path} is no program that readelf can read: {said.stderr.strip()}")
    return said.stdout


def found_in(sysroot, program, triplet):
    """The same for a program of another architecture: what it needs, and what that needs, below sysroot."""
    found, waiting = {}, [Path(program)]
    while waiting:
        text = headers(waiting.pop())
        loader = re.findall(r"Requesting program interpreter: (/[^]]+)\]", text)
        for name in loader + re.findall(r"\(NEEDED\)\s+Shared library: \[([^]]+)\]", text):
            places = [f"/{folder}/{name}" for folder in (f"lib/{triplet}", f"usr/lib/{triplet}", "lib")]
            places = [name] if name.startswith("/") else places
            place = next((p for p in places if (sysroot / p.lstrip("/")).exists()), None)
            if not place:
                raise Problem(f"{program} needs {name}, which is not in {sysroot}")
            if place not in found:
                found[place] = sysroot / place.lstrip("/")
                waiting.append(found[place])
    return list(found.items())
