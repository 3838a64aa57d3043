# SPDX-License-Identifier: MIT
"""How much is granted at most, from a page to the whole address space, beside what limits it."""
from .. import axis, palette, rows, text, units, words
from ..error import Nothing
from ..page import TIC, Page

NAME, KIND, TIMED = "ceiling", "result", False
HELP = "largest size that is granted, with RAM, RAM + swap, commit limit and address space as lines"
LOW, HIGH = 1 << 12, 1 << 57


def suits(result):
    """A ceiling was searched for."""
    return bool(result.document.get("ceilings"))


def pages(result):
    """As many pages as the bars take."""
    found = result.document.get("ceilings") or []
    if not found:
        raise Nothing("the result has no ceilings (a scenario finds them with `find: ceiling`)")
    if not any(row.get("bytes") for row in found):
        raise Nothing("nothing at all was granted in any cell")
    ordered = sorted(found, key=lambda row: row.get("cell") or 0)
    return [_page(result, group) for group in rows.blocks(ordered, everything=True)]


def limits(result):
    """[(name, bytes, colour)] of what the host states."""
    ram, swap = host_number(result, "ram_bytes"), host_number(result, "swap_bytes")
    bits = host_number(result, "address_bits")
    found = [("RAM", ram, palette.GREEN),
             ("RAM + swap", ram + swap if ram and swap else None, palette.VERMILLION),
             ("commit limit", host_number(result, "commit_limit_bytes"), palette.PURPLE),
             ("address space", 2**bits if bits and 12 < bits < 65 else None, palette.BLACK)]
    return [limit for limit in found if limit[1]]


def host_number(result, name):
    """A number of the host's, stated directly or one object deeper ("memory": {…})."""
    places = [result.host] + [v for v in result.host.values() if isinstance(v, dict)]
    for place in places:
        value = place.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0:
            return value
    return None


def _page(result, group):
    touched = any(step.get("op") == "resident" for step in result.document.get("steps") or [])
    page = Page(NAME, "How much of a mapping can be touched" if touched else
                "The largest mapping that is granted", timed=TIMED)
    page.heading([words.summary(result)])
    lines = limits(result)
    entries = [("box", palette.SKY, "touched" if touched else "granted")]
    if any(row.get("predicted_bytes") is not None for row in group):
        entries.append(("diamond", palette.INK, "predicted"))
    entries += [("dashed", colour, f"{name} {units.format_bytes(size)}")
                for name, size, colour in lines]
    page.legend(entries)
    ends = [_end(row) for row in group]
    x = axis.Axis(LOW, HIGH, [(2**p, units.format_bytes(2**p)) for p in range(12, 58, 5)], log=True)
    longest = max(text.width(e, TIC) for e in ends)
    panel = rows.panel(page, [row["label"] for row in group], x, right=min(longest, 260) + 8)
    panel.series = [_bar(-number, row) for number, row in enumerate(group)] + \
        [{"limit": [(size, panel.y.low, 0, panel.y.high - panel.y.low)], "colour": colour}
         for _, size, colour in lines if LOW <= size <= HIGH]
    for number, name in enumerate(ends):
        page.text(panel.left + panel.width + 8, panel.py(-number), text.shorten(name, 260, TIC),
                  TIC, palette.INK)
    bottom = rows.x_title(page, panel, "size of the mapping, each step 32 times the last")
    return page.finish(bottom, result, [_remark(group)])


def _remark(group):
    stated = [row for row in group if row.get("predicted_bytes") is not None]
    if not stated:
        return ""
    exact = sum(row["predicted_bytes"] == (row.get("bytes") or 0) for row in stated)
    return f"Predicted by the kernel's rules: exact to the byte in {exact} of {len(stated)}."


def _end(row):
    size = row.get("bytes") or 0
    granted = units.format_bytes(size, 4) if size else "nothing"
    return f"{granted} · {row['rule']}" if row.get("rule") else granted


def _held(size):
    """Within the axis, so that no bar is clipped; nothing below a page is drawn."""
    return min(max(size, LOW), HIGH)


def _bar(y, row):
    size, predicted = row.get("bytes") or 0, row.get("predicted_bytes")
    return {"bar": [(LOW, y, LOW, _held(size), y - 0.32, y + 0.32)] if size > LOW else [],
            "predicted": [] if not predicted else [(_held(predicted), y)]}
