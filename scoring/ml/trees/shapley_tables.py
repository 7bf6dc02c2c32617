"""What TreeShapley computes once for a model: the tours of its trees, and the constants of every split."""

from collections.abc import Sequence
from functools import cached_property

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
)
from scoring.ml.trees.shapley_row_tables import RowTables, Tables
from scoring.ml.trees.shapley_tour import take_tours

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]

# Up to so many rows are explained one by one; more are cheaper side by side (bench/explain.py).
FEW = 4


class ShapleyTables:
    """Tables of one model, with the covers of one or more baselines, in the layout of the compiled functions.

    Names and formulas as in scoring/ml/shapley.py.
    """

    def __init__(self, baselines: Sequence[FlatTrees]) -> None:
        trees = baselines[0]
        kept = trees.roots[trees.feature[trees.roots] >= 0]
        splits = int((trees.feature >= 0).sum())
        self._trees, self._members, self._nodes = trees, trees.members, np.zeros(splits, np.int32)
        self._steps, self._tours = np.zeros(2 * splits, np.int32), np.zeros(len(kept) + 1, np.int32)
        self._splits, self._numbers = np.zeros((splits, 7), np.int32), np.zeros((len(baselines), splits, 3))
        most = np.zeros(len(kept), np.int32)
        ratios = [self._take_tours(each, kept, most) for each in baselines]
        # ceil(d / 2) points are exact for d columns; the longest path decides for its tree.
        self._points: IntArray = (most + 1) // 2
        self._weights = np.zeros((self._points.max(initial=0) + 1, self._points.max(initial=0)))
        inner, nodes = self._splits, self._nodes
        inner[:, FEATURE], inner[:, MISSING_LEFT] = trees.feature[nodes], trees.missing_left[nodes]
        inner[:, CATEGORY_SET], self._numbers[:, :, THRESHOLD] = trees.category_set[nodes], trees.threshold[nodes]
        self._deepest = int(self._splits[:, DEPTH].max(initial=-1)) + 1
        self._constants = np.stack([self._all_constants(*each) for each in zip(self._numbers, ratios, strict=True)])

    def explain(self, values: FloatArray, baselines: slice) -> FloatArray:
        """Contributions (b, n, k) of contiguous float64 values (n, k) from each of these baselines."""
        numbers, constants = self._numbers[baselines], self._constants[baselines]
        out = np.zeros((len(constants), *values.shape))
        if not len(self._steps):
            return out
        rest = len(values) % LANES
        together = len(values) - (rest if rest <= FEW else 0)
        if together < len(values):
            out[:, together:] = self._of_rows.explain(values[together:])[baselines]
        side_by_side = np.zeros((len(out), together, values.shape[1])) if 0 < together < len(values) else out
        if together:
            across_rows(
                values[:together],
                self._tours,
                self._points,
                self._steps,
                self._splits,
                numbers,
                self._members,
                self._weights,
                constants,
                self._deepest,
                side_by_side,
            )
            out[:, :together] = side_by_side
        return out

    @cached_property
    def _of_rows(self) -> RowTables:
        shared = (self._nodes, self._steps, self._tours, self._points, self._splits, self._numbers, self._weights)
        return RowTables(self._trees, Tables(*shared, self._constants))

    def _take_tours(self, trees: FlatTrees, roots: IntArray, most: IntArray) -> FloatArray:
        """Fill steps, tours, nodes and the tours' columns of the splits; gives each split's ratios (m, 3)."""
        splits = len(self._splits)
        known, ratios = np.zeros((splits, 4), np.int32), np.zeros((splits, 3))
        children = np.stack([trees.left, trees.right])
        found = (self._tours, most, self._steps, known, ratios)
        take_tours(roots, trees.feature, children, trees.shares, trees.columns, *found)
        self._nodes[:], self._splits[:, DEPTH], self._splits[:, PLACE], self._splits[:, BEFORE] = known.T
        return ratios

    def _all_constants(self, numbers: FloatArray, ratios: FloatArray) -> FloatArray:
        """The constants of all splits one after another, those with the same number of points together."""
        trees, nodes = self._trees, self._nodes
        points = np.repeat(self._points, np.diff(self._tours) // 2)
        # A leaf's value is multiplied in by the split above it.
        sides = (trees.left[nodes], trees.right[nodes])
        values = [np.where(trees.feature[side] < 0, trees.value[side], 1.0) for side in sides]
        before, *after = ratios.T
        for column, ratio, value in zip((PASS_LEFT, PASS_RIGHT), after, values, strict=True):
            # What a child's product keeps where the column is missed already; after a ratio of 0 it stays 0.
            kept = np.divide(ratio, before, out=np.zeros(len(nodes)), where=before > 0)
            numbers[:, column] = kept * value
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
