"""The estimator: scikit-learn's own checks, missing values, monotone directions, sameness of two runs."""

from typing import Any

import numpy as np
import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from scoring.ml.features import FeatureTable
from scoring.ml.recipes import GradientBoostingRisk
from tests.scoring.ml.conftest import Book

# The checks learn from a few dozen rows, on which the defaults (100 rows a leaf) rightly refuse to split.
SMALL = GradientBoostingRisk(
    n_estimators=30, learning_rate=0.3, min_child_samples=1, reg_lambda=0.0, feature_fraction=1.0
)


# The array API is for arrays on other devices than NumPy's; LightGBM has no use for it and its check would be skipped.
CHECKS = [
    pytest.param(estimator, check, id=str(getattr(check, "func", check).__name__) + f"-{place}")
    for place, (estimator, check) in enumerate(estimator_checks_generator(SMALL))
    if "array_api" not in str(check)
]


@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_it_is_a_scikit_learn_classifier(estimator: Any, check: Any) -> None:
    check_estimator_with(estimator, check)


def check_estimator_with(estimator: Any, check: Any) -> None:
    """Each of scikit-learn's checks raises AssertionError by itself."""
    check(estimator)


def test_more_of_a_risky_feature_never_lowers_the_risk(table: FeatureTable, book: Book) -> None:
    values = table.matrix(book.rows)
    model = GradientBoostingRisk(monotone_constraints=table.directions).fit(values, book.y)
    for column, direction in enumerate(table.directions):
        if direction:
            steps = np.repeat(values[:50], 20, axis=0)
            steps[:, column] = np.tile(np.linspace(0, np.nanmax(values[:, column]) * 1.5, 20), 50)
            moved = direction * np.diff(model.decision_function(steps).reshape(50, 20), axis=1)
            assert moved.min() >= -1e-12


def test_a_missing_value_that_training_never_saw_reads_as_the_median(table: FeatureTable, book: Book) -> None:
    values = table.matrix(book.rows)
    model = GradientBoostingRisk().fit(values, book.y)
    column = table.names.index("interest_rate")
    withheld, typical = values[:200].copy(), values[:200].copy()
    withheld[:, column] = np.nan
    typical[:, column] = np.quantile(values[:, column], 0.5, method="inverted_cdf")
    assert (model.decision_function(withheld) == model.decision_function(typical)).all()
    assert model.model_.fills[table.names.index("employment_years")] is None


def test_a_column_without_any_value_does_no_harm(book: Book, table: FeatureTable) -> None:
    values = table.matrix(book.rows)
    values[:, 0] = np.nan
    assert np.isfinite(GradientBoostingRisk().fit(values, book.y).decision_function(values)).all()


def test_two_runs_give_the_same_text(table: FeatureTable, book: Book) -> None:
    values = table.matrix(book.rows)
    one, two = (GradientBoostingRisk(random_state=3).fit(values, book.y).model_ for _ in range(2))
    assert one == two


def test_constraints_of_another_width_are_refused(book: Book, table: FeatureTable) -> None:
    with pytest.raises(ValueError, match="monotone_constraints has 2 entries, X has 14 features"):
        GradientBoostingRisk(monotone_constraints=[1, 0]).fit(table.matrix(book.rows), book.y)
