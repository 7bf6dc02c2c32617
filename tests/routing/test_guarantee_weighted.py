"""The promise where outcomes were seen with unequal chances: it holds for all bads, not only for those seen."""

from __future__ import annotations

import math

import numpy as np
import pytest

from routing.guarantee import promised_cut_off
from routing.guarantee_weighted import weighted_cut_off


def test_equal_weights_need_eighty_seven_bads_where_the_exact_bound_needs_fifty_nine() -> None:
    scores = np.linspace(0.1, 0.9, 87)
    assert weighted_cut_off(scores[:86], np.ones(86), 0.05) == -math.inf
    assert weighted_cut_off(scores, np.ones(87), 0.05) == 0.1
    assert weighted_cut_off(scores, np.full(87, 3.0), 0.05) == 0.1


def test_it_never_passes_the_exact_cut_off_of_equal_weights() -> None:
    draw = np.random.default_rng(2)
    for bads in (87, 200, 1000):
        scores = draw.random(bads)
        exact, found = promised_cut_off(scores, 0.1), weighted_cut_off(scores, np.ones(bads), 0.1)
        assert 0.0 < found <= exact


def test_a_bad_that_was_hard_to_see_counts_for_more() -> None:
    scores = np.arange(300.0)
    light, heavy = np.ones(300), np.where(scores < 10, 5.0, 1.0)
    assert weighted_cut_off(scores, heavy, 0.1, largest=5.0) < weighted_cut_off(scores, light, 0.1, largest=5.0)


def test_order_of_the_bads_does_not_matter_and_ties_never_let_one_too_many_through() -> None:
    draw = np.random.default_rng(4)
    scores, weights = draw.integers(0, 20, 400) / 20, draw.uniform(1, 3, 400)
    mixed = draw.permutation(400)
    found = weighted_cut_off(scores, weights, 0.2)
    assert found == weighted_cut_off(scores[mixed], weights[mixed], 0.2)
    assert weights[scores < found].sum() / weights.sum() < 0.2


def test_the_ends_approve_nothing_or_everything() -> None:
    assert weighted_cut_off(np.zeros(0), np.zeros(0), 0.2) == -math.inf
    assert weighted_cut_off(np.arange(500.0), np.ones(500), 0.0) == -math.inf
    assert weighted_cut_off(np.array([0.5]), np.ones(1), 1.0) == math.inf


@pytest.mark.parametrize("weights", [[0.0, 1.0], [-1.0, 1.0], [1.0, 3.0], [math.nan, 1.0]])
def test_weights_that_cannot_be_are_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weights must be above 0"):
        weighted_cut_off(np.zeros(2), np.array(weights), 0.1, largest=2.0)


def test_the_promise_is_kept_for_all_bads_though_risky_ones_were_seen_less() -> None:
    """Scores of all bads are uniform, so the true miss rate of a cut-off is the cut-off itself; bads below 0.5 are
    always seen, others one time in three. Counting those seen as they are would make the safe ones look too many."""
    draw, books = np.random.default_rng(6), 1000
    kept, highest = 0, 0.0
    for _book in range(books):
        scores = draw.random(400)
        chance = np.where(scores < 0.5, 1.0, 1 / 3)
        seen = draw.random(400) < chance
        found = weighted_cut_off(scores[seen], 1 / chance[seen], 0.1, largest=3.0)
        kept += found <= 0.1
        highest = max(highest, found)
    # At least 95 % less three standard errors of 1000 draws; and the bound is not so wide that it says nothing.
    assert kept >= 1000 * 0.95 - 3 * math.sqrt(1000 * 0.05 * 0.95)
    assert highest > 0.07
