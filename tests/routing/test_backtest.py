"""The six ways to choose who looks: by hand on four cases, and against each other on simulated books."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from routing.backtest import (
    REVIEWERS,
    WAYS,
    Cases,
    Figures,
    Stakes,
    Terms,
    advantages,
    costs_of,
    decision_cut_off,
    estimated_accuracy,
    figures_of,
    judge,
    promise_held,
)

T = 1 / 6
TERMS = Terms(decision=T, approve_below=T, review_share=0.25, accuracy=0.8, believed_accuracy=0.8)
ONES = np.ones(4)


def four_cases(right: tuple[float, ...] = (1, 1, 1, 1), weights: NDArray[np.float64] = ONES) -> Cases:
    """A safe good, a bad just under the cut-off, a good above it, a bad far above it."""
    return Cases(
        pd=np.array([0.02, 0.15, 0.30, 0.60]),
        bad=np.array([0, 1, 0, 1]),
        right=np.array(right, dtype=np.float64),
        tie=np.arange(4),
        stakes=Stakes.of(5.0, 1.0, 0.1, weights),
    )


def looked_at(way: str, terms: Terms = TERMS, cases: Cases | None = None) -> list[int]:
    looks = WAYS[way](cases or four_cases(), terms)
    assert set(looks) <= {0.0, 1.0}
    return [int(each) for each in np.flatnonzero(looks)]


def test_both_decisions_cost_the_same_at_the_cut_off() -> None:
    assert decision_cut_off(5.0, 1.0) == T
    assert abs(T * 5.0 - (1 - T) * 1.0) < 1e-15


def test_without_reviews_the_machine_decides_every_case_at_the_cut_off() -> None:
    found = figures_of(WAYS["no_review"](four_cases(), TERMS), four_cases(), TERMS)
    assert found == Figures(
        review_share=0.0,
        approve_share=0.5,
        decline_share=0.5,
        machine_miss_rate=0.5,
        miss_rate=0.5,
        good_decline_rate=0.5,
        cost=(5.0 + 1.0) / 4,
    )


def test_a_reviewer_who_is_right_catches_the_bad_under_the_cut_off() -> None:
    assert looked_at("threshold") == [1]
    found = figures_of(WAYS["threshold"](four_cases(), TERMS), four_cases(), TERMS)
    assert found == Figures(
        review_share=0.25,
        approve_share=0.25,
        decline_share=0.5,
        machine_miss_rate=0.0,
        miss_rate=0.0,
        good_decline_rate=0.5,
        cost=(0.1 + 1.0) / 4,
    )


def test_half_of_the_reviewers_slip_and_approve_the_bad() -> None:
    cases = four_cases(right=(1, 0.5, 1, 1))
    found = figures_of(WAYS["threshold"](cases, TERMS), cases, TERMS)
    assert found.machine_miss_rate == 0.0
    assert found.miss_rate == 0.25
    assert found.cost == pytest.approx((0.1 + 0.5 * 5.0 + 1.0) / 4)


def test_a_slip_on_a_good_declines_it() -> None:
    cases = four_cases(right=(0.25, 1, 1, 1))
    found = figures_of(np.array([1.0, 0, 0, 0]), cases, TERMS)
    assert found.good_decline_rate == pytest.approx((0.75 + 1) / 2)
    assert found.cost == pytest.approx((0.1 + 0.75 * 1.0 + 5.0 + 1.0) / 4)


def test_each_way_looks_at_its_own_cases() -> None:
    assert looked_at("no_review") == []
    assert looked_at("uncertainty") == [3]
    assert looked_at("policy") == [1]
    assert looked_at("oracle") == [1]
    two = replace(TERMS, review_share=0.5)
    assert looked_at("uncertainty", two) == [2, 3]
    assert looked_at("threshold", two) == [1, 2]
    assert looked_at("oracle", two) == [1, 2]


def test_policy_and_oracle_leave_places_empty_where_a_look_would_not_pay() -> None:
    everything = replace(TERMS, review_share=1.0)
    assert looked_at("threshold", everything) == [0, 1, 2, 3]
    # Savings: 0.1 - 0.316, 0.75 - 0.42, 0.7 - 0.54, 0.4 - 0.78.
    assert looked_at("policy", everything) == [1, 2]
    assert looked_at("oracle", everything) == [1, 2]


def test_the_policy_sends_nothing_to_reviewers_it_believes_to_be_worse_than_the_model() -> None:
    assert looked_at("policy", replace(TERMS, review_share=1.0, believed_accuracy=0.5)) == []
    # The oracle knows where the machine is wrong, and there even a coin is better.
    assert looked_at("oracle", replace(TERMS, review_share=1.0, accuracy=0.5)) == [1, 2]


def test_the_policy_prefers_the_large_amount_to_the_nearer_case() -> None:
    cases = four_cases(weights=np.array([0.5, 0.5, 2.5, 0.5]))
    assert looked_at("threshold", cases=cases) == [1]
    # Savings: 0.375 - (0.1 + 0.16) against 1.75 - (0.1 + 1.1).
    assert looked_at("policy", cases=cases) == [2]


def test_beliefs_from_few_past_cases_leave_the_policy_at_the_nearest_case() -> None:
    """The larger amount further off is expected to save 0.16 more, by luck that is ten times as large."""
    cases = four_cases(weights=np.array([0.5, 0.5, 2.5, 0.5]))
    assert looked_at("policy", replace(TERMS, past_cases=4), cases) == [1]
    assert looked_at("policy", replace(TERMS, past_cases=4000), cases) == [2]


def test_places_stay_empty_where_a_look_would_not_pay_however_little_is_known() -> None:
    assert looked_at("policy", replace(TERMS, review_share=1.0, past_cases=4)) == [1, 2]


def test_what_past_cases_taught_of_a_pd_moves_the_policy_alone() -> None:
    cases = replace(four_cases(), chance_bad=np.array([0.3, 0.15, 0.30, 0.60]))
    # The safe-looking case is approved by the machine and believed to be as risky as those that are declined.
    assert looked_at("policy", cases=cases) == [0]
    assert looked_at("threshold", cases=cases) == [1]
    assert looked_at("oracle", cases=cases) == [1]
    assert judge(cases, TERMS)["no_review"] == judge(four_cases(), TERMS)["no_review"]


def test_costs_and_the_advantage_are_told_case_by_case() -> None:
    cases = four_cases(weights=np.array([0.5, 0.5, 2.5, 0.5]))
    assert costs_of(np.array([0, 1.0, 0, 0]), cases, TERMS).tolist() == [0.0, 0.1, 2.5, 0.0]
    # The policy looks at the third instead of the second: 2.4 saved there, 2.4 lost here.
    assert advantages(cases, TERMS)["threshold"].tolist() == pytest.approx([0.0, -2.4, 2.4, 0.0])


def test_a_promised_cut_off_makes_the_machine_decline_what_it_would_have_approved() -> None:
    promised = replace(TERMS, approve_below=0.1)
    found = judge(four_cases(), promised)
    assert found["no_review"].machine_miss_rate == 0.0
    assert found["no_review"].approve_share == 0.25
    assert found["no_review"].cost == 1.0 / 4
    # A look at the case between the cut-offs now saves the risk of declining a good: 0.85 - 0.42.
    assert looked_at("policy", promised) == [1]


def test_a_cut_off_of_minus_infinity_approves_nothing() -> None:
    found = judge(four_cases(), replace(TERMS, approve_below=-np.inf))
    assert found["no_review"].approve_share == 0.0
    assert found["no_review"].decline_share == 1.0


def test_random_hands_every_reviewer_as_many_cases_as_there_are_places() -> None:
    looks = WAYS["random"](four_cases(), TERMS)
    assert looks.sum() == pytest.approx(1.0)
    assert np.all(looks * REVIEWERS == np.round(looks * REVIEWERS))
    assert np.array_equal(looks, WAYS["random"](four_cases(), TERMS))
    assert not np.array_equal(looks, WAYS["random"](four_cases(), replace(TERMS, seed=(1,))))


@pytest.mark.parametrize(("share", "cases", "places"), [(0.29, 100, 29), (0.05, 19, 0), (1.0, 7, 7), (0.0, 7, 0)])
def test_the_share_is_a_limit_and_binary_fractions_do_not_lower_it(share: float, cases: int, places: int) -> None:
    assert replace(TERMS, review_share=share).places(cases) == places


def test_equal_cases_are_taken_in_random_order_not_in_that_of_the_file() -> None:
    cases = replace(four_cases(), pd=np.full(4, 0.15), tie=np.array([2, 3, 0, 1]))
    assert looked_at("threshold", cases=cases) == [2]


def test_the_same_seed_gives_the_same_reviewers() -> None:
    pd, bad = np.full(1000, 0.1), np.zeros(1000, dtype=np.int64)
    stakes = Stakes.of(5.0, 1.0, 0.1, np.ones(1000))
    first, again, other = (Cases.simulated(pd, bad, stakes, accuracy=0.85, seed=(seed, 0)) for seed in (4, 4, 5))
    assert np.array_equal(first.right, again.right)
    assert not np.array_equal(first.right, other.right)
    assert first.right.mean() == pytest.approx(0.85, abs=0.004)


def test_figures_are_averaged_one_by_one() -> None:
    low, high = Figures(0, 1, 0, 0.25, 0.5, 0, 0.5), Figures(1, 0, 0, 0.75, 1.5, 0.5, 1.0)
    assert Figures.mean([low, high]) == Figures(0.5, 0.5, 0.0, 0.5, 1.0, 0.25, 0.75)


def test_what_is_believed_of_unmeasured_reviewers_gives_way_to_their_answers() -> None:
    assert estimated_accuracy(0, 0) == 0.7
    assert estimated_accuracy(855, 1000) == pytest.approx(0.8535, abs=1e-4)


def test_a_promise_counts_whole_misses() -> None:
    figures = Figures(0, 1, 0, 9 / 100, 0, 0, 0)
    assert promise_held(figures, 100, 0.05)
    assert not promise_held(replace(figures, machine_miss_rate=10 / 100), 100, 0.05)


@pytest.mark.parametrize("accuracy", [0.4, 0.6, 0.85, 0.95])
@pytest.mark.parametrize("share", [0.05, 0.2, 1.0])
@pytest.mark.parametrize("by_amount", [False, True])
def test_with_true_pds_the_policy_costs_no_more_than_any_way_but_the_oracle(
    accuracy: float, share: float, by_amount: bool
) -> None:
    """The expected cost, so that no luck of outcomes or reviewers is left: each case is its PD's share of a bad."""
    draw = np.random.default_rng(8)
    pd = draw.beta(0.8, 4.0, 4000)
    amounts = draw.lognormal(0.0, 1.0, 4000) if by_amount else np.ones(4000)
    stakes = Stakes.of(5.0, 1.0, 0.1, amounts / amounts.mean())
    terms = Terms(T, T, share, accuracy, accuracy)
    cases = Cases(pd, (draw.random(4000) < pd).astype(np.int64), np.full(4000, accuracy), np.arange(4000), stakes)
    alone, look = stakes.of_machine(pd, pd < T), stakes.of_look(pd, accuracy)
    expected = {}
    for name, choose in WAYS.items():
        looks = choose(cases, terms)
        expected[name] = float(np.mean((1 - looks) * alone + looks * look))
        assert looks.sum() <= terms.places(4000) + 1e-9
    assert all(expected["policy"] <= expected[name] + 1e-12 for name in ("threshold", "uncertainty", "no_review"))
    assert expected["policy"] <= expected["random"] + 1e-12
    seen = judge(cases, terms)
    assert seen["oracle"].cost == min(figures.cost for figures in seen.values())
