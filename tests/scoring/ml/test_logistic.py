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
