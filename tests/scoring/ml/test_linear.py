"""Logistic regression on ranks: no worse than scikit-learn's own chain of steps, and stored as curves."""

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer

from scoring.ml.estimators.linear import LogisticRegressionRisk, RankColumn
from scoring.ml.forms import AdditiveForm
from tests.scoring.ml.recipe_data import COLUMNS, make_loans


def test_it_is_no_worse_than_quantiles_indicators_and_a_logistic_regression() -> None:
    loans, new = make_loans(2000), make_loans(5000, seed=1)
    filled, new_filled = (np.where(np.isnan(one.values), 22000.0, one.values) for one in (loans, new))
    steps = ColumnTransformer(
        [
            ("amounts", QuantileTransformer(n_quantiles=200), [0, 1, 3, 4]),
            ("codes", OneHotEncoder(handle_unknown="ignore"), [2]),
        ]
    )
    plain = make_pipeline(steps, LogisticRegression(max_iter=1000)).fit(filled, loans.y)
    model = LogisticRegressionRisk(categorical=COLUMNS.categorical, special_values=COLUMNS.specials)
    ours = roc_auc_score(new.y, model.fit(loans.values, loans.y).decision_function(new.values))
    assert ours > roc_auc_score(new.y, plain.predict_proba(new_filled)[:, 1])


def test_equal_values_share_the_middle_of_their_ranks() -> None:
    ranks = RankColumn.fit(np.array([1.0, 2.0, 2.0, 3.0, np.nan, -9.0]), (-9.0,))
    assert ranks.knots.tolist() == [1.0, 2.0, 3.0]
    assert ranks.ranks.tolist() == [0.125, 0.5, 0.875]


def test_units_and_outliers_do_not_matter() -> None:
    loans = make_loans(500)
    stretched = loans.values.copy()
    stretched[:, 1] = np.exp(stretched[:, 1] / 1e4)
    model = LogisticRegressionRisk(categorical=COLUMNS.categorical)
    one = model.fit(loans.values, loans.y).decision_function(loans.values)
    two = model.fit(stretched, loans.y).decision_function(stretched)
    # Medians are values that occur, so even what stands for the missing is the same loan's.
    assert np.abs(one - two).max() < 0.02


def test_curves_say_what_the_fit_said() -> None:
    loans = make_loans(800)
    model = LogisticRegressionRisk(categorical=COLUMNS.categorical, special_values=COLUMNS.specials)
    form = model.fit(loans.values, loans.y).form_
    assert isinstance(form, AdditiveForm)
    assert [curve.kind for curve in form.curves] == ["line", "line", "codes", "line", "line"]
    assert form.curves[3].specials[0][0] == -999.0
    # At the optimum of a logistic regression with a free intercept, mean PD is the bad rate.
    assert abs(model.predict_proba(loans.values)[:, 1].mean() - loans.y.mean()) < 1e-4
