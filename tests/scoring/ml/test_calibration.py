"""Calibration against scikit-learn, against a known truth, and at its edges."""

import json
from decimal import Decimal, localcontext

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from scoring.ml.calibration import (
    LEAST_SLOPE,
    BetaCalibration,
    Calibration,
    LogOddsCalibration,
    calibration_from_dict,
    choose_calibration,
    sigmoid,
)
from scoring.ml.errors import TrainingError

STRAIGHT = LogOddsCalibration(0.7, -0.2)
BENT = BetaCalibration(good_slope=0.4, bad_slope=1.9, intercept=-1.1, centre=-2.0)


def drawn(size: int, slope: float, intercept: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    return drawn_by(LogOddsCalibration(slope, intercept), size)


def drawn_by(truth: Calibration, size: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Log-odds and outcomes for which `truth` is the right calibration."""
    random = np.random.default_rng(0)
    log_odds = random.normal(-2, 1.5, size)
    return log_odds, (random.random(size) < sigmoid(truth.apply(log_odds))).astype(np.int64)


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


def test_beta_finds_the_maximum_that_scikit_learn_finds() -> None:
    log_odds, y = drawn_by(BENT, 4000)
    bads, goods = int(y.sum()), int(len(y) - y.sum())
    soft = np.where(y == 1, (bads + 1) / (bads + 2), 1 / (goods + 2))
    pd = sigmoid(log_odds - np.median(log_odds))
    # Beta calibration is logistic regression on ln(p) and -ln(1 - p) (Kull, Silva Filho and Flach 2017).
    design = np.column_stack([np.log(pd), -np.log1p(-pd)])
    judge = LogisticRegression(C=np.inf, tol=1e-12, max_iter=1000).fit(
        np.concatenate([design, design]),
        np.repeat([1, 0], len(y)),
        sample_weight=np.concatenate([soft, 1 - soft]),
    )
    found = BetaCalibration.fit(log_odds, y)
    assert [found.good_slope, found.bad_slope] == pytest.approx(judge.coef_[0].tolist(), abs=1e-4)
    assert found.intercept == pytest.approx(judge.intercept_[0], abs=1e-4)


def test_beta_with_equal_slopes_is_a_straight_line() -> None:
    log_odds = np.linspace(-30, 30, 25)
    straight = BetaCalibration(0.7, 0.7, -0.2 - 0.7 * 2.0, centre=-2.0)
    assert straight.apply(log_odds) == pytest.approx(0.7 * log_odds - 0.2, abs=1e-12)
    assert straight.scale(log_odds, -1.0) == pytest.approx(np.full(25, 0.7), abs=1e-12)


def test_beta_of_a_model_that_ranks_backwards_loses_its_say_but_is_not_turned_round() -> None:
    log_odds, y = drawn(2000, 1.0, 0.0)
    found = BetaCalibration.fit(-log_odds, y)
    assert (found.good_slope, found.bad_slope) == (LEAST_SLOPE, LEAST_SLOPE)
    assert sigmoid(found.apply(-log_odds)).mean() == pytest.approx(y.mean(), abs=0.002)


def test_beta_holds_only_the_slope_that_would_turn() -> None:
    truth = LogOddsCalibration(1.0, 0.0)
    log_odds, y = drawn_by(truth, 20000)
    y[log_odds < np.median(log_odds)] = 0
    y[np.argmin(log_odds)] = 1
    found = BetaCalibration.fit(-log_odds, y)
    assert found.good_slope == LEAST_SLOPE or found.bad_slope == LEAST_SLOPE


@pytest.mark.parametrize("calibration", [STRAIGHT, BENT])
@pytest.mark.parametrize("base", [-40.0, -2.0, 0.3, 40.0])
def test_rescaled_contributions_add_up_to_the_calibrated_log_odds(calibration: Calibration, base: float) -> None:
    random = np.random.default_rng(3)
    contributions = random.normal(0, 2, (500, 7))
    log_odds = base + contributions.sum(axis=1)
    scale = calibration.scale(log_odds, base)
    total = calibration.apply(np.array([base])) + (scale[:, None] * contributions).sum(axis=1)
    assert np.abs(total - calibration.apply(log_odds)).max() < 1e-12
    assert (scale > 0).all()


@pytest.mark.parametrize("step", [0.0, 1e-15, -1e-12, 1e-9, 1e-5, -0.1, 0.999, 1.0, -1.001, 30.0, -700.0, 900.0])
def test_the_secant_slope_loses_no_digits_beside_the_base(step: float) -> None:
    base = -1.7
    # The step that floating point makes of it, exactly.
    exact_step = Decimal(base + step) - Decimal(base)
    with localcontext(prec=60):
        softplus = [(1 + (Decimal(x) + Decimal(2)).exp()).ln() for x in (base + step, base)]
        derivative = 1 / (1 + (-(Decimal(base) + 2)).exp())
        share = (softplus[0] - softplus[1]) / exact_step if exact_step else derivative
        expected = Decimal(BENT.bad_slope) * share + Decimal(BENT.good_slope) * (1 - share)
    assert BENT.scale(np.array([base + step]), base)[0] == pytest.approx(float(expected), rel=1e-14)


@pytest.mark.parametrize("calibration", [STRAIGHT, BENT])
def test_a_riskier_score_is_never_calibrated_to_a_safer_one(calibration: Calibration) -> None:
    log_odds = np.sort(np.random.default_rng(5).normal(0, 200, 5000))
    assert (np.diff(calibration.apply(log_odds)) > 0).all()


def test_few_loans_get_the_straight_line_however_bent_they_are() -> None:
    log_odds, y = drawn_by(BENT, 999)
    assert choose_calibration(log_odds, y) == LogOddsCalibration.fit(log_odds, y)


def test_a_bend_that_many_loans_show_is_followed() -> None:
    log_odds, y = drawn_by(BENT, 20000)
    chosen = choose_calibration(log_odds, y)
    assert isinstance(chosen, BetaCalibration)
    typical = np.linspace(-4, 1, 20)
    assert np.abs(chosen.apply(typical) - BENT.apply(typical)).max() < 0.25


def test_the_straight_line_wins_where_the_bend_gains_nothing() -> None:
    log_odds, y = drawn(20000, 0.8, 0.1)
    assert choose_calibration(log_odds, y) == LogOddsCalibration.fit(log_odds, y)
    assert choose_calibration(log_odds, y, seed=1) == choose_calibration(log_odds, y, seed=1)


def test_too_few_bads_to_compare_get_the_straight_line() -> None:
    log_odds, y = drawn_by(BENT, 3000)
    y[np.flatnonzero(y)[9:]] = 0
    assert choose_calibration(log_odds, y).kind == "sigmoid"


@pytest.mark.parametrize("calibration", [STRAIGHT, BENT])
def test_a_stored_calibration_comes_back_digit_for_digit(calibration: Calibration) -> None:
    assert calibration_from_dict(json.loads(json.dumps(calibration.to_dict()))) == calibration


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind of calibration: isotonic"):
        calibration_from_dict({"kind": "isotonic"})


@pytest.mark.parametrize("numbers", [(0.0, 1.0, 0.0, 0.0), (1.0, -1.0, 0.0, 0.0), (1.0, 1.0, np.nan, 0.0)])
def test_a_beta_that_turns_or_breaks_the_order_cannot_be(numbers: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="above zero"):
        BetaCalibration(*numbers)
