# SPDX-License-Identifier: MIT
"""One boot: everything that was asked for becomes an initramfs and a QEMU command, and is run."""
import subprocess
import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import accelerator
import initramfs
import machine
from architecture import architecture, is_native
from problem import Problem

ROOT = Path(__file__).resolve().parent.parent.parent
BOOT_LIMIT_S = {"kvm": 30, "tcg": 300}
ELF_MACHINES = {62: "x86_64", 183: "aarch64"}
INSTRUCTIONS_IDLE_NS = 6_000_000   # of a second: the settling loop's own processes need some 4,000,000

# Everything that differs from boot to boot is taken away: time of day, entropy, where things lie.
STEADY_LINE = "nokaslr norandmaps randomize_kstack_offset=off"


@dataclass
class Request:
    kernel: object
    topology: object
    program: Path
    scenarios: list = field(default_factory=list)    # paths
    scripts: list = field(default_factory=list)      # paths
    programs: list = field(default_factory=list)     # more paths
    modules: list = field(default_factory=list)      # names
    pools: list = field(default_factory=list)        # "NODE:SIZE_KB:COUNT"
    swap: int = 0                                    # bytes of a swap device, 0: none
    disk: int = 0                                    # bytes of an ext2 file system at /var, 0: none
    append: str = ""
    options: list = field(default_factory=list)      # of overmap run
    clock: str = "time"
    accelerator: str = "auto"
    time_limit: float = 600

    @property
    def arch(self):
        return architecture(self.kernel.arch)


def named_files(paths):
    """[(name, content)], each name once."""
    files = {}
    for path in map(Path, paths):
        if path.name in files:
            raise Problem(f"two files are called {path.name}: the results would be, too")
        try:
            files[path.name] = path.read_bytes()
        except OSError as error:
            raise Problem(f"cannot read {path}: {error.strerror}") from None
    return list(files.items())


def drives_of(request):
    """{name: bytes} of the guest's drives, in the order in which it finds them."""
    return {name: size for name, size in (("swap", request.swap), ("disk", request.disk)) if size}


def archive(request):
    programs = {"overmap": request.program, **{Path(p).name: p for p in request.programs}}
    arch = request.arch
    drives = drives_of(request)
    modules = [*request.modules, *(["virtio_pci", "virtio_blk"] if drives else [])]
    if request.disk:
        # ext4 asks for its checksum by name, not by symbol: where that is a module, nothing says so.
        modules += [name for name in ("crc32c_generic", "ext4") if name == "ext4" or request.kernel.has_module(name)]
    options = list(request.options)
    if request.clock == "instructions":
        options = ["--clock", "instructions", *options]
    settings = {
        "options": " ".join(options),
        "scenarios": " ".join(Path(p).name for p in request.scenarios),
        "scripts": " ".join(Path(p).name for p in request.scripts),
        "pools": " ".join(request.pools),
        **{name: f"/dev/vd{letter}" for letter, name in zip("ab", drives)},
        "settle": "yes" if request.clock == "instructions" else "",
        "idle_ns": INSTRUCTIONS_IDLE_NS,
        "out": f"/dev/{arch.channel}",
        # Without entropy every boot would give itself the same name.
        "boot_id": str(uuid.uuid4()) if request.clock == "instructions" else "",
    }
    return initramfs.build(programs, named_files(request.scenarios), named_files(request.scripts),
                           request.kernel.module_files(modules), settings, arch)


def command(request, accel, folder):
    """QEMU, without what its serial ports write to."""
    arch = request.arch
    line = f"console={arch.console},115200 quiet loglevel=3 panic=-1 {arch.line}"
    if accel == "kvm":
        cpu, words = "host", ["-accel", "kvm"]
    elif request.clock == "instructions":
        cpu, line = arch.steady_cpu, f"{line} {arch.emulated_line} {STEADY_LINE}"
        words = ["-accel", "tcg", "-icount", "shift=0,sleep=off", "-seed", "1",
                 "-rtc", "base=2026-01-01T00:00:00,clock=vm"]
    else:
        # The CPUs take turns on one thread. With a thread each, a kernel that patches its own code now
        # and then runs the old one: QEMU 7.2 and Linux 6.12, "Oops: int3" in sched_clock_cpu().
        cpu, words, line = arch.cpu, ["-accel", "tcg,thread=single"], f"{line} {arch.emulated_line}"
    for name in drives_of(request):
        words += ["-drive", f"if=none,id={name},format=raw,cache=unsafe,file={folder / name}",
                  "-device", f"virtio-blk-pci,drive={name}"]
    return [accelerator.emulator(arch), "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-machine", arch.machine, "-cpu", cpu, *words, *request.topology.arguments(), *arch.serial,
            "-kernel", str(request.kernel.path), "-initrd", str(folder / "initramfs"),
            "-append", f"{line} {request.append}".strip()]


def built(arch):
    """The program as the checkout builds it for that architecture, or as it is installed beside these scripts."""
    installed = ROOT.parent.parent / "bin" / "overmap"       # PREFIX/bin, PREFIX/share/overmap/scripts/lab
    if is_native(arch) and not (ROOT / "Makefile").exists() and installed.exists():
        return installed
    return ROOT / "build" / ("" if is_native(arch) else arch.name) / "overmap"


def program_architecture(path):
    """By the header of its ELF file, or None."""
    with open(path, "rb") as file:
        head = file.read(20)
    machine = int.from_bytes(head[18:20], "little")
    return ELF_MACHINES.get(machine) if head[:4] == b"\x7fELF" else None


def check(request):
    if not request.program.is_file():
        how = "make" if is_native(request.arch) else f"scripts/lab/cross {request.arch.name}"
        raise Problem(f"no program {request.program}: {how} builds it")
    if request.clock == "instructions" and request.topology.cpus != 1:
        raise Problem(f"--clock instructions counts those of one CPU, not of {request.topology.cpus}: "
                      "give --cpus 1 --nodes 1")
    if request.clock == "instructions" and request.accelerator == "kvm":
        raise Problem("--clock instructions needs the emulator: leave --accelerator kvm out")
    if not request.scenarios and not request.scripts:
        raise Problem("nothing to run: name a scenario file, as scenarios/quick/page-fault.yaml")
    for text in (*request.options, *(Path(p).name for p in request.scenarios + request.scripts)):
        if any(c.isspace() for c in text):
            raise Problem(f'"{text}" has a space in it, and the guest\'s shell would part it there')
    if program_architecture(request.program) != request.arch.name:
        raise Problem(f"{request.program} is no program for {request.arch.name}, which the kernel is for")
    checker = request.program if is_native(request.arch) else built(architecture())
    if request.scenarios and checker.is_file() and subprocess.run(
            [str(checker), "check", *map(str, request.scenarios)], stdout=subprocess.DEVNULL, check=False).returncode:
        raise Problem("nothing was started: the scenario has the mistakes above")


def clear(request, output):
    """What an earlier guest left under the names that this one will use would pass for its own."""
    for path in map(Path, request.scenarios):
        for ending in (".json", ".json.journal", ".txt"):
            (output / (path.stem + ending)).unlink(missing_ok=True)


def boot(request, output, tell):
    """Run it; results go to the folder output. Returns machine.Report."""
    check(request)
    wanted = "tcg" if request.clock == "instructions" else request.accelerator
    accel, reason = accelerator.choose(wanted, request.arch)
    if accel == "tcg" and wanted == "auto":
        tell(f"no KVM ({reason}): the processor is emulated, and its times say nothing about real machines")
    content = archive(request)
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    clear(request, output)
    with tempfile.TemporaryDirectory(prefix="overmap-guest.") as name:
        folder = Path(name)
        (folder / "initramfs").write_bytes(content)
        for name, size in drives_of(request).items():
            with open(folder / name, "wb") as file:
                file.truncate(size)
        limits = {"time": request.time_limit, "boot": min(BOOT_LIMIT_S[accel], request.time_limit)}
        report = machine.run(command(request, accel, folder), output, limits, tell)
        if not report.kernel and report.outcome in ("silent", "died") and accel == "kvm" and wanted == "auto":
            tell(f"KVM ran its probe and not this kernel ({report.detail}): once more with the emulator")
            limits["boot"] = min(BOOT_LIMIT_S["tcg"], request.time_limit)
            report = machine.run(command(request, "tcg", folder), output, limits, tell)
    return report
