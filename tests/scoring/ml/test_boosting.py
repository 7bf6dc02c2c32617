"""Boosted and bagged trees: what is stored says what the library says."""

from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

from scoring.ml.estimators.boosting import GradientBoostingRisk, HistGradientBoostingRisk, XGBoostRisk
from scoring.ml.estimators.forests import RandomForestRisk
from scoring.ml.forms import TreesForm
from tests.scoring.ml.recipe_data import COLUMNS, make_loans

LOANS = make_loans(1000)
FEW: dict[str, Any] = {"n_estimators": 15, "categorical": COLUMNS.categorical, "random_state": 0}


def kept_by(monkeypatch: pytest.MonkeyPatch, library: Any) -> list[Any]:
    """What the library trains from now on."""
    boosters: list[Any] = []
    train = library.train

    def keep(*given: Any) -> Any:
        boosters.append(train(*given))
        return boosters[-1]

    monkeypatch.setattr(library, "train", keep)
    return boosters


def test_xgboost_says_the_same_to_the_accuracy_of_its_single_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    boosters = kept_by(monkeypatch, xgb)
    model = XGBoostRisk(categories="codes", **FEW).fit(LOANS.values, LOANS.y)
    assert isinstance(model.form_, TreesForm)
    data = xgb.DMatrix(model.form_.inputs.prepare(LOANS.values), nthread=1)
    margin = boosters[0].predict(data, output_margin=True)
    assert np.abs(margin - model.decision_function(LOANS.values)).max() < 1e-5


def test_lightgbm_says_the_same_with_sets_of_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    boosters = kept_by(monkeypatch, lgb)
    model = GradientBoostingRisk(categories="codes", **FEW).fit(LOANS.values, LOANS.y)
    assert isinstance(model.form_, TreesForm)
    assert model.form_.trees.categories
    raw = boosters[0].predict(model.form_.inputs.prepare(LOANS.values), raw_score=True, num_threads=1)
    assert np.abs(raw - model.decision_function(LOANS.values)).max() < 1e-12


@pytest.mark.parametrize("recipe", [GradientBoostingRisk, HistGradientBoostingRisk, XGBoostRisk])
def test_no_tree_has_more_leaves_than_allowed(recipe: Any) -> None:
    form = recipe(max_leaves=5, **FEW).fit(LOANS.values, LOANS.y).form_
    assert len(form.trees.roots) == 15
    assert (form.trees.feature < 0).sum() <= 15 * 5


def test_a_forest_is_the_mean_of_log_odds_within_what_shrinkage_allows() -> None:
    model = RandomForestRisk(n_estimators=7, random_state=0).fit(LOANS.values, LOANS.y)
    mean = LOANS.y.mean()
    least, most = 0.1 * mean, 0.9 + 0.1 * mean
    log_odds = model.decision_function(LOANS.values)
    assert log_odds.min() > np.log(least / (1 - least)) - 1e-9
    assert log_odds.max() < np.log(most / (1 - most)) + 1e-9
