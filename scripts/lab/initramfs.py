# SPDX-License-Identifier: MIT
"""The guest's files: overmap and its libraries, a static busybox as the shell, scenarios. A cpio
archive that is not compressed: an emulated processor would take seconds to unpack it."""
import os
import shutil
from pathlib import Path

import libraries
import sysroot
from architecture import is_native
from problem import Problem

HERE = Path(__file__).resolve().parent


class Archive:
    """A cpio archive in the "newc" form of Documentation/driver-api/early-userspace/buffer-format.rst.
    Numbers and times in it do not depend on the day: the same files make the same archive."""

    def __init__(self):
        self.parts, self.inode, self.present = [], 0, set()

    def _entry(self, name, mode, content=b"", device=(0, 0)):
        if name in self.present:
            return
        self.present.add(name)
        self.inode += 1
        path = name.encode() + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(path), 0)
        head = b"070701" + b"".join(b"%08X" % number for number in fields) + path
        for part in (head, content):
            self.parts.append(part + b"\0" * (-len(part) % 4))

    def folder(self, name):
        for parent in [*reversed(Path(name).parents), Path(name)]:
            if str(parent) != ".":
                self._entry(str(parent), 0o040755)

    def add(self, name, content, mode=0o644):
        self.folder(os.path.dirname(name) or ".")
        self._entry(name, 0o100000 | mode, content)

    def device(self, name, major, minor):
        self.folder(os.path.dirname(name))
        self._entry(name, 0o020600, b"", (major, minor))

    def finish(self):
        self._entry("TRAILER!!!", 0)
        return b"".join(self.parts)


def libraries_of(arch, path):
    if is_native(arch):
        return libraries.loaded(path)
    return libraries.found_in(sysroot.find(arch), path, arch.triplet)


def busybox(arch):
    """A busybox without libraries of its own."""
    if not is_native(arch):
        return (sysroot.find(arch) / "bin/busybox").read_bytes()
    for path in filter(None, (shutil.which("busybox"), "/bin/busybox", "/usr/lib/initramfs-tools/bin/busybox")):
        if os.path.exists(path) and not libraries.loaded(path):
            return Path(path).read_bytes()
    raise Problem("no statically linked busybox here: scripts/bootstrap.sh --for lab installs it")


def add_program(archive, arch, path, name=None):
    path = Path(path)
    if not os.access(path, os.X_OK) or not path.is_file():
        raise Problem(f"{path} is no program: build it first (make)")
    archive.add(f"bin/{name or path.name}", path.read_bytes(), 0o755)
    for place, library in libraries_of(arch, path):
        archive.add(place.lstrip("/"), library.read_bytes(), 0o755)


def shell_word(text):
    return "'" + str(text).replace("'", "'\\''") + "'"


def build(programs, scenarios, scripts, modules, settings, arch):
    """The archive: programs as {name: path}, scenarios and scripts as [(name, bytes)], modules as
    [(name, bytes)] in the order of loading, settings as what the guest's init shall know."""
    archive = Archive()
    for folder in ("proc", "sys", "dev", "tmp", "run", "root", "sbin", "results"):
        archive.folder(folder)
    archive.device("dev/console", 5, 1)
    archive.device("dev/null", 1, 3)
    archive.add("bin/busybox", busybox(arch), 0o755)
    archive.add("init", (HERE / "init").read_bytes(), 0o755)
    for name in ("settle.yaml", "median.awk"):
        archive.add(f"lab/{name}", (HERE / name).read_bytes())
    for name, path in programs.items():
        add_program(archive, arch, path, name)
    for name, content in scenarios:
        archive.add(f"scenarios/{name}", content)
    for name, content in scripts:
        archive.add(f"lab/{name}", content)
    for number, (name, content) in enumerate(modules):
        archive.add(f"lab/modules/{number:02}-{name}.ko", content)
    lines = [f"{name}={shell_word(value)}\n" for name, value in settings.items()]
    archive.add("lab/settings", "".join(lines).encode())
    return archive.finish()
