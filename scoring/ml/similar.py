"""Which past cases are like this one, by what the model reads: distances by rank, and a choice that shows both sides.

A number differs by as many ranks as the pool has between the two values, a category or a special value wholly or not at
all, each by its weight: the mean absolute contribution of its feature. The nearest cases alone would back whatever the
advice is, so the choice also takes the nearest between this case and the line, the nearest beyond the line, and one
that turned out otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Why = Literal["nearest", "between", "beyond", "otherwise"]

NEAREST: Final = 2
DIFFERENCES: Final = 3
# Below a tenth of its own range a fact is told as the same.
SAME: Final = 0.1


@dataclass(frozen=True)
class Chosen:
    """A row of the pool, and why it is shown."""

    row: int
    why: Why


def differences(
    here: FloatArray, pool: FloatArray, *, whole: Sequence[bool], specials: Sequence[Sequence[float]]
) -> FloatArray:
    """How far each value of the pool (n, k) lies from this case's (k,), from 0 to 1; NaN is missing.

    `whole` marks the columns that are the same or not (categories, flags), `specials` are numbers that are no amounts.
    Missing beside missing is the same, beside a value it differs wholly.
    """
    parts = np.zeros(pool.shape)
    for column, values in enumerate(pool.T):
        own = here[column]
        no_amount = np.isnan(values) | np.isin(values, specials[column])
        if whole[column] or np.isnan(own) or own in specials[column]:
            parts[:, column] = ~((values == own) | (np.isnan(values) & np.isnan(own)))
            continue
        known = np.sort(values[~no_amount])
        parts[:, column] = np.where(no_amount, 1.0, np.abs(_ranks(known, values) - _ranks(known, own)))
    return parts


def _ranks(known: FloatArray, values: FloatArray | np.float64) -> FloatArray:
    """The place of each value among the known ones, from 0 to 1; equal values stand in the middle of theirs."""
    if not len(known):
        return np.zeros(np.shape(values))
    both = np.searchsorted(known, values, side="left") + np.searchsorted(known, values, side="right")
    ranks: FloatArray = both / (2 * len(known))
    return ranks


def distances(parts: FloatArray, weights: FloatArray) -> FloatArray:
    """One distance (n,) from 0 to 1 a row; where no feature weighs anything, all weigh the same."""
    used = weights if weights.sum() > 0 else np.ones_like(weights)
    found: FloatArray = parts @ used / used.sum()
    return found


def choose(distance: FloatArray, pds: FloatArray, bads: BoolArray, *, pd: float, line: float) -> list[Chosen]:
    """Three to five rows where the pool has them: the two nearest, the nearest between the case and the line, the
    nearest beyond the line, and the nearest that turned out otherwise if all of these turned out alike."""
    order = np.argsort(distance, kind="stable")
    chosen = [Chosen(int(row), "nearest") for row in order[:NEAREST]]
    below = pd < line
    is_beyond = (pds >= line) if below else (pds < line)
    is_between = (pds > pd) & (pds < line) if below else (pds < pd) & (pds >= line)
    for why, fits in (("between", is_between), ("beyond", is_beyond)):
        _add(chosen, order, fits, why)  # type: ignore[arg-type]
    outcomes = {bool(bads[each.row]) for each in chosen}
    if len(outcomes) == 1:
        _add(chosen, order, bads != outcomes.pop(), "otherwise")
    return chosen


def _add(chosen: list[Chosen], order: NDArray[np.int64], fits: BoolArray, why: Why) -> None:
    taken = {each.row for each in chosen}
    found = next((int(row) for row in order if fits[row] and int(row) not in taken), None)
    if found is not None:
        chosen.append(Chosen(found, why))


def told_apart(parts: FloatArray, weights: FloatArray) -> list[int]:
    """Columns of one row (k,) that set it apart most, the weightiest first; at most three, none that is the same."""
    weighed = parts * weights
    order = np.argsort(-weighed, kind="stable")[:DIFFERENCES]
    return [int(column) for column in order if parts[column] >= SAME and weighed[column] > 0]
