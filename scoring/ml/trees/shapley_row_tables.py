"""The tables of shapley_row.py, made from those of shapley_tables.py: the same numbers in another order."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.ml.trees import shapley_kernel as lanes
from scoring.ml.trees.flat_trees import FlatTrees
from scoring.ml.trees.shapley_row import BEFORE, CATEGORY_SET, CONSTANTS, FEATURE, MISSING_LEFT, PARENT, along_rows

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]


class Tables(NamedTuple):
    """What shapley_tables.py found: see there."""

    nodes: IntArray
    steps: IntArray
    tours: IntArray
    points: IntArray
    splits: IntArray
    numbers: FloatArray
    weights: FloatArray
    constants: FloatArray


class RowTables:
    """Tables of one model for rows that are explained one by one, from all its baselines at once."""

    def __init__(self, trees: FlatTrees, tables: Tables) -> None:
        self._firsts, self._points, self._members = tables.tours // 2, tables.points, trees.members
        self._weights, self._baselines = tables.weights, len(tables.constants)
        # Parents before children: the order of coming up, turned round within each tree.
        tree_of = np.repeat(np.arange(len(self._points)), np.diff(self._firsts))
        order = (-1 - tables.steps[tables.steps < 0])[::-1]
        order = order[np.argsort(tree_of[order], kind="stable")]
        splits = tables.splits[order]
        self._thresholds = np.ascontiguousarray(tables.numbers[0, order, lanes.THRESHOLD])
        self._splits = np.zeros((len(order), 6), np.int32)
        for mine, theirs in (
            (FEATURE, lanes.FEATURE),
            (MISSING_LEFT, lanes.MISSING_LEFT),
            (CATEGORY_SET, lanes.CATEGORY_SET),
        ):
            self._splits[:, mine] = splits[:, theirs]
        parent = _parents(trees, tables.nodes[order], self._firsts[tree_of])
        self._splits[:, PARENT], self._splits[:, BEFORE] = parent, _befores(splits, parent, self._firsts[tree_of])
        self._constants = self._ways(splits, tables.numbers[:, order], self._points[tree_of], tables.constants)

    def explain(self, values: FloatArray) -> FloatArray:
        """Contributions (b, n, k) of contiguous float64 values (n, k) from every baseline."""
        out = np.zeros((self._baselines, *values.shape))
        along_rows(
            values,
            self._baselines,
            self._firsts,
            self._points,
            self._splits,
            self._thresholds,
            self._members,
            self._weights,
            self._constants,
            out,
        )
        return out

    def _ways(self, splits: IntArray, numbers: FloatArray, points: IntArray, constants: FloatArray) -> FloatArray:
        """The constants of each way of each split one after another, those of one layout together."""
        parts, length = [np.zeros(0)], 0
        asked = splits[:, lanes.BEFORE] >= 0
        for number in np.unique(points):
            for again in (False, True):
                here = np.flatnonzero((points == number) & (asked == again))
                places = splits[here, lanes.CONSTANTS, None] + np.arange(lanes.RUNS * number)
                runs = constants[:, places].reshape(len(constants), len(here), lanes.RUNS, number)
                ways = _two_ways(runs)
                if again:
                    passed = numbers[:, here][:, :, [lanes.PASS_LEFT, lanes.PASS_RIGHT], None]
                    missed = np.concatenate([passed, np.zeros_like(passed)], axis=2)
                    ways = np.concatenate([ways, np.repeat(missed, number, axis=3)], axis=2)
                self._splits[here, CONSTANTS] = length + len(constants) * ways.shape[2] * number * np.arange(len(here))
                # By split, way and run, baseline, point.
                parts.append(ways.transpose(1, 2, 0, 3).ravel())
                length += ways.size
        return np.concatenate(parts)


def _two_ways(runs: FloatArray) -> FloatArray:
    """Constants (b, m, 8, points) of the ways left and right from the seven runs of shapley_tables.py (b, m, 7, p)."""
    miss_left, add_left, miss_right, add_right, left, right, before = np.moveaxis(runs, 2, 0)
    to_left = (miss_left + add_left, miss_right, left - before, -before)
    to_right = (miss_left, miss_right + add_right, -before, right - before)
    return np.stack([*to_left, *to_right], axis=2)


def _parents(trees: FlatTrees, nodes: IntArray, first: IntArray) -> IntArray:
    """The product (m,) of the parent of each split, numbered within its tree."""
    place = np.zeros(len(trees.feature), np.int32)
    left = 2 * (np.arange(len(nodes), dtype=np.int32) - first) + 2
    place[trees.left[nodes]], place[trees.right[nodes]] = left, left + 1
    found: IntArray = place[nodes]
    return found


def _befores(splits: IntArray, parent: IntArray, first: IntArray) -> IntArray:
    """The condition (m,) before each split on its column, numbered within its tree; 0 where there is none."""
    before, depths = splits[:, lanes.BEFORE], splits[:, lanes.DEPTH]
    found = np.zeros(len(splits), np.int32)
    waiting = np.flatnonzero(before >= 0)
    place = parent[waiting]
    while len(waiting):
        found[waiting] = place
        above = first[waiting] + place // 2 - 1
        higher = depths[above] > before[waiting] // 2
        waiting, place = waiting[higher], parent[above[higher]]
    return found
