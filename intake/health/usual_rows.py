"""How many of the usual rows hold a value. No database."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence

from intake.health.profiles import COMMON_USUAL, OTHER, Reference
from intake.health.trifles import trifle_of


def rows_with(value: str, name: str, reference: Reference) -> int | None:
    """How many of the usual rows hold the value: exactly where it is common, else at most; None where nothing tells.

    A rarer one has no more rows than the rarest of the common ones, nor than its bin. Where a number lies a trifle from
    common ones, as each rate does on the day of another base rate, it has as many as those.
    """
    common, counts = reference.usual.common.get(name), reference.usual.counts.get(name)
    if common and value in common:
        return common[value]
    if near := _rows_near(value, common or {}, reference.edges.get(name), counts):
        return near
    bounds = []
    if common:
        bounds.append(min(common.values()) if len(common) >= COMMON_USUAL else 0)
    if counts is not None:
        bounds.append(counts[_place_of_text(value, reference.edges.get(name))])
    return min(bounds, default=None)


def _rows_near(
    value: str, common: Mapping[str, int], edges: Sequence[float] | None, counts: Counter[str] | None
) -> int:
    """How many of the usual rows hold the commonest number that lies a trifle away; 0 where there is none."""
    trifle = trifle_of(edges, counts) if edges and counts else 0.0
    number = _number(value)
    if not trifle or number is None:
        return 0
    others = ((_number(text), rows) for text, rows in common.items())
    return max((rows for other, rows in others if other is not None and abs(other - number) <= trifle), default=0)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _place_of_text(value: str, edges: Sequence[float] | None) -> str:
    """The name of the bin or the value; what is no number among numbers is `…`."""
    if edges is None:
        return value
    number = _number(value)
    return OTHER if number is None else str(bisect_right(edges, number))
