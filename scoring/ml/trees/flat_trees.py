"""Trees of every library in one form: plain arrays that are predicted with, explained and stored alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import accumulate
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]

# Codes are places in a feature table's list of categories; a membership table must stay small.
MOST_CODES = 65_536
# Deeper than any library grows a tree, and far from where walking one by recursion would end the process.
MOST_DEPTH = 1000
_TYPES: Mapping[str, type[np.generic]] = {
    "roots": np.int32,
    "feature": np.int32,
    "threshold": np.float64,
    "left": np.int32,
    "right": np.int32,
    "missing_left": np.bool_,
    "value": np.float64,
    "cover": np.float64,
    "category_set": np.int32,
}


@dataclass(frozen=True, eq=False)
class FlatTrees:
    """The sum of `start` and one leaf of each tree, over rows of `columns` float64 values (NaN: missing).

    Nodes of all trees lie one after another, and all arrays but `roots` (trees,) have one entry a node. A leaf has
    `feature`, `left` and `right` -1 and gives its `value`. At any other node `feature` is the column that is asked:
    NaN goes left where `missing_left`; with a `category_set` of -1, values <= `threshold` go left; otherwise the
    codes in `categories[category_set]` go left and all other codes right. `cover` is what the library says it saw at
    the node (rows, or their summed hessian); only the ratio of two sisters is used. The arrays are copied and cannot
    be written to. ValueError, with a sentence, when they do not make trees.
    """

    columns: int
    start: float
    roots: IntArray
    feature: IntArray
    threshold: FloatArray
    left: IntArray
    right: IntArray
    missing_left: BoolArray
    value: FloatArray
    cover: FloatArray
    categories: tuple[tuple[int, ...], ...]
    category_set: IntArray

    def __post_init__(self) -> None:
        for name, kind in _TYPES.items():
            array = np.array(getattr(self, name), dtype=kind)
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        _check_arrays(self)
        _check_shape_of_trees(self)

    def predict(self, values: FloatArray) -> FloatArray:
        """Sums (n,) for values (n, k), in float64, added in the order of the trees."""
        from scoring.ml.trees.tree_walk import add_leaves  # numba: paid by who predicts

        rows = self.checked(values)
        sums = np.full(len(rows), self.start)
        add_leaves(
            rows,
            self.roots,
            self.feature,
            self.threshold,
            self.left,
            self.right,
            self.missing_left,
            self.value,
            self.category_set,
            self.members,
            sums,
        )
        return sums

    def with_cover(self, values: FloatArray) -> Self:
        """The same trees with the rows of values (n, k) as covers, so that explanations start from their mean.

        Where none of these rows comes, a node's children keep the covers, hence the ratio, that they had.
        """
        from scoring.ml.trees.tree_walk import count_rows  # numba: paid by who trains

        counts = np.zeros(len(self.feature))
        count_rows(
            self.checked(values),
            self.roots,
            self.feature,
            self.threshold,
            self.left,
            self.right,
            self.missing_left,
            self.category_set,
            self.members,
            counts,
        )
        unmet = np.flatnonzero((self.feature >= 0) & (counts == 0))
        for children in (self.left[unmet], self.right[unmet]):
            counts[children] = self.cover[children]
        return replace(self, cover=counts)

    def splits_like(self, other: "FlatTrees") -> bool:
        """Whether the other trees differ in nothing but covers."""
        same = all(np.array_equal(getattr(self, name), getattr(other, name)) for name in _TYPES if name != "cover")
        return same and (self.columns, self.start, self.categories) == (other.columns, other.start, other.categories)

    @classmethod
    def constant(cls, columns: int, start: float) -> Self:
        """No tree at all: the same sum for every row."""
        floats, whole, flags = np.zeros(0), np.zeros(0, np.int32), np.zeros(0, np.bool_)
        return cls(columns, start, whole, whole, floats, whole, whole, flags, floats, floats, (), whole)

    def scaled(self, factor: float) -> Self:
        """Trees whose sums are `factor` times these."""
        return replace(self, start=self.start * factor, value=self.value * factor)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Trees whose sums are the sums of all parts; ValueError when there is none, or columns differ."""
        if not parts or len({part.columns for part in parts}) != 1:
            raise ValueError("trees can be joined when there are some, all over the same columns")
        before = list(accumulate((len(part.feature) for part in parts), initial=0))
        sets_before = list(accumulate((len(part.categories) for part in parts), initial=0))

        def moved(name: str, by: list[int]) -> NDArray[Any]:
            arrays = [getattr(part, name) for part in parts]
            return np.concatenate([np.where(a >= 0, a + step, a) for a, step in zip(arrays, by, strict=False)])

        def together(name: str) -> NDArray[Any]:
            return np.concatenate([getattr(part, name) for part in parts])

        return cls(
            columns=parts[0].columns,
            start=float(sum(part.start for part in parts)),
            roots=moved("roots", before),
            feature=together("feature"),
            threshold=together("threshold"),
            left=moved("left", before),
            right=moved("right", before),
            missing_left=together("missing_left"),
            value=together("value"),
            cover=together("cover"),
            categories=tuple(codes for part in parts for codes in part.categories),
            category_set=moved("category_set", sets_before),
        )

    def to_dict(self) -> dict[str, Any]:
        """Numbers and lists for JSON, exact; an infinite threshold, for which JSON has no number, is the text "inf"."""
        stored: dict[str, Any] = {"columns": self.columns, "start": self.start}
        stored |= {name: getattr(self, name).tolist() for name in _TYPES}
        stored["threshold"] = [x if np.isfinite(x) else str(x) for x in stored["threshold"]]
        stored["categories"] = [list(codes) for codes in self.categories]
        return stored

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """What `to_dict` stored; ValueError when it is not that."""
        names = {field.name for field in fields(cls)}
        if set(stored) != names:
            raise ValueError(f"stored trees must have the entries {', '.join(sorted(names))}")
        try:
            thresholds = [float(x) for x in stored["threshold"]]
            sets = tuple(tuple(int(code) for code in codes) for codes in stored["categories"])
            return cls(**{**stored, "threshold": thresholds, "categories": sets})
        except (TypeError, OverflowError) as error:
            raise ValueError(f"stored trees cannot be read: {error}") from error

    @cached_property
    def members(self) -> BoolArray:
        """Which codes are in each category set (sets, codes); never without a row or a column."""
        width = 1 + max((code for codes in self.categories for code in codes), default=0)
        table = np.zeros((max(1, len(self.categories)), width), dtype=np.bool_)
        for number, codes in enumerate(self.categories):
            table[number, list(codes)] = True
        return table

    @cached_property
    def shares(self) -> FloatArray:
        """The part (nodes,) of its parent's cover that a node has; 1 for roots, half where both sisters have none."""
        inner = self.feature >= 0
        left, right = self.left[inner], self.right[inner]
        both = self.cover[left] + self.cover[right]
        shares = np.ones(len(self.feature))
        for children in (left, right):
            shares[children] = np.divide(self.cover[children], both, out=np.full(len(both), 0.5), where=both > 0)
        return shares

    @cached_property
    def directions(self) -> tuple[BoolArray, BoolArray]:
        """Columns (k,) with which the sum surely never falls, and those with which it surely never rises.

        A larger known value may turn a row from left to right at splits on its column, and nowhere else. So the sum
        never falls if, at every such split, no leaf on the left has more than any leaf on the right: every library
        keeps its monotone constraints like this. Splits by category tell nothing; a column never asked is both.
        """
        lowest, highest = self.value.copy(), self.value.copy()
        for level in reversed(_inner_levels(self)):
            left, right = self.left[level], self.right[level]
            lowest[level] = np.minimum(lowest[left], lowest[right])
            highest[level] = np.maximum(highest[left], highest[right])
        inner = np.flatnonzero(self.feature >= 0)
        left, right, by_amount = self.left[inner], self.right[inner], self.category_set[inner] < 0
        rises, falls = np.ones(self.columns, dtype=np.bool_), np.ones(self.columns, dtype=np.bool_)
        rises[self.feature[inner[~(by_amount & (highest[left] <= lowest[right]))]]] = False
        falls[self.feature[inner[~(by_amount & (lowest[left] >= highest[right]))]]] = False
        return rises, falls

    def checked(self, values: FloatArray) -> FloatArray:
        """Values (n, k) as the compiled functions take them; ValueError when k is not these trees'."""
        rows: FloatArray = np.ascontiguousarray(values, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != self.columns:
            raise ValueError(f"trees over {self.columns} columns cannot read values of shape {rows.shape}")
        return rows


def _inner_levels(trees: FlatTrees) -> list[IntArray]:
    """The nodes that ask something, the roots among them first, then level by level."""
    levels = []
    level = trees.roots[trees.feature[trees.roots] >= 0]
    while len(level):
        levels.append(level)
        level = np.concatenate([trees.left[level], trees.right[level]])
        level = level[trees.feature[level] >= 0]
    return levels


def _check_arrays(trees: FlatTrees) -> None:
    nodes = len(trees.feature)
    _require(trees.columns >= 0 and bool(np.isfinite(trees.start)), "columns and start must be plain numbers")
    for name in _TYPES:
        array = getattr(trees, name)
        _require(array.ndim == 1 and (name == "roots" or len(array) == nodes), f"{name} must have one entry a node")
    inner = trees.feature >= 0
    _require(bool((trees.feature[inner] < trees.columns).all()), "a split asks for a column that is not there")
    _require(bool((trees.feature[~inner] == -1).all()), "a leaf's feature must be -1")
    for children in (trees.left, trees.right):
        _require(bool((children[~inner] == -1).all()), "a leaf has no children")
        _require(bool(((children[inner] >= 0) & (children[inner] < nodes)).all()), "a child is not among the nodes")
    _require(not bool(np.isnan(trees.threshold).any()), "a threshold is not a number")
    _require(bool(np.isfinite(trees.value).all()), "a leaf's value is not a finite number")
    _require(bool((np.isfinite(trees.cover) & (trees.cover >= 0)).all()), "a cover must be finite and not negative")
    sets = trees.category_set
    _require(bool(((sets >= -1) & (sets < len(trees.categories))).all()), "a category set is not there")
    codes = [code for codes in trees.categories for code in codes]
    _require(all(0 <= code < MOST_CODES for code in codes), f"category codes must lie in 0..{MOST_CODES - 1}")


def _check_shape_of_trees(trees: FlatTrees) -> None:
    """Every node is reached from one root in one way: so there is no cycle and nothing is shared or left over."""
    nodes, inner = len(trees.feature), trees.feature >= 0
    _require(bool(((trees.roots >= 0) & (trees.roots < nodes)).all()), "a root is not among the nodes")
    parents = np.bincount(np.concatenate([trees.left[inner], trees.right[inner], trees.roots]), minlength=nodes)
    _require(bool((parents == 1).all()), "every node must be a root or the child of one other node")
    level, reached, depth = trees.roots, 0, 0
    while len(level):
        _require(depth <= MOST_DEPTH, f"a path has more than {MOST_DEPTH} splits")
        reached, depth = reached + len(level), depth + 1
        level = level[inner[level]]
        level = np.concatenate([trees.left[level], trees.right[level]])
    _require(reached == nodes, "some nodes form a circle")


def _require(fine: bool, sentence: str) -> None:
    if not fine:
        raise ValueError(f"these arrays are no trees: {sentence}")
