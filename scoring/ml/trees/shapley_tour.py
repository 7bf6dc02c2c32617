"""The tour of flat trees that TreeShapley walks: each split once going down and once coming up, left subtree first.

The two sides of a split at some depth are conditions 2 depth and 2 depth + 1. Its products lie in the place of its
parent's if it is a left child, else in the place that the depth numbers.

In: nodes of `FlatTrees` with both `children` (2, nodes), and the share (nodes,) of its parent's cover that each has.
Out: steps (2m,), s where split s goes down and -1 - s where it comes up, tree t from tours[t] to tours[t + 1]; the most
distinct columns of a path of each tree; and of each split what is `known` (m, 4) of it, its node, its depth, the place
of its products and the condition before it on its column (-1: none), and the `ratios` (m, 3) of its column before it,
on its left and on its right.
"""

import numpy as np
from numba import types
from numpy.typing import NDArray

from scoring.ml.compiled import FLOAT_ROWS_OUT, FLOATS, INT_ROWS, INT_ROWS_OUT, INTS, INTS_OUT, compiled, part

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]

# What a tour tells of each split.
NODE, DEPTH, PLACE, BEFORE = range(4)


@part
def meet(known: IntArray, node: int, depth: int, place: int, before: int) -> None:
    """Write down what is known (4,) of a split."""
    known[NODE], known[DEPTH], known[PLACE], known[BEFORE] = node, depth, place, before


@part
def turn(
    depth: int, to: int, column: int, at: int, known: IntArray, ratios: FloatArray, asked: IntArray, ratio: FloatArray
) -> int:
    """On its way through split `at`: what its column is asked on the side `to` (0 left, 1 right), or after both (2)
    what it was asked before. Gives how many columns fewer the path asks from here on: 0 or 1."""
    if to < 2:
        asked[column], ratio[column] = 2 * depth + to, ratios[at, 1 + to]
        return 0
    asked[column], ratio[column] = known[at, BEFORE], ratios[at, 0]
    return 1 if asked[column] < 0 else 0


@compiled(INTS, INTS, INT_ROWS, FLOATS, types.int64, INTS_OUT, INTS_OUT, INTS_OUT, INT_ROWS_OUT, FLOAT_ROWS_OUT)
def take_tours(
    roots: IntArray,
    feature: IntArray,
    children: IntArray,
    shares: FloatArray,
    columns: int,
    tours: IntArray,
    most_columns: IntArray,
    steps: IntArray,
    known: IntArray,
    ratios: FloatArray,
) -> None:
    """Number the m splits of trees as they are met, and follow what each path asks of each column; see the top."""
    asked, ratio = np.full(columns, -1, np.int32), np.ones(columns)
    # The path, in rows: nodes, splits, places, and the side that is toured (-1: not begun, 2: both are).
    node, split, place, side = np.zeros((4, len(feature) + 1), np.int32)
    met, step = 0, 0
    for tree in range(len(roots)):
        depth, width, node[0], side[0] = 0, 0, roots[tree], -1
        while depth >= 0:
            column = feature[node[depth]]
            if column < 0:
                depth -= 1
                continue
            if side[depth] < 0:
                meet(known[met], node[depth], depth, place[depth], asked[column])
                left, right = children[0, node[depth]], children[1, node[depth]]
                ratios[met, 0], width = ratio[column], width + (asked[column] < 0)
                ratios[met, 1], ratios[met, 2] = ratio[column] * shares[left], ratio[column] * shares[right]
                most_columns[tree] = max(most_columns[tree], width)
                split[depth], steps[step], met, step = met, met, met + 1, step + 1
            side[depth] += 1
            width -= turn(depth, side[depth], column, split[depth], known, ratios, asked, ratio)
            if side[depth] == 2:
                steps[step], step, depth = -1 - split[depth], step + 1, depth - 1
                continue
            node[depth + 1] = children[side[depth], node[depth]]
            place[depth + 1], side[depth + 1] = place[depth] if side[depth] == 0 else depth + 1, -1
            depth += 1
        tours[tree + 1] = step
