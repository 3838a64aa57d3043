# SPDX-License-Identifier: MIT
"""Amounts as people read them: binary units for bytes, steps of 1000 for time and rates."""
import math

_BYTES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_TIMES = (("ns", 1), ("µs", 1e3), ("ms", 1e6), ("s", 1e9))
_STEPS = (("", 1), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12))


def digits(value, places=3):
    """So many significant digits, without an exponent or trailing zeros where that is possible."""
    if value == 0:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    if magnitude >= 15 or magnitude < -9:
        return f"{value:.{places - 1}e}"
    text = f"{value:.{max(places - 1 - magnitude, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_bytes(count, places=3):
    """Binary units, three significant digits: "4 KiB"; rates may have parts of a byte."""
    power = 0
    while power < len(_BYTES) - 1 and abs(count) >= 1024 ** (power + 1):
        power += 1
    scaled = count / 1024**power
    return f"{digits(scaled, max(places, len(str(int(abs(scaled))))))} {_BYTES[power]}"


def _stepped(value, steps):
    """(scaled text's value, unit) with the largest step that is not above the value."""
    chosen = steps[0]
    for step in steps[1:]:
        if abs(value) >= step[1] * 0.9999999:
            chosen = step
    return value / chosen[1], chosen[0]


def format_time(ns, places=3):
    """"812 ns", "1.25 ms"."""
    if abs(ns) < 1 and ns:
        return f"{digits(ns * 1000, places)} ps"
    scaled, unit = _stepped(ns, _TIMES)
    return f"{digits(scaled, places)} {unit}"


def format_count(value, places=3):
    """"1.2 M", "850"."""
    scaled, unit = _stepped(value, _STEPS)
    return f"{digits(scaled, places)} {unit}".rstrip()


def format_value(value, unit, places=3):
    """A metric's value with its unit as results name it: ns, B, 1/s, B/s, 1 or any other."""
    if unit == "ns":
        return format_time(value, places)
    if unit == "B":
        return format_bytes(value, places)
    if unit == "B/s":
        return format_bytes(value, places) + "/s"
    if unit in ("1", ""):
        return format_count(value, places)
    if unit == "1/s":
        scaled, step = _stepped(value, _STEPS)
        return f"{digits(scaled, places)}{' ' + step if step else ''}/s"
    return f"{digits(value, places)} {unit}"
