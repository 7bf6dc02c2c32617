"""Whether a share has left its predicted band: exact, on either side, and not before chance is ruled out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from routing.excursions import Excursion, excursions, queue_excursions

FIGURES = {"approve_share": 0.6, "decline_share": 0.3, "review_share": 0.1}


def test_an_excursion_names_its_share_and_its_band() -> None:
    assert excursions(FIGURES, 0.05, {"approve": 900, "review": 100}) == [
        Excursion("approve_share", "above", 0.9, 1000, 0.6, 0.6 - 0.05, 0.6 + 0.05)
    ]
    assert excursions(FIGURES, 0.05, {"approve": 600, "decline": 400}) == [
        Excursion("review_share", "below", 0.0, 1000, 0.1, 0.1 - 0.05, 0.1 + 0.05)
    ]
    assert excursions(FIGURES, 0.05, {"approve": 600, "review": 400})[0].to_dict() == {
        "measure": "review_share", "side": "above", "share": 0.4, "cases": 1000, "predicted": 0.1,
        "low": pytest.approx(0.05), "high": pytest.approx(0.15),
    }  # fmt: skip


def test_the_simulations_own_band_is_widened_by_the_tolerance() -> None:
    banded = {**FIGURES, "band": {"approve_share": [0.3, 0.85]}}
    counts = {"approve": 900, "review": 100}
    assert excursions(banded, 0.05, counts) == []
    assert [(each.low, each.high) for each in excursions(banded, 0.0, counts)] == [(0.3, 0.85)]


@pytest.mark.parametrize(("tolerance", "count"), [(0.0, 0), (1.0, 0), (0.0, 1000), (1.0, 1000)])
def test_ends_of_the_scale_are_no_excursion_of_themselves(tolerance: float, count: int) -> None:
    figures = {"approve_share": count / 1000, "review_share": 1 - count / 1000}
    assert excursions(figures, tolerance, {"approve": count, "review": 1000 - count}) == []


def test_what_was_never_predicted_is_seen_at_once() -> None:
    assert [each.side for each in excursions({"approve_share": 0.0, "review_share": 1.0}, 0.0, {"approve": 1})] == [
        "above", "below",
    ]  # fmt: skip


QUEUE = {"reviews_a_day": 12.0, "band": {"reviews_a_day": [5, 20]}}


def test_a_queue_that_fills_with_the_same_mix_is_an_excursion() -> None:
    tenfold = {"approve": 600, "decline": 300, "review": 100}
    assert excursions(FIGURES, 0.05, tenfold) == []
    assert queue_excursions(QUEUE, 0.05, tenfold, whole_day=False) == [
        Excursion("reviews_a_day", "above", 100.0, 1000, 12.0, 5 * 0.95, 20 * 1.05)
    ]


@pytest.mark.parametrize(
    ("reviews", "whole_day", "sides"),
    # A Poisson day of mean 21 reaches 38 once in 1,900 times and 39 once in 3,600; one of mean
    # 9.5 is empty once in 13,000.
    [(38, False, []), (39, False, ["above"]), (0, True, ["below"]), (1, True, []), (0, False, [])],
)
def test_a_busy_day_is_told_from_chance(reviews: int, whole_day: bool, sides: list[str]) -> None:
    queue = {"reviews_a_day": 15.0, "band": {"reviews_a_day": [10, 20]}}
    found = queue_excursions(queue, 0.05, {"approve": 100, "review": reviews}, whole_day=whole_day)
    assert [each.side for each in found] == sides


def test_a_prediction_without_a_band_of_the_queue_is_not_watched() -> None:
    assert queue_excursions(FIGURES | {"reviews_a_day": 1.0}, 0.0, {"review": 1000}, whole_day=True) == []


def test_no_case_says_nothing() -> None:
    assert excursions(FIGURES, 0.0, {}) == []


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 2000), st.data(), st.floats(0.01, 0.99), st.floats(0, 0.2))
def test_it_is_the_exact_binomial_test_of_each_end(cases: int, data: st.DataObject, share: float, wide: float) -> None:
    count = data.draw(st.integers(0, cases))
    figures = {"approve_share": share, "review_share": 1 - share}
    found = excursions(figures, wide, {"approve": count, "decline": cases - count})
    sides = [each.side for each in found if each.measure == "approve_share"]
    low, high = max(share - wide, 0.0), min(share + wide, 1.0)
    chances = {"below": binom.cdf(count, cases, low), "above": binom.sf(count - 1, cases, high)}
    if min(abs(chance - 0.0005) for chance in chances.values()) > 1e-9:
        assert sides == [side for side, chance in chances.items() if chance < 0.0005]
