# SPDX-License-Identifier: MIT
"""The picture of overcommitting: what was promised, what is committed, what is really there."""
from .. import axis, palette, text, units, words
from ..error import Nothing
from ..page import MARGIN, TIC, Page, y_room
from .ceiling import limits

NAME, KIND, TIMED = "cumulative", "result", False
HELP = "granted total, Committed_AS, resident and page-table bytes while chunks are mapped"
KEYS = (("granted_bytes", "granted", palette.SKY),
        ("committed_bytes", "Committed_AS (whole system)", palette.VERMILLION),
        ("resident_bytes", "resident", palette.GREEN))
TABLES = ("page_table_bytes", "page tables", palette.PURPLE)


def suits(result):
    """Chunks were mapped until one was refused."""
    return any(len(steps) > 1 for _, steps in _groups(result))


def pages(result):
    """A page a cell: the large amounts above, the page tables beneath on their own scale."""
    groups = [(label, steps) for label, steps in _groups(result) if len(steps) > 1]
    if not groups:
        raise Nothing("the result has no cumulative steps to draw")
    return [_page(result, label if len(groups) > 1 else "", steps) for label, steps in groups]


def _page(result, label, steps):
    page = Page(NAME, "Promised, committed and resident memory while chunk after chunk is mapped",
                timed=TIMED)
    page.heading([" · ".join(filter(None, [text.clean(label), words.summary(result)]))])
    shown = [key for key in KEYS if _line(steps, key[0])]
    tables = bool(_line(steps, TABLES[0]))
    top = max(v for key in shown for _, v in _line(steps, key[0]))
    low = [limit for limit in limits(result) if limit[1] < top * 0.03]
    lines = [limit for limit in limits(result) if top * 0.03 <= limit[1] <= top * 1.02]
    page.legend([("plain", colour, name) for _, name, colour in shown + [TABLES] * tables])
    bottom = _panels(page, steps, shown, tables, lines)
    end = units.format_bytes(steps[-1]["granted_bytes"])
    remark = f"{end} were granted in all, at {len(steps)} points looked at."
    if lines:
        remark += f" Dashed: {', '.join(map(_limit_name, lines))}."
    if low:
        remark += f" Too low to draw here: {', '.join(map(_limit_name, low))}."
    return page.finish(bottom, result, [remark])


def _limit_name(limit):
    return f"{limit[0]} {units.format_bytes(limit[1])}"


def _groups(result):
    """[(label, steps)] by cell, in the order of the cells."""
    groups = {}
    for step in result.document.get("cumulative") or []:
        groups.setdefault((step.get("cell", 0), step.get("label", "")), []).append(step)
    return [(label, steps) for (_, label), steps in sorted(groups.items(), key=lambda g: g[0])]


def _line(steps, key):
    """(granted total, bytes) wherever the amount is known."""
    return [(s["granted_bytes"], s[key]) for s in steps if s.get(key) is not None]


def _panels(page, steps, shown, tables, lines):
    x = axis.linear_bytes(steps[-1]["granted_bytes"], count=7)
    y = axis.linear_bytes(max(v for key in shown for _, v in _line(steps, key[0])))
    small = axis.linear_bytes(max([v for _, v in _line(steps, TABLES[0])] or [1]), count=3)
    room = max(y_room(y), y_room(small))
    width = page.width - MARGIN - room
    large = page.panel((room, page.top + 42, width, 340), x, y, _series(steps, shown))
    _limit_lines(page, large, lines)
    page.y_title(large, "memory")
    last = large
    if tables:
        place = (room, large.top + large.height + 74, width, 110)
        last = page.panel(place, x, small, _series(steps, [TABLES]))
        page.y_title(last, "page tables")
    page.x_title(last, "mapped in all")
    return last.top + last.height + 46


def _series(steps, keys):
    return [{"colour": colour, "points": _line(steps, key),
             "width": 6 if key == "granted_bytes" else 2.2} for key, _, colour in keys]


def _limit_lines(page, panel, lines):
    """RAM and its like as dashed lines, named at an end where the name covers nothing."""
    taken = [(panel.px(x), panel.py(y)) for one in panel.series for x, y in one["points"]]
    for limit in sorted(lines, key=lambda item: item[1]):
        at, name = panel.py(limit[1]), _limit_name(limit)
        page.line(panel.left, at, panel.left + panel.width, at, palette.SOFT, 1.2, "dashed")
        length = text.width(name, TIC)
        for left in (panel.left + 8, panel.left + panel.width - 8 - length):
            box = (left, left + length, at - 19, at - 1)
            if box[2] > panel.top and not any(_inside(p, box) for p in taken):
                page.text(left, at - 10, name, colour=palette.SOFT)
                taken += [(left + length * i / 8, at - 10) for i in range(9)]
                break


def _inside(point, box):
    return box[0] - 8 <= point[0] <= box[1] + 8 and box[2] - 6 <= point[1] <= box[3] + 6
