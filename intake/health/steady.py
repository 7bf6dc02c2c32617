"""Columns with one value in each batch: numbers of batches, periods, names of files, versions, a rate for all. That the
value is another one in the next batch is no break. No database."""

from __future__ import annotations

import math
from typing import Final

from intake.health.profiles import Profile, Reference, one_known

# A value that lies so many times beyond what was usual is in a mistaken unit.
FAR: Final = 20
# Batches and periods are counted with such numbers, and begin anew.
COUNTED: Final = 1_000


def may_change(name: str, batch: Profile, reference: Reference) -> bool:
    """Whether a batch holds one value of a steady feature, as those before it did, and no break tells of itself: a
    nought that was never there, or a mistaken unit. Several values where there was always one are judged as others."""
    value = one_known(name, batch)
    if name not in reference.steady or value is None:
        return False
    if name not in reference.edges:
        return True
    usual = [number for text in reference.usual.common.get(name, ()) if (number := _number(text)) is not None]
    now = _number(value)
    return now is not None and bool(usual) and not _is_broken(now, usual)


def _is_broken(now: float, usual: list[float]) -> bool:
    if now <= 0:
        return min(usual) > 0
    if all(each.is_integer() and 0 <= each < COUNTED for each in (now, *usual)):
        return False
    return min(usual) > 0 and not min(usual) / FAR <= now <= max(usual) * FAR


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
