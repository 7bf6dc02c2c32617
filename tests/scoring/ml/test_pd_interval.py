"""The interval of a PD: it holds the PD, rises with the score, and covers what is true of loans that score alike."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from scoring.ml.calibration import LogOddsCalibration, sigmoid
from scoring.ml.errors import TrainingError
from scoring.ml.pd_interval import MOST_KNOTS, REACH, PdInterval, Z
from scoring.ml.venn_abers import VennAbers

FloatArray = NDArray[np.float64]


def drawn(size: int, seed: int, middle: float = -2.5) -> tuple[FloatArray, NDArray[np.int64]]:
    """Log-odds as they are, and outcomes."""
    random = np.random.default_rng(seed)
    scores = random.normal(middle, 1.0, size)
    return scores, (random.random(size) < sigmoid(scores)).astype(np.int64)


@pytest.mark.parametrize("size", [10, 200, 5000])
def test_every_pd_lies_in_its_interval_however_far_out(size: int) -> None:
    fitted = PdInterval.fit(*drawn(size, seed=size))
    asked = np.concatenate([np.linspace(-12, 9, 5001), [-800.0, -50.0, 50.0, 800.0]])
    low, high = fitted.interval(asked)
    assert (low >= 0.0).all()
    assert (low <= sigmoid(asked)).all()
    assert (sigmoid(asked) <= high).all()
    assert (high <= 1.0).all()


def test_both_ends_rise_with_the_score() -> None:
    low, high = PdInterval.fit(*drawn(3000, seed=4)).interval(np.linspace(-9, 5, 6001))
    assert (np.diff(low) >= -1e-15).all()
    assert (np.diff(high) >= -1e-15).all()


@pytest.mark.parametrize(
    ("scores", "bads"),
    [
        ([-3.0], []),
        ([-3.0], [0]),
        ([-3.0, -1.0], [0]),
        ([-2.0] * 50, []),
        ([-2.0] * 50, [7]),
        ([-2.0] * 50, range(50)),
        ([-4.0, -3.0] * 100, [1]),
        (np.linspace(-6, 2, 400), []),
        (np.linspace(-6, 2, 400), [0]),
        (np.linspace(-6, 2, 400), [399]),
        (np.linspace(-60, 45, 300), range(200, 300)),
        (np.round(np.linspace(-6, 2, 3000)), range(0, 3000, 9)),
    ],
)
def test_it_holds_the_pd_and_rises_on_any_book(scores: list[float], bads: list[int]) -> None:
    """One loan or two, no bad or one or nothing else, all of one score, many ties, scores beyond all reason."""
    y = np.zeros(len(scores), dtype=np.int64)
    y[list(bads)] = 1
    asked = np.concatenate([[-800.0, -60.0], np.linspace(-40, 40, 8001), [60.0, 800.0]])
    low, high = PdInterval.fit(np.array(scores), y).interval(asked)
    assert np.isfinite([low, high]).all()
    assert (low >= 0.0).all()
    assert (low <= sigmoid(asked)).all()
    assert (sigmoid(asked) <= high).all()
    assert (high <= 1.0).all()
    assert (np.diff(low) >= -1e-15).all()
    assert (np.diff(high) >= -1e-15).all()


def test_where_loans_are_many_it_is_that_of_a_rate_of_a_tenth_of_them() -> None:
    scores, y = drawn(10000, seed=1)
    middle = np.array([-2.5])
    fitted = PdInterval.fit(scores, y)
    assert (np.abs(scores - middle) <= REACH).sum() > 1000
    pd = sigmoid(middle)[0]
    half = Z / np.sqrt(1000 * pd * (1 - pd))
    for distances in (fitted.below, fitted.above):
        assert np.interp(middle, fitted.scores, distances).tolist() == pytest.approx([half], rel=0.002)


def test_where_loans_are_few_it_is_that_of_a_rate_of_those_of_about_this_score() -> None:
    scores, y = drawn(10000, seed=1)
    fitted = PdInterval.fit(scores, y)
    place = int(np.argmin(np.abs(fitted.scores - 0.0)))
    score = fitted.scores[place]
    near = int((np.abs(scores - score) <= REACH).sum())
    assert 10 < near < 300
    pd = sigmoid(np.array([score]))[0]
    assert fitted.above[place] == pytest.approx(Z / np.sqrt(near * pd * (1 - pd)), rel=0.15)
    assert fitted.above[place] <= Z / np.sqrt(near * pd * (1 - pd))


def test_it_reaches_what_venn_abers_says_where_the_shown_pd_does_not_fit() -> None:
    scores, _fitting = drawn(20000, seed=2)
    random = np.random.default_rng(3)
    y = (random.random(20000) < np.where(scores > -1.5, 0.6, 0.02)).astype(np.int64)
    asked = np.array([-1.0, -3.0])
    low, high = PdInterval.fit(scores, y).interval(asked)
    steps_low, steps_high = VennAbers.fit(scores, y).interval(asked)
    assert high[0] == steps_high[0] > 0.55
    assert low[1] == steps_low[1] < 0.03
    assert (low <= steps_low).all()
    assert (high >= steps_high).all()


def test_the_safest_of_a_large_book_are_known_to_be_safe_and_the_riskiest_are_not_known_well() -> None:
    low, high = PdInterval.fit(*drawn(10000, seed=6)).interval(np.array([-7.0, -6.0, 1.5, 3.0]))
    assert (high[:2] < 0.05).all()
    assert low[3] > 0.3
    assert (high[2:] - low[2:] > 0.25).all()


def test_more_loans_make_a_narrower_interval() -> None:
    asked = np.linspace(-4, -1, 50)
    widths = [np.subtract(*PdInterval.fit(*drawn(size, seed=2)).interval(asked)[::-1]).mean() for size in (200, 2000)]
    assert widths[0] > 2 * widths[1]
    assert PdInterval.fit(*drawn(20000, seed=2)).interval(np.array([-2.5]))[1][0] < 1.3 * sigmoid(np.array([-2.5]))[0]


def test_in_nine_of_ten_books_it_covers_the_bad_rate_of_loans_that_score_alike() -> None:
    covered = []
    for seed in range(60):
        (truth, y), bend = drawn(1500, seed=seed), np.array([0.6, 1.0, 1.4])[seed % 3]
        # The raw score is bent, and only a straight line is fitted to it, as a real calibration never fits quite.
        shown = LogOddsCalibration.fit(np.sinh(bend * (truth + 2.5)), y).apply(np.sinh(bend * (truth + 2.5)))
        fitted = PdInterval.fit(shown, y)
        order = np.argsort(truth)[75:-75]
        low, high = fitted.interval(shown[order])
        covered.append(((low <= sigmoid(truth[order])) & (sigmoid(truth[order]) <= high)).mean())
    assert np.mean(covered) > 0.9


def test_a_score_has_the_same_interval_alone_and_among_others() -> None:
    scores, y = drawn(2000, seed=3)
    fitted = PdInterval.fit(scores, y)
    low, high = fitted.interval(scores)
    for place in (0, 77, 1999):
        alone = fitted.interval(scores[place : place + 1])
        assert (alone[0][0], alone[1][0]) == (low[place], high[place])
    assert [each.shape for each in fitted.interval(np.empty(0))] == [(0,), (0,)]


def test_few_knots_are_stored_and_come_back_digit_for_digit() -> None:
    scores, y = drawn(2000, seed=3)
    fitted = PdInterval.fit(scores * 40, y)
    assert len(fitted.scores) == len(fitted.below) == len(fitted.above) == MOST_KNOTS
    again = PdInterval.from_dict(json.loads(json.dumps(fitted.to_dict())))
    for before, after in zip(fitted.interval(scores), again.interval(scores), strict=True):
        assert before.tolist() == after.tolist()


def test_no_loans_are_refused() -> None:
    with pytest.raises(TrainingError) as refused:
        PdInterval.fit(np.empty(0), np.empty(0, dtype=np.int64))
    assert refused.value.sentence("en") == "An interval needs loans with outcomes."
