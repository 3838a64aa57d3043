# SPDX-License-Identifier: MIT
"""The harness beside other programs that do the same work on memory of the same size, in turns. What a
peer really does is read from its source and seen with strace and perf; our scenario does just that."""
import platform
import re
import resource
import shutil
import statistics
from collections import namedtuple

from benching.goals import at_least
from benching.programs import first_repetition, number, output

ROUNDS = 7                   # goals.at_least() says why; odd, so that the median is a round's

# Who; what both do; how it is alike on both sides; the unit; theirs and ours, higher is better; goal.
Peer = namedtuple("Peer", "program what alike unit theirs ours goal", defaults=(1,))

# As the C library's memcpy() of so much and stress-ng's stream store: past the cache where they can.
STREAMING = "non-temporal" if platform.machine() == "x86_64" else "cached"


def our_metrics(folder, matrix, steps, setup="", seconds=1):
    repetition, _ = first_repetition(folder, f"""\
matrix: {{{matrix}}}
setup: [{setup}]
steps: [{steps}]
measure: {{for: {seconds}s}}
repetitions: {{min: 1}}
""")
    return repetition["metrics"]


def our_stream(folder, kind, stores="cached", threads=2):
    """MiB/s that the threads ask for, of 256 MiB together."""
    metrics = our_metrics(folder, f"size: 256MiB, threads: {threads}",
                          f"stream: {{kind: {kind}, stores: {stores}}}", "map, touch")
    return metrics["stream.bandwidth"] / (1 << 20)


def our_mix(folder):
    """As stress-ng's stream: as many passes that read one array as passes that read two, its arrays
    of 4 times half the last-level cache for each of 2 workers."""
    metrics = our_metrics(folder, "size: 12x llc, threads: 2",
                          f"stream: {{kind: copy, stores: {STREAMING}}}, "
                          f"stream: {{kind: triad, stores: {STREAMING}}}", "map, touch")
    copy, triad = metrics["stream.bandwidth"], metrics["stream-2.bandwidth"]
    return 5 / (2 / copy + 3 / triad) / (1 << 20)


def our_faults(folder):
    """Faults a second of CPU time: what a hypervisor takes away falls on neither side."""
    metrics = our_metrics(folder, "size: 128MiB, hugepages: none",
                          "map, touch: {method: populate, access: read}, stream: {kind: write}, unmap",
                          seconds=2)
    return metrics["usage.minor_faults"] * 1e6 / (metrics["usage.user_time"] +
                                                  metrics["usage.system_time"])


def sysbench(oper):
    """Of a block of its own for each thread. With its default, one block for all, the threads go
    through it together, and what one has fetched the other finds in the cache: of reads that makes
    up to half as much again as the memory gives; of writes, a quarrel over each line."""
    return number(r"\(([\d.]+) MiB/sec\)", output(
        ["sysbench", "memory", "--memory-scope=local", "--memory-block-size=128M",
         "--memory-total-size=1T", f"--memory-oper={oper}", "--threads=2", "--time=1", "run"]))


def stress_ng_stream():
    """Copy, scale, add and triad: read and write rates together, of two processes."""
    text = output(["stress-ng", "--stream", "2", "-t", "5", "--metrics"])
    rates = re.findall(r"memory rate: ([\d.]+) MB read/sec, ([\d.]+) MB write/sec", text)
    return 2 * statistics.mean(float(r) + float(w) for r, w in rates)


def stress_ng_faults():
    """Again and again it maps 128 MiB, has them read by MADV_POPULATE_READ, writes all and unmaps:
    two faults a page, the zero page and then the copy of it. getrusage() counts both, perf's
    page-faults only the second, which alone has registers to show. Without the advice that it else
    gives at random before it unmaps, which may page out or ask for huge pages."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output(["stress-ng", "--vm", "1", "--vm-bytes", "128M", "--vm-method", "write64",
            "--vm-madvise", "nohugepage", "--no-madvise", "-t", "2"])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return (after.ru_minflt - before.ru_minflt) / seconds


def mbw():
    """One copy's bytes; STREAM counts what is read and what is written."""
    return 2 * number(r"AVG\s+Method: MEMCPY.*Copy: ([\d.]+) MiB/s",
                      output(["mbw", "-t0", "-n", "10", "128"]))


def perf_memcpy():
    return 2 * 1024 * number(r"([\d.]+) GB/sec", output(
        ["perf", "bench", "mem", "memcpy", "-f", "default", "-s", "128MB", "-l", "20"]))


PEERS = [
    Peer("sysbench", "memory write, 2 threads", "128 MiB for each thread, cached stores", "MiB/s",
         lambda: sysbench("write"), lambda folder: our_stream(folder, "write")),
    Peer("sysbench", "memory read, 2 threads", "128 MiB for each thread, resident", "MiB/s",
         lambda: sysbench("read"), lambda folder: our_stream(folder, "read")),
    Peer("stress-ng", "stream, 2 workers", f"copy and triad, {STREAMING} stores", "MiB/s",
         stress_ng_stream, our_mix),
    Peer("mbw", "memcpy, 1 thread", f"128 MiB, {STREAMING} stores", "MiB/s",
         mbw, lambda folder: our_stream(folder, "copy", STREAMING, 1)),
    Peer("perf", "bench mem memcpy, 1 thread", f"128 MiB, {STREAMING} stores", "MiB/s",
         perf_memcpy, lambda folder: our_stream(folder, "copy", STREAMING, 1)),
    # The same kernel code for all but a twentieth of the time: it can only be equal, and the goal is
    # that the harness adds no more than that twentieth.
    Peer("stress-ng", "vm: faults a CPU second", "128 MiB mapped, populated for reading, written, "
         "unmapped", "faults/s", stress_ng_faults, our_faults, 0.95),
]


def take(peer, folder, ours_first):
    """One round of a peer: ratio, ours, theirs."""
    if ours_first:
        ours, theirs = peer.ours(folder), peer.theirs()
    else:
        theirs, ours = peer.theirs(), peer.ours(folder)
    return ours / theirs, ours, theirs


def measure_all(folder):
    """Theirs and ours in turns, all of them once a round; the median of the ratios and the figures of
    its round. Both sides' own medians may be of times in which the machine gave them unlike much."""
    peers = [peer for peer in PEERS if shutil.which(peer.program)]
    missing = sorted({peer.program for peer in PEERS} - {peer.program for peer in peers})
    if missing:
        print(f"not installed: {', '.join(missing)} (scripts/bootstrap.sh --for bench)")
    rounds = [[take(peer, folder, turn % 2 == 0) for peer in peers] for turn in range(ROUNDS)]
    for peer, taken in zip(peers, map(sorted, zip(*rounds))):
        at_least(f"beside {peer.program} {peer.what}", [ratio for ratio, _, _ in taken], peer.goal)
        _, ours, theirs = taken[ROUNDS // 2]
        print(f"  ours {ours:.0f}, theirs {theirs:.0f} {peer.unit}: {peer.alike}", flush=True)
