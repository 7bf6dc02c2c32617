"""What TreeShapley computes once for a model: the tours of its trees, and the constants of every split."""

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray

from scoring.ml.trees.flat_trees import FlatTrees
from scoring.ml.trees.shapley_kernel import (
    BEFORE,
    CATEGORY_SET,
    CONSTANTS,
    DEPTH,
    FEATURE,
    LANES,
    MISSING_LEFT,
    PASS_LEFT,
    PASS_RIGHT,
    PLACE,
    RUNS,
    THRESHOLD,
    across_rows,
    along_row,
)
from scoring.ml.trees.shapley_tour import take_tours

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]

# Up to so many rows are explained one by one; more are cheaper side by side (bench/explain.py).
FEW = 2


class ShapleyTables:
    """Tables of one model in the layout of the compiled functions; names and formulas as in scoring/ml/shapley.py."""

    def __init__(self, trees: FlatTrees) -> None:
        kept = trees.roots[trees.feature[trees.roots] >= 0]
        splits = int((trees.feature >= 0).sum())
        self._members = trees.members
        self._steps, self._tours = np.zeros(2 * splits, np.int32), np.zeros(len(kept) + 1, np.int32)
        self._splits, self._numbers = np.zeros((splits, 7), np.int32), np.zeros((splits, 3))
        most = np.zeros(len(kept), np.int32)
        nodes, ratios = self._take_tours(trees, kept, most)
        # ceil(d / 2) points are exact for d columns; the longest path decides for its tree.
        self._points: IntArray = (most + 1) // 2
        self._weights = np.zeros((self._points.max(initial=0) + 1, self._points.max(initial=0)))
        inner = self._splits
        inner[:, FEATURE], inner[:, MISSING_LEFT] = trees.feature[nodes], trees.missing_left[nodes]
        inner[:, CATEGORY_SET], self._numbers[:, THRESHOLD] = trees.category_set[nodes], trees.threshold[nodes]
        self._deepest = int(self._splits[:, DEPTH].max(initial=-1)) + 1
        self._constants = self._all_constants(trees, nodes, ratios)

    def explain(self, values: FloatArray) -> FloatArray:
        """Contributions (n, k) of contiguous float64 values (n, k)."""
        out = np.zeros(values.shape)
        if not len(self._steps):
            return out
        rest = len(values) % LANES
        one_by_one = rest if rest <= FEW else 0
        together = len(values) - one_by_one
        for walk, part in ((across_rows, slice(None, together)), (along_row, slice(together, None))):
            walk(
                values[part],
                self._tours,
                self._points,
                self._steps,
                self._splits,
                self._numbers,
                self._members,
                self._weights,
                self._constants,
                self._deepest,
                out[part],
            )
        return out

    def _take_tours(self, trees: FlatTrees, roots: IntArray, most: IntArray) -> tuple[IntArray, FloatArray]:
        """Fill steps, tours and the tours' columns of the splits; gives each split's node and its ratios (m, 3)."""
        splits = len(self._splits)
        nodes, depths, places, befores = (np.zeros(splits, np.int32) for _ in range(4))
        ratios = np.zeros((splits, 3))
        found = (self._tours, most, self._steps, nodes, depths, places, befores, ratios)
        take_tours(roots, trees.feature, trees.left, trees.right, trees.shares, trees.columns, *found)
        self._splits[:, DEPTH], self._splits[:, PLACE], self._splits[:, BEFORE] = depths, places, befores
        return nodes, ratios

    def _all_constants(self, trees: FlatTrees, nodes: IntArray, ratios: FloatArray) -> FloatArray:
        """The constants of all splits one after another, those with the same number of points together."""
        points = np.repeat(self._points, np.diff(self._tours) // 2)
        # A leaf's value is multiplied in by the split above it.
        sides = (trees.left[nodes], trees.right[nodes])
        values = [np.where(trees.feature[side] < 0, trees.value[side], 1.0) for side in sides]
        before, *after = ratios.T
        for column, ratio, value in zip((PASS_LEFT, PASS_RIGHT), after, values, strict=True):
            # What a child's product keeps where the column is missed already; after a ratio of 0 it stays 0.
            kept = np.divide(ratio, before, out=np.zeros(len(nodes)), where=before > 0)
            self._numbers[:, column] = kept * value
        parts, length = [np.zeros(0)], 0
        for number in np.unique(points):
            here = np.flatnonzero(points == number)
            t, weights = _quadrature(int(number))
            self._weights[number, :number] = weights / (1 - t)
            first = self._splits[here, BEFORE] < 0
            found = _constants(t, first, before[here], [ratio[here] for ratio in after], [v[here] for v in values])
            self._splits[here, CONSTANTS] = length + RUNS * number * np.arange(len(here))
            parts.append(found.ravel())
            length += found.size
        return np.concatenate(parts)


def _quadrature(points: int) -> tuple[FloatArray, FloatArray]:
    """Gauss-Legendre points and weights on [0, 1]."""
    points_found, weights = leggauss(points)
    return (points_found + 1) / 2, weights / 2


def _constants(
    t: FloatArray, first: NDArray[np.bool_], before: FloatArray, after: list[FloatArray], values: list[FloatArray]
) -> FloatArray:
    """Constants (m, 7, points) of m splits: for left and right the term of a miss and what a hit adds to it, over the
    term before; then C on the left, on the right and before, which is 1 where the column is asked `first`."""
    missed = [np.outer(ratio, 1 - t) for ratio in after]
    # The term before, of a row that met the conditions so far.
    term = np.where(first[:, None], 1.0, np.outer(before, 1 - t) + t)
    runs = []
    for miss, value in zip(missed, values, strict=True):
        runs += [miss / term * value[:, None], t / term * value[:, None]]
    runs += [1 / (miss + t) for miss in missed]
    return np.stack([*runs, 1 / term], axis=1)
