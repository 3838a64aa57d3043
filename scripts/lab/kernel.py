# SPDX-License-Identifier: MIT
"""A kernel to boot: a bzImage, and beside it the modules of its package where there are any."""
import lzma
import platform
import re
from pathlib import Path

from problem import Problem

MAGIC = b"HdrS"              # Documentation/arch/x86/boot.rst: at 0x202
LEAST_SIZE = 0x400


class Kernel:
    """path: the bzImage; version: its release; modules: the folder lib/modules/RELEASE, or None."""

    def __init__(self, path):
        self.path = Path(path)
        self.version = read_version(self.path)
        self.modules = find_modules(self.path, self.version)

    def module_files(self, names):
        """(name, bytes) of the modules and of what they depend on, in the order of loading."""
        order = []
        for name in names:
            self._add(name, order, ())
        return order

    def _add(self, name, order, above):
        name = name.replace("-", "_")
        if name in above or any(name == done for done, _ in order) or self._built_in(name):
            return
        if not self.modules:
            raise Problem(f"the kernel {self.path} comes without modules, and {name} is needed: take one of "
                          "scripts/lab/kernels, or one that has it built in")
        content = read_module(self._find(name))
        for needed in dependencies(content):
            self._add(needed, order, (*above, name))
        order.append((name, content))

    def _built_in(self, name):
        builtin = self.modules and self.modules / "modules.builtin"
        if not builtin or not builtin.exists():
            return False
        return any(Path(line).stem.replace("-", "_") == name
                   for line in builtin.read_text(encoding="utf-8").splitlines())

    def _find(self, name):
        pattern = re.compile(re.escape(name).replace("_", "[-_]") + r"\.ko(\.xz)?")
        for path in sorted(self.modules.rglob("*.ko*")):
            if pattern.fullmatch(path.name):
                return path
        raise Problem(f"the kernel {self.version} has no module {name}")


def read_version(path):
    """The release of a bzImage, from its set-up header; everything else is refused."""
    if path.is_dir():
        raise Problem(f"{path} is a folder: give the kernel (bzImage, vmlinuz) itself")
    try:
        with open(path, "rb") as file:
            head = file.read(0x10000)
    except OSError as error:
        raise Problem(f"cannot read the kernel {path}: {error.strerror}") from None
    if head[:4] == b"\x7fELF":
        raise Problem(f"{path} is an ELF file: give the compressed kernel (bzImage, vmlinuz)")
    if len(head) < LEAST_SIZE or head[0x202:0x206] != MAGIC or head[0x1fe:0x200] != b"\x55\xaa":
        raise Problem(f"{path} is no x86 Linux kernel (bzImage)")
    # Documentation/arch/x86/boot.rst: the boot sector, setup_sects more, then syssize paragraphs.
    whole = (1 + (head[0x1f1] or 4)) * 512 + int.from_bytes(head[0x1f4:0x1f8], "little") * 16
    if path.stat().st_size < whole - 16:
        raise Problem(f"the kernel {path} is cut: {path.stat().st_size} of {whole} bytes")
    pointer = int.from_bytes(head[0x20e:0x210], "little") + 0x200
    text = head[pointer:pointer + 128].split(b"\0")[0].decode("ascii", "replace")
    return text.split(" ")[0] or "unknown"


def find_modules(path, version):
    """Beside the boot folder of the unpacked package, or installed here."""
    for root in (path.resolve().parent.parent, Path("/")):
        for folder in (root / "lib/modules" / version, root / "usr/lib/modules" / version):
            if folder.is_dir():
                return folder
    return None


def read_module(path):
    content = path.read_bytes()
    return lzma.decompress(content) if path.suffix == ".xz" else content


def dependencies(content):
    """A module states them in its section .modinfo as depends=a,b."""
    found = re.search(rb"\0depends=([^\0]*)\0", content)
    return [name for name in (found[1].decode() if found else "").split(",") if name]


def check_machine():
    if platform.machine() != "x86_64":
        raise Problem(f"guests are x86_64, with this machine's programs inside: not on {platform.machine()}")
