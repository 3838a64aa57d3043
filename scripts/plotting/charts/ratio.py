# SPDX-License-Identifier: MIT
"""A comparison: how many times the baseline each cell costs, with its interval and the margin."""
from .. import axis, palette, rows, text, units
from ..error import Nothing
from ..page import TIC, Page

NAME, KIND, TIMED = "ratio", "comparison", False
HELP = "ratio to the baseline with its interval, margin shaded (from overmap compare)"


def suits(_result):
    """The one chart of a comparison."""
    return True


def pages(result):
    """As many pages as the rows take."""
    found = [r for r in result.document["comparisons"] if r.get("ratio") is not None]
    if not found:
        raise Nothing("the comparison has no ratio")
    x = _axis(result, found)
    groups = rows.blocks(found, result.everything)
    return [_page(result, group, found, x, rows.which(groups, number, len(found)))
            for number, group in enumerate(groups, 1)]


def _margin(result):
    return min(abs(result.document.get("margin") or 0), 0.99)


def _axis(result, found):
    """A log axis that has 1 and the margin in it: twice and half are equally far."""
    edges = [v for r in found for v in (r["ratio"], r.get("low"), r.get("high")) if v is not None]
    margin = _margin(result)
    low, high = min(edges + [1 - margin, 0.99]), max(edges + [1 + margin, 1.01])
    x = axis.log_decimal(low, high, lambda v: f"{units.digits(v)} ×")
    if high / low < 1.5:
        x.low, x.high = low / (high / low) ** 0.08, high * (high / low) ** 0.08
        x.tics = [(v, _percent(v) if abs(v - 1) > 1e-9 else "equal")
                  for v, _ in axis.linear(x.low, x.high, str, count=8).tics
                  if x.low <= v <= x.high]
    return x


def _percent(ratio):
    return f"{(ratio - 1) * 100:+.3g} %".replace("-", "\N{MINUS SIGN}")


def _page(result, group, found, x, which):
    metrics = list(dict.fromkeys(str(r.get("metric") or "") for r in found))
    baseline = text.clean(result.document.get("baseline") or "the baseline")
    one = f"{metrics[0]}: " if len(metrics) == 1 and metrics[0] else ""
    page = Page(NAME, f"{one}ratio to {baseline}")
    page.heading()
    verdicts = list(dict.fromkeys(str(r.get("verdict") or "no verdict") for r in group))
    entries = [("dot", palette.VERDICTS.get(v, palette.FAINT), v) for v in verdicts]
    margin = _margin(result)
    if margin:
        entries.append(("band", palette.BLUE, f"margin ±{units.digits(margin * 100)} %"))
    page.legend(entries)
    labels = [str(r["cell"]) if one or not r.get("metric") else f"{r['metric']} · {r['cell']}"
              for r in group]
    ends = [f"{units.digits(r['ratio'], 4)} ×" for r in group]
    panel = rows.panel(page, labels, x, right=max(text.width(e, TIC) for e in ends) + 14)
    _decorate(page, panel, margin, ends)
    panel.series = [_dots(group, verdict) for verdict in verdicts]
    bottom = rows.x_title(page, panel, f"ratio to {baseline}", _direction(result, found))
    return page.finish(bottom, result, [" ".join(filter(None, (_remark(group), which)))])


def _direction(result, found):
    better = {r.get("better", result.document.get("better")) for r in found}
    if better == {"lower"}:
        return "left is better"
    if better == {"higher"}:
        return "right is better"
    return "colour says which way is better"


def _remark(group):
    if any(r.get("low") is not None for r in group):
        return "Dot: estimated ratio; line: its interval, as the comparison states it."
    return "Dot: estimated ratio; the comparison states no interval."


def _decorate(page, panel, margin, ends):
    """The margin as a band, the line of no difference, the ratios in figures."""
    bottom = panel.top + panel.height
    if margin:
        page.box(panel.px(1 / (1 + margin)), panel.top, panel.px(1 + margin), bottom, palette.BLUE, 0.13)
    page.line(panel.px(1), panel.top, panel.px(1), bottom, palette.SOFT, 1.4)
    for number, name in enumerate(ends):
        page.text(page.width - 28, panel.py(-number), name, TIC, palette.SOFT, "right")


def _dots(group, verdict):
    """Dots and intervals of the rows with one verdict."""
    mine = [(r, -row) for row, r in enumerate(group)
            if str(r.get("verdict") or "no verdict") == verdict]
    return {"colour": palette.VERDICTS.get(verdict, palette.FAINT),
            "dots": [(r["ratio"], y) for r, y in mine],
            "spans": [(r["ratio"], y, r["low"], r["high"]) for r, y in mine
                      if r.get("low") is not None and r.get("high") is not None]}
