"""What a look is worth: the start order, the money of both sides, and a value that is learned only where it may be."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from riskreview import sample
from routing import backtest
from routing.given_facts import facts_from
from routing.look_value import (
    DISTANCES,
    DOUBTS,
    LEAST_AUDITED,
    LearnedValue,
    TooFewAudited,
    expected_costs,
    expected_saving,
    order_in_use,
    start_rank,
)
from routing.policy import route
from tests.routing.simulated_book import CUT_OFF, LGD, MARGIN, POOR, REVIEW_COST, Book, FloatArray, Reviewers, book


@cache
def learned(cases: int = 6_000, seed: int = 5) -> LearnedValue:
    return LearnedValue.fit(book(cases, seed).audited(0.05))


def value_of(one: LearnedValue, cases: Book) -> FloatArray:
    known = (cases.pd, CUT_OFF, cases.machine_approves, cases.exposure, cases.doubt)
    return one.value(*known, LGD, MARGIN, REVIEW_COST)


def test_cases_near_the_cut_off_and_large_ones_are_looked_at_first() -> None:
    pd, exposure = np.array([0.10, 0.13, 0.13, 0.20]), np.array([100.0, 100.0, 400.0, 2500.0])
    ranks = start_rank(pd, 0.14, exposure)
    assert ranks == pytest.approx([0.004, 0.001, 0.0005, 0.0012])
    assert np.argsort(ranks).tolist() == [2, 1, 3, 0]


def test_each_case_is_measured_from_its_own_cut_off() -> None:
    ranks = start_rank(np.array([0.1, 0.1]), np.array([0.1, 0.3]), np.array([4.0, 4.0]))
    assert ranks == pytest.approx([0.0, 0.1])


def test_what_is_not_known_is_looked_at_first_and_every_rank_can_be_stored() -> None:
    ranks = start_rank(np.array([math.nan, 0.1, 0.1]), 0.2, np.array([100.0, math.nan, 0.0]))
    assert ranks == pytest.approx([0.0, 0.0, 1.0])
    assert json.dumps(ranks.tolist(), allow_nan=False)


def test_both_ways_cost_the_same_at_the_economic_cut_off() -> None:
    cut_off = np.array([0.10 / 0.65, 0.1])
    costs = expected_costs(cut_off, np.array([1000.0, 10.0]), np.array([0.55, 0.45]), np.array([0.10, 0.05]))
    assert costs.approve == pytest.approx(costs.decline)


def test_each_automatic_decision_has_its_cost_in_money() -> None:
    pd, exposure = np.array([0.1, 0.4, math.nan]), np.array([1000.0, 2000.0, 500.0])
    costs = expected_costs(pd, exposure, 0.5, 0.1)
    assert costs.approve[:2] == pytest.approx([50.0, 400.0])
    assert costs.decline[:2] == pytest.approx([90.0, 120.0])
    assert costs.machine[:2] == pytest.approx([50.0, 120.0])
    taken = expected_costs(pd, exposure, 0.5, 0.1, np.array([False, True, True]))
    assert taken.machine[:2] == pytest.approx([90.0, 400.0])
    assert np.isnan([costs.machine[2], taken.machine[2]]).all()


def test_a_look_saves_what_the_machine_would_lose_less_the_slips_and_its_cost() -> None:
    saving = expected_saving(np.array([0.4]), np.array([True]), np.array([2000.0]), 0.5, 0.1, 0.85, 30.0)
    assert saving == pytest.approx([400.0 - 0.15 * 520.0 - 30.0])


def test_the_saving_is_the_one_that_the_backtest_judges_by() -> None:
    draw = np.random.default_rng(1)
    pd, weights = draw.random(50), draw.lognormal(0, 1, 50)
    stakes = backtest.Stakes.of(5.0, 1.0, 0.1, weights)
    cases = backtest.Cases.simulated(pd, np.zeros(50, dtype=np.int64), stakes, accuracy=0.85, seed=[0])
    terms = backtest.Terms(decision=1 / 6, approve_below=1 / 6, review_share=0.1, accuracy=0.85, believed_accuracy=0.85)
    known = backtest.saving_of_look(cases, terms, pd, 0.85)
    # A look saves the same whatever the unit: 5 and 1 are LGD and margin of an exposure of one weight.
    assert expected_saving(pd, pd < 1 / 6, weights, 5.0, 1.0, 0.85, 0.1) == pytest.approx(known)


def test_distance_to_the_cut_off_beats_distance_to_one_half() -> None:
    shares: list[tuple[float, ...]] = []
    for seed in range(6):
        cases = book(20_000, 1_000 + seed)
        orders = (
            -np.abs(cases.pd - 0.5),
            -np.abs(cases.pd - CUT_OFF),
            -start_rank(cases.pd, CUT_OFF, cases.exposure),
            cases.saved(),
        )
        shares.append(tuple(cases.saved_share(value, 0.1) for value in orders))
    half, distance, start, known = np.mean(shares, axis=0)
    assert half < 0.005
    assert half + 0.01 < distance < start < known
    assert start > 0.02


def test_the_start_order_does_no_harm_where_reviewers_are_poor() -> None:
    cases = book(60_000, 77, POOR)
    start = cases.saved_share(-start_rank(cases.pd, CUT_OFF, cases.exposure), 0.1)
    assert start > -0.005
    assert start > cases.saved_share(-np.abs(cases.pd - 0.5), 0.1) + 0.02
    assert start > cases.saved_share(expected_costs(cases.pd, cases.exposure, LGD, MARGIN).machine, 0.1)


def test_a_value_learned_from_six_thousand_audits_is_not_worse_than_the_start_order() -> None:
    gains = []
    for seed in range(4):
        cases = book(20_000, 2_000 + seed)
        start = cases.saved_share(-start_rank(cases.pd, CUT_OFF, cases.exposure), 0.1)
        gains.append(cases.saved_share(value_of(learned(seed=seed), cases), 0.1) - start)
    assert np.mean(gains) > 0.0


def test_it_is_learned_that_thin_files_deserve_a_look() -> None:
    # Just below the cut-off, with the same PD and exposure, only the doubt differs.
    pd, doubt = np.full(3, 0.13), np.array([0.1, 0.45, math.nan])
    low, _middle, high = learned(20_000).value(pd, CUT_OFF, pd < CUT_OFF, np.full(3, 9e3), doubt, LGD, MARGIN, 30.0)
    assert high > low


@pytest.mark.parametrize("cases", [0, 1, LEAST_AUDITED - 1])
def test_too_few_audited_cases_teach_nothing_and_their_number_is_told(cases: int) -> None:
    with pytest.raises(TooFewAudited) as refusal:
        LearnedValue.fit(book(cases, 1).audited(0.05))
    assert refusal.value.cases == cases
    assert f"{cases:,} audited" in str(refusal.value)
    assert f"{cases:,} 笔" in refusal.value.zh


def test_a_learned_value_survives_its_stored_form_to_the_digit() -> None:
    stored = json.loads(json.dumps(learned().to_dict(), allow_nan=False))
    assert LearnedValue.from_dict(stored) == learned()
    cases = book(500, 3)
    assert (value_of(LearnedValue.from_dict(stored), cases) == value_of(learned(), cases)).all()


def test_the_same_audits_teach_the_same() -> None:
    assert LearnedValue.fit(book(6_000, 5).audited(0.05)) == learned()


def test_a_value_of_other_bins_is_refused() -> None:
    with pytest.raises(ValueError, match="other bins"):
        LearnedValue.from_dict({**learned().to_dict(), "distance_edges": [-1.0, 0.0, 1.0]})
    with pytest.raises(ValueError, match="other bins"):
        LearnedValue.from_dict({**learned().to_dict(), "corrections": [0.0]})


def test_where_no_case_was_audited_the_value_is_the_formula() -> None:
    every = book(12_000, 9)
    near = every.pd < CUT_OFF
    narrow = LearnedValue.fit(every.audited(0.05).rows(near))
    above = len([edge for edge in DISTANCES if edge <= 0.0]) * 3
    assert set(narrow.trust[above:]) == {0.0}
    assert all(0 < trust < 1 for trust in narrow.trust[:above])
    cases = book(300, 4)
    far = cases.pd > CUT_OFF
    known = (cases.exposure, LGD, MARGIN, narrow.accuracy, REVIEW_COST)
    formula = expected_saving(cases.pd, cases.machine_approves, *known)
    assert (value_of(narrow, cases)[far] == formula[far]).all()


def test_reviewers_accuracy_is_measured_on_the_audits() -> None:
    careful = LearnedValue.fit(book(3_000, 2, Reviewers(noise=0.1, following=0.0, slips=0.0)).audited(1.0))
    careless = LearnedValue.fit(book(3_000, 2, Reviewers(slips=0.5)).audited(1.0))
    assert careless.accuracy == pytest.approx(0.5, abs=0.03)
    assert careful.accuracy > careless.accuracy + 0.1


def test_weights_are_the_inverse_of_the_probability_capped_and_counted() -> None:
    audited = book(4_000, 2).audited(0.05)
    rare = replace(audited, probability=np.where(np.arange(4_000) < 400, 0.01, 0.5))
    # 400 cases of weight 20 (100 capped), 3,600 of weight 2: a mean of 3.8.
    assert rare.weights()[[0, 400]] == pytest.approx([20 / 3.8, 2 / 3.8])
    assert rare.weights().mean() == pytest.approx(1.0)
    one = LearnedValue.fit(rare)
    assert one.cases == 4_000
    assert one.effective_cases == pytest.approx(15_200**2 / (400 * 400 + 3_600 * 4))
    assert learned().effective_cases == pytest.approx(6_000)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"pd": np.full(10, math.nan)}, "no missing values"),
        ({"pd": np.full(9, 0.1)}, "one value a case"),
        ({"pd": np.full(10, 1.0)}, "between 0 and 1"),
        ({"probability": np.zeros(10)}, "above 0 and at most 1"),
        ({"probability": np.full(10, 1.1)}, "above 0 and at most 1"),
        ({"exposure": np.zeros(10)}, "exposures are above 0"),
    ],
)
def test_audited_cases_that_cannot_be_are_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        replace(book(10, 1).audited(0.05), **change)


@pytest.mark.parametrize("share", [0.0, 1.0, math.nan])
def test_a_share_of_nothing_or_everything_is_no_choice(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        LearnedValue.fit(book(3_000, 1).audited(0.05), share=share)


def test_a_case_without_a_score_has_no_value_and_one_without_doubt_counts_as_doubtful() -> None:
    pd, doubt = np.array([math.nan, 0.1, 0.1]), np.array([0.2, math.nan, 1.0])
    value = learned().value(pd, CUT_OFF, np.array([False, True, True]), np.full(3, 9e3), doubt, LGD, MARGIN, 30.0)
    assert np.isnan(value).tolist() == [True, False, False]
    assert value[1] == value[2]


def test_the_start_order_is_used_until_another_is_shown_to_be_better() -> None:
    one = replace(learned(), gain=2.0, standard_error=1.0)
    assert order_in_use(None) == "start"
    assert order_in_use(one) == "learned"
    assert order_in_use(replace(one, gain=1.0)) == "start"
    assert order_in_use(replace(one, standard_error=math.nan)) == "start"


def test_the_check_finds_a_better_order_where_there_is_one_and_none_where_people_only_toss_a_coin() -> None:
    shown = learned(60_000)
    assert order_in_use(shown) == "learned"
    assert shown.gain > 0
    tossed = LearnedValue.fit(book(6_000, 8, Reviewers(noise=50.0, slips=0.5)).audited(0.05))
    assert order_in_use(tossed) == "start"
    assert tossed.accuracy == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("gain", [0.0, 1.0], ids=["start order", "learned order"])
def test_the_rank_of_a_case_whose_score_is_hidden_is_the_same_for_every_pd_and_doubt(gain: float) -> None:
    bins = (len(DISTANCES) + 1) * DOUBTS
    learned = LearnedValue(
        DISTANCES, (0.1, 0.3), tuple(np.linspace(0.0, 1.0, bins)), (1.0,) * bins, 0.9, 500, 400.0, gain=gain
    )
    terms = replace(sample.TERMS, learned_value=learned.to_dict())
    given = {"amount": 10_000.0, "points": 600.0, "interest_rate": 12.0, "term_months": 36, "cut_off": 0.14}
    cases = [{**given, "pd": pd, "doubt": doubt} for pd, doubt in ((0.01, 0.0), (0.14, 0.9), (0.6, 0.2))]
    routed = route(terms, facts_from(terms, cases))
    assert len(set(routed.rank.tolist())) == 3
    assert len(set(routed.blind_rank.tolist())) == 1
