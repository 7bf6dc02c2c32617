"""The compiled arithmetic of TreeShapley (derivation: scoring/ml/shapley.py) for one row: no branch depends on it.

A row decides at each split which of three ways its arithmetic goes on: left, right, or through a condition that it
missed before. All three read the same four runs of constants, so the way is an offset, and the processor need not
guess. The points of all baselines lie side by side. Children are numbered after their parents: one loop goes down
through all splits of a tree, another comes up in the order in which shapley_kernel.py does.
"""

import numpy as np
from numba import types
from numpy.typing import NDArray

from scoring.ml.compiled import FLAG_ROWS, FLOAT_BLOCKS_OUT, FLOAT_ROWS, FLOATS, INT_ROWS, INTS, compiled, part

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]

# What is known of each split, column by column. Conditions and products are numbered 2 s on the left of split s and
# 2 s + 1 on its right, from 2 on; product 0 is the root's, and condition 0 is always met.
FEATURE, MISSING_LEFT, CATEGORY_SET, PARENT, BEFORE, CONSTANTS = range(6)
# Each way has four runs of a number for each baseline and point: what the products of left and right are multiplied
# with going down, and what their sums count for the column coming up. The third way is there where it can be taken.
RUNS = 4


@part
def goes_left(value: float, threshold: float, missing_left: int, category_set: int, members: BoolArray) -> bool:
    """As in tree_walk.py; here once more, because compiled functions use nothing from another file (compiled.part)."""
    known = 0.0 <= value < members.shape[1]
    listed = members[max(category_set, 0), int(value) if known else 0]
    below = known & listed if category_set >= 0 else value <= threshold
    return bool(missing_left != 0 if np.isnan(value) else below)


@compiled(
    FLOAT_ROWS,
    types.int64,
    INTS,
    INTS,
    INT_ROWS,
    FLOATS,
    FLAG_ROWS,
    FLOAT_ROWS,
    FLOATS,
    FLOAT_BLOCKS_OUT,
)
def along_rows(
    values: FloatArray,
    baselines: int,
    firsts: IntArray,
    points: IntArray,
    splits: IntArray,
    thresholds: FloatArray,
    members: BoolArray,
    weights: FloatArray,
    constants: FloatArray,
    out: FloatArray,
) -> None:
    """Contributions of values (n, k) from each of b baselines, added to out (b, n, k), one row after the other.

    Tree t has the splits firsts[t] to firsts[t + 1], each after its parent, and points[t] quadrature points, whose
    products start from weights[points[t]].

    Longer than the house allows: as two parts, called once a tree each, numba counts references to every array in
    each call, and a row costs a fifth more on large trees and 1.6 times as much on small ones.
    """
    most = np.uint64(1)
    for tree in range(len(points)):
        most = max(most, np.uint64(firsts[tree + 1] - firsts[tree]))
    # Unsigned numbers throughout: of a signed one the compiler cannot know that it does not count from an array's end.
    one, two, four = np.uint64(1), np.uint64(2), np.uint64(RUNS)
    met, ways = np.ones(two * most + two, np.uint64), np.empty(most, np.uint64)
    product = np.zeros((two * most + two) * np.uint64(baselines * weights.shape[1]))
    for row in range(len(values)):
        for tree in range(len(points)):
            p, first, last = np.uint64(points[tree]), np.uint64(firsts[tree]), np.uint64(firsts[tree + 1])
            width = p * np.uint64(baselines)
            for start in range(np.uint64(0), width, p):
                for q in range(p):
                    product[start + q] = weights[p, q]
            for at in range(first, last):
                split = at - first
                left = two * split + two
                column, threshold = np.uint64(splits[at, FEATURE]), thresholds[at]
                missing_left, category_set = splits[at, MISSING_LEFT], splits[at, CATEGORY_SET]
                here = np.uint64(goes_left(values[row, column], threshold, missing_left, category_set, members))
                earlier = met[np.uint64(splits[at, BEFORE])]
                met[left], met[left + one] = earlier * here, earlier * (one - here)
                # Way 0 is to the left, 1 to the right, 2 through a missed condition.
                run = np.uint64(splits[at, CONSTANTS]) + (two - earlier * (one + here)) * (four * width)
                ways[split] = run
                parent, to = np.uint64(splits[at, PARENT]) * width, left * width
                for q in range(width):
                    above = product[parent + q]
                    product[to + q] = above * constants[run + q]
                    product[to + width + q] = above * constants[run + width + q]
            for done in range(last - first):
                up = last - first - one - np.uint64(done)
                run, column = ways[up] + two * width, np.uint64(splits[first + up, FEATURE])
                parent, left = np.uint64(splits[first + up, PARENT]) * width, (two * up + two) * width
                right = left + width
                for baseline in range(baselines):
                    total, from_here = out[baseline, row, column], np.uint64(baseline) * p
                    for q in range(from_here, from_here + p):
                        of_left, of_right = constants[run + q], constants[run + width + q]
                        total += product[left + q] * of_left + product[right + q] * of_right
                    out[baseline, row, column] = total
                for q in range(width):
                    product[parent + q] = product[left + q] + product[right + q]
