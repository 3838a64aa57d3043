# SPDX-License-Identifier: MIT
"""What a step is called to a reader: "second touch (read, random)" says more than "touch-2"."""
from .text import clean

STAMP_SHARE_NOTED = 0.5  # as overmap show
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
             "tenth")


def titles(rows):
    """{name: title} of a result's steps; those whose operation stands once keep their name."""
    named = {}
    for row in rows:
        same = [r for r in rows if r["op"] == row["op"]]
        named[row["name"]] = clean(row["name"]) if len(same) < 2 else _title(row, same)
    return named


def _title(row, same):
    """Which one of the same operation, and the arguments that tell them apart."""
    number = next(n for n, r in enumerate(same) if r is row)
    apart = [_argument(name, value) for name, value in row["args"].items()
             if any(r["args"].get(name) != value for r in same)]
    which = _ORDINALS[number] if number < len(_ORDINALS) else f"{number + 1}th"
    return f"{which} {clean(row['op'])}" + (f" ({', '.join(apart)})" if apart else "")


def _argument(name, value):
    """A word speaks for itself, an amount does not."""
    value = clean(value)
    return f"{clean(name)} {value}" if any(c.isdigit() for c in value) else value


def stamps(result, step):
    """A sentence where most of an event of the step is its time stamp; else nothing."""
    cost, shares = result.run.get("event_stamp_cost_ns"), []
    for repetition in (r for c in result.cells for r in c.measured()):
        shares += [s.get("stamp_share") or 0 for s in repetition.get("steps") or []
                   if s["step"] == step]
    mostly = [share for share in shares if share >= STAMP_SHARE_NOTED]
    if not cost or not mostly:
        return ""
    event = cost * len(mostly) / sum(mostly)
    return (f"Mostly the time stamp: an event takes {event:.3g} ns, of which the stamp {cost:.3g} ns, in "
            f"{len(mostly)} of {len(shares)} repetitions. For its cost measure without events.")
