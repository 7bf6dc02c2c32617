"""What all recipes share: a scikit-learn classifier that learns a form and predicts from that form alone."""

from abc import ABCMeta, abstractmethod
from collections.abc import Sequence
from functools import cache
from typing import Any, Self, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped, unused-ignore]

from scoring.ml.columns import Columns
from scoring.ml.forms import AnyForm
from scoring.ml.sample_weights import Weights

FloatArray = NDArray[np.float64]

SEEDS = 2**31 - 1


class RiskClassifier(ClassifierMixin, BaseEstimator, metaclass=ABCMeta):  # type: ignore[misc, unused-ignore]
    """Binary classifier of bad outcomes; the larger class label is the bad one, NaN is missing.

    Parameters that every recipe has, all optional and one entry a column: `categorical` (codes 0, 1, … instead of
    amounts), `monotone_constraints` (+1 more is riskier, -1 safer, 0 free; a category with a direction is read as an
    amount), `special_values` (values that are no amounts); and `random_state`. Learned: `classes_`,
    `n_features_in_`, `form_`, which is what is stored, so that what was trained is bit by bit what is scored.
    """

    categorical: Sequence[bool] | None
    monotone_constraints: Sequence[int] | None
    special_values: Sequence[Sequence[float]] | None
    random_state: Any
    form_: AnyForm

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Learn from X (n, k), NaN allowed, and two classes y (n,).

        ValueError on one class or on more than two, and on parameters that do not fit the columns of X.

        `sample_weight` (n,), not below 0: what each row counts in every sum; a row of weight 0 is left out. How many
        rows a leaf, a bin or a category needs is said of rows, whatever they weigh.
        """
        values, bad, weights = self._checked(X, y, sample_weight)
        # Threads would quarrel over the machine with the other processes, and sums could depend on their number.
        with _thread_pools().limit(limits=1):
            self.form_ = self._fit_form(values, bad, self._columns(), self._seed(), weights)
        return self

    def decision_function(self, X: ArrayLike) -> FloatArray:
        """Log-odds (n,) of the bad class, not calibrated."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        return self.form_.log_odds(cast(FloatArray, values))

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

    @abstractmethod
    def _fit_form(self, values: FloatArray, bad: FloatArray, columns: Columns, seed: int, weights: Weights) -> AnyForm:
        """The form learned from values (n, k), outcomes (n,), 1.0 = bad, both present, and their weights."""

    def _checked(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None
    ) -> tuple[FloatArray, FloatArray, Weights]:
        checked = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        values, y = cast(tuple[FloatArray, NDArray[Any]], checked)
        weights: Weights = None
        if sample_weight is not None:
            weights = _check_sample_weight(sample_weight, values, dtype=np.float64, ensure_non_negative=True)
            counted = weights > 0.0
            values, y, weights = values[counted], y[counted], weights[counted]
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        if len(self.classes_) > 2:
            kind = type_of_target(y, input_name="y")
            raise ValueError(f"Only binary classification is supported. The type of the target is {kind}.")
        if len(self.classes_) < 2:
            raise ValueError("Classifier can't train when only one class is present.")
        return values, (y == self.classes_[1]).astype(np.float64), weights

    def _columns(self) -> Columns:
        needed = self.n_features_in_
        plain = Columns.plain(needed)
        categorical = plain.categorical if self.categorical is None else tuple(map(bool, self.categorical))
        directions = plain.directions if self.monotone_constraints is None else tuple(self.monotone_constraints)
        given = plain.specials if self.special_values is None else self.special_values
        specials = tuple(tuple(map(float, values)) for values in given)
        for name, entries in (
            ("categorical", categorical),
            ("monotone_constraints", directions),
            ("special_values", specials),
        ):
            if len(entries) != needed:
                raise ValueError(f"{name} has {len(entries)} entries, X has {needed} features")
        if not set(directions) <= {-1, 0, 1}:
            raise ValueError(f"monotone_constraints must be -1, 0 or 1, got {sorted(set(directions) - {-1, 0, 1})}")
        free = tuple(code and not way for code, way in zip(categorical, directions, strict=True))
        return Columns(free, directions, specials)

    def _seed(self) -> int:
        return int(check_random_state(self.random_state).randint(SEEDS))


@cache
def _thread_pools() -> ThreadpoolController:
    """The pools of the process; kept, because to find them takes longer than a small fit."""
    return ThreadpoolController()
