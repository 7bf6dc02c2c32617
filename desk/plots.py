"""Geometry of plots with two axes, as percentages of the drawing that no locale can change (see desk/charts.py)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from desk.charts import share

# The axis ends at the first of these, times a power of ten, that holds every point.
ROUND_ENDS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
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
    if largest <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest))
    return min(1.0, power * next(end for end in ROUND_ENDS if end * power >= largest * (1 - 1e-9)))


def _percent(value: float) -> str:
    return f"{value * 100:.10g}%"
