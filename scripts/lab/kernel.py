# SPDX-License-Identifier: MIT
"""A kernel to boot, and beside it the modules of its package where there are any."""
import lzma
import re
from pathlib import Path

from problem import Problem

X86_MAGIC = b"HdrS"          # Documentation/arch/x86/boot.rst: at 0x202
ARM64_MAGIC = b"ARM\x64"     # Documentation/arch/arm64/booting.rst: at 0x38
LEAST_SIZE = 0x400


class Kernel:
    """path: the bzImage or Image; arch: the architecture's name; version: its release; modules: the folder
    lib/modules/RELEASE, or None."""

    def __init__(self, path):
        self.path = Path(path)
        self.arch, self.version = identify(self.path)
        self.modules = find_modules(self.path, self.version)

    def module_files(self, names):
        """(name, bytes) of the modules and of what they depend on, in the order of loading."""
        order = []
        for name in names:
            self._add(name, order, ())
        return order

    def has_module(self, name):
        return bool(self.modules and self._find(name))

    def _add(self, name, order, above):
        name = name.replace("-", "_")
        if name in above or any(name == done for done, _ in order) or self._built_in(name):
            return
        if not self.modules:
            raise Problem(f"the kernel {self.path} comes without modules, and {name} is needed: take one of "
                          "scripts/lab/kernels, or one that has it built in")
        path = self._find(name)
        if not path:
            raise Problem(f"the kernel {self.version} has no module {name}")
        content = read_module(path)
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
        return None


def read_head(path):
    if path.is_dir():
        raise Problem(f"{path} is a folder: give the kernel (bzImage, vmlinuz, Image) itself")
    try:
        with open(path, "rb") as file:
            head = file.read(0x10000)
    except OSError as error:
        raise Problem(f"cannot read the kernel {path}: {error.strerror}") from None
    if head[:4] == b"\x7fELF":
        raise Problem(f"{path} is an ELF file: give the kernel that boots (bzImage, vmlinuz, Image)")
    return head


def refuse_cut(path, whole, slack=16):
    if path.stat().st_size < whole - slack:
        raise Problem(f"the kernel {path} is cut: {path.stat().st_size} of {whole} bytes")


def identify(path):
    """(architecture's name, release) by the kernel's own header; everything else is refused."""
    head = read_head(path)
    if head[0x202:0x206] == X86_MAGIC and head[0x1fe:0x200] == b"\x55\xaa" and len(head) >= LEAST_SIZE:
        return "x86_64", x86_release(path, head)
    if head[0x38:0x3c] == ARM64_MAGIC and len(head) >= LEAST_SIZE:
        return "aarch64", arm64_release(path)
    if head[4:8] == b"zimg":
        raise Problem(f"{path} is a compressed EFI program: give the Image within")
    raise Problem(f"{path} is no Linux kernel for x86_64 (bzImage) or aarch64 (Image)")


def x86_release(path, head):
    # Documentation/arch/x86/boot.rst: the boot sector, setup_sects more, then syssize paragraphs.
    refuse_cut(path, (1 + (head[0x1f1] or 4)) * 512 + int.from_bytes(head[0x1f4:0x1f8], "little") * 16)
    pointer = int.from_bytes(head[0x20e:0x210], "little") + 0x200
    text = head[pointer:pointer + 128].split(b"\0")[0].decode("ascii", "replace")
    return text.split(" ")[0] or "unknown"


def arm64_release(path):
    # The header of Documentation/arch/arm64/booting.rst has none: it is in the banner, among the text.
    # Its image_size counts memory that is not in the file, too.
    found = re.search(rb"Linux version (\d\S+) ", path.read_bytes())
    if not found:
        raise Problem(f"the kernel {path} has no banner \"Linux version …\": it is cut, or no Linux")
    return found[1].decode("ascii", "replace")


def find_modules(path, version):
    """Beside the kernel in the unpacked package, or installed here."""
    if path.resolve().parent.name == version:        # lib/modules/RELEASE/vmlinuz
        return path.resolve().parent
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
