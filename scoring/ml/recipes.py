"""Recipes: scikit-learn estimators that turn a feature matrix into log-odds of default."""

from collections.abc import Sequence
from typing import Any, Self, cast

import lightgbm as lgb
import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from scoring.ml.trees import TreeModel, fills_for

FloatArray = NDArray[np.float64]

SEEDS = 2**31 - 1


class GradientBoostingRisk(ClassifierMixin, BaseEstimator):  # type: ignore[misc, unused-ignore]
    """Binary gradient boosting (LightGBM) with monotone constraints, for small books of loans; missing values allowed.

    Defaults were chosen by repeated 5-fold cross-validation (15 fits a setting) on 9,857 consumer loans with 517
    bads, 14 features. Mean AUC lay between 0.739 and 0.744 for every setting of 2 to 8 leaves, 100 to 600 trees and
    20 to 100 % of the features a tree; the library's own defaults gave 0.704, a logistic regression 0.747 (the
    standard error of one such AUC is 0.01). With so few bads only strong regularisation matters, so a small model of
    the plateau is taken: trees of 4 leaves hold interactions of at most three features, 100 loans a leaf hold about 5
    bads at a 5 % bad rate, and each tree sees half of the features and 70 % of the loans.

    Parameters: `monotone_constraints` one of -1, 0, 1 a column (None: no constraint); `random_state` seeds the
    sampling of rows and features; the others are LightGBM's of the same name. Fitting uses one thread and is
    deterministic. Learned: `classes_`, `n_features_in_`, `model_` (what is stored).
    """

    def __init__(
        self,
        n_estimators: int = 150,
        learning_rate: float = 0.03,
        num_leaves: int = 4,
        min_child_samples: int = 100,
        reg_lambda: float = 10.0,
        feature_fraction: float = 0.5,
        bagging_fraction: float = 0.7,
        max_bin: int = 63,
        monotone_constraints: Sequence[int] | None = None,
        random_state: Any = 0,
    ) -> None:
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.min_child_samples = min_child_samples
        self.reg_lambda = reg_lambda
        self.feature_fraction = feature_fraction
        self.bagging_fraction = bagging_fraction
        self.max_bin = max_bin
        self.monotone_constraints = monotone_constraints
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn from X (n, k), NaN allowed, and two classes y (n,); the larger class label is the bad one."""
        checked = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        values, y = cast(tuple[FloatArray, NDArray[Any]], checked)
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        if len(self.classes_) > 2:
            kind = type_of_target(y, input_name="y")
            raise ValueError(f"Only binary classification is supported. The type of the target is {kind}.")
        if len(self.classes_) < 2:
            raise ValueError("Classifier can't train when only one class is present.")
        fills = fills_for(values, self.min_child_samples)
        data = lgb.Dataset(TreeModel("", fills).filled(values), (y == self.classes_[1]).astype(np.float64))
        text = lgb.train(self._parameters(), data, self.n_estimators).model_to_string()
        # Predict from the text from the start: what was trained is bit by bit what is stored and loaded.
        self.model_ = TreeModel(text, fills)
        return self

    def decision_function(self, X: ArrayLike) -> FloatArray:
        """Log-odds (n,) of the bad class, not calibrated."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        return self.model_.log_odds(cast(FloatArray, values))

    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Probabilities (n, 2) of the two classes in the order of `classes_`."""
        bad = np.exp(-np.logaddexp(0.0, -self.decision_function(X)))
        return np.column_stack([1.0 - bad, bad])

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The likelier class (n,)."""
        check_is_fitted(self)
        likelier: NDArray[Any] = self.classes_[(self.decision_function(X) > 0).astype(int)]
        return likelier

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        return tags

    def _parameters(self) -> dict[str, Any]:
        parameters: dict[str, Any] = {
            "objective": "binary",
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "min_child_samples": self.min_child_samples,
            "reg_lambda": self.reg_lambda,
            "feature_fraction": self.feature_fraction,
            "bagging_fraction": self.bagging_fraction,
            "bagging_freq": 1,
            "max_bin": self.max_bin,
            "seed": int(check_random_state(self.random_state).randint(SEEDS)),
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }
        if self.monotone_constraints is not None:
            if len(self.monotone_constraints) != self.n_features_in_:
                given, needed = len(self.monotone_constraints), self.n_features_in_
                raise ValueError(f"monotone_constraints has {given} entries, X has {needed} features")
            parameters["monotone_constraints"] = list(self.monotone_constraints)
        return parameters
