# SPDX-License-Identifier: MIT
"""A guest's processors and memory: read from the command line, checked before anything starts,
and written as QEMU's options."""
import re
from dataclasses import dataclass, field

from problem import Problem

UNITS = {"": 1 << 20, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
LEAST_NODE = 64 << 20
LEAST_MEMORY = 256 << 20     # a Debian kernel, the initramfs and a repetition
ALIGNMENT = 2 << 20          # so that no huge page lies on two nodes


def parse_size(text):
    """Bytes of 8G, 512M, 512MiB; a bare number is MiB, as it is for QEMU."""
    found = re.fullmatch(r"(\d+)\s*([KMGT]?)(?:i?B)?", text.strip(), re.I)
    if not found:
        raise Problem(f'"{text}" is not a size: try 512M or 8G')
    return int(found[1]) * UNITS[found[2].upper()]


def format_size(size):
    for unit in "TGMK":
        if size % UNITS[unit] == 0:
            return f"{size // UNITS[unit]} {unit}iB"
    return f"{size} B"


@dataclass
class Node:
    number: int
    memory: int
    cpus: range


@dataclass
class Topology:
    cpus: int
    memory: int
    nodes: list
    distances: dict = field(default_factory=dict)  # (from, to): distance

    def arguments(self):
        """QEMU's options."""
        with_cpus = [node for node in self.nodes if node.cpus]
        sockets = len(with_cpus) if self.cpus % len(with_cpus) == 0 else 1
        words = ["-smp", f"{self.cpus},sockets={sockets},cores={self.cpus // sockets},threads=1",
                 "-m", f"{self.memory >> 20}M"]
        if len(self.nodes) == 1:
            return words
        for node in self.nodes:
            words += ["-object", f"memory-backend-ram,id=memory{node.number},size={node.memory}"]
            cpus = f",cpus={node.cpus[0]}-{node.cpus[-1]}" if node.cpus else ""
            words += ["-numa", f"node,nodeid={node.number},memdev=memory{node.number}{cpus}"]
        for (source, target), distance in sorted(self.distances.items()):
            words += ["-numa", f"dist,src={source},dst={target},val={distance}"]
        return words


def split_memory(text, nr_nodes):
    """A total that is shared out evenly, or one size a node: 1G,1G,512M."""
    sizes = [parse_size(part) for part in text.split(",")]
    if len(sizes) == 1:
        share = sizes[0] // nr_nodes // ALIGNMENT * ALIGNMENT
        sizes = [share] * nr_nodes
    if len(sizes) != nr_nodes:
        raise Problem(f"--memory has {len(sizes)} sizes for {nr_nodes} nodes: give one for each, "
                      "or their sum")
    for number, size in enumerate(sizes):
        if size % ALIGNMENT:
            raise Problem(f"--memory: {format_size(size)} for node {number} is no multiple of 2 MiB")
        if size < LEAST_NODE:
            raise Problem(f"--memory: node {number} would have {format_size(size)}, and a kernel needs "
                          f"{format_size(LEAST_NODE)} on each: give --memory {LEAST_NODE * nr_nodes >> 20}M "
                          "or more")
    if sum(sizes) < LEAST_MEMORY:
        raise Problem(f"--memory: {format_size(sum(sizes))} is not enough to boot: "
                      f"give {format_size(LEAST_MEMORY)} or more")
    return sizes


def share_cpus(nr_cpus, nr_nodes, memory_only):
    """Which CPUs each node has: consecutive ones, as evenly as it goes."""
    wanting = [n for n in range(nr_nodes) if n not in memory_only]
    if not wanting:
        raise Problem("--memory-only names every node: at least one must have CPUs")
    if len(wanting) > nr_cpus:
        raise Problem(f"{len(wanting)} nodes want CPUs and there are {nr_cpus}: give --cpus {len(wanting)} "
                      "or more, or name nodes without CPUs in --memory-only")
    shares, first = {n: range(0) for n in range(nr_nodes)}, 0
    for i, number in enumerate(wanting):
        count = nr_cpus // len(wanting) + (i < nr_cpus % len(wanting))
        shares[number] = range(first, first + count)
        first += count
    return shares


def parse_distances(text, nr_nodes):
    """A matrix "10,20/20,10", row by row."""
    rows = [row.split(",") for row in text.replace(";", "/").split("/")]
    if len(rows) != nr_nodes or any(len(row) != nr_nodes for row in rows):
        raise Problem(f'--distances "{text}" is no {nr_nodes} × {nr_nodes} matrix: rows are parted by "/", '
                      'as in 10,20/20,10')
    distances = {}
    for source, row in enumerate(rows):
        for target, word in enumerate(row):
            low = 10 if source == target else 11
            if not word.strip().isdigit() or not low <= int(word) <= 254:
                raise Problem(f'--distances: "{word}" from {source} to {target} must be '
                              + ("10" if low == 10 else "11 to 254"))
            if source == target and int(word) != 10:
                raise Problem(f"--distances: a node's distance to itself is 10, not {word}")
            distances[source, target] = int(word)
    return distances


def parse_nodes(text, nr_nodes, option):
    numbers = set()
    for word in filter(None, (text or "").split(",")):
        if not word.isdigit() or int(word) >= nr_nodes:
            raise Problem(f'{option}: "{word}" is none of the nodes 0 to {nr_nodes - 1}')
        numbers.add(int(word))
    return numbers


def available_memory():
    """MemAvailable of this machine, in bytes."""
    with open("/proc/meminfo", encoding="ascii") as file:
        for line in file:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) << 10
    return 0


def topology(nr_nodes, nr_cpus, memory, distances=None, memory_only=None):
    """Everything that was asked for, checked."""
    if not 1 <= nr_nodes <= 64:
        raise Problem(f"--nodes {nr_nodes}: take 1 to 64")
    if not 1 <= nr_cpus <= 255:
        raise Problem(f"--cpus {nr_cpus}: take 1 to 255")
    shares = share_cpus(nr_cpus, nr_nodes, parse_nodes(memory_only, nr_nodes, "--memory-only"))
    sizes = split_memory(memory, nr_nodes)
    available = available_memory()
    if sum(sizes) > available:
        raise Problem(f"the guest would have {format_size(sum(sizes))} and this machine has "
                      f"{available >> 20} MiB available: give less --memory")
    nodes = [Node(n, sizes[n], shares[n]) for n in range(nr_nodes)]
    return Topology(nr_cpus, sum(sizes), nodes,
                    parse_distances(distances, nr_nodes) if distances else {})
