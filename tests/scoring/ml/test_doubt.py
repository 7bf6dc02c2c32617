"""Doubt: each part by hand, how the parts make the whole, and that the usual case has none."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from scoring.ml import doubt
from scoring.ml.calibration import sigmoid
from scoring.ml.pd_interval import PdInterval

FloatArray = NDArray[np.float64]
WEIGHTS = np.array([0.5, 0.3, 0.2])
NONE = np.zeros((2, 3), dtype=np.bool_)


def near(log_odds: float, low: float, high: float, cut_off: float) -> float:
    pd, bottom, top, aim = (sigmoid(np.array([one])) for one in (log_odds, low, high, cut_off))
    return float(doubt.near_cut_off(pd, bottom, top, aim)[0])


def test_a_case_at_its_cut_off_is_in_full_doubt() -> None:
    assert near(-2.0, -2.5, -1.0, -2.0) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(("cut_off", "expected"), [(-1.5, 0.75), (-1.0, 0.5), (-0.5, 0.25), (0.0, 0.0), (1.0, 0.0)])
def test_doubt_falls_with_the_distance_measured_by_the_interval_on_that_side(cut_off: float, expected: float) -> None:
    assert near(-2.0, -2.1, -1.0, cut_off) == pytest.approx(expected, abs=1e-9)


def test_at_a_near_end_of_the_interval_half_of_the_whole_counts() -> None:
    assert near(-2.0, -2.1, 3.0, -2.2) == pytest.approx(1 - 0.2 / 5.1, abs=1e-9)
    assert near(-2.0, -2.0, -1.6, -2.2) == pytest.approx(0.5, abs=1e-9)
    assert near(-2.0, -2.0, -1.6, -2.4) == pytest.approx(0.0, abs=1e-9)
    assert near(-2.0, -2.4, -2.0, -2.2) == pytest.approx(0.75, abs=1e-9)


def test_without_any_width_only_the_cut_off_itself_is_in_doubt() -> None:
    assert near(-2.0, -2.0, -2.0, -2.0) == 1.0
    assert near(-2.0, -2.0, -2.0, -1.999) == 0.0


def test_doubt_is_a_half_or_more_wherever_the_cut_off_lies_in_the_interval() -> None:
    random = np.random.default_rng(0)
    low, pd, high = np.sort(random.uniform(0.001, 0.6, (3, 20000)), axis=0)
    cut_off = np.concatenate([random.uniform(0.001, 0.6, 14000), low[14000:17000], high[17000:]])
    inside = (cut_off >= low) & (cut_off <= high)
    found = doubt.near_cut_off(pd, low, high, cut_off)
    assert (found[inside] >= 0.5).all()
    assert (found[~inside] < 1.0).all()


def test_ends_of_nought_and_one_are_taken_at_the_floor_of_basel() -> None:
    pd, cut_off = np.array([0.02, 0.02]), np.array([0.005, 0.5])
    found = doubt.near_cut_off(pd, np.zeros(2), np.ones(2), cut_off)
    floor, at = np.log(doubt.LEAST_PD / (1 - doubt.LEAST_PD)), np.log(0.02 / 0.98)
    assert found[0] == pytest.approx(1 - (at - np.log(0.005 / 0.995)) / (2 * -floor), abs=1e-12)
    assert found[1] == pytest.approx(1 - (0 - at) / (2 * (-floor - at)), abs=1e-12)
    assert doubt.near_cut_off(pd, pd, pd, np.array([0.0, 1.0])).tolist() == [0.0, 0.0]


def usual_views(size: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Three models that each see the truth with an error of their own, and the mean of the three."""
    random = np.random.default_rng(seed)
    views = random.normal(-3, 1, size) + random.normal(0, 0.2, (3, size))
    return views, views.mean(axis=0)


def test_a_vote_is_half_by_weight_in_the_blend_and_half_equal() -> None:
    views, shown = usual_views(500, seed=0)
    assert doubt.Disagreement.fit(views, shown, np.array([3.0, 1.0, 0.0])).votes.tolist() == pytest.approx(
        [0.375 + 1 / 6, 0.125 + 1 / 6, 1 / 6]
    )


def test_without_any_weight_in_the_blend_all_votes_are_equal() -> None:
    assert doubt.Disagreement.fit(*usual_views(500, seed=0), np.zeros(3)).votes.tolist() == pytest.approx([1 / 3] * 3)


def test_disagreement_is_the_share_of_votes_on_the_other_side_of_the_cut_off() -> None:
    found = doubt.Disagreement.fit(*usual_views(500, seed=0), np.ones(3))
    views = np.array([[-2.1, -2.1], [-1.9, -2.2], [-2.05, -2.3]])
    shown, cut_off = np.array([-2.02, -2.2]), sigmoid(np.array([-2.0, -2.0]))
    assert found.opposed(views, shown, cut_off).tolist() == pytest.approx([1 / 3, 0.0])
    assert found.doubt(views, shown, cut_off).tolist() == pytest.approx([1 / 3, 0.0])


def test_models_unusually_far_apart_are_doubted_on_whichever_side_they_stand() -> None:
    views, shown = usual_views(5000, seed=0)
    found = doubt.Disagreement.fit(views, shown, np.ones(3))
    far = np.array([[-6.0], [-5.0], [-4.0]])
    assert found.doubt(far, np.array([-5.0]), np.array([0.3]))[0] > 0.98
    new_views, new_shown = usual_views(20000, seed=1)
    apart = found.doubt(new_views, new_shown, np.full(20000, 1 - 1e-9))
    assert (apart >= 0.5).mean() == pytest.approx(0.01, abs=0.005)


@pytest.mark.parametrize(("cut_off", "log_odds"), [(0.0, -9.0), (1.0, 9.0)])
def test_a_cut_off_of_nought_or_one_has_all_models_on_one_side(cut_off: float, log_odds: float) -> None:
    found = doubt.Disagreement.fit(*usual_views(500, seed=0), np.ones(3))
    assert found.opposed(np.full((3, 1), log_odds), np.array([log_odds]), np.array([cut_off])).tolist() == [0.0]


def test_a_case_is_doubted_alike_alone_and_among_others() -> None:
    random = np.random.default_rng(2)
    views = random.normal(-3, 1, 257) + random.normal(0, 0.4, (11, 257))
    shown, cut_off = views.mean(axis=0), np.full(257, 0.05)
    found = doubt.Disagreement.fit(views, shown, random.dirichlet(np.ones(11)))
    alone = [found.doubt(views[:, [i]], shown[[i]], cut_off[[i]])[0] for i in range(257)]
    assert alone == found.doubt(views, shown, cut_off).tolist()


def test_a_stored_disagreement_comes_back_digit_for_digit() -> None:
    found, (views, shown) = doubt.Disagreement.fit(*usual_views(900, seed=0), np.ones(3)), usual_views(300, seed=3)
    again = doubt.Disagreement.from_dict(json.loads(json.dumps(found.to_dict())))
    cut_off = np.full(300, 0.05)
    assert again.doubt(views, shown, cut_off).tolist() == found.doubt(views, shown, cut_off).tolist()


def test_missing_counts_the_weight_of_what_was_not_supplied() -> None:
    values = np.array([[np.nan, 1.0, np.nan], [1.0, 1.0, 1.0]])
    unreadable = np.array([[False, False, True], [False, False, False]])
    assert doubt.missing_weight(values, unreadable, NONE, WEIGHTS, np.ones(3)).tolist() == [0.5, 0.0]


def test_what_training_loans_mostly_lacked_is_hardly_missed() -> None:
    values = np.array([[np.nan, 1.0, 1.0], [1.0, np.nan, np.nan]])
    supplied = doubt.supplied_share(np.array([[1.0, 1.0, np.nan], [np.nan, 1.0, np.nan]]))
    assert supplied.tolist() == [0.5, 1.0, 0.0]
    assert doubt.missing_weight(values, NONE, NONE, WEIGHTS, supplied).tolist() == pytest.approx([0.25, 0.3])


def test_a_stale_fact_counts_its_whole_weight_once() -> None:
    values = np.array([[np.nan, 1.0, 1.0], [1.0, 1.0, np.nan]])
    stale = np.array([[True, True, False], [False, False, False]])
    assert doubt.missing_weight(values, NONE, stale, WEIGHTS, np.full(3, 0.5)).tolist() == pytest.approx([0.8, 0.1])


def test_the_whole_is_never_below_its_largest_part_and_one_part_can_fill_it() -> None:
    parts = {"a": np.array([0.5, 1.0, 0.0]), "b": np.array([0.5, 0.0, 0.0])}
    assert doubt.combined(parts).tolist() == [0.75, 1.0, 0.0]


def test_a_part_that_is_no_number_is_in_full_doubt() -> None:
    assert doubt.combined({"a": np.array([np.nan, 0.25]), "b": np.array([0.0, 0.0])}).tolist() == [1.0, 0.25]


def test_the_usual_case_has_no_doubt_and_few_have_much() -> None:
    random = np.random.default_rng(4)
    (views, shown), (new_views, new_shown) = usual_views(10000, seed=5), usual_views(10000, seed=6)
    y = (random.random(10000) < sigmoid(shown)).astype(np.int64)
    pd, cut_off = sigmoid(new_shown), np.full(10000, 0.15)
    low, high = PdInterval.fit(shown, y).interval(new_shown)
    parts = {
        "cut_off": doubt.near_cut_off(pd, low, high, cut_off),
        "disagreement": doubt.Disagreement.fit(views, shown, np.ones(3)).doubt(new_views, new_shown, cut_off),
    }
    whole = doubt.combined(parts)
    assert np.median(whole) == 0.0
    assert 0.02 < (whole >= 0.5).mean() < 0.12


def test_the_range_holds_the_middle_of_what_was_seen() -> None:
    assert doubt.training_range(np.append(np.arange(10000.0), np.nan)) == (9.0, 9989.0)
    assert doubt.training_range(np.array([np.nan])) is None
