"""A decision tree and a random forest whose leaves hold log-odds, so that trees add up."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from scoring.ml.columns import Columns
from scoring.ml.estimators.encoding import TreeInputs
from scoring.ml.estimators.risk_classifier import RiskClassifier
from scoring.ml.forms import TreesForm
from scoring.ml.sample_weights import Weights, mean
from scoring.ml.trees.flat_trees import FlatTrees
from scoring.ml.trees.tree_readers import from_forest

FloatArray = NDArray[np.float64]

# Share of the mean bad rate in the bad rate of each leaf: keeps pure leaves finite.
SHRINKAGE = 0.1


class DecisionTreeRisk(RiskClassifier):
    """One tree grown best split first; a leaf gives the log-odds of its bad rate, shrunk."""

    def __init__(
        self,
        max_leaves: int = 16,
        min_rows_a_leaf: int = 50,
        categorical: Sequence[bool] | None = None,
        monotone_constraints: Sequence[int] | None = None,
        special_values: Sequence[Sequence[float]] | None = None,
        random_state: Any = None,
    ) -> None:
        self.max_leaves = max_leaves
        self.min_rows_a_leaf = min_rows_a_leaf
        self.categorical = categorical
        self.monotone_constraints = monotone_constraints
        self.special_values = special_values
        self.random_state = random_state

    def _fit_form(
        self, values: FloatArray, bad: FloatArray, columns: Columns, seed: int, weights: Weights
    ) -> TreesForm:
        inputs = TreeInputs.fit(values, bad, columns, weights=weights)
        tree = DecisionTreeClassifier(
            max_leaf_nodes=self.max_leaves,
            min_samples_leaf=self.min_rows_a_leaf,
            monotonic_cst=list(columns.directions) if any(columns.directions) else None,
            random_state=seed,
        )
        tree.fit(inputs.prepare_training(values, bad, seed, weights), bad, sample_weight=weights)
        return TreesForm(inputs, _in_log_odds(tree, mean(bad, weights)))


class RandomForestRisk(RiskClassifier):
    """Mean of the log-odds of trees that are grown on samples of the rows with a few columns a split.

    The mean is of log-odds and not of probabilities, so that contributions of the trees add up. `max_samples` is the
    most rows a tree sees, which bounds the time of training on a large book.
    """

    def __init__(
        self,
        n_estimators: int = 60,
        max_leaves: int = 64,
        min_rows_a_leaf: int = 10,
        max_samples: int = 20_000,
        categorical: Sequence[bool] | None = None,
        monotone_constraints: Sequence[int] | None = None,
        special_values: Sequence[Sequence[float]] | None = None,
        random_state: Any = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.max_leaves = max_leaves
        self.min_rows_a_leaf = min_rows_a_leaf
        self.max_samples = max_samples
        self.categorical = categorical
        self.monotone_constraints = monotone_constraints
        self.special_values = special_values
        self.random_state = random_state

    def _fit_form(
        self, values: FloatArray, bad: FloatArray, columns: Columns, seed: int, weights: Weights
    ) -> TreesForm:
        inputs = TreeInputs.fit(values, bad, columns, weights=weights)
        forest = RandomForestClassifier(
            n_estimators=self.n_estimators,
            max_leaf_nodes=self.max_leaves,
            min_samples_leaf=self.min_rows_a_leaf,
            max_samples=min(self.max_samples, len(values)),
            monotonic_cst=list(columns.directions) if any(columns.directions) else None,
            n_jobs=1,
            random_state=seed,
        )
        forest.fit(inputs.prepare_training(values, bad, seed, weights), bad, sample_weight=weights)
        return TreesForm(inputs, _in_log_odds(forest, mean(bad, weights)))


def _in_log_odds(estimator: DecisionTreeClassifier | RandomForestClassifier, mean: float) -> FlatTrees:
    """The trees with ln(p / (1 - p)) in their leaves, p the leaf's bad rate shrunk to the `mean` of all.

    All leaves are shrunk alike, whatever their size, because p of a monotone tree then still rises where it did.
    """
    trees = from_forest(estimator, leaf="probability")
    number = len(trees.roots)
    share = (1.0 - SHRINKAGE) * number * trees.value + SHRINKAGE * mean
    return replace(trees, value=np.where(trees.feature < 0, np.log(share / (1.0 - share)) / number, 0.0))
