"""Geometry of plots with two axes, as percentages of the drawing that no locale can change (see desk/charts.py)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from desk.charts import share

# The axis ends at the first of these, times a power of ten, that holds every point.
ROUND_ENDS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
# Shares below this are none at all; the powers of ten run out far below it.
SMALLEST_END: Final = 1e-12
TICKS = 4


@dataclass(frozen=True)
class Tick:
    """A mark on both axes, `x` from the left and `y` from the top, with its words."""

    x: str
    y: str
    words: str


@dataclass(frozen=True)
class Mark:
    """A point of the plot with its interval from `low` to `high` (from the top), and a sentence that says the same."""

    x: str
    y: str
    low: str
    high: str
    words: str


@dataclass(frozen=True)
class CalibrationPlot:
    """Predicted against observed, both from 0 to the last tick; on the diagonal they are equal."""

    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]


def calibration_plot(points: Sequence[tuple[float, float, float, float, str]]) -> CalibrationPlot:
    """The plot of points (mean PD, bad rate, low, high, words), all shares of one."""
    end = _round_end(max((max(pd, rate, high) for pd, rate, _low, high, _words in points), default=1.0))
    ticks = tuple(
        Tick(share(step / TICKS), share(1 - step / TICKS), _percent(end * step / TICKS)) for step in range(TICKS + 1)
    )
    marks = tuple(
        Mark(share(pd / end), share(1 - rate / end), share(1 - low / end), share(1 - high / end), words)
        for pd, rate, low, high, words in points
    )
    return CalibrationPlot(ticks, marks)


def _round_end(largest: float) -> float:
    if largest < SMALLEST_END:
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest))
    return min(1.0, power * next(end for end in ROUND_ENDS if end * power >= largest * (1 - 1e-9)))


def _percent(value: float) -> str:
    return f"{value * 100:.10g}%"


@dataclass(frozen=True)
class FrontierPlot:
    """Promises across (0 to the last tick), the share that people must see upwards (0 to 1): points joined by lines
    from (x1, y1) to (x2, y2). `allowed` is the height of the share allowed, `chosen` the promise in question."""

    across: tuple[Tick, ...]
    upwards: tuple[Tick, ...]
    lines: tuple[tuple[str, str, str, str], ...]
    marks: tuple[Mark, ...]
    allowed: str
    chosen: Mark


def frontier_plot(
    points: Sequence[tuple[float, float, str]], chosen: tuple[float, float, str], allowed: float
) -> FrontierPlot:
    """The plot of points (promise, share seen, words) in the order of their promises, with the one in question. It
    ends where the share allowed is reached, but shows 20 % at the least."""
    within = [promise for promise, seen, _words in points if seen <= allowed]
    end = _round_end(max(0.2, chosen[0], min(within, default=1.0)))
    drawn = [point for point in points if point[0] <= end + 1e-9]
    marks = tuple(_point(promise / end, seen, words) for promise, seen, words in drawn)
    return FrontierPlot(
        across=tuple(Tick(share(step / TICKS), "100%", _percent(end * step / TICKS)) for step in range(TICKS + 1)),
        upwards=tuple(Tick("0.00%", share(1 - step / TICKS), _percent(step / TICKS)) for step in range(TICKS + 1)),
        lines=tuple((one.x, one.y, two.x, two.y) for one, two in pairwise(marks)),
        marks=marks,
        allowed=share(1 - allowed),
        chosen=_point(chosen[0] / end, chosen[1], chosen[2]),
    )


def _point(across: float, upwards: float, words: str) -> Mark:
    height = share(1 - upwards)
    return Mark(share(across), height, height, height, words)


@dataclass(frozen=True)
class EvidencePlot:
    """Two lines of evidence over days on a scale of factors, in a drawing of 100 by 100; `threshold` from the top.

    `ticks` are the factors with their places from the top, `first` and `last` the days at the ends.
    """

    challenger: str
    champion: str
    threshold: str
    ticks: tuple[Tick, ...]
    first: str
    last: str
    words: str


def evidence_plot(
    days: Sequence[str], challenger: Sequence[float], champion: Sequence[float], threshold: float, words: str
) -> EvidencePlot | None:
    """The plot of wealths by day, clipped to a hundredth and to a hundred times the threshold; None without a day."""
    if not days:
        return None
    low, high = -2.0, math.log10(threshold) + 1.0

    def top(value: float) -> float:
        return 1 - (min(max(math.log10(max(value, SMALLEST_END)), low), high) - low) / (high - low)

    def line(values: Sequence[float]) -> str:
        step = 100 / max(1, len(values) - 1)
        return " ".join(f"{step * at:.2f},{100 * top(value):.2f}" for at, value in enumerate(values))

    marks = tuple(Tick("0%", share(top(value)), f"{value:g}") for value in (0.01, 0.1, 1.0, 10.0, 100.0))
    return EvidencePlot(
        line(challenger), line(champion), f"{100 * top(threshold):.2f}", marks, days[0], days[-1], words
    )
