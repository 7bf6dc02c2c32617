"""The compiled walks of rows through flat trees: their sums of leaves, and how many rows each node meets.

Apart from flat_trees.py, which imports this when it first walks: numba costs a third of a second and 60 MB, which a
process that only reads or writes a model need not pay. Node arrays are those of `FlatTrees`; `members` (sets, codes)
tells which codes are in each category set.
"""

import numpy as np
from numpy.typing import NDArray

from scoring.ml.compiled import FLAG_ROWS, FLAGS, FLOAT_ROWS, FLOATS, FLOATS_OUT, INTS, compiled, part

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]

# Rows that go through one tree before the next tree: their values and the tree's nodes both stay in the first cache.
BLOCK = 64


@part
def goes_left(value: float, threshold: float, missing_left: bool, category_set: int, members: BoolArray) -> bool:
    """Where one value goes at one node; a code is read without its fraction, as LightGBM and XGBoost do."""
    known = 0.0 <= value < members.shape[1]
    listed = members[max(category_set, 0), int(value) if known else 0]
    below = known & listed if category_set >= 0 else value <= threshold
    return bool(missing_left if np.isnan(value) else below)


@compiled(FLOAT_ROWS, INTS, INTS, FLOATS, INTS, INTS, FLAGS, FLOATS, INTS, FLAG_ROWS, FLOATS_OUT)
def add_leaves(
    values: FloatArray,
    roots: IntArray,
    feature: IntArray,
    threshold: FloatArray,
    left: IntArray,
    right: IntArray,
    missing_left: BoolArray,
    value: FloatArray,
    category_set: IntArray,
    members: BoolArray,
    out: FloatArray,
) -> None:
    """Add to out (n,) the leaf that each row of values (n, k) reaches in each tree, tree after tree."""
    for first in range(0, len(values), BLOCK):
        last = min(first + BLOCK, len(values))
        for root in roots:
            for row in range(first, last):
                node = root
                while feature[node] >= 0:
                    x = values[row, feature[node]]
                    side = goes_left(x, threshold[node], missing_left[node], category_set[node], members)
                    node = left[node] if side else right[node]
                out[row] += value[node]


@compiled(FLOAT_ROWS, INTS, INTS, FLOATS, INTS, INTS, FLAGS, INTS, FLAG_ROWS, FLOATS_OUT)
def count_rows(
    values: FloatArray,
    roots: IntArray,
    feature: IntArray,
    threshold: FloatArray,
    left: IntArray,
    right: IntArray,
    missing_left: BoolArray,
    category_set: IntArray,
    members: BoolArray,
    out: FloatArray,
) -> None:
    """Add to out (nodes,) the number of rows of values (n, k) that pass each node."""
    for row in range(len(values)):
        for root in roots:
            node = root
            out[node] += 1.0
            while feature[node] >= 0:
                x = values[row, feature[node]]
                side = goes_left(x, threshold[node], missing_left[node], category_set[node], members)
                node = left[node] if side else right[node]
                out[node] += 1.0
