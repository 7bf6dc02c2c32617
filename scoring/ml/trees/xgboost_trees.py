"""Reads XGBoost's JSON format into flat trees, without XGBoost.

Format: doc/model.schema in XGBoost's repository; rules: `PredValueByOneTree` and `common::Decision`. A value, rounded
to float32, goes left when it is below the split condition. A code goes right when it is among the categories of the
split, and left otherwise: sisters change places here, so that the named codes go left.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from scoring.ml.trees.flat_trees import FlatTrees
from scoring.ml.trees.float32 import below

# Objectives whose base score is a probability, and those whose base score is the margin itself.
_BASE_IS_PROBABILITY = ("binary:logistic", "reg:logistic")
_BASE_IS_MARGIN = ("binary:logitraw", "reg:squarederror")


def from_xgboost(model: bytes | bytearray | str | Mapping[str, Any]) -> FlatTrees:
    """The trees of `Booster.save_raw("json")`, as text or as read.

    Their sums are `predict(output_margin=True)` up to its float32 rounding: XGBoost adds float32 leaves in
    float32, here the same leaves are added in float64. Covers are summed hessians.
    ValueError for other boosters than gbtree, several scores a row and objectives with another link.
    """
    try:
        learner = (model if isinstance(model, Mapping) else json.loads(model))["learner"]
        booster, settings = learner["gradient_booster"], learner["learner_model_param"]
        objective = learner["objective"]["name"]
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError("this is not the JSON of an XGBoost model") from error
    if booster["name"] != "gbtree":
        raise ValueError(f"an XGBoost model with the booster {booster['name']} cannot be read, only gbtree")
    if int(settings["num_class"]) > 1 or int(settings.get("num_target", "1")) > 1:
        raise ValueError("an XGBoost model with several scores a row cannot be read")
    columns, start = int(settings["num_feature"]), _start(settings["base_score"], objective)
    return FlatTrees.joined(
        [FlatTrees.constant(columns, start), *(_tree(tree, columns) for tree in booster["model"]["trees"])]
    )


def _start(base_score: str, objective: str) -> float:
    """The margin of the base score, which is written as "5E-1", or since release 3.1 as "[5E-1]"."""
    base = float(np.float32(base_score.strip("[]")))
    if objective in _BASE_IS_MARGIN:
        return base
    if objective in _BASE_IS_PROBABILITY:
        return float(np.log(base) - np.log1p(-base))
    raise ValueError(f"an XGBoost model with the objective {objective} cannot be read")


def _tree(tree: Mapping[str, Any], columns: int) -> FlatTrees:
    left, right = np.array(tree["left_children"]), np.array(tree["right_children"])
    kept = _reachable(left, right)
    # Pruned nodes stay in the file; the others move up.
    place = np.full(len(left) + 1, -1)
    place[kept] = np.arange(len(kept))
    leaf = left[kept] < 0
    categorical = (np.array(tree["split_type"])[kept] == 1) & ~leaf
    condition = np.array(tree["split_conditions"], dtype=np.float32)[kept]
    towards_left = np.array(tree["default_left"], dtype=np.bool_)[kept] & ~leaf
    low, high = place[left[kept]], place[right[kept]]
    sets = _categories(tree)
    return FlatTrees(
        columns=columns,
        start=0.0,
        roots=np.zeros(1, np.int32),
        feature=np.where(leaf, -1, np.array(tree["split_indices"])[kept]),
        threshold=np.where(leaf | categorical, 0.0, below(condition)),
        left=np.where(categorical, high, low),
        right=np.where(categorical, low, high),
        missing_left=np.where(categorical, ~towards_left, towards_left),
        value=np.where(leaf, condition, 0.0),
        cover=np.array(tree["sum_hessian"], dtype=np.float32)[kept],
        categories=tuple(sets.values()),
        category_set=np.where(categorical, [list(sets).index(n) if n in sets else -1 for n in kept], -1),
    )


def _reachable(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    kept, waiting = [], [0]
    while waiting:
        node = waiting.pop()
        kept.append(node)
        if left[node] >= 0:
            waiting += [int(right[node]), int(left[node])]
    return np.array(kept)


def _categories(tree: Mapping[str, Any]) -> dict[int, tuple[int, ...]]:
    """The codes of each categorical node."""
    return {
        node: tuple(int(code) for code in tree["categories"][start : start + size])
        for node, start, size in zip(
            tree["categories_nodes"], tree["categories_segments"], tree["categories_sizes"], strict=True
        )
    }
