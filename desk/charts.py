"""Geometry of the server-rendered SVG: percentages of the drawing's width, as strings that no locale can change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scoring.ml.points import POINTS_A_UNIT, POINTS_AT_EVEN

NEAR_EDGE = 0.2


@dataclass(frozen=True)
class Bar:
    """A bar from `x` over `width`, both like `12.50%`; `tone` picks its colour: accent, up, down, mute, approve …"""

    x: str
    width: str
    tone: str = "accent"


@dataclass(frozen=True)
class Ruler:
    """The threshold ruler: three bands on the points axis, the case as a dot, its interval as a line.

    `anchor` is where the words above the dot hang on it, so that they stay inside the drawing.
    """

    decline: Bar
    review: Bar
    approve: Bar
    interval: Bar
    dot: str
    anchor: Literal["start", "middle", "end"]
    decline_cut: str
    approve_cut: str
    decline_cut_words: str
    approve_cut_words: str
    low_words: str
    high_words: str


@dataclass(frozen=True)
class Step:
    """One row of the waterfall: `bar` floats between the PD before and after it; `points` like `+4.1`."""

    words: str
    points: str
    bar: Bar
    direction: Literal["up", "down"]


def share(value: float) -> str:
    """A percentage of the drawing's width, clamped to 0–100, e.g. `12.50%`."""
    return f"{min(max(value, 0.0), 1.0) * 100:.2f}%"


def bar(value: float, largest: float, tone: str = "accent") -> Bar:
    """A bar for `value` where `largest` fills the width; a value above nothing keeps a visible sliver."""
    part = value / largest if largest > 0 else 0.0
    return Bar("0.00%", share(max(part, 0.008) if value > 0 else 0.0), tone)


def points_of(pd: float) -> float:
    """Score points of a probability of default, on the scale of scoring.ml.points."""
    pd = min(max(pd, 1e-9), 1 - 1e-9)
    return POINTS_AT_EVEN + POINTS_A_UNIT * math.log((1 - pd) / pd)


def ruler(*, pd: float, pd_low: float, pd_high: float, approve_below: float, decline_above: float) -> Ruler:
    """The ruler for a case with `pd` in [pd_low, pd_high] and a policy that approves below and declines above two PDs.

    The axis is linear in points, so that equal distances are equal factors of the odds; it runs from decline (left,
    few points) to approve (right) with room for whichever lies further out: the cut-offs or the case.
    """
    decline_at, approve_at = points_of(decline_above), points_of(approve_below)
    low, high, here = points_of(pd_high), points_of(pd_low), points_of(pd)
    span = max(approve_at - decline_at, 20.0)
    start = min(decline_at - 0.7 * span, low - 0.12 * span)
    end = max(approve_at + 0.7 * span, high + 0.12 * span)

    def at(points: float) -> float:
        return (points - start) / (end - start)

    return Ruler(
        decline=Bar("0.00%", share(at(decline_at)), "decline"),
        review=Bar(share(at(decline_at)), share(at(approve_at) - at(decline_at)), "review"),
        approve=Bar(share(at(approve_at)), share(1 - at(approve_at)), "approve"),
        interval=Bar(share(at(low)), share(max(at(high) - at(low), 0.004)), "case"),
        dot=share(at(here)),
        anchor="start" if at(here) < NEAR_EDGE else "end" if at(here) > 1 - NEAR_EDGE else "middle",
        decline_cut=share(at(decline_at)),
        approve_cut=share(at(approve_at)),
        decline_cut_words=f"{decline_at:.0f}",
        approve_cut_words=f"{approve_at:.0f}",
        low_words=f"{low:.0f}",
        high_words=f"{high:.0f}",
    )


def rounded_to_sum(parts: Sequence[float], total: float, digits: int = 1) -> list[float]:
    """`parts` rounded so that what is printed adds up to the printed `total` (largest remainder)."""
    unit = 10**digits
    scaled = [part * unit for part in parts]
    floors = [math.floor(value) for value in scaled]
    lacking = round(total * unit) - sum(floors)
    by_remainder = sorted(range(len(parts)), key=lambda i: scaled[i] - floors[i], reverse=True)
    # Parts that do not sum to the total would need more than one unit each; spread what is left in turns.
    for turn in range(abs(lacking)):
        floors[by_remainder[turn % len(parts)]] += 1 if lacking > 0 else -1
    return [value / unit for value in floors]


def waterfall(base_pd: float, steps: Sequence[tuple[str, float]], pd: float) -> tuple[Step, ...]:
    """Floating bars from `base_pd` to `pd`; `steps` are (words, change of PD as a share), which sum to pd − base_pd.

    The figures are percentage points with one digit and sum to the difference of the two printed PDs exactly.
    """
    if not steps:
        return ()
    total = round(pd * 100, 1) - round(base_pd * 100, 1)
    printed = rounded_to_sum([change * 100 for _words, change in steps], total)
    levels = [base_pd]
    for _words, change in steps:
        levels.append(levels[-1] + change)
    floor, top = min(0.0, *levels), max(levels) or 1.0
    rows = []
    for (words, change), figure, before, after in zip(steps, printed, levels, levels[1:], strict=False):
        direction: Literal["up", "down"] = "up" if change > 0 else "down"
        left, width = (min(before, after) - floor) / (top - floor), abs(change) / (top - floor)
        text = f"{figure:+.1f}".replace("-", "−")
        drawn = Bar(share(left), share(max(width, 0.004)), direction)
        rows.append(Step(words, text if figure else "0.0", drawn, direction))
    return tuple(rows)
