# SPDX-License-Identifier: MIT
"""The figures of several boots side by side: for each cell and metric the median of every boot, and the
ratio between two kernels. A boot is one figure, however many repetitions it had."""
import json
import statistics
from collections import defaultdict

REPEATS = 0.001              # boots of one kernel that differ by more have not settled


def wanted_metrics(document):
    """Costs of steps: a time each, by page or touch where there is one, else of the whole step."""
    names = [m["name"] for m in document["metrics"]
             if m.get("step") and m["unit"] == "ns" and m["better"] == "lower"]
    divided = {name.split(".")[0] for name in names if ".time_per_" in name}
    return [n for n in names if not (n.endswith(".time") and n.split(".")[0] in divided)]


def cell_names(document):
    """{number: the values of the axes that vary}"""
    axes = [axis["name"] for axis in document["axes"] if axis["varies"]]
    names = {}
    for cell in document["cells"]:
        params = cell["params"]
        names[cell["cell"]] = ", ".join(params[name] for name in axes if name in params) or document["scenario"]["name"]
    return names


def medians(path):
    """{(cell, metric): median} of one result, and {cell: outcome} of those with none."""
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    names, values, failures = cell_names(document), defaultdict(list), {}
    for repetition in document["repetitions"]:
        cell = names[repetition["cell"]]
        if repetition["outcome"] not in ("ok", "degraded"):
            failures[cell] = repetition["outcome"] + (f" at {repetition['step']}" if repetition.get("step") else "")
            continue
        for metric in wanted_metrics(document):
            value = (repetition.get("metrics") or {}).get(metric)
            if value is not None:
                values[cell, metric].append(value)
    order = {name: number for number, name in sorted(names.items())}
    keys = sorted(values, key=lambda key: (order[key[0]], wanted_metrics(document).index(key[1])))
    return {key: statistics.median(values[key]) for key in keys}, failures


class Row:
    def __init__(self, cell, metric, boots, settled):
        """boots: {kernel: [a median for each boot]}; settled: every boot said so."""
        self.cell, self.metric, self.boots = cell, metric, boots
        self.medians = {kernel: statistics.median(values) for kernel, values in boots.items()}
        self.spreads = {kernel: (max(v) - min(v)) / self.medians[kernel] if self.medians[kernel] else 0.0
                        for kernel, v in boots.items()}
        self.settled = settled and all(spread <= REPEATS for spread in self.spreads.values())


def table(results, kernels, settled):
    """results: {kernel: [paths]} → ([Row], [sentences])."""
    figures, sentences = {kernel: [] for kernel in kernels}, []
    for kernel in kernels:
        for path in results[kernel]:
            values, failures = medians(path)
            figures[kernel].append(values)
            sentences += [f"{kernel}: {cell}: {what}" for cell, what in failures.items()]
    rows = []
    for key in figures[kernels[0]][0] if figures[kernels[0]] else []:
        boots = {kernel: [boot[key] for boot in figures[kernel] if key in boot] for kernel in kernels}
        if all(boots.values()):
            rows.append(Row(*key, boots, settled))
        else:
            sentences.append(f"{key[0]}: {key[1]}: not measured under every kernel")
    return rows, list(dict.fromkeys(sentences))


def figure(value):
    """Six digits, grouped: what repeats to a thousandth shall be seen to."""
    return f"{value:,.2f}" if value < 1000 else f"{value:,.0f}"


def print_table(rows, kernels, unit):
    """Text in columns: the medians of the boots, their spread, and the ratio to the first kernel."""
    base, others = kernels[0], kernels[1:]
    head = ["cell", "metric", f"{base} [{unit}]"]
    for kernel in others:
        head += [f"{kernel} [{unit}]", "ratio"]
    head += ["boots differ by", ""]
    lines = [head]
    for row in rows:
        line = [row.cell, row.metric, figure(row.medians[base])]
        for kernel in others:
            ratio = row.medians[kernel] / row.medians[base] if row.medians[base] else float("nan")
            line += [figure(row.medians[kernel]), f"{ratio:.4f}"]
        line += [f"{100 * max(row.spreads.values()):.4f} %", "" if row.settled else "unsettled"]
        lines.append(line)
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    text = ""
    for line in lines:
        cells = [word.ljust(width) if i < 2 else word.rjust(width) for i, (word, width) in enumerate(zip(line, widths))]
        text += "  ".join(cells).rstrip() + "\n"
    return text
