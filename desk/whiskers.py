"""Geometry of values with their intervals along one axis with a line at nothing (see desk/charts.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desk.charts import Bar, share

# Room left and right of the widest interval.
EDGE = 0.04


@dataclass(frozen=True)
class Whisker:
    """One row: its interval as a bar, its value as a dot, and its figures as words."""

    words: str
    interval: Bar
    dot: str
    figures: str


@dataclass(frozen=True)
class Whiskers:
    """Rows on one axis; `zero` is where nothing is won or lost."""

    zero: str
    rows: tuple[Whisker, ...]


def whiskers(rows: Sequence[tuple[str, float, float, float, str]], tones: Sequence[str] = ()) -> Whiskers | None:
    """The drawing of rows (words, value, low, high, figures), with a tone each; None of nothing. Zero is always in
    it."""
    if not rows:
        return None
    start = min(0.0, *(low for _words, _value, low, _high, _figures in rows))
    end = max(0.0, *(high for _words, _value, _low, high, _figures in rows))
    span = (end - start) or 1.0

    def at(value: float) -> float:
        return EDGE + (1 - 2 * EDGE) * (value - start) / span

    drawn = tuple(
        Whisker(
            words,
            Bar(share(at(low)), share(max(at(high) - at(low), 0.004)), tones[place] if tones else "accent"),
            share(at(value)),
            figures,
        )
        for place, (words, value, low, high, figures) in enumerate(rows)
    )
    return Whiskers(share(at(0.0)), drawn)
