# SPDX-License-Identifier: MIT
"""Read what can be drawn: a result, an unfinished run's journal, ceilings, or a comparison.

Nothing is trusted: whatever a chart relies on is checked here, so that a cut or foreign file ends
in a sentence that names it and never in a traceback.
"""
import json
import math
import os
import stat

from .error import PlotError

SCHEMA = 1
BYTES_MAX = 1 << 30
# What `overmap ceiling --json` leaves out: it is no run of a scenario.
_BARE = {"complete": True, "axes": [], "metrics": [], "cells": [], "repetitions": []}
_KINDS = {dict: "an object", list: "a list", str: "a text", int: "a whole number",
          float: "a number", bool: "true or false"}


def load(path):
    """The document as {"kind": "result" | "comparison", …}, checked; PlotError otherwise."""
    text = _read(path)
    if not text.strip():
        raise PlotError(f"{path}: the file is empty")
    journal = _journal(path, text)
    document = journal if journal is not None else _parse(path, text)
    if not isinstance(document, dict):
        raise PlotError(f"{path}: not a result of overmap (it holds {_kind(document)})")
    return _check(path, document)


def _read(path):
    try:
        with open(path, "rb") as file:
            size, mode = os.fstat(file.fileno()).st_size, os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
                raise PlotError(f"{path}: not a file")
            if size > BYTES_MAX:
                raise PlotError(f"{path}: {size} bytes are more than a result has (1 GiB)")
            return file.read().decode("utf-8")
    except FileNotFoundError:
        journal = path + ".journal"
        if path.endswith(".journal") or not os.path.exists(journal):
            raise PlotError(f"{path}: cannot be read: No such file or directory") from None
        return _read(journal)  # as 'overmap show' does for a run that was cut short
    except UnicodeDecodeError:
        raise PlotError(f"{path}: not a result of overmap (not UTF-8 text)") from None
    except OSError as e:
        raise PlotError(f"{path}: cannot be read: {e.strerror}") from None


def _no_constant(name):
    raise ValueError(f"{name} is not JSON")


def _decode(text):
    return json.loads(text, parse_constant=_no_constant)


def _parse(path, text):
    try:
        return _decode(text)
    except json.JSONDecodeError as e:
        what = "cut short" if e.pos >= len(text.rstrip()) or e.msg.startswith("Unterminated") \
            else "not JSON"
        raise PlotError(f"{path}:{e.lineno}:{e.colno}: {what}: {e.msg}") from None
    except (ValueError, RecursionError) as e:
        reason = "nested too deeply" if isinstance(e, RecursionError) else e
        raise PlotError(f"{path}: not a result of overmap: {reason}") from None


def _journal(path, text):
    """The document that a journal's lines come to; None where the file is none."""
    lines = text.split("\n")
    try:
        header = _decode(lines[0])
    except (ValueError, RecursionError):
        return None
    if isinstance(header, dict) and isinstance(header.get("header"), dict):
        header = header["header"]
    elif not isinstance(header, dict) or header.get("overmap") != "journal":
        return None
    if header.get("overmap") not in ("result", "journal"):
        return None
    document = dict(header, overmap="result", complete=False, cells=[], repetitions=[])
    for number, line in enumerate(lines[1:], 2):
        if line.strip():
            _journal_line(path, document, number, line, last=number >= len(lines))
    return document


def _journal_line(path, document, number, line, last):
    """Take one line; the last one, without its newline, may be cut by the end of the run."""
    try:
        entry = _decode(line)
    except (ValueError, RecursionError):
        if last:
            return
        raise PlotError(f"{path}:{number}: this line of the journal is damaged") from None
    for name, kind in (("cells", "cell"), ("repetitions", "repetition"), ("ceilings", "ceiling")):
        if isinstance(entry, dict) and isinstance(entry.get(kind), dict):
            document.setdefault(name, []).append(entry[kind])
            return
    if isinstance(entry, dict) and isinstance(entry.get("cumulative"), list):
        document.setdefault("cumulative", []).extend(entry["cumulative"])
        return
    if isinstance(entry, dict) and "cell" in entry and "params" in entry:
        document["cells"].append(entry)
    elif isinstance(entry, dict) and "cell" in entry and "round" in entry:
        document["repetitions"].append(entry)


def _kind(value):
    if value is None:
        return "null"
    return next((name for kind, name in _KINDS.items() if type(value) is kind), "something else")


def _check(path, document):
    if "comparisons" in document:
        _check_schema(path, document)
        _check_comparison(path, document)
        return dict(document, kind="comparison")
    if document.get("overmap") in ("ceilings", "cumulative"):
        document = {**_BARE, **document}
    elif document.get("overmap") != "result":
        raise PlotError(f'{path}: not a result of overmap (it has no "overmap": "result")')
    _check_schema(path, document)
    _check_result(path, document)
    return dict(document, kind="result")


def _check_schema(path, document):
    schema = document.get("schema", SCHEMA)
    if type(schema) is not int or schema < 1:
        raise PlotError(f'{path}: "schema" is no schema number')
    if schema > SCHEMA:
        raise PlotError(f"{path}: written with schema {schema}, and this scripts/plot reads up to "
                        f"{SCHEMA}: take the scripts/plot of the overmap that wrote it")


class _Checker:
    """Looks members up and raises one sentence with the place where something else stands."""

    def __init__(self, path):
        self.path = path

    def fail(self, where, value, wanted):
        raise PlotError(f"{self.path}: {where} is {_kind(value)}, not {wanted}")

    def member(self, thing, key, kind, where, initial=None):
        """thing[key] if it has the kind; initial where it is absent or null (None: required)."""
        value = thing.get(key)
        if value is None:
            if initial is None:
                raise PlotError(f'{self.path}: {where} has no "{key}"')
            return initial
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.fail(f"{where}.{key}".lstrip("."), value, _KINDS[kind])
        return value

    def objects(self, thing, key, where="the document", required=True):
        """A list of objects, each with its place in words."""
        found = self.member(thing, key, list, where, None if required else [])
        for number, entry in enumerate(found):
            if not isinstance(entry, dict):
                self.fail(f"{key}[{number}]", entry, "an object")
            yield f"{key}[{number}]", entry

    def number(self, thing, key, where, required=False):
        """A finite number, or null where it is not required."""
        value = thing.get(key)
        if value is None and not required:
            return
        if not isinstance(value, (int, float)) or isinstance(value, bool) \
                or not _finite(value):
            self.fail(f"{where}.{key}", value, "a number")
        if value and not 1e-30 < abs(value) < 1e30:
            raise PlotError(f"{self.path}: {where}.{key} is {value:g}: no chart can show that")

    def amount(self, thing, key, where, required=False):
        """As number(), and not below 0."""
        self.number(thing, key, where, required)
        if (thing.get(key) or 0) < 0:
            raise PlotError(f"{self.path}: {where}.{key} is below 0")


def _finite(value):
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _check_result(path, document):
    check = _Checker(path)
    for key in ("scenario", "run", "host", "tool", "summary"):
        check.member(document, key, dict, "the document", {})
    check.member(document["scenario"] if document.get("scenario") else {}, "charts", list,
                 "scenario", [])
    cpu = check.member(document.get("host") or {}, "cpu", dict, "host", {})
    check.amount(cpu, "online", "host.cpu")
    for where, axis in check.objects(document, "axes"):
        check.member(axis, "name", str, where)
    for where, metric in check.objects(document, "metrics"):
        for key in ("name", "unit"):
            check.member(metric, key, str, where)
        for key in ("step", "better"):
            check.member(metric, key, str, where, "")
    for where, step in check.objects(document, "steps", required=False):
        for key in ("name", "op"):
            check.member(step, key, str, where)
        check.member(step, "args", dict, where)
    check.amount(document.get("run") or {}, "event_stamp_cost_ns", "run")
    _check_cells(check, document)
    numbers = {cell["cell"] for cell in document["cells"]}
    for where, repetition in check.objects(document, "repetitions"):
        _check_repetition(check, where, repetition, numbers)
    for where, ceiling in check.objects(document, "ceilings", required=False):
        check.member(ceiling, "label", str, where)
        check.member(ceiling, "cell", int, where, 0)
        for key in ("bytes", "predicted_bytes"):
            check.amount(ceiling, key, where)
    for where, step in check.objects(document, "cumulative", required=False):
        for key in ("granted_bytes", "committed_bytes", "page_table_bytes", "resident_bytes"):
            check.amount(step, key, where, required=key == "granted_bytes")
        check.member(step, "cell", int, where, 0)
        check.member(step, "label", str, where, "")


def _check_cells(check, document):
    for where, cell in check.objects(document, "cells"):
        check.member(cell, "cell", int, where)
        params = check.member(cell, "params", dict, where)
        for axis, value in params.items():
            if not isinstance(value, str):
                check.fail(f"{where}.params.{axis}", value, "a text")
        for key in ("size_bytes", "nr_workers"):
            check.amount(cell, key, where)


def _check_repetition(check, where, repetition, numbers):
    if check.member(repetition, "cell", int, where) not in numbers:
        raise PlotError(f'{check.path}: {where}: there is no cell {repetition["cell"]}')
    check.member(repetition, "outcome", str, where)
    metrics = check.member(repetition, "metrics", dict, where, {})
    for name in metrics:
        check.number(metrics, name, f"{where}.metrics")
    for key in ("sequence", "round", "started_ns", "elapsed_ns"):
        check.number(repetition, key, where)
    for at, step in check.objects(repetition, "steps", where, required=False):
        check.member(step, "step", str, f"{where}.{at}")
        check.amount(step, "stamp_share", f"{where}.{at}")
        for key in ("times", "events"):
            _check_histogram(check, f"{where}.{at}.{key}", step.get(key))


def _check_histogram(check, where, stored):
    if stored is None:
        return
    if not isinstance(stored, dict):
        check.fail(where, stored, "a histogram")
    buckets = check.member(stored, "buckets", list, where, [])
    whole = all(type(stored.get(key, 0)) is int for key in ("n", "min", "max", "sub_bits"))
    pairs = all(isinstance(pair, list) and len(pair) == 2
                and all(type(x) is int and x >= 0 for x in pair) and pair[0] < 1 << 16
                for pair in buckets)
    if not whole or not pairs or not 0 <= stored.get("sub_bits", 7) <= 16:
        raise PlotError(f"{check.path}: {where} is not a histogram")
    if sum(count for _, count in buckets) != stored.get("n", 0):
        raise PlotError(f"{check.path}: {where}: its buckets do not add up to n")
    if stored.get("n") and not 0 <= stored.get("min", -1) <= stored.get("max", -1):
        raise PlotError(f"{check.path}: {where}: its min and max are missing or swapped")


def _check_comparison(path, document):
    check = _Checker(path)
    check.number(document, "margin", "the document")
    for where, row in check.objects(document, "comparisons"):
        check.member(row, "cell", str, where)
        for key in ("ratio", "low", "high"):
            check.number(row, key, where)
            if row.get(key) is not None and row[key] <= 0:
                raise PlotError(f"{path}: {where}.{key} is not above 0")
