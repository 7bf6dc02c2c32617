"""Calibration against scikit-learn, against a known truth, and at its edges."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from scoring.ml.calibration import LEAST_SLOPE, LogOddsCalibration, sigmoid
from scoring.ml.errors import TrainingError


def drawn(size: int, slope: float, intercept: float) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    log_odds = random.normal(-2, 1.5, size)
    return log_odds, (random.random(size) < sigmoid(slope * log_odds + intercept)).astype(np.int64)


def test_it_finds_the_maximum_that_scikit_learn_finds() -> None:
    log_odds, y = drawn(4000, 0.6, 0.3)
    bads, goods = int(y.sum()), int(len(y) - y.sum())
    soft = np.where(y == 1, (bads + 1) / (bads + 2), 1 / (goods + 2))
    # A smoothed target is a bad and a good row with the target and its complement as weights.
    judge = LogisticRegression(C=np.inf, tol=1e-12, max_iter=1000).fit(
        np.concatenate([log_odds, log_odds])[:, None],
        np.repeat([1, 0], len(y)),
        sample_weight=np.concatenate([soft, 1 - soft]),
    )
    found = LogOddsCalibration.fit(log_odds, y)
    assert found.slope == pytest.approx(judge.coef_[0, 0], abs=1e-5)
    assert found.intercept == pytest.approx(judge.intercept_[0], abs=1e-5)


def test_an_overconfident_model_is_brought_back() -> None:
    found = LogOddsCalibration.fit(*drawn(40000, 0.5, 0.2))
    assert found.slope == pytest.approx(0.5, abs=0.03)
    assert found.intercept == pytest.approx(0.2, abs=0.06)


def test_a_model_that_ranks_backwards_loses_its_say_but_is_not_turned_round() -> None:
    log_odds, y = drawn(2000, 1.0, 0.0)
    found = LogOddsCalibration.fit(-log_odds, y)
    assert found.slope == LEAST_SLOPE
    assert sigmoid(found.apply(-log_odds)).mean() == pytest.approx(y.mean(), abs=0.002)


def test_a_perfect_ranking_stays_finite() -> None:
    y = np.repeat([0, 1], 50).astype(np.int64)
    found = LogOddsCalibration.fit(np.where(y == 1, 9.0, -9.0), y)
    assert np.isfinite(found.slope)
    assert sigmoid(found.apply(np.array([9.0])))[0] == pytest.approx(51 / 52, abs=1e-6)


def test_equal_scores_give_the_bad_rate() -> None:
    y = np.repeat([0, 1], [90, 10]).astype(np.int64)
    found = LogOddsCalibration.fit(np.full(100, -1.0), y)
    assert sigmoid(found.apply(np.array([-1.0])))[0] == pytest.approx(0.1, abs=0.02)


def test_one_outcome_only_is_refused_in_both_languages() -> None:
    with pytest.raises(TrainingError) as refused:
        LogOddsCalibration.fit(np.zeros(3), np.zeros(3, dtype=np.int64))
    assert refused.value.sentence("en") == "Calibration needs loans of both outcomes."
    assert "校准" in refused.value.sentence("zh-hans")


@pytest.mark.parametrize(("slope", "intercept"), [(0.0, 0.0), (-1.0, 0.0), (np.nan, 0.0), (1.0, np.inf)])
def test_a_calibration_that_turns_or_breaks_the_order_cannot_be(slope: float, intercept: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        LogOddsCalibration(slope, intercept)


def test_the_sigmoid_neither_overflows_nor_loses_small_risks() -> None:
    assert sigmoid(np.array([-800.0, 0.0, 800.0])).tolist() == [0.0, 0.5, 1.0]
    assert sigmoid(np.array([-50.0]))[0] == pytest.approx(np.exp(-50.0), rel=1e-12)
