"""Finds the special values of a column of amounts: repeated values far outside the rest that stand for no amount."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# What lenders and bureaus write for "none", "not known" or "does not apply" in place of a number.
BELOW = frozenset({-1.0, -2.0, -3.0, -4.0, -5.0, -6.0, -7.0, -8.0, -9.0, -96.0, -97.0, -98.0, -99.0, -998.0, -999.0})
NINES = frozenset(
    sign * (10.0**digits - end) for digits in range(2, 10) for end in (1, 2, 3, 4) for sign in (1, -1) if digits > 1
)
# Special values of one column: a bureau has a handful of them.
MOST_SPECIALS = 4
# A column needs this many other values before a small negative number can be told from an ordinary step of it.
LEAST_STEPS = 15
LEAST_ROWS = 3
COMMON = 0.01
# Between the rest and a value that lies outside of it there is this much of the rest's own width.
FAR = 3.0
NEAR_GAP = 6.0


def special_values(values: FloatArray) -> tuple[float, ...]:
    """Special values of a column (n,), NaN missing: -999 and the like, -1 among amounts that are never negative, 96 and
    98 above counts that end at 17, one common value beyond everything else. Ordinary codes such as -2, -1, 0 … 8 are
    none."""
    known = values[~np.isnan(values)]
    distinct, counts = np.unique(known, return_counts=True)
    if len(distinct) < 3:
        return ()
    low, high = _low_end(distinct, counts), _high_end(distinct, counts)
    return (*distinct[:low].tolist(), *distinct[len(distinct) - high :].tolist())


def _low_end(distinct: FloatArray, counts: NDArray[np.int64]) -> int:
    """How many of the lowest values are special."""
    negative = int((distinct < 0).sum())
    rest = distinct[negative:]
    if 0 < negative <= MOST_SPECIALS and len(rest) > 1 and set(distinct[:negative].tolist()) <= BELOW | NINES:
        gap = rest[0] - distinct[negative - 1]
        clear = gap > NEAR_GAP or len(rest) >= LEAST_STEPS
        if clear and counts[:negative].sum() >= LEAST_ROWS:
            return negative
    return _far_block(-distinct[::-1], counts[::-1])


def _high_end(distinct: FloatArray, counts: NDArray[np.int64]) -> int:
    """How many of the highest values are special."""
    return _far_block(distinct, counts)


def _far_block(distinct: FloatArray, counts: NDArray[np.int64]) -> int:
    """Size of the block of known special numbers, or of one very common number, that lies far above the rest."""
    for size in range(min(MOST_SPECIALS, len(distinct) - 2), 0, -1):
        block, rest = distinct[-size:], distinct[:-size]
        far = block[0] - rest[-1] > FAR * (rest[-1] - rest[0])
        named = set(block.tolist()) <= NINES and counts[-size:].sum() >= LEAST_ROWS
        common = size == 1 and counts[-1] >= COMMON * counts.sum() and len(rest) >= LEAST_STEPS
        if far and (named or common):
            return size
    return 0
