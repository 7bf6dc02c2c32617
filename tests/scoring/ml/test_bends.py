"""The penalty of bends: straight where risk is straight, bent where it is not, and the likelihood that it names."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import multivariate_normal

from scoring.ml.estimators.bends import BEND_PENALTIES, likeliest_penalty
from scoring.ml.estimators.linear import LogisticRegressionRisk
from scoring.ml.estimators.logistic import LogisticFit, fit_logistic
from scoring.ml.forms import AdditiveForm
from scoring.ml.metrics import auc, log_loss

FloatArray = NDArray[np.float64]


def drawn(amounts: FloatArray, log_odds: FloatArray) -> NDArray[np.int64]:
    """Outcomes (n,) of log-odds (n,), the same for the same amounts."""
    chance = np.random.default_rng(len(amounts)).random(len(amounts))
    return (chance < 1 / (1 + np.exp(-log_odds))).astype(np.int64)


def unlike_a_line(form: object) -> float:
    """Largest distance of the first curve from the line through its ends, against its range."""
    assert isinstance(form, AdditiveForm)
    heights = form.read(np.column_stack([np.linspace(0.02, 0.98, 50)] * len(form.curves)))[:, 0]
    return float(np.abs(heights - np.linspace(heights[0], heights[-1], 50)).max() / np.ptp(heights))


def test_straight_risk_gives_straight_curves_and_bent_risk_bent_ones() -> None:
    amounts = np.random.default_rng(0).random((2000, 8))
    straight = LogisticRegressionRisk().fit(amounts, drawn(amounts, (amounts - 0.5).sum(axis=1) * 2 - 1.0))
    hill = LogisticRegressionRisk().fit(amounts, drawn(amounts, 2 * np.sin(6 * amounts).sum(axis=1) - 1.0))
    assert unlike_a_line(straight.form_) < 0.05
    assert unlike_a_line(hill.form_) > 0.25


def test_many_straight_amounts_are_ranked_as_by_straight_lines() -> None:
    amounts = np.random.default_rng(1).random((1600, 20))
    weights = np.random.default_rng(2).normal(size=20)
    y = drawn(amounts, (amounts - 0.5) @ weights - 1.5)
    new = np.random.default_rng(3).random((20000, 20))
    bad = drawn(new, (new - 0.5) @ weights - 1.5)
    line = fit_logistic(amounts, y.astype(np.float64), penalty=np.eye(20))
    ours = LogisticRegressionRisk().fit(amounts, y).decision_function(new)
    assert auc(bad, ours) > auc(bad, line.log_odds(new)) - 0.002


def test_with_fewer_bads_than_weights_the_loans_say_how_strongly_all_are_drawn_to_zero() -> None:
    random = np.random.default_rng(5)
    amounts, new = random.random((400, 24)), random.random((20000, 24))
    weak, strong = random.normal(scale=0.5, size=24), np.append([6.0, -6.0, 6.0], np.zeros(21))
    for weights, is_drawn in ((weak, True), (strong, False)):
        y, bad = (drawn(each, (each - 0.5) @ weights - 1.5) for each in (amounts, new))
        assert min(y.sum(), 400 - y.sum()) < 24 * 6
        fixed, free = (LogisticRegressionRisk(C).fit(amounts, y).decision_function(new) for C in (1.0, "auto"))
        assert bool(free.std() < 0.8 * fixed.std()) is is_drawn
        assert log_loss(bad, free) < log_loss(bad, fixed)


def test_with_more_bads_than_weights_the_penalty_stays_that_of_scikit_learn() -> None:
    amounts = np.random.default_rng(6).random((600, 4))
    y = drawn(amounts, 3 * (amounts - 0.5).sum(axis=1))
    fixed, free = (LogisticRegressionRisk(C).fit(amounts, y).decision_function(amounts) for C in (1.0, "auto"))
    assert fixed.tolist() == free.tolist()


def test_a_word_that_is_no_penalty_is_refused() -> None:
    with pytest.raises(ValueError, match="'auto', got 'best'"):
        LogisticRegressionRisk(C="best").fit([[0.0], [1.0]], [0, 1])  # type: ignore[arg-type]


@pytest.mark.parametrize("strength", [0.05, 1.0])
def test_it_is_the_penalty_of_the_highest_marginal_likelihood(strength: float) -> None:
    """Against the density of the working response itself, drawn weights and noise integrated out."""
    random = np.random.default_rng(4)
    design = random.normal(size=(60, 4))
    bad = (random.random(60) < 1 / (1 + np.exp(-design @ (strength * random.normal(size=4))))).astype(np.float64)
    penalty, bends = np.diag([1.0, 0.0, 0.0, 0.0]), np.diag([0.0, 1.0, 2.0, 3.0])
    fit = fit_logistic(design, bad, penalty=penalty + bends)
    log_odds = fit.log_odds(design)
    share = 1 / (1 + np.exp(-log_odds))
    variance = share * (1 - share)
    response = log_odds + (bad - share) / variance

    def likelihood(cost: float) -> float:
        # The intercept is free: a variance so large that its prior is flat.
        spread = design @ np.linalg.inv(penalty + cost * bends) @ design.T + 1e6 + np.diag(1 / variance)
        return float(multivariate_normal(np.zeros(60), spread).logpdf(response))

    likeliest = max(BEND_PENALTIES, key=likelihood)
    assert likeliest_penalty(design, bad, fit, penalty, bends, BEND_PENALTIES) == pytest.approx(likeliest)


def test_log_odds_beyond_all_measure_are_no_error() -> None:
    design = np.array([[-1.0], [1.0], [2.0]])
    sure = LogisticFit(np.array([1e6]), 0.0)
    found = likeliest_penalty(design, np.array([0.0, 1.0, 1.0]), sure, np.zeros((1, 1)), np.eye(1), BEND_PENALTIES)
    assert BEND_PENALTIES[0] <= found <= BEND_PENALTIES[-1]
