"""Venn-ABERS against its definition: isotonic regression with the new loan added once as good and once as bad."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from scoring.ml.calibration import sigmoid
from scoring.ml.errors import TrainingError
from scoring.ml.venn_abers import VennAbers


def by_definition(
    scores: NDArray[np.float64], y: NDArray[np.int64], new: NDArray[np.float64]
) -> tuple[list[float], list[float]]:
    low, high = (
        [
            float(IsotonicRegression().fit(np.append(scores, one), np.append(y, outcome)).predict([one])[0])
            for one in new
        ]
        for outcome in (0, 1)
    )
    return low, high


def drawn(size: int, seed: int, digits: int = 16) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    random = np.random.default_rng(seed)
    scores = random.normal(-1, 1.5, size).round(digits)
    return scores, (random.random(size) < sigmoid(scores)).astype(np.int64)


@pytest.mark.parametrize("digits", [0, 1, 16])
@pytest.mark.parametrize("size", [1, 2, 7, 40, 150])
def test_both_ends_are_those_of_the_definition_ties_and_ends_included(size: int, digits: int) -> None:
    scores, y = drawn(size, seed=size, digits=digits)
    new = np.concatenate([scores[:20], np.random.default_rng(1).normal(-1, 2, 20), [-50.0, 50.0]])
    low, high = VennAbers.fit(scores, y).interval(new)
    expected_low, expected_high = by_definition(scores, y, new)
    assert low.tolist() == pytest.approx(expected_low, abs=1e-12)
    assert high.tolist() == pytest.approx(expected_high, abs=1e-12)


@pytest.mark.parametrize("truth", [np.zeros(30, dtype=np.int64), np.ones(30, dtype=np.int64)])
def test_one_outcome_only_leaves_a_narrow_interval_at_that_end(truth: NDArray[np.int64]) -> None:
    scores = np.arange(30.0)
    low, high = VennAbers.fit(scores, truth).interval(scores)
    expected_low, expected_high = by_definition(scores, truth, scores)
    assert (low.tolist(), high.tolist()) == (pytest.approx(expected_low), pytest.approx(expected_high))


def test_a_ranking_upside_down_pools_all_loans() -> None:
    scores = np.arange(100.0)
    low, high = VennAbers.fit(scores, (scores < 20).astype(np.int64)).interval(np.array([50.0]))
    assert low[0] == pytest.approx(by_definition(scores, (scores < 20).astype(np.int64), np.array([50.0]))[0][0])
    assert low[0] < 0.2 < high[0]


def test_the_ends_never_cross_and_rise_with_the_score() -> None:
    low, high = VennAbers.fit(*drawn(3000, seed=4)).interval(np.linspace(-8, 8, 4001))
    assert (low <= high).all()
    assert (np.diff(low) >= 0).all()
    assert (np.diff(high) >= 0).all()


def test_more_loans_make_a_narrower_interval() -> None:
    new = np.linspace(-3, 1, 50)
    widths = [
        np.subtract(*VennAbers.fit(*drawn(size, seed=2)).interval(new)[::-1]).mean() for size in (100, 1000, 10000)
    ]
    assert widths[0] > 2 * widths[1] > 4 * widths[2]


def test_new_loans_turn_out_bad_as_often_as_the_interval_says() -> None:
    new, outcomes = drawn(50000, seed=9)
    low, high = VennAbers.fit(*drawn(5000, seed=8)).interval(new)
    for part in np.array_split(np.argsort(new), 5):
        # The room for chance: the bad rate of 5,000 calibration loans and of 10,000 new ones in a fifth of the scores.
        assert low[part].mean() - 0.02 < outcomes[part].mean() < high[part].mean() + 0.02


def test_many_scores_are_pooled_into_groups_and_hardly_move() -> None:
    scores, y = drawn(10000, seed=6)
    exact, pooled = VennAbers.fit(scores, y).interval(scores), VennAbers.fit(scores, y, most_groups=1000)
    assert len(pooled.p1) <= 1000
    for before, after in zip(exact, pooled.interval(scores), strict=True):
        assert np.abs(before - after).mean() < 0.003
        assert np.quantile(np.abs(before - after), 0.99) < 0.03


def test_pooled_groups_are_those_of_the_definition_on_grouped_scores() -> None:
    scores, y = np.arange(400.0), drawn(400, seed=6)[1]
    grouped = np.floor(scores / 4)
    low, high = VennAbers.fit(scores, y, most_groups=100).interval(scores[::7])
    expected_low, expected_high = by_definition(grouped, y, grouped[::7])
    assert low.tolist() == pytest.approx(expected_low, abs=1e-12)
    assert high.tolist() == pytest.approx(expected_high, abs=1e-12)


def test_only_steps_are_stored_and_come_back_digit_for_digit() -> None:
    scores, y = drawn(2000, seed=3)
    fitted = VennAbers.fit(scores, y)
    again = VennAbers.from_dict(json.loads(json.dumps(fitted.to_dict())))
    assert len(fitted.p0) == len(np.unique(fitted.p0)) < 200
    assert len(fitted.p1) == len(np.unique(fitted.p1)) < 200
    for before, after in zip(fitted.interval(scores), again.interval(scores), strict=True):
        assert before.tolist() == after.tolist()


def test_no_loans_are_refused_in_both_languages() -> None:
    with pytest.raises(TrainingError) as refused:
        VennAbers.fit(np.empty(0), np.empty(0, dtype=np.int64))
    assert refused.value.sentence("en") == "An interval needs loans with outcomes."
    assert "区间" in refused.value.sentence("zh-hans")
