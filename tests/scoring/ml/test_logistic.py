"""The solver: the same optimum as scikit-learn's, bounds and centres kept."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from scoring.ml.estimators.logistic import fit_logistic

RANDOM = np.random.default_rng(0)
DESIGN = RANDOM.normal(size=(400, 3))
BAD = (RANDOM.random(400) < 1 / (1 + np.exp(1 - DESIGN @ [1.0, -0.5, 0.0]))).astype(np.float64)


def test_it_finds_what_scikit_learn_finds() -> None:
    ours = fit_logistic(DESIGN, BAD, penalty=np.eye(3) / 0.5)
    theirs = LogisticRegression(C=0.5, tol=1e-10, max_iter=1000).fit(DESIGN, BAD)
    assert ours.weights == pytest.approx(theirs.coef_[0], abs=1e-4)
    assert ours.intercept == pytest.approx(theirs.intercept_[0], abs=1e-4)


def test_a_weight_that_would_cross_its_bound_stays_on_it() -> None:
    fit = fit_logistic(DESIGN, BAD, penalty=np.eye(3), low=np.zeros(3))
    assert fit.weights[1] == 0.0
    assert fit.weights[0] > 0.5


def test_a_heavy_penalty_leaves_the_weights_at_their_centre() -> None:
    fit = fit_logistic(DESIGN, BAD, penalty=np.eye(3) * 1e6, centre=np.array([0.2, 0.3, 0.4]))
    assert fit.weights == pytest.approx([0.2, 0.3, 0.4], abs=1e-3)


def test_the_weights_of_members_far_from_nought_and_alike_are_found_to_the_end() -> None:
    random = np.random.default_rng(5)
    truth = random.normal(-3.3, 1.0, 9000)
    bad = (random.random(9000) < 1 / (1 + np.exp(-truth))).astype(np.float64)
    noise = [0.3, 0.2, 0.9, 0.5, 0.3, 0.4, 1.5]
    members = np.column_stack([truth - shift + random.normal(0, size, 9000) for shift, size in enumerate(noise)])
    penalty, centre = np.diag(40.0 * members.var(axis=0)), np.array([1, 2, 0, 1, 1, 1, 1]) / 7
    fit = fit_logistic(members, bad, penalty=penalty, centre=centre, low=np.zeros(7))
    slope = 1 / (1 + np.exp(-fit.log_odds(members))) - bad
    gradient = members.T @ slope + penalty @ (fit.weights - centre)
    inside = fit.weights > 0
    assert inside.sum() > 3
    # The conditions of an optimum: no slope in a free weight or the intercept, none downhill at a bound.
    assert gradient[inside] / 9000 == pytest.approx(0.0, abs=2e-6)
    assert slope.sum() / 9000 == pytest.approx(0.0, abs=2e-6)
    assert (gradient[~inside] >= 0.0).all()


def test_a_column_of_one_value_weighs_nothing() -> None:
    fit = fit_logistic(np.column_stack([DESIGN, np.full(400, 3.0)]), BAD, penalty=np.eye(4))
    assert fit.weights[3] == pytest.approx(0.0, abs=1e-6)
    without = fit_logistic(DESIGN, BAD, penalty=np.eye(3))
    assert fit.weights[:3] == pytest.approx(without.weights, abs=1e-5)
