"""Reads LightGBM's text format into flat trees, without LightGBM.

The rules are those of `Tree::NumericalDecision` and `Tree::CategoricalDecision` in LightGBM's include/LightGBM/tree.h:
a split's `decision_type` holds bit 0 categorical, bit 1 missing goes left, bits 2 and 3 what counts as missing (0
nothing: NaN is read as 0; 1 zero; 2 NaN).
"""

import re
from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from scoring.ml.trees.flat_trees import FlatTrees, IntArray

_CATEGORICAL, _DEFAULT_LEFT = 1, 2
_MISSING_SHIFT, _MISSING_IS_NOTHING, _MISSING_IS_ZERO = 2, 0, 1
_WORD = 32
# What lies this close to zero is read as zero by `Booster.predict` (kZeroThreshold in include/LightGBM/meta.h).
_ZERO = float(np.float32(1e-35))


def from_lightgbm(text: str) -> FlatTrees:
    """The trees of `Booster.model_to_string()`; their sums are `predict(raw_score=True)`, to the last bit.

    In random forest mode that raw score is a sum over trees and the log-odds are its mean: the mean is read. Covers
    are the training rows that `pred_contrib` counts. ValueError for several scores a row, linear leaves and zero read
    as missing.
    """
    if not text.startswith("tree\n") or "\nend of trees" not in text:
        raise ValueError("this is not the text of a LightGBM model")
    head, *parts = re.split(r"^Tree=\d+$", text.split("\nend of trees")[0], flags=re.MULTILINE)
    header = _entries(head)
    if header.get("num_tree_per_iteration", "1") != "1":
        raise ValueError("a LightGBM model with several scores a row cannot be read")
    columns = int(header["max_feature_idx"]) + 1
    if not parts:
        raise ValueError("this LightGBM model has no trees")
    trees = FlatTrees.joined([_tree(_entries(part), columns) for part in parts])
    averaged = "average_output" in head.split("\n")
    return trees.scaled(1 / len(parts)) if averaged else trees


def _entries(part: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in part.split("\n") if "=" in line)


def _tree(entries: Mapping[str, str], columns: int) -> FlatTrees:
    """One tree: its splits in the library's order, then its leaves."""
    if entries.get("is_linear", "0") != "0":
        raise ValueError("LightGBM's linear leaves cannot be read: contributions of a leaf are not constant")
    leaves = int(entries["num_leaves"])
    splits = leaves - 1
    kinds = _numbers(entries, "decision_type", splits).astype(np.int32)
    thresholds = _numbers(entries, "threshold", splits)
    categorical = kinds & _CATEGORICAL != 0
    missing = kinds >> _MISSING_SHIFT
    if (missing[~categorical] == _MISSING_IS_ZERO).any():
        raise ValueError("a LightGBM model with zero_as_missing cannot be read: zero is a value here")
    as_zero = np.where(missing == _MISSING_IS_NOTHING, thresholds >= 0.0, kinds & _DEFAULT_LEFT != 0)
    none, zeros = np.full(leaves, -1), np.zeros(leaves)
    return FlatTrees(
        columns=columns,
        start=0.0,
        roots=np.zeros(1, np.int32),
        feature=np.append(_numbers(entries, "split_feature", splits), none),
        threshold=np.append(np.where(categorical, 0.0, _around_zero(thresholds)), zeros),
        left=np.append(_children(entries, "left_child", splits), none),
        right=np.append(_children(entries, "right_child", splits), none),
        missing_left=np.append(as_zero & ~categorical, zeros),
        value=np.append(np.zeros(splits), _numbers(entries, "leaf_value", leaves)),
        cover=np.append(_numbers(entries, "internal_count", splits), _covers_of_leaves(entries, leaves)),
        categories=_categories(entries),
        category_set=np.append(np.where(categorical, thresholds, -1), none),
    )


def _around_zero(thresholds: np.ndarray) -> np.ndarray:
    """Thresholds with the same split once values around zero are zero: a threshold among them moves to their edge."""
    edge = np.where(thresholds < 0, np.nextafter(-_ZERO, -np.inf), _ZERO)
    return np.where(np.abs(thresholds) <= _ZERO, edge, thresholds)


def _numbers(entries: Mapping[str, str], name: str, expected: int) -> np.ndarray:
    found = np.array([float(number) for number in entries.get(name, "").split()])
    if len(found) != expected:
        raise ValueError(f"a LightGBM tree has {len(found)} entries of {name} instead of {expected}")
    return found


def _covers_of_leaves(entries: Mapping[str, str], leaves: int) -> np.ndarray:
    """A tree of one leaf is written without its count, and needs none."""
    return np.ones(1) if leaves == 1 else _numbers(entries, "leaf_count", leaves)


def _children(entries: Mapping[str, str], name: str, splits: int) -> IntArray:
    """Leaf j is written as -1 - j; here the leaves follow the splits."""
    children = _numbers(entries, name, splits).astype(np.int32)
    return np.where(children >= 0, children, splits - 1 - children)


def _categories(entries: Mapping[str, str]) -> tuple[tuple[int, ...], ...]:
    """The codes that go left, from words of 32 bits; set i is words boundaries[i] to boundaries[i + 1]."""
    if entries.get("num_cat", "0") == "0":
        return ()
    bounds = [int(bound) for bound in entries["cat_boundaries"].split()]
    words = [int(word) for word in entries["cat_threshold"].split()]
    return tuple(
        tuple(
            number * _WORD + bit
            for number, word in enumerate(words[start:stop])
            for bit in range(_WORD)
            if word >> bit & 1
        )
        for start, stop in pairwise(bounds)
    )
