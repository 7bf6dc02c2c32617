"""Intervals against scipy, against a bootstrap, and against how often they hold the truth."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from scoring.ml import metrics
from scoring.ml.calibration import sigmoid
from scoring.ml.intervals import (
    Estimate,
    auc_interval,
    delong_difference,
    measured_with_intervals,
    reliability_points,
    wilson,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def drawn(size: int, seed: int) -> tuple[IntArray, FloatArray]:
    random = np.random.default_rng(seed)
    score = random.normal(-2, 1, size).round(1)
    return (random.random(size) < sigmoid(score)).astype(np.int64), score


@pytest.mark.parametrize(("successes", "trials"), [(0, 1), (0, 30), (7, 30), (30, 30), (450, 9000)])
def test_wilson_is_that_of_scipy(successes: int, trials: int) -> None:
    judge = binomtest(successes, trials).proportion_ci(method="wilson")
    found = wilson(successes, trials)
    assert found.value == successes / trials
    assert [found.low, found.high] == pytest.approx([judge.low, judge.high], abs=1e-12)
    assert found.low <= found.value <= found.high


def test_a_share_of_nothing_may_be_anything() -> None:
    found = wilson(0, 0)
    assert np.isnan(found.value)
    assert (found.low, found.high) == (0.0, 1.0)


def test_delongs_error_is_that_of_a_bootstrap_ties_included() -> None:
    y, score = drawn(1500, seed=1)
    random = np.random.default_rng(2)
    draws = [random.integers(0, 1500, 1500) for _ in range(600)]
    low, high = np.quantile([metrics.auc(y[draw], score[draw]) for draw in draws], [0.025, 0.975])
    found = auc_interval(y, score)
    assert found.value == pytest.approx(roc_auc_score(y, score), abs=1e-12)
    assert [found.low, found.high] == pytest.approx([low, high], abs=0.008)


def test_delongs_error_is_that_of_the_definition() -> None:
    y, score = drawn(120, seed=3)
    other = score + np.random.default_rng(4).normal(0, 0.7, 120).round(1)
    bad, good = y == 1, y == 0
    wins = [(one[bad, None] > one[None, good]) + 0.5 * (one[bad, None] == one[None, good]) for one in (score, other)]
    error = sum(
        np.var(wins[0].mean(axis=axis) - wins[1].mean(axis=axis), ddof=1) / size
        for axis, size in ((1, bad.sum()), (0, good.sum()))
    )
    found = delong_difference(y, score, other)
    assert found.difference == pytest.approx(roc_auc_score(y, score) - roc_auc_score(y, other), abs=1e-12)
    assert found.standard_error == pytest.approx(np.sqrt(error), abs=1e-12)


def test_the_auc_interval_holds_the_truth_as_often_as_it_says() -> None:
    truth = metrics.auc(*drawn(400000, seed=5))
    found = [auc_interval(*drawn(400, seed=seed)) for seed in range(100, 400)]
    assert np.mean([one.low <= truth <= one.high for one in found]) == pytest.approx(0.95, abs=0.035)


def test_a_difference_of_nothing_is_seldom_called_one() -> None:
    p_values = []
    for seed in range(300):
        y, score = drawn(600, seed)
        noise = np.random.default_rng(seed + 1000).normal(0, 0.5, (2, 600))
        p_values.append(delong_difference(y, score + noise[0], score + noise[1]).p_value)
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.035)


def test_equal_rankings_do_not_differ() -> None:
    y, score = drawn(300, seed=0)
    found = delong_difference(y, score, 3 * score + 1)
    assert (found.difference, found.standard_error, found.p_value) == (0.0, 0.0, 1.0)


def test_a_perfect_ranking_leaves_no_interval() -> None:
    assert auc_interval(np.array([0, 0, 1, 1]), np.array([1.0, 2.0, 3.0, 4.0])) == (1.0, 1.0, 1.0)


def test_a_single_bad_still_has_an_interval() -> None:
    found = auc_interval(np.array([0, 0, 1, 0]), np.array([1.0, 2.0, 3.0, 4.0]))
    assert found.low < found.value < found.high


def test_every_measure_lies_in_its_interval() -> None:
    y, score = drawn(3000, seed=6)
    found = measured_with_intervals(y, score)
    assert list(found) == ["auc", "gini", "ks", "brier", "log_loss", "ece"]
    assert all(one.low <= one.value <= one.high for one in found.values())
    assert found["gini"] == pytest.approx(tuple(2 * end - 1 for end in found["auc"]))
    assert found["ks"].value == metrics.ks(y, score)
    assert found["ece"].value == metrics.ece(y, sigmoid(score))
    assert found == measured_with_intervals(y, score)
    assert found["ks"] != measured_with_intervals(y, score, seed=1)["ks"]


def test_the_bootstrap_of_means_is_what_theory_says() -> None:
    y, score = drawn(4000, seed=7)
    found = measured_with_intervals(y, score)
    loss = np.logaddexp(0.0, score) - y * score
    for name, parts in (("brier", (sigmoid(score) - y) ** 2), ("log_loss", loss)):
        half = 1.96 * parts.std() / np.sqrt(len(parts))
        assert found[name].low == pytest.approx(parts.mean() - half, abs=0.25 * half)
        assert found[name].high == pytest.approx(parts.mean() + half, abs=0.25 * half)


def test_one_bad_among_many_goods_is_measured_by_the_draws_that_hold_it() -> None:
    y = np.zeros(40, dtype=np.int64)
    y[3] = 1
    found = measured_with_intervals(y, np.linspace(-4, -1, 40))
    assert all(np.isfinite(one).all() for one in found.values())


def test_reliability_bins_hold_all_loans_in_order_of_pd() -> None:
    y, score = drawn(1003, seed=8)
    points = reliability_points(y, sigmoid(score))
    assert [point.rows for point in points] == [101] * 3 + [100] * 7
    assert [point.mean_pd for point in points] == sorted(point.mean_pd for point in points)
    assert sum(point.rows * point.bad_rate.value for point in points) == pytest.approx(y.sum())
    weighted = [point.rows / 1003 * abs(point.mean_pd - point.bad_rate.value) for point in points]
    assert sum(weighted) == pytest.approx(metrics.ece(y, sigmoid(score)), abs=1e-12)
    inside = [point.bad_rate.low <= point.mean_pd <= point.bad_rate.high for point in points]
    assert sum(inside) >= 8


def test_fewer_loans_than_bins_make_fewer_points() -> None:
    points = reliability_points(np.array([1, 0]), np.array([0.75, 0.25]))
    assert [(point.rows, point.mean_pd, point.bad_rate.value) for point in points] == [(1, 0.25, 0.0), (1, 0.75, 1.0)]
    assert isinstance(points[0].bad_rate, Estimate)


def test_both_outcomes_are_needed() -> None:
    with pytest.raises(ValueError, match="both outcomes"):
        measured_with_intervals(np.ones(3, dtype=np.int64), np.zeros(3))
