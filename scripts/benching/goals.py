# SPDX-License-Identifier: MIT
"""Figures beside their goals, and at the end how many were met."""
import statistics

VERDICTS = {"met": [], "NOT MET": [], "not decided": []}


def at_most(what, value, unit, goal):
    verdict = "met" if value <= goal else "NOT MET"
    VERDICTS[verdict].append(what)
    print(f"{what:<44} {value:9.2f} {unit:<4} goal: at most {goal:g} {unit} ({verdict})", flush=True)


def at_least(what, ratios, goal):
    """The median of the rounds. Seven lie on both sides of what they scatter about in all but 1 of 64
    cases (the sign test's interval): a goal that is missed, but within their range, is not decided."""
    ratio, low, high = statistics.median(ratios), min(ratios), max(ratios)
    verdict = "met" if ratio >= goal else "NOT MET" if high < goal else "not decided"
    VERDICTS[verdict].append(what)
    print(f"{what:<44} {ratio:9.2f} x    goal: at least {goal:g} ({verdict}; {low:.2f} to {high:.2f})",
          flush=True)


def sum_up():
    met, *others = VERDICTS
    print(f"\n{len(VERDICTS[met])} of {sum(map(len, VERDICTS.values()))} goals met")
    for verdict in others:
        for what in VERDICTS[verdict]:
            print(f"  {verdict}: {what}")
