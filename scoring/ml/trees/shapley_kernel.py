"""The compiled arithmetic of TreeShapley (derivation: scoring/ml/shapley.py) for many rows, side by side.

Going down, a split passes the products of the path on to its children; coming up, it adds its children's sums and
books its column's share. shapley_row.py does the same operations on the same numbers in the same order for a single
row, so a row's result does not depend on the rows beside it, to the last bit.
"""

import numpy as np
from numba import types
from numpy.typing import NDArray

from scoring.ml.compiled import FLAG_ROWS, FLOAT_BLOCKS, FLOAT_BLOCKS_OUT, FLOAT_ROWS, INT_ROWS, INTS, compiled, part

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]

# Rows side by side: enough to make a loop's start cheap, few enough that products and conditions stay in the cache.
LANES = 128
# Numbers of eight bytes in a line of the cache.
CACHE_LINE = 8

# What is known of each split, column by column of two tables.
FEATURE, MISSING_LEFT, CATEGORY_SET, DEPTH, PLACE, BEFORE, CONSTANTS = range(7)
THRESHOLD, PASS_LEFT, PASS_RIGHT = range(3)
# A split's constants: so many runs of one number for each quadrature point.
RUNS = 7


@part
def lanes_for(number: int) -> FloatArray:
    """An array (number, LANES) that starts with a line of the cache, else every other vector would lie across two."""
    room = np.empty(number * LANES + CACHE_LINE)
    skipped = (-room.ctypes.data % (8 * CACHE_LINE)) // 8
    return room[skipped : skipped + number * LANES].reshape((number, LANES))


@part
def goes_left(value: float, threshold: float, missing_left: int, category_set: int, members: BoolArray) -> bool:
    """As in tree_walk.py; here once more, because compiled functions use nothing from another file (compiled.part)."""
    known = 0.0 <= value < members.shape[1]
    listed = members[max(category_set, 0), int(value) if known else 0]
    below = known & listed if category_set >= 0 else value <= threshold
    return bool(missing_left != 0 if np.isnan(value) else below)


@part
def ask_code(
    rows: FloatArray, lanes: int, splits: IntArray, numbers: FloatArray, at: int, members: BoolArray, met: FloatArray
) -> None:
    """Whether each row goes left at the split `at` of a category, into the condition of its left: 1 or 0."""
    column, low, category_set = splits[at, FEATURE], 2 * splits[at, DEPTH], splits[at, CATEGORY_SET]
    threshold, missing_left = numbers[at, THRESHOLD], splits[at, MISSING_LEFT]
    for row in range(lanes):
        met[low, row] = 1.0 if goes_left(rows[column, row], threshold, missing_left, category_set, members) else 0.0


@part
def ask_number(rows: FloatArray, lanes: int, splits: IntArray, numbers: FloatArray, at: int, met: FloatArray) -> None:
    """Whether each row goes left at the split `at` of a number, into the condition of its left: 1 or 0."""
    column, low, threshold = splits[at, FEATURE], 2 * splits[at, DEPTH], numbers[at, THRESHOLD]
    if splits[at, MISSING_LEFT]:
        for row in range(lanes):
            met[low, row] = 0.0 if rows[column, row] > threshold else 1.0
    else:
        for row in range(lanes):
            met[low, row] = 1.0 if rows[column, row] <= threshold else 0.0


@part
def merge(lanes: int, splits: IntArray, at: int, met: FloatArray) -> None:
    """Both sides' conditions with what the path asked of their column before."""
    low, before = 2 * splits[at, DEPTH], splits[at, BEFORE]
    high = low + 1
    if before < 0:
        for row in range(lanes):
            met[high, row] = 1.0 - met[low, row]
    else:
        for row in range(lanes):
            left, earlier = met[low, row], met[before, row]
            met[low, row] = earlier * left
            met[high, row] = earlier * (1.0 - left)


@part
def pass_down(
    lanes: int,
    splits: IntArray,
    numbers: FloatArray,
    at: int,
    points: int,
    constants: FloatArray,
    met: FloatArray,
    product: FloatArray,
) -> None:
    """Children's products from their parent's, point by point; the left child takes its parent's place."""
    low, before, run = 2 * splits[at, DEPTH], splits[at, BEFORE], splits[at, CONSTANTS]
    left, right = splits[at, PLACE] * points, (splits[at, DEPTH] + 1) * points
    pass_left, pass_right = numbers[at, PASS_LEFT], numbers[at, PASS_RIGHT]
    for q in range(points):
        a_left, b_left = constants[run + q], constants[run + points + q]
        a_right, b_right = constants[run + 2 * points + q], constants[run + 3 * points + q]
        if before < 0:
            for row in range(lanes):
                above, here = product[left + q, row], met[low, row]
                product[left + q, row] = above * (a_left + b_left * here)
                product[right + q, row] = above * (a_right + b_right * (1.0 - here))
        else:
            for row in range(lanes):
                above, here, earlier = product[left + q, row], met[low, row], met[before, row]
                product[left + q, row] = above * (a_left + b_left * here if earlier > 0.5 else pass_left)
                product[right + q, row] = above * (a_right + b_right * (1.0 - here) if earlier > 0.5 else pass_right)


@part
def come_up(
    lanes: int,
    splits: IntArray,
    at: int,
    points: int,
    constants: FloatArray,
    met: FloatArray,
    product: FloatArray,
    sums: FloatArray,
) -> None:
    """The sum of both children's sums into the parent's place, and the share of the split's column into `sums`."""
    column, low, before = splits[at, FEATURE], 2 * splits[at, DEPTH], splits[at, BEFORE]
    left, right = splits[at, PLACE] * points, (splits[at, DEPTH] + 1) * points
    run = splits[at, CONSTANTS] + 4 * points
    for q in range(points):
        c_left, c_right, c_before = constants[run + q], constants[run + points + q], constants[run + 2 * points + q]
        if before < 0:
            for row in range(lanes):
                one, other, here = product[left + q, row], product[right + q, row], met[low, row]
                product[left + q, row] = one + other
                sums[column, row] += one * (here * c_left - 1.0) + other * ((1.0 - here) * c_right - 1.0)
        else:
            for row in range(lanes):
                one, other, here = product[left + q, row], product[right + q, row], met[low, row]
                earlier = met[before, row]
                product[left + q, row] = one + other
                gone = earlier * c_before
                sums[column, row] += one * (here * c_left - gone) + other * ((earlier - here) * c_right - gone)


@part
def take_tour(
    rows: FloatArray,
    lanes: int,
    tour: IntArray,
    splits: IntArray,
    numbers: FloatArray,
    members: BoolArray,
    points: int,
    constants: FloatArray,
    met: FloatArray,
    product: FloatArray,
    sums: FloatArray,
) -> None:
    """One tree, in the steps of its tour: what it contributes to each row and column, added to `sums`."""
    for step in tour:
        if step >= 0:
            if splits[step, CATEGORY_SET] >= 0:
                ask_code(rows, lanes, splits, numbers, step, members, met)
            else:
                ask_number(rows, lanes, splits, numbers, step, met)
            merge(lanes, splits, step, met)
            pass_down(lanes, splits, numbers, step, points, constants, met, product)
        else:
            come_up(lanes, splits, -1 - step, points, constants, met, product, sums)


@compiled(
    FLOAT_ROWS,
    INTS,
    INTS,
    INTS,
    INT_ROWS,
    FLOAT_BLOCKS,
    FLAG_ROWS,
    FLOAT_ROWS,
    FLOAT_ROWS,
    types.int64,
    FLOAT_BLOCKS_OUT,
)
def across_rows(
    values: FloatArray,
    tours: IntArray,
    points: IntArray,
    steps: IntArray,
    splits: IntArray,
    numbers: FloatArray,
    members: BoolArray,
    weights: FloatArray,
    constants: FloatArray,
    deepest: int,
    out: FloatArray,
) -> None:
    """Contributions of values (n, k) from each of b baselines, added to out (b, n, k), block by block of rows.

    Tree t is toured in steps[tours[t]:tours[t + 1]] with points[t] quadrature points, whose products start from
    weights[points[t]]. `numbers` (b, m, 3) and `constants` (b, …) are those of each baseline; `deepest` is one more
    than the depth of the deepest split.
    """
    n, columns = values.shape
    rows, sums = lanes_for(columns), lanes_for(columns)
    met, product = lanes_for(2 * deepest), lanes_for((deepest + 1) * len(weights))
    for first in range(0, n, LANES):
        lanes = min(LANES, n - first)
        for column in range(columns):
            for row in range(lanes):
                rows[column, row] = values[first + row, column]
        for baseline in range(len(constants)):
            known, runs = numbers[baseline], constants[baseline]
            sums[:] = 0.0
            for tree in range(len(points)):
                for q in range(points[tree]):
                    for row in range(lanes):
                        product[q, row] = weights[points[tree], q]
                tour = steps[tours[tree] : tours[tree + 1]]
                take_tour(rows, lanes, tour, splits, known, members, points[tree], runs, met, product, sums)
            for column in range(columns):
                for row in range(lanes):
                    out[baseline, first + row, column] += sums[column, row]
