"""The promised miss rate: exact bounds, the cut-off that keeps it, and how often it is kept."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from routing.guarantee import misses_allowed, promise_refuted, promised_cut_off, upper_bound


@pytest.mark.parametrize(("misses", "bads"), [(0, 1), (0, 59), (3, 100), (41, 60), (99, 100)])
def test_the_upper_bound_is_that_of_clopper_and_pearson(misses: int, bads: int) -> None:
    # The two-sided 90 % interval leaves 5 % above: its upper end is the one-sided 95 % bound.
    known = binomtest(misses, bads).proportion_ci(0.90, method="exact").high
    assert upper_bound(misses, bads) == pytest.approx(known, abs=1e-12)


def test_nothing_is_known_where_no_bad_was_seen_or_every_bad_was_missed() -> None:
    assert upper_bound(0, 0) == 1.0
    assert upper_bound(7, 7) == 1.0


@pytest.mark.parametrize(("misses", "bads"), [(-1, 3), (4, 3)])
def test_impossible_counts_are_refused(misses: int, bads: int) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        upper_bound(misses, bads)


def test_five_per_cent_needs_fifty_nine_bads_before_anything_may_be_approved() -> None:
    assert misses_allowed(58, 0.05) == -1
    assert misses_allowed(59, 0.05) == 0
    assert promised_cut_off(np.linspace(0.1, 0.9, 58), 0.05) == -math.inf
    assert promised_cut_off(np.linspace(0.1, 0.9, 59), 0.05) == 0.1


@pytest.mark.parametrize("promise", [0.0, 0.05, 0.2, 0.5, 0.99, 1.0])
@pytest.mark.parametrize("bads", [0, 1, 10, 93, 500])
def test_one_miss_more_than_allowed_would_break_the_promise(bads: int, promise: float) -> None:
    allowed = misses_allowed(bads, promise)
    assert -1 <= allowed <= bads
    if allowed >= 0:
        assert upper_bound(allowed, bads) <= promise
    if allowed < bads:
        assert upper_bound(allowed + 1, bads) > promise


def test_the_cut_off_is_the_score_of_the_first_bad_that_may_not_be_missed() -> None:
    scores = np.random.default_rng(0).permutation(np.arange(100.0))
    assert misses_allowed(100, 0.1) == 4
    assert promised_cut_off(scores, 0.1) == 4.0
    # Four bads score below it, and approving at the cut-off itself would miss the fifth.
    assert (scores < promised_cut_off(scores, 0.1)).sum() == 4


def test_equal_scores_never_let_a_bad_too_many_through() -> None:
    scores = np.array([0.1] * 3 + [0.2] * 50 + [0.3] * 47)
    assert promised_cut_off(scores, 0.1) == 0.2


def test_a_promise_of_everything_holds_at_any_cut_off() -> None:
    assert promised_cut_off(np.array([0.5]), 1.0) == math.inf


@pytest.mark.parametrize("promise", [0.05, 0.2])
def test_the_true_rate_keeps_the_promise_in_ninety_five_of_a_hundred_books(promise: float) -> None:
    """Scores of bads are uniform, so the true miss rate of a cut-off is the cut-off itself."""
    draw = np.random.default_rng(3)
    kept = np.mean([promised_cut_off(draw.random(137), promise) <= promise for _book in range(4000)])
    # Exactly: the chance that the order statistic Beta(allowed + 1, …) lies below the promise; three standard errors.
    assert kept >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / 4000)
    assert kept <= 0.985


def test_seen_misses_refute_the_promise_only_beyond_chance() -> None:
    # P(at least 9 of 100 at 5 %) = 0.0631, at least 10: 0.0282.
    assert not promise_refuted(9, 100, 0.05)
    assert promise_refuted(10, 100, 0.05)
    assert promise_refuted(1, 5, 0.0)
    assert not promise_refuted(0, 0, 0.05)
    assert not promise_refuted(5, 5, 1.0)
