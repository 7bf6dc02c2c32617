"""Reads fitted scikit-learn trees, forests and HistGradientBoosting into flat trees, without importing scikit-learn."""

from typing import Any, Literal

import numpy as np

from scoring.ml.trees.flat_trees import FlatTrees
from scoring.ml.trees.float32 import at_most

Leaf = Literal["probability", "log_odds"]

_WORD = 32


def from_forest(estimator: Any, leaf: Leaf = "probability") -> FlatTrees:
    """The trees of a two-class DecisionTreeClassifier or forest of them (RandomForest, ExtraTrees), as their mean.

    With leaf="probability" the sums are `predict_proba[:, 1]`. With leaf="log_odds" a leaf gives its empirical logit
    ln((bads + 1/2) / (goods + 1/2)) of weighted training rows (Haldane 1956, Anscombe 1956), which is finite in a pure
    leaf; the mean over trees then is additive in log-odds. Values are read as float32, as scikit-learn does; covers
    are weighted training rows. ValueError for other than two classes or an unknown `leaf`.
    """
    if list(np.shape(estimator.classes_)) != [2]:
        raise ValueError("trees of other than two classes cannot be read")
    if leaf not in ("probability", "log_odds"):
        raise ValueError(f'a leaf gives its "probability" or its "log_odds", not {leaf!r}')
    members = getattr(estimator, "estimators_", [estimator])
    columns = int(estimator.n_features_in_)
    trees = FlatTrees.joined([_class_tree(member.tree_, columns, leaf) for member in members])
    return trees.scaled(1 / len(members))


def _class_tree(tree: Any, columns: int, leaf: Leaf) -> FlatTrees:
    is_leaf = tree.children_left < 0
    share = tree.value[:, 0, 1] / tree.value[:, 0, :].sum(axis=1)
    rows = tree.weighted_n_node_samples
    logit = np.log(share * rows + 0.5) - np.log((1 - share) * rows + 0.5)
    return FlatTrees(
        columns=columns,
        start=0.0,
        roots=np.zeros(1, np.int32),
        feature=np.where(is_leaf, -1, tree.feature),
        threshold=np.where(is_leaf, 0.0, at_most(tree.threshold)),
        left=tree.children_left,
        right=tree.children_right,
        missing_left=tree.missing_go_to_left.astype(np.bool_) & ~is_leaf,
        value=np.where(is_leaf, share if leaf == "probability" else logit, 0.0),
        cover=rows,
        categories=(),
        category_set=np.full(len(rows), -1),
    )


def from_hist_gradient_boosting(estimator: Any) -> FlatTrees:
    """The trees of a HistGradientBoostingClassifier of two classes or -Regressor; the sums are its raw predictions.

    Categories are codes 0, 1, …; an unknown one is read as missing, as the library does. Covers are training rows.
    ValueError for more than two classes and for categories that are no codes.
    """
    if any(len(iteration) != 1 for iteration in estimator._predictors):
        raise ValueError("trees of more than two classes cannot be read")
    columns, codes = _columns_and_codes(estimator)
    start = float(np.ravel(estimator._baseline_prediction)[0])
    trees = [_boosted_tree(tree, columns, codes) for (tree,) in estimator._predictors]
    return FlatTrees.joined([FlatTrees.constant(len(columns), start), *trees])


def _columns_and_codes(estimator: Any) -> tuple[np.ndarray, dict[int, list[float]]]:
    """For each column that the trees ask: the given column, and the categories that the encoder numbered.

    The estimator puts the columns of categories first and numbers their categories before its trees see them.
    """
    number = int(estimator.n_features_in_)
    if estimator._preprocessor is None:
        return np.arange(number), {}
    given = np.arange(number)
    encoder = estimator._preprocessor.named_transformers_["encoder"]
    columns = np.concatenate([given[estimator.is_categorical_], given[~estimator.is_categorical_]])
    codes = {place: [float(code) for code in known] for place, known in enumerate(encoder.categories_)}
    known = np.array([code for found in codes.values() for code in found if not np.isnan(code)])
    if (known != np.floor(known)).any():
        raise ValueError("categories of HistGradientBoosting must be codes 0, 1, …")
    return columns, codes


def _boosted_tree(tree: Any, columns: np.ndarray, codes: dict[int, list[float]]) -> FlatTrees:
    nodes = tree.nodes
    leaf = nodes["is_leaf"].astype(np.bool_)
    categorical = nodes["is_categorical"].astype(np.bool_) & ~leaf
    towards_left = nodes["missing_go_to_left"].astype(np.bool_) & ~leaf
    # All that is not known goes where missing goes: with it on the left, sisters change places, so that "all other
    # codes go right" holds.
    swapped = categorical & towards_left
    left, right = (np.where(leaf, -1, nodes[side].astype(np.int32)) for side in ("left", "right"))
    sets = [
        _codes_to(
            codes[int(nodes["feature_idx"][n])], tree.raw_left_cat_bitsets[nodes["bitset_idx"][n]], not swapped[n]
        )
        for n in np.flatnonzero(categorical)
    ]
    category_set = np.full(len(nodes), -1)
    category_set[categorical] = np.arange(len(sets))
    return FlatTrees(
        columns=len(columns),
        start=0.0,
        roots=np.zeros(1, np.int32),
        feature=np.where(leaf, -1, columns[nodes["feature_idx"]]),
        threshold=np.where(leaf | categorical, 0.0, nodes["num_threshold"]),
        left=np.where(swapped, right, left),
        right=np.where(swapped, left, right),
        missing_left=towards_left & ~swapped,
        value=np.where(leaf, nodes["value"], 0.0),
        cover=nodes["count"].astype(np.float64),
        categories=tuple(sets),
        category_set=category_set,
    )


def _codes_to(known: list[float], bits: np.ndarray, left: bool) -> tuple[int, ...]:
    """The known codes that go left (or right); bit i of the words stands for the i-th known category."""
    return tuple(
        int(code)
        for place, code in enumerate(known)
        if not np.isnan(code) and bool(int(bits[place // _WORD]) >> place % _WORD & 1) == left
    )
