"""The tour of flat trees that TreeShapley walks: each split once going down and once coming up, left subtree first."""

import numpy as np
from numba import types
from numpy.typing import NDArray

from scoring.ml.compiled import FLOAT_ROWS_OUT, FLOATS, INTS, INTS_OUT, compiled

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]


@compiled(INTS, INTS, INTS, INTS, FLOATS, types.int64, *[INTS_OUT] * 7, FLOAT_ROWS_OUT)
def take_tours(
    roots: IntArray,
    feature: IntArray,
    left: IntArray,
    right: IntArray,
    shares: FloatArray,
    columns: int,
    tours: IntArray,
    most_columns: IntArray,
    steps: IntArray,
    nodes: IntArray,
    depths: IntArray,
    places: IntArray,
    befores: IntArray,
    ratios: FloatArray,
) -> None:
    """Number the m splits of trees as they are met, and follow what each path asks of each column.

    In: nodes of `FlatTrees`, and the share (nodes,) of its parent's cover that each has. Out: steps (2m,), s where
    split s goes down and -1 - s where it comes up, tree t from tours[t] to tours[t + 1]; the most distinct columns of
    a path of each tree; and of each split its node, its depth, the place of its products, the condition before it on
    its column (-1: none), and the ratios (m, 3) of its column before it, on its left and on its right.

    The two sides of a split at some depth are conditions 2 depth and 2 depth + 1. Its products lie in the place of its
    parent's if it is a left child, else in the place that the depth numbers.
    """
    condition, ratio = np.full(columns, -1, np.int32), np.ones(columns)
    # The path: nodes, splits, places, and the side that is toured (-1: not begun, 2: both are).
    node, split = np.empty(len(feature) + 1, np.int32), np.empty(len(feature) + 1, np.int32)
    place, side = np.zeros(len(feature) + 1, np.int32), np.empty(len(feature) + 1, np.int32)
    met, step = 0, 0
    for tree in range(len(roots)):
        depth, asked, node[0], side[0] = 0, 0, roots[tree], -1
        while depth >= 0:
            column = feature[node[depth]]
            if column < 0:
                depth -= 1
                continue
            if side[depth] < 0:
                nodes[met], depths[met], places[met], befores[met] = node[depth], depth, place[depth], condition[column]
                ratios[met, 0] = ratio[column]
                ratios[met, 1] = ratio[column] * shares[left[node[depth]]]
                ratios[met, 2] = ratio[column] * shares[right[node[depth]]]
                asked += condition[column] < 0
                most_columns[tree] = max(most_columns[tree], asked)
                split[depth], steps[step], met, step = met, met, met + 1, step + 1
            at = split[depth]
            side[depth] += 1
            if side[depth] == 2:
                condition[column], ratio[column] = befores[at], ratios[at, 0]
                asked -= befores[at] < 0
                steps[step], step, depth = -1 - at, step + 1, depth - 1
                continue
            condition[column], ratio[column] = 2 * depth + side[depth], ratios[at, 1 + side[depth]]
            node[depth + 1] = left[node[depth]] if side[depth] == 0 else right[node[depth]]
            place[depth + 1], side[depth + 1] = place[depth] if side[depth] == 0 else depth + 1, -1
            depth += 1
        tours[tree + 1] = step
