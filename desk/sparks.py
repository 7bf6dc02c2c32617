"""Sparklines: small lines of figures over time, as the points of an SVG drawing (see desk/charts.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 100
HEIGHT = 20
EDGE = 2.0


@dataclass(frozen=True)
class Spark:
    """`points` of a line in a drawing of 100 by 20, the last at (`x`, `y`), and a sentence that says the same; `last`
    is the last figure, which stands beside the line, and `worst` what the line hides."""

    points: str
    x: str
    y: str
    words: str
    last: str = ""
    worst: str = ""


def spark(
    values: Sequence[float], words: str, *, least_top: float = 0.0, last: str = "", worst: str = ""
) -> Spark | None:
    """The line through `values`, the oldest first, from nothing up to the largest (or `least_top`); None of nothing."""
    if not values:
        return None
    top = max(max(values), least_top) or 1.0
    step = (WIDTH - 2 * EDGE) / max(1, len(values) - 1)
    points = [
        (f"{EDGE + step * place:.1f}", f"{HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * max(value, 0.0) / top:.1f}")
        for place, value in enumerate(values)
    ]
    return Spark(" ".join(f"{x},{y}" for x, y in points), *points[-1], words, last, worst)
