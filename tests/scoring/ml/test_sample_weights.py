"""Weights of loans: a loan of weight two is the loan twice, and none at all change nothing."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from scoring.ml import metrics
from scoring.ml.artefact import save_champion
from scoring.ml.calibration import BetaCalibration, LogOddsCalibration, choose_calibration, sigmoid
from scoring.ml.errors import TrainingError
from scoring.ml.estimators.binning import bin_amounts, bin_categories
from scoring.ml.estimators.blend import fit_weights
from scoring.ml.estimators.encoding import CategoryRates, median_of
from scoring.ml.estimators.forests import DecisionTreeRisk
from scoring.ml.estimators.linear import LogisticRegressionRisk, RankColumn
from scoring.ml.estimators.risk_classifier import RiskClassifier
from scoring.ml.features import FeatureTable
from scoring.ml.intervals import auc_interval, delong_difference, measured_with_intervals, reliability_points
from scoring.ml.pd_interval import PdInterval
from scoring.ml.pipeline import train_champion, train_held_out
from scoring.ml.recipes import RECIPES, make_recipe
from scoring.ml.sample_weights import effective_size, mean_error, training_weights
from scoring.ml.training import train
from scoring.ml.venn_abers import VennAbers
from tests.scoring.ml.conftest import make_book
from tests.scoring.ml.recipe_data import COLUMNS, make_loans

LOANS = make_loans(400, seed=3)
TIMES = np.random.default_rng(1).integers(1, 4, 400)
WEIGHTS = TIMES.astype(np.float64)
TWICE = np.repeat(np.arange(400), TIMES)
BAD = LOANS.y.astype(np.float64)
SCORE = np.random.default_rng(2).normal(-1.0, 1.5, 400).round(2) + LOANS.y


def repeats() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Scores and outcomes, each as often as it weighs."""
    return SCORE[TWICE], LOANS.y[TWICE]


def test_training_weights_add_up_to_their_effective_size() -> None:
    weights = training_weights(4, [1.0, 1.0, 1.0, 5.0])
    assert weights is not None
    assert effective_size(np.array([1.0, 1.0, 1.0, 5.0])) == pytest.approx(64 / 28)
    assert weights.tolist() == pytest.approx([2 / 7, 2 / 7, 2 / 7, 10 / 7])
    assert training_weights(3, [0.5, 0.5, 0.5]) is training_weights(3, None) is None


@pytest.mark.parametrize(
    ("given", "code"), [([1.0], "weights_length"), ([1.0, 0.0], "weight"), ([1, np.nan], "weight")]
)
def test_weights_that_do_not_fit_are_refused(given: list[float], code: str) -> None:
    with pytest.raises(TrainingError) as refusal:
        training_weights(2, given)
    assert refusal.value.code == code


@pytest.mark.parametrize("estimator", [LogisticRegressionRisk(), DecisionTreeRisk(min_rows_a_leaf=1, max_leaves=8)])
def test_a_loan_of_weight_two_is_the_loan_twice_in_a_fit(estimator: RiskClassifier) -> None:
    values = np.delete(LOANS.values, 2, axis=1)
    estimator.set_params(random_state=0)
    weighted = estimator.fit(values, LOANS.y, WEIGHTS).decision_function(values)
    repeated = estimator.fit(values[TWICE], LOANS.y[TWICE]).decision_function(values)
    assert weighted == pytest.approx(repeated, abs=1e-6)


def test_and_in_ranks_bins_and_rates_of_categories() -> None:
    income, purpose = LOANS.values[:, 1], LOANS.values[:, 2]
    ranks, repeated = RankColumn.fit(income, (), WEIGHTS), RankColumn.fit(income[TWICE], ())
    assert ranks.ranks == pytest.approx(repeated.ranks)
    assert (ranks.typical, median_of(income, WEIGHTS)) == (repeated.typical, median_of(income[TWICE]))
    assert bin_amounts(income, BAD, -1, (), WEIGHTS) == bin_amounts(income[TWICE], BAD[TWICE], -1, ())
    common = purpose < 3
    one, other = (np.where(common, purpose, 0.0)[rows] for rows in (slice(None), TWICE))
    assert bin_categories(one, BAD, WEIGHTS) == bin_categories(other, BAD[TWICE])
    assert CategoryRates.fit(one, BAD, WEIGHTS).known == pytest.approx(CategoryRates.fit(other, BAD[TWICE]).known)


def test_and_in_the_weights_of_a_blend_and_in_calibrations() -> None:
    members = np.column_stack([SCORE, np.random.default_rng(4).normal(size=400)])
    prior = np.array([0.5, 0.5])
    weighed = fit_weights(members, BAD, prior, WEIGHTS)
    assert weighed.weights == pytest.approx(fit_weights(members[TWICE], BAD[TWICE], prior).weights, abs=1e-6)
    straight, repeated = LogOddsCalibration.fit(SCORE, LOANS.y, WEIGHTS), LogOddsCalibration.fit(*repeats())
    assert straight.apply(SCORE) == pytest.approx(repeated.apply(SCORE), abs=1e-6)
    # The centre is the lower median of weighted loans and the middle of both of others.
    bent, other = BetaCalibration.fit(SCORE, LOANS.y, WEIGHTS), BetaCalibration.fit(*repeats())
    assert metrics.log_loss(LOANS.y, bent.apply(SCORE), WEIGHTS) == pytest.approx(
        metrics.log_loss(LOANS.y, other.apply(SCORE), WEIGHTS), abs=1e-5
    )


def test_and_in_every_measure() -> None:
    y, pd = LOANS.y, sigmoid(SCORE)
    for measure in (metrics.auc, metrics.ks, metrics.log_loss):
        assert measure(y, SCORE, WEIGHTS) == pytest.approx(measure(y[TWICE], SCORE[TWICE]), abs=1e-12)
    assert metrics.brier(y, pd, WEIGHTS) == pytest.approx(metrics.brier(y[TWICE], pd[TWICE]), abs=1e-12)
    # Bins of equal size part repeated loans, so that only one bin for all can be the same.
    assert metrics.ece(y, pd, 1, WEIGHTS) == pytest.approx(metrics.ece(y[TWICE], pd[TWICE], 1), abs=1e-12)
    assert metrics.ece(y, pd, weights=np.ones(400)) == pytest.approx(metrics.ece(y, pd), abs=1e-12)


def test_venn_abers_counts_a_loan_as_often_as_it_weighs() -> None:
    fitted, repeated = VennAbers.fit(SCORE, LOANS.y, WEIGHTS), VennAbers.fit(SCORE[TWICE], LOANS.y[TWICE])
    assert fitted.to_dict() == repeated.to_dict()


def test_intervals_of_equal_weights_are_those_without_and_unequal_weights_widen_them() -> None:
    y, even = LOANS.y, np.full(400, 0.5)
    heavy = np.where(np.arange(400) % 8 == 0, 8.0, 1.0)
    plain = measured_with_intervals(y, SCORE, resamples=20)
    for name, found in measured_with_intervals(y, SCORE, resamples=20, weights=even).items():
        assert found == pytest.approx(plain[name], abs=1e-9), name
    assert delong_difference(y, SCORE, -SCORE, even).standard_error == pytest.approx(
        delong_difference(y, SCORE, -SCORE).standard_error
    )
    widths = [np.ptp(auc_interval(y, SCORE, weights=weights)) for weights in (None, heavy)]
    assert widths[1] > 1.3 * widths[0]
    assert mean_error(SCORE, even) == pytest.approx(mean_error(SCORE))
    assert [point.rows for point in reliability_points(y, sigmoid(SCORE), weights=even)] == [40] * 10
    narrow, wide = (PdInterval.fit(SCORE, y, training_weights(400, each)) for each in (None, heavy))
    assert np.subtract(*wide.interval(np.zeros(1))[::-1]) > np.subtract(*narrow.interval(np.zeros(1))[::-1])


@pytest.mark.parametrize("name", list(RECIPES))
def test_every_recipe_learns_the_odds_of_its_weights(name: str) -> None:
    """A bad that counts four times raises the log-odds by about ln 4, wherever a recipe can say so."""
    recipe = make_recipe(name, COLUMNS, seed=0, rows=400, bads=int(LOANS.y.sum()))
    if "boosting" in name or name in ("xgboost", "blend"):
        small = {"estimators": recipe.get_params()["estimators"][:2]} if name == "blend" else {"n_estimators": 40}
        recipe.set_params(**small)
    plain = recipe.fit(LOANS.values, LOANS.y).decision_function(LOANS.values)
    heavy = recipe.fit(LOANS.values, LOANS.y, np.where(LOANS.y == 1, 4.0, 1.0)).decision_function(LOANS.values)
    assert np.mean(heavy - plain) == pytest.approx(np.log(4), abs=0.45)


def test_a_choice_of_calibration_asks_for_effective_loans() -> None:
    draw = np.random.default_rng(5)
    true = draw.normal(-1.0, 1.0, 1500)
    y = (draw.random(1500) < sigmoid(true)).astype(np.int64)
    bent = np.where(true < -1.0, 3.0 * true, true)
    few = np.where(np.arange(1500) % 30 == 0, 40.0, 1.0)
    assert choose_calibration(bent, y).kind == "beta"
    assert choose_calibration(bent, y, weights=training_weights(1500, few)).kind == "sigmoid"


def test_a_model_trained_by_weights_says_the_bad_rate_of_all_whom_its_loans_stand_for() -> None:
    book = make_loans(800, seed=6)
    # Of the risky half of the applicants only one in four was granted a loan.
    risky = book.values[:, 0] > 17.5
    seen = ~risky | (np.random.default_rng(7).random(800) < 0.25)
    values, y, weights = book.values[seen], book.y[seen], np.where(risky[seen], 4.0, 1.0)
    everyone = float(book.y.mean())
    plain, weighed = (train(values, y, COLUMNS, recipe="logistic_regression", weights=each) for each in (None, weights))
    assert sigmoid(plain.out_of_fold).mean() == pytest.approx(y.mean(), abs=0.01)
    said = sigmoid(weighed.out_of_fold)
    assert np.average(said, weights=weights) == pytest.approx(np.average(y, weights=weights), abs=0.01)
    assert np.average(said, weights=weights) == pytest.approx(everyone, abs=0.04)
    assert abs(y.mean() - everyone) > 0.06


def test_weights_that_are_all_alike_give_the_same_bytes_as_none(table: FeatureTable, tmp_path: Path) -> None:
    book = make_book(250, seed=8)
    plain, even = (
        train_champion(table, book.rows, book.y, recipe="scorecard", weights=each) for each in (None, [3.0] * 250)
    )
    assert save_champion(plain, tmp_path).sha256 == save_champion(even, tmp_path).sha256


def test_a_champion_is_measured_by_its_weights_and_counts_its_loans(table: FeatureTable) -> None:
    book = make_book(300, seed=9)
    weights = np.where(np.arange(300) % 5 == 0, 6.0, 1.0)
    held_out = train_held_out(table, book.rows, book.y, recipe="scorecard", weights=weights)
    champion = held_out.champion
    assert (champion.metrics["rows"], champion.metrics["bads"]) == (300.0, float(book.y.sum()))
    assert champion.metrics["brier"] == pytest.approx(metrics.brier(book.y, sigmoid(held_out.log_odds), weights))
    assert champion.card["metrics"]["auc"]["value"] == pytest.approx(metrics.auc(book.y, held_out.log_odds, weights))
    assert json.loads(json.dumps(champion.card))["data"]["rows"] == 300
