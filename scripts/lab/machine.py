# SPDX-License-Identifier: MIT
"""A guest while it runs: its process, what it sends, and its end, whatever that is."""
import ctypes
import json
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
POLL_S = 0.05
GRACE_S = 3
CHANNEL_LIMIT = 1 << 30      # bytes: a guest that sends more has gone astray
LIBC = ctypes.CDLL(None, use_errno=True)


def tie_to_parent():
    """In the child: a process group of its own, killed with its parent, first to go when memory runs short."""
    os.setpgid(0, 0)
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("1000")
    except OSError:
        pass


@dataclass
class Report:
    """What became of a boot. outcome: done, panic, time limit, interrupted, silent, or died."""
    outcome: str = ""
    detail: str = ""
    seconds: float = 0.0
    boot_seconds: float = 0.0
    kernel: str = ""
    statuses: dict = field(default_factory=dict)   # scenario or script: exit status
    settled: bool = None                           # None: was not asked for
    settling: list = field(default_factory=list)   # the probe's figures, ns a page
    warnings: list = field(default_factory=list)
    files: list = field(default_factory=list)


class Channel:
    """Takes apart what the guest sends: see scripts/lab/init."""

    def __init__(self, folder, report, tell):
        self.folder, self.report, self.tell = Path(folder), report, tell
        self.buffer, self.file, self.left, self.journal = b"", None, 0, None
        self.handlers = {"booted": self._booted, "settled": self._settled, "unsettled": self._settled,
                         "scenario": self._scenario, "script": self._script, "ended": self._ended,
                         "warning": self._warning, "done": self._done}

    def feed(self, content):
        self.buffer += content
        while self.buffer:
            if self.left:
                self._take_file()
                continue
            line, end, rest = self.buffer.partition(b"\n")
            if not end:
                return
            self.buffer = rest
            self._take_line(line)

    def close(self):
        for file in (self.file, self.journal):
            if file:
                file.close()
        self.file = self.journal = None

    def _take_file(self):
        part = self.buffer[:self.left]
        self.buffer = self.buffer[len(part):]
        self.left -= len(part)
        self.file.write(part)
        if not self.left:
            self._end_file()

    def _end_file(self):
        path = Path(self.file.name)
        self.file.close()
        self.file = None
        path.rename(path.with_suffix(""))
        self.report.files.append(path.with_suffix("").name)
        if path.stem.endswith(".json"):      # the document has what the journal had
            (self.folder / f"{path.stem}.journal").unlink(missing_ok=True)

    def _take_line(self, line):
        text = line.decode("utf-8", "replace").rstrip("\r")
        if text.startswith("S "):
            word, _, rest = text[2:].partition(" ")
            handler = self.handlers.get(word)
            if handler:
                handler(word, rest)
        elif text.startswith("F "):
            name, size = text[2:].rsplit(" ", 1)
            self.left = int(size)
            self.file = open(self.folder / (os.path.basename(name) + ".part"), "wb")
            if not self.left:
                self._end_file()
        elif text.startswith("{") and self.journal:
            self._take_journal(text)

    def _take_journal(self, text):
        try:
            line = json.loads(text)
        except ValueError:
            return                           # cut: the file itself follows
        self.journal.write(text + "\n")
        self.journal.flush()
        repetition = line.get("repetition")
        if repetition:
            self.tell(f"cell {repetition['cell']} round {repetition['round'] + 1}: {repetition['outcome']}",
                      passing=True)

    def _booted(self, _, rest):
        _, self.report.kernel = rest.split(" ")
        self.report.boot_seconds = self.elapsed()
        self.tell(f"booted {self.report.kernel} in {self.report.boot_seconds:.1f} s")

    def _settled(self, word, rest):
        self.report.settled = word == "settled"
        self.report.settling = [float(figure) for figure in rest.split()[1:]]
        figures = " ".join(rest.split()[1:])
        self.tell(f"{word} after {rest.split()[0]} probes: {figures} ns a page")

    def _scenario(self, _, name):
        self.tell(f"running {name}")
        if self.journal:
            self.journal.close()
        self.journal = open(self.folder / f"{name}.json.journal", "w", encoding="utf-8")

    def _script(self, _, name):
        self.tell(f"running {name}")

    def _ended(self, _, rest):
        name, status = rest.rsplit(" ", 1)
        self.report.statuses[name] = int(status)
        if self.journal:
            self.journal.close()
            self.journal = None

    def _warning(self, _, rest):
        self.report.warnings.append(rest)
        self.tell(f"warning: {rest}")

    def _done(self, _word, _rest):
        self.report.outcome = "done"

    def elapsed(self):
        return time.monotonic() - self.began

    began = 0.0


def panic_in(console):
    """The line in which the kernel says why it gave up, or None."""
    text = console.read_text(encoding="utf-8", errors="replace") if console.exists() else ""
    found = re.search(r"Kernel panic - not syncing: .*", text)
    cause = re.search(r"(BUG: |Oops: |general protection fault|kernel BUG at|invalid opcode).*", text)
    return found and found[0] + (f" ({cause[0].strip()})" if cause else "")


def end(process):
    """Nothing of the guest's process group is left when this returns."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def watch(process, stream, channel, report, limits):
    """Follow the guest to its end or its limit."""
    total = 0
    while True:
        ended = process.poll() is not None
        content = stream.read()
        channel.feed(content)
        total += len(content)
        if ended and not content:
            return
        if channel.elapsed() > limits["time"]:
            report.outcome, report.detail = "time limit", f"not done after {limits['time']:g} s"
            return
        if not report.kernel and channel.elapsed() > limits["boot"]:
            report.outcome, report.detail = "silent", f"did not boot within {limits['boot']:g} s"
            return
        if total > CHANNEL_LIMIT:
            report.outcome, report.detail = "died", f"sent more than {CHANNEL_LIMIT >> 20} MiB"
            return
        if not content and not ended:
            time.sleep(POLL_S)


def run(command, folder, limits, tell):
    """Run QEMU with that command; its character devices "console" and "channel" are added; results go to
    folder. limits: seconds as {"time", "boot"}. No process is left in any case. Returns a Report;
    KeyboardInterrupt is one."""
    folder = Path(folder)
    console, raw = folder / "console.log", folder / "channel.raw"
    raw.write_bytes(b"")
    command = [*command, "-chardev", f"file,id=console,path={console}",
               "-chardev", f"file,id=channel,path={raw}"]
    report = Report()
    channel = Channel(folder, report, tell)
    channel.began = time.monotonic()
    errors = open(folder / "qemu.log", "w+", encoding="utf-8")
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors,
                               preexec_fn=tie_to_parent)
    try:
        with open(raw, "rb") as stream:
            watch(process, stream, channel, report, limits)
    except KeyboardInterrupt:
        report.outcome, report.detail = "interrupted", "by the user"
    except OSError as error:
        report.outcome, report.detail = "died", f"results cannot be written to {folder}: {error.strerror}"
    finally:
        end(process)
        channel.close()
        report.seconds = channel.elapsed()
    explain(report, process, console, errors)
    errors.close()
    if report.outcome == "done":
        raw.unlink()
    return report


def explain(report, process, console, errors):
    panic = panic_in(console)
    if panic and report.outcome != "done":
        report.outcome, report.detail = "panic", panic
    if not report.outcome:
        errors.seek(0)
        said = errors.read().strip().splitlines()
        report.outcome = "died"
        report.detail = said[-1] if said else (
            f"QEMU ended with status {process.returncode}" if report.kernel or process.returncode else
            "the machine restarted before it had booted: not enough memory, or no kernel for this processor")
