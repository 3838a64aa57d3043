# SPDX-License-Identifier: MIT
"""The harness against itself: what a repetition costs beside its own work, how big the supervisor
gets, how long a plan of a million cells and a comparison of a million values take, and what it costs
to time each event and to record a value."""
import json
import math
import random
import statistics
from pathlib import Path

from benching.goals import at_most
from benching.programs import PROGRAM, first_repetition, measure, output

KIB_PER_MIB = 1024
CELLS, REPETITIONS = 1000, 5
COMPARED_CELLS = 100
ROUNDS = 5


def many_cells(path):
    """CELLS sizes, mapped and unmapped."""
    sizes = ", ".join(f"{64 * n}KiB" for n in range(1, CELLS + 1))
    path.write_text(f"""\
scenario: many-cells
summary: What a repetition costs beside its own work.
matrix:
  size: [{sizes}]
  flags: [private anonymous]
steps:
  - map
  - unmap
repetitions: {{min: {REPETITIONS}}}
""")


def a_million_cells(path):
    """1000 sizes x 5 flags x 10 threads x 2 workers x 2 layouts x 5 placements."""
    sizes = ", ".join(f"{64 * n}KiB" for n in range(1, 1001))
    path.write_text(f"""\
scenario: a-million-cells
summary: A matrix that must never be built in memory.
matrix:
  size: [{sizes}]
  flags: [private anonymous, private anonymous noreserve, private anonymous populate,
          shared anonymous, shared anonymous noreserve]
  threads: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
  workers: [threads, processes]
  layout: [shared, per-worker]
  placement: [none, compact, scatter, core, node]
steps:
  - map
  - unmap
""")


def a_million_values(folder):
    """The result of a real run of one cell, its repetitions told again until two of them have a
    million values together, in CELLS cells."""
    scenario, one = Path(folder) / "one.yaml", Path(folder) / "one.json"
    scenario.write_text("scenario: bench\nmatrix: {size: [64KiB, 128KiB]}\nsteps: [map, touch, unmap]\n"
                        "repetitions: 20\n")
    measure([PROGRAM, "run", "-q", scenario, "-o", one])
    document = json.loads(one.read_text())
    told, cell, noise = document["repetitions"], document["cells"][0], random.Random(1)
    rounds = math.ceil(1e6 / 2 / len(told[0]["metrics"]) / COMPARED_CELLS)
    sizes = [f"{n + 1}MiB" for n in range(COMPARED_CELLS)]
    document["cells"] = [{**cell, "cell": n, "params": {**cell["params"], "size": size}}
                         for n, size in enumerate(sizes)]
    paths = []
    for name in ("a", "b"):
        document["repetitions"] = [
            {**told[noise.randrange(len(told))], "cell": cell, "round": k,
             "sequence": k * COMPARED_CELLS + cell,
             "metrics": {m: v and v * noise.uniform(.97, 1.03)
                         for m, v in told[noise.randrange(len(told))]["metrics"].items()}}
            for k in range(rounds) for cell in range(COMPARED_CELLS)]
        paths.append(Path(folder) / f"{name}.json")
        paths[-1].write_text(json.dumps(document))
    return paths


def touch_resident(folder, events):
    """ns of a touch of memory that is there, and of an event's time stamp."""
    repetition, run = first_repetition(folder, f"""\
matrix: {{size: 1MiB}}
setup: [map, touch]
steps: [touch: {{stride: 64B}}]
measure: {{for: 200ms{events}}}
repetitions: {{min: 1}}
""")
    metrics = repetition["metrics"]
    # The timed one is the second of its name.
    time_ns = next(metrics[name] for name in metrics if name.endswith(".time_per_touch"))
    return time_ns, run["event_stamp_cost_ns"]


def each_event(folder):
    """What it costs to time each event, over the loop timed as a whole; with and without in turns."""
    cost, stamp = [], []
    for _ in range(ROUNDS):
        whole, _ = touch_resident(folder, "")
        each, a_stamp = touch_resident(folder, ", events: each")
        cost.append(each - whole)
        stamp.append(a_stamp)
    at_most("timing an event, over whole-loop timing", statistics.median(cost), "ns", 30)
    print(f"  of which the time stamp {statistics.median(stamp):.2f} ns", flush=True)


def recording():
    """hist_record() alone, by a program of its own that the Makefile builds beside this one."""
    program = Path(PROGRAM).parent / "tests/stats/bench_hist"
    if not program.exists():
        print(f"recording a value: no {program} (make bench builds it)")
        return
    at_most("recording a value", float(output([program])), "ns", 2)


def measure_all(folder):
    scenario = Path(folder) / "scenario.yaml"
    many_cells(scenario)
    seconds, peak = measure([PROGRAM, "run", "-q", scenario, "-o", f"{folder}/result.json"])
    at_most(f"a repetition ({CELLS} cells x {REPETITIONS})",
            seconds * 1000 / (CELLS * REPETITIONS), "ms", 3)
    at_most("the supervisor's peak memory", peak / KIB_PER_MIB, "MiB", 32)
    a_million_cells(scenario)
    seconds, peak = measure([PROGRAM, "plan", scenario])
    at_most("a plan of 1,000,000 cells", seconds, "s", 1)
    at_most("its peak memory", peak / KIB_PER_MIB, "MiB", 32)
    values = a_million_values(folder)
    for what, metrics in (("the declared metrics", []), ("every metric", ["--all"])):
        seconds, peak = measure([PROGRAM, "compare", *metrics, *values])
        at_most(f"1,000,000 values compared, {what}", seconds, "s", 1)
        at_most("its peak memory", peak / KIB_PER_MIB, "MiB", 256)
    each_event(folder)
    recording()
