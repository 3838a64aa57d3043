# SPDX-License-Identifier: MIT
"""What differs from one processor architecture to the other: names, and QEMU's machine. One row each."""
import platform
from dataclasses import dataclass

from problem import Problem


@dataclass(frozen=True)
class Architecture:
    name: str                # as uname -m says it
    debian: str              # as Debian names its packages
    triplet: str             # of the compiler and of the folders of libraries
    emulator: str
    machine: str             # QEMU's
    cpu: str                 # the emulated one
    steady_cpu: str          # the same without entropy of its own
    console: str             # the first serial port, as Linux names it …
    channel: str             # … and the second
    serial: tuple            # QEMU's options: character devices "console" and "channel" to these ports
    line: str = ""           # more for the kernel's command line …
    emulated_line: str = ""  # … and on an emulated processor


ALL = {arch.name: arch for arch in (
    Architecture(
        name="x86_64", debian="amd64", triplet="x86_64-linux-gnu", emulator="qemu-system-x86_64",
        machine="pc",
        # No 5-level page tables: most machines have none.
        cpu="max,-la57", steady_cpu="max,-la57,-rdrand,-rdseed",
        console="ttyS0", channel="ttyS1", serial=("-serial", "chardev:console", "-serial", "chardev:channel"),
        line="8250.nr_uarts=4", emulated_line="tsc=reliable"),
    Architecture(
        name="aarch64", debian="arm64", triplet="aarch64-linux-gnu", emulator="qemu-system-aarch64",
        machine="virt,gic-version=3",
        # The algorithm of the architecture for pointer authentication costs QEMU most of its time.
        cpu="max,pauth-impdef=on", steady_cpu="max,pauth-impdef=on",
        console="ttyAMA0", channel="ttyS0",
        serial=("-serial", "chardev:console", "-device", "pci-serial,chardev=channel"),
        emulated_line="overmap.emulated"),      # no instruction tells: see sys/emulator.c
)}


def architecture(name=None):
    """That one, or this machine's."""
    name = name or platform.machine()
    if name not in ALL:
        raise Problem(f"guests are {' or '.join(ALL)}, not {name}")
    return ALL[name]


def is_native(arch):
    return arch.name == platform.machine()
