# SPDX-License-Identifier: MIT
"""Run the harness and other programs: their time, their memory, what they print."""
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "build/overmap"
LIMIT_S = 120                # for one command; none takes a tenth of it where nothing is wrong


def peak_kib(pid):
    """The most memory that a process has held so far; 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
            return next((int(line.split()[1]) for line in status if line.startswith("VmHWM:")), 0)
    except OSError:
        return 0


def measure(command):
    """Seconds and peak KiB of a command; ends this program when the command fails."""
    with tempfile.TemporaryFile() as words:
        start = time.monotonic()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=words, stderr=words)
        peak = 0
        # Not wait4()'s figure: that has this interpreter's size before exec in it.
        while child.poll() is None:
            if time.monotonic() - start > LIMIT_S:
                child.kill()
                sys.exit(f"bench: {' '.join(map(str, command))}: not over after {LIMIT_S} s")
            peak = max(peak, peak_kib(child.pid))
            time.sleep(0.002)
        seconds = time.monotonic() - start
        if child.returncode:
            words.seek(0)
            print(words.read().decode(errors="replace")[-2000:], file=sys.stderr)
            sys.exit(f"bench: {' '.join(map(str, command))}: status {child.returncode}")
    return seconds, peak


def first_repetition(folder, text):
    """Run a scenario; the first repetition of its result."""
    scenario, result = Path(folder) / "one.yaml", Path(folder) / "one.json"
    scenario.write_text("scenario: bench\n" + text)
    measure([PROGRAM, "run", "-q", scenario, "-o", result])
    document = json.loads(result.read_text())
    return document["repetitions"][0], document["run"]


def output(command):
    """What a command prints; ends this program when it fails."""
    try:
        return subprocess.run(command, check=True, text=True, stdin=subprocess.DEVNULL, timeout=LIMIT_S,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    except subprocess.CalledProcessError as failed:
        sys.exit(f"bench: {failed}\n{failed.stdout[-2000:]}")
    except subprocess.TimeoutExpired as late:
        sys.exit(f"bench: {late}")


def number(pattern, text):
    found = re.search(pattern, text)
    if not found:
        sys.exit(f"bench: no figure in what it printed:\n{text[-2000:]}")
    return float(found.group(1))
