"""The promised miss rate: exact bounds, the cut-off that keeps it, and how often it is kept."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from routing.guarantee import (
    bads_needed,
    misses_allowed,
    promise_refuted,
    promised_cut_off,
    promised_decline_cut_off,
    upper_bound,
)


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


@pytest.mark.parametrize(("promise", "bads"), [(0.05, 59), (0.1, 29), (0.2, 14), (0.5, 5), (0.99, 1), (1.0, 1)])
def test_a_promise_says_how_many_bads_it_needs(promise: float, bads: int) -> None:
    assert bads_needed(promise) == bads
    assert misses_allowed(bads, promise) >= 0
    assert misses_allowed(bads - 1, promise) < 0 or bads == 1


@pytest.mark.parametrize("promise", [0.0, -0.1, 1.1])
def test_no_number_of_bads_supports_a_promise_of_nothing(promise: float) -> None:
    with pytest.raises(ValueError, match="needs more bads"):
        bads_needed(promise)


def test_the_decline_cut_off_lies_just_above_the_first_good_that_may_not_be_declined() -> None:
    scores = np.random.default_rng(0).permutation(np.arange(100.0))
    found = promised_decline_cut_off(scores, 0.1)
    assert found == np.nextafter(95.0, math.inf)
    assert (scores >= found).sum() == misses_allowed(100, 0.1) == 4
    # A hair lower, and the fifth good would be declined.
    assert (scores >= np.nextafter(found, -math.inf)).sum() == 5


@pytest.mark.parametrize(
    ("scores", "promise", "found"),
    [(np.linspace(0, 1, 58), 0.05, math.inf), (np.zeros(0), 0.5, math.inf), (np.array([0.5]), 1.0, -math.inf)],
)
def test_the_mirror_promise_declines_nothing_or_everything_at_its_ends(
    scores: np.ndarray, promise: float, found: float
) -> None:
    assert promised_decline_cut_off(scores, promise) == found


def test_equal_scores_never_decline_a_good_too_many() -> None:
    scores = np.array([0.9] * 3 + [0.8] * 50 + [0.3] * 47)
    assert promised_decline_cut_off(scores, 0.1) == np.nextafter(0.8, 1.0)


@pytest.mark.parametrize("promise", [0.05, 0.2])
def test_the_mirror_promise_is_kept_in_ninety_five_of_a_hundred_books(promise: float) -> None:
    """Scores of goods are uniform, so declining from d on declines 1 - d of all goods."""
    draw = np.random.default_rng(5)
    kept = sum(1.0 - promised_decline_cut_off(draw.random(137), promise) <= promise for _book in range(4000))
    # Three standard errors of 4000 draws at 95 %; the exact chance lies between 95 % and 98.5 %.
    assert 3800 - 42 <= kept <= 3940
