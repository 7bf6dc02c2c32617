"""Flat trees as a LightGBM model: the price of a library's own `predict` and of shap for the same trees."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np

from scoring.ml.trees.flat_trees import FlatTrees

CATEGORICAL, DEFAULT_LEFT, MISSING_IS_NAN = 1, 2, 8
WORD = 32
MOST_ROWS = 1_000_000_000


def booster_of(trees: FlatTrees) -> lgb.Booster:
    """A LightGBM model of the same trees (without `start`); covers that are no counts of rows are rounded."""
    blocks = [f"Tree={number}\n{_tree(trees, int(root))}\n\n" for number, root in enumerate(trees.roots)]
    names = " ".join(f"f{column}" for column in range(trees.columns))
    head = [
        "tree",
        "version=v4",
        "num_class=1",
        "num_tree_per_iteration=1",
        "label_index=0",
        f"max_feature_idx={trees.columns - 1}",
        "objective=regression",
        f"feature_names={names}",
        f"feature_infos={' '.join(['[-1e300:1e300]'] * trees.columns)}",
        f"tree_sizes={' '.join(str(len(block)) for block in blocks)}",
        "",
        "",
    ]
    return lgb.Booster(model_str="\n".join(head) + "".join(blocks) + "end of trees\n\nparameters:\nend of parameters\n")


def _tree(trees: FlatTrees, root: int) -> str:
    splits, leaves, waiting = [], [], [root]
    while waiting:
        node = waiting.pop()
        if trees.feature[node] < 0:
            leaves.append(node)
        else:
            splits.append(node)
            waiting += [int(trees.right[node]), int(trees.left[node])]
    place = {node: number for number, node in enumerate(splits)} | {node: -1 - i for i, node in enumerate(leaves)}
    sets = [node for node in splits if trees.category_set[node] >= 0]
    words = [_words(trees.categories[trees.category_set[node]]) for node in sets]
    unit = 1.0 if trees.cover[root] >= MOST_ROWS / 1e6 else MOST_ROWS / trees.cover[root]
    entries = {
        "num_leaves": [len(leaves)],
        "num_cat": [len(sets)],
        "split_feature": [trees.feature[node] for node in splits],
        "split_gain": [1] * len(splits),
        "threshold": [sets.index(n) if n in sets else repr(float(min(trees.threshold[n], 1e300))) for n in splits],
        "decision_type": [_kind(trees, node) for node in splits],
        "left_child": [place[int(trees.left[node])] for node in splits],
        "right_child": [place[int(trees.right[node])] for node in splits],
        "leaf_value": [repr(float(trees.value[node])) for node in leaves],
        "leaf_weight": [1] * len(leaves),
        "leaf_count": [int(trees.cover[node] * unit) for node in leaves],
        "internal_value": [0] * len(splits),
        "internal_weight": [0] * len(splits),
        "internal_count": [int(trees.cover[node] * unit) for node in splits],
    }
    if sets:
        entries["cat_boundaries"] = np.cumsum([0, *map(len, words)]).tolist()
        entries["cat_threshold"] = [word for each in words for word in each]
    lines = [f"{name}={' '.join(map(str, numbers))}" for name, numbers in entries.items()]
    return "\n".join([*lines, "is_linear=0", "shrinkage=1", ""])


def _kind(trees: FlatTrees, node: int) -> int:
    if trees.category_set[node] >= 0:
        return CATEGORICAL | MISSING_IS_NAN
    return MISSING_IS_NAN | (DEFAULT_LEFT if trees.missing_left[node] else 0)


def _words(codes: tuple[int, ...]) -> list[int]:
    words = [0] * (max(codes, default=0) // WORD + 1)
    for code in codes:
        words[code // WORD] |= 1 << code % WORD
    return words
