# SPDX-License-Identifier: MIT
"""Seeded example results as harness/result/FORMAT.md states them, for the tests of scripts/plot."""
import itertools
import math
import random

KiB, MiB, GiB, TiB = 1 << 10, 1 << 20, 1 << 30, 1 << 40
RAM, SWAP, PAGE = 25276354560, 8 * GiB, 4096
START_NS = 1795515153123456789

METRICS = [
    {"name": "map.time", "step": "map", "unit": "ns", "better": "lower", "help": "one mmap call"},
    {"name": "touch.time", "step": "touch", "unit": "ns", "better": "lower", "help": "the step"},
    {"name": "touch.time_per_page", "step": "touch", "unit": "ns", "better": "lower", "help": ""},
    {"name": "touch.rate", "step": "touch", "unit": "1/s", "better": "higher", "help": ""},
    {"name": "unmap.time", "step": "unmap", "unit": "ns", "better": "lower", "help": ""},
]


def words(size):
    """A size in bytes as the scenario's canonical word."""
    for unit, factor in (("TiB", TiB), ("GiB", GiB), ("MiB", MiB), ("KiB", KiB)):
        if size % factor == 0:
            return f"{size // factor}{unit}"
    return f"{size}B"


def share(percent, pages=0):
    """("100% ram+swap + 1 page", bytes) for the example host."""
    count = (RAM + SWAP) * percent // 100
    count -= count % PAGE
    name = f"{percent}% ram+swap" if percent < 200 else f"{percent // 100}x ram+swap"
    return (name + (f" + {pages} page" if pages else ""), count + pages * PAGE)


def bucket(value):
    """hist_index() of harness/stats/hist.h."""
    m = (value | 1).bit_length() - 1
    s = max(m - 7, 0)
    return (s << 7) + (value >> s)


def histogram(values):
    """A stored histogram of whole numbers."""
    counts = {}
    for value in values:
        counts[bucket(value)] = counts.get(bucket(value), 0) + 1
    return {"sub_bits": 7, "n": len(values), "sum": sum(values), "min": min(values),
            "max": max(values), "buckets": [list(item) for item in sorted(counts.items())]}


def document(cells, repetitions, varies, **more):
    """A whole result around cells and repetitions."""
    axes = {name: None for cell in cells for name in cell["params"]}
    result = {
        "overmap": "result", "schema": 1, "complete": True,
        "scenario": {"name": "larger-than-memory",
                     "summary": "Map ranges below, at and far above RAM + swap under each "
                     "overcommit mode.", "path": "scenarios/larger-than-memory.yaml",
                     "sha256": "0" * 64, "source": ""},
        "tool": {"version": "v0.1", "commit": "0" * 40, "compiler": "gcc 12.2.0",
                 "flags": "-O2 -g"},
        "run": {"seed": 42, "started": "2026-11-24T10:12:33.123456789Z", "ended": "",
                "clock": "counter", "ns_per_tick": 0.385, "clock_resolution_ns": 10.01,
                "stamp_cost_ns": 21.8, "event_stamp_cost_ns": 15.5,
                "options": {"max_memory_bytes": 0}, "guarded_by": ["watchdog"], "signal": None},
        "host": {"name": "lab-07", "kernel": "6.18.44", "machine": "x86_64",
                 "memory": {"ram_bytes": RAM, "swap_bytes": SWAP,
                            "commit_limit_bytes": RAM // 2 + SWAP}, "cpu": {"address_bits": 47}},
        "axes": [{"name": name, "varies": name in varies} for name in axes],
        "steps": [{"name": "map", "op": "map", "args": {}, "setup": False}],
        "metrics": METRICS, "cells": cells, "repetitions": repetitions,
        "summary": {"repetitions": len(repetitions), "cells": len(cells)}, "warnings": [],
    }
    result.update(more)
    return result


def cell(number, params, size_bytes, nr_workers=1):
    """A cell's row."""
    return {"cell": number, "params": params, "size_bytes": size_bytes, "nr_workers": nr_workers}


def repetition(number, turn, sequence, outcome="ok", metrics=None, steps=(), **more):
    """A repetition's row."""
    row = {"cell": number, "round": turn, "sequence": sequence,
           "started_ns": START_NS + sequence * 40_000_000, "elapsed_ns": 812345,
           "outcome": outcome, "step": None if outcome == "ok" else "map", "detail": "",
           "expected": None, "as_expected": True, "effective": {}, "start_skew_ns": 0,
           "window_ns": 0, "iterations": 1, "metrics": metrics or {}, "steps": list(steps),
           "warnings": []}
    row.update(more)
    return row


def rounds(cells, count, seed, make):
    """Repetitions of all cells in seeded random order; make(cell, round, sequence, random)."""
    source, sequence, rows = random.Random(seed), 0, []
    for turn in range(count):
        order = list(cells)
        source.shuffle(order)
        for one in order:
            rows.append(make(one, turn, sequence, source))
            sequence += 1
    return rows


def _events(source, typical, count=4000):
    values = [int(source.lognormvariate(math.log(typical), 0.25)) for _ in range(count)]
    values += [int(typical * 40 * source.uniform(1, 3)) for _ in range(max(count // 300, 1))]
    return histogram(values)


def _step(name, elapsed, events=None, pages=1):
    return {"step": name, "executions": 1, "elapsed_ns": elapsed, "touches": pages, "pages": pages,
            "bytes": pages * PAGE, "calls": 0, "faults": pages,
            "worker_ns": {"min": 1.0, "median": 1.0, "max": 1.0}, "times": histogram([elapsed]),
            "events": events}


def measured(one, turn, sequence, source, typical=260.0, threads=1, events=True):
    """An ok repetition with all metrics; costs grow with size the way page faults do."""
    pages = min(max(one["size_bytes"] // PAGE, 1), 16384)
    size = math.log2(max(one["size_bytes"], PAGE)) - 12
    drift = 1 + 0.03 * math.sin(sequence / 60)
    page_ns = typical * (1 + 0.03 * size) * drift * source.lognormvariate(0, 0.03)
    contention = 1 + 0.06 * (threads - 1)
    total = int(page_ns * pages * contention)
    metrics = {"map.time": 1500 * source.lognormvariate(0, 0.1), "touch.time": total,
               "touch.time_per_page": page_ns * contention,
               "touch.rate": 1e9 * threads / (page_ns * contention),
               "unmap.time": (900 + pages * 35) * source.lognormvariate(0, 0.08)}
    histogram_ = _events(source, page_ns * contention, 1500) if events else None
    steps = [_step("map", int(metrics["map.time"])), _step("touch", total, histogram_, pages),
             _step("unmap", int(metrics["unmap.time"]))]
    return repetition(one["cell"], turn, sequence, "ok", metrics, steps)


def refused(one, turn, sequence, outcome="ENOMEM", **more):
    """A refused repetition: its mmap took time too, and nothing else was measured."""
    metrics = dict.fromkeys([m["name"] for m in METRICS])
    metrics["map.time"] = 2150.5
    return repetition(one["cell"], turn, sequence, outcome, metrics, (),
                      detail="mmap: Cannot allocate memory", **more)


def granted(mode, flags, size):
    """What the kernel's rules say of a private writable mapping on the example host."""
    if mode == "never":
        return size < RAM // 2 + SWAP
    if "noreserve" in flags or mode == "always":
        return size < 86 * TiB
    return size <= RAM + SWAP


def overcommit(count=6, sizes=None, modes=("heuristic", "always", "never"),
               flags=("private anonymous", "private anonymous noreserve"), seed=1):
    """The question that overmap grew out of, answered."""
    sizes = sizes or [share(50), share(100), share(100, 1), share(400), ("1TiB", TiB),
                      ("64TiB", 64 * TiB)]
    cells = [cell(i, {"overcommit": m, "flags": f, "size": s[0]}, s[1])
             for i, (m, f, s) in enumerate(itertools.product(modes, flags, sizes))]

    def make(one, turn, sequence, source):
        params = one["params"]
        if granted(params["overcommit"], params["flags"], one["size_bytes"]):
            row = measured(one, turn, sequence, source, events=False)
            row.update(expected="ok")
            return row
        return refused(one, turn, sequence, expected="ENOMEM at map")

    axes = (("overcommit", modes), ("flags", flags), ("size", sizes))
    varies = [name for name, values in axes if len(values) > 1]
    return document(cells, rounds(cells, count, seed, make), varies)


def matrix(axes, count=12, seed=2, make=None, **more):
    """Any axes {name: values}; "size" in bytes, the others as text; "threads" sets the workers."""
    cells = []
    for number, values in enumerate(itertools.product(*axes.values())):
        params = dict(zip(axes, values))
        size = params.get("size", 64 * MiB)
        if "size" in params:
            params["size"] = words(size)
        cells.append(cell(number, {k: str(v) for k, v in params.items()}, size,
                          int(params.get("threads", 1))))

    def usual(one, turn, sequence, source):
        kind = one["params"]
        typical = 260.0 * (1 + 0.35 * (hash_of(kind) % 5))
        return measured(one, turn, sequence, source, typical, one["nr_workers"])

    varies = [name for name, values in axes.items() if len(values) > 1]
    return document(cells, rounds(cells, count, seed, make or usual), varies, **more)


def hash_of(params):
    """A small number from a cell's words, the same in every process."""
    return sum(ord(c) for k, v in params.items() if k not in ("size", "threads") for c in v)


def comparison(count=8, seed=3, **more):
    """What `overmap compare --format json` gives."""
    source, rows = random.Random(seed), []
    for number in range(count):
        ratio = source.lognormvariate(0, 0.03)
        half = source.uniform(0.002, 0.02)
        low, high = ratio * (1 - half), ratio * (1 + half)
        verdict = "slower" if low > 1.01 else "faster" if high < 0.99 else \
            "equivalent" if low > 0.99 and high < 1.01 else "inconclusive"
        rows.append({"cell": f"overcommit never · size {1 << number % 12} MiB · {number} threads",
                     "metric": "touch.time_per_page", "ratio": ratio, "low": low, "high": high,
                     "verdict": verdict})
    return dict({"comparisons": rows, "margin": 0.01, "baseline": "heuristic"}, **more)


def ceilings():
    """A result of a ceiling search."""
    limit = RAM // 2 + SWAP
    rows = [("heuristic · private anonymous", RAM + SWAP, RAM + SWAP, "RAM + swap"),
            ("heuristic · noreserve", 86 * TiB, 86 * TiB, "largest hole"),
            ("always · private anonymous", 86 * TiB, 86 * TiB, "largest hole"),
            ("never · private anonymous", limit - 190 * MiB, limit - 188 * MiB, "commit limit"),
            ("never · noreserve", limit - 190 * MiB, limit - 188 * MiB, "commit limit"),
            ("heuristic · RLIMIT_AS 1 GiB", GiB - 2 * MiB, GiB - 2 * MiB, "RLIMIT_AS"),
            ("hugetlb 2MiB, empty pool", 0, 0, "pool")]
    found = [{"label": a, "bytes": b, "predicted_bytes": c, "rule": d} for a, b, c, d in rows]
    return document([], [], [], ceilings=found)


def cumulative(count=200, chunk=GiB // 4):
    """A run that mapped until it was refused, touching a quarter of each chunk."""
    rows = []
    for number in range(count):
        total = (number + 1) * chunk
        resident = min(total // 4, 11 * GiB)
        rows.append({"granted_bytes": total, "committed_bytes": total + 400 * MiB,
                     "page_table_bytes": resident // 512 + 60 * KiB, "resident_bytes": resident})
    return document([], [], [], cumulative=rows)
