# SPDX-License-Identifier: MIT
"""Does KVM work here? A /dev/kvm can exist and refuse, or hang: only a guest that ran can tell. This one
has no kernel; its firmware is an instruction that writes to QEMU's debug-exit port."""
import os
import shutil
import subprocess
import tempfile

from architecture import architecture, is_native
from machine import tie_to_parent
from problem import Problem

PROBED = "x86_64"
FIRMWARE_SIZE = 0x10000
RESET = FIRMWARE_SIZE - 16                      # where the processor begins
# mov $0x10, %al; out %al, $0xf4; hlt; jmp to the hlt
FIRMWARE = b"\xb0\x10\xe6\xf4\xf4\xeb\xfd"
EXIT_STATUS = 0x10 << 1 | 1                     # what isa-debug-exit makes of it
PROBE_LIMIT_S = 5


def emulator(arch):
    path = shutil.which(arch.emulator)
    if not path:
        group = "lab" if is_native(arch) else "cross"
        raise Problem(f"no {arch.emulator} here: scripts/bootstrap.sh --for {group} installs it")
    return path


def firmware_runs(accel, cpu):
    """Run the firmware: None when it came to its end, else the reason why it did not."""
    content = bytearray(FIRMWARE_SIZE)
    content[RESET:RESET + len(FIRMWARE)] = FIRMWARE
    with tempfile.NamedTemporaryFile() as bios:
        bios.write(content)
        bios.flush()
        command = [emulator(architecture(PROBED)), "-nodefaults", "-no-user-config", "-display", "none",
                   "-machine", "pc", "-accel", accel, "-cpu", cpu, "-m", "16M", "-bios", bios.name,
                   "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, preexec_fn=tie_to_parent) as process:
            try:
                said = process.communicate(timeout=PROBE_LIMIT_S)[1]
            except subprocess.TimeoutExpired:
                process.kill()
                return f"a guest did not get through its first instructions in {PROBE_LIMIT_S} s"
            finally:
                if process.poll() is None:
                    process.kill()
        if process.returncode == EXIT_STATUS:
            return None
        return (said.strip().splitlines() or [f"QEMU ended with status {process.returncode}"])[-1]


def choose(wanted, arch):
    """"auto", "kvm" or "tcg" → ("kvm" or "tcg", why not KVM or "")."""
    if wanted == "tcg":
        return "tcg", "asked for"
    if not is_native(arch):
        reason = f"{arch.name} is not this machine's processor"
    elif arch.name != PROBED:
        reason = f"KVM is tried on {PROBED} only"
    elif not os.path.exists("/dev/kvm"):
        reason = "no /dev/kvm here"
    elif not os.access("/dev/kvm", os.R_OK | os.W_OK):
        reason = "no permission for /dev/kvm"
    else:
        reason = firmware_runs("kvm", "host")
    if not reason:
        return "kvm", ""
    if wanted == "kvm":
        raise Problem(f"KVM does not work here: {reason}")
    return "tcg", reason
