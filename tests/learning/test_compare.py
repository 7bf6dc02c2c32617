"""Two models on the same loans: figures that can be checked by hand, and a test that daily looks do not fool."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from math import comb

import numpy as np
import pytest

from learning.compare import GATES, Sample, Weighing, compare
from learning.compare_calibration import brier_difference, calibration_of, score_stability
from learning.compare_cost import Desk, cost_at_capacity, flips, swap_set
from learning.compare_power import power_of_difference
from learning.sequential import ALPHA, BETS, evidence, savings, wealth
from scoring.ml.calibration import sigmoid
from scoring.ml.intervals import delong_difference

DESK = Desk(cut_off=0.2, review_share=0.0, accuracy=0.85, review_cost=0.0)


def made(loans: int, seed: int = 0) -> Sample:
    """Loans whose true log-odds the challenger sees with less noise than the champion."""
    draw = np.random.default_rng(seed)
    true = draw.normal(-2.0, 1.0, loans)
    bad = (draw.random(loans) < sigmoid(true)).astype(np.int64)
    champion, challenger = (true + draw.normal(0, noise, loans) for noise in (1.0, 0.3))
    days = [f"2026-{1 + at * 12 // loans:02d}-01" for at in range(loans)]
    regions = ["CA" if at % 2 else "NY" for at in range(loans)]
    refs = [f"CR-{at}" for at in range(loans)]
    return Sample(refs, champion, challenger, bad, np.ones(loans), days, {"region": regions})


def test_power_says_how_many_loans_a_difference_needs() -> None:
    power = power_of_difference(0.01, 0.01 / 2.802, loans=1000, bads=100)
    assert (round(power.power, 4), power.needed, power.is_enough) == (0.8001, 1000, True)
    assert power_of_difference(0.01, 0.01, loans=1000, bads=100).needed == 7849
    assert power_of_difference(0.01, 0.0, loans=50, bads=5).power == 1.0
    with pytest.raises(ValueError, match="above 0"):
        power_of_difference(0.0, 0.01, loans=1000, bads=100)


def test_the_power_is_the_share_of_samples_in_which_delong_sees_the_difference() -> None:
    samples = [made(600, seed) for seed in range(80)]
    gaps = [delong_difference(each.bad, each.challenger, each.champion) for each in samples]
    true = float(np.mean([gap.difference for gap in gaps]))
    told = [power_of_difference(true, gap.standard_error, loans=600, bads=80).power for gap in gaps]
    assert np.mean([gap.p_value < 0.05 for gap in gaps]) == pytest.approx(np.mean(told), abs=0.1)


def test_flips_are_tested_exactly_and_name_the_swap_set() -> None:
    champion = np.array([0.1] * 6 + [0.3] * 3)
    challenger = np.array([0.3] * 5 + [0.1] + [0.3] * 2 + [0.1])
    bad = np.array([1, 1, 1, 1, 0, 0, 1, 0, 1])
    found = flips(champion, challenger, bad, 0.2)
    # Five of the first are declined now, four of them rightly; the last bad one would be approved.
    assert (found.champion_right, found.challenger_right) == (2, 4)
    assert found.p_value == pytest.approx(2 * sum(comb(6, k) for k in range(3)) / 2**6)
    swapped_in, swapped_out = swap_set(champion, challenger, 0.2)
    assert (np.flatnonzero(swapped_in).tolist(), np.flatnonzero(swapped_out).tolist()) == ([8], [0, 1, 2, 3, 4])
    assert flips(champion, champion, bad, 0.2).p_value == 1.0


def test_cost_counts_what_each_mistake_costs_of_its_amount() -> None:
    champion, challenger = np.array([0.1, 0.3, 0.1, 0.3]), np.array([0.3, 0.1, 0.1, 0.3])
    bad, amount = np.array([1, 0, 0, 1]), np.array([2.0, 1.0, 1.0, 0.0])
    found = cost_at_capacity(champion, challenger, bad, amount, DESK)
    # The champion approves a bad of twice the mean (0.8 × 2) and declines a good of the mean (0.2); all over four.
    assert found.champion == pytest.approx((0.8 * 2 + 0.2) / 4)
    assert found.challenger == pytest.approx(0.0)
    assert found.saved.value == pytest.approx(0.45)
    assert found.saved.low <= 0.45 <= found.saved.high


def test_calibration_is_right_in_the_large_and_in_slope() -> None:
    draw = np.random.default_rng(3)
    true = draw.normal(-2.0, 1.0, 20_000)
    y = (draw.random(20_000) < sigmoid(true)).astype(np.int64)
    right, steep = calibration_of(y, true), calibration_of(y, 2 * true)
    assert right.in_the_large.low < 0 < right.in_the_large.high
    assert right.slope.low < 1 < right.slope.high
    assert steep.slope.value == pytest.approx(right.slope.value / 2)
    assert brier_difference(y, true, 2 * true).high < 0
    assert score_stability(true, true) == 0.0
    assert score_stability(true, true + 1.0) > 0.25


def test_the_wealth_is_the_mean_of_its_bets() -> None:
    x = np.array([1.0, -0.5, 0.0])
    by_hand = [np.mean([np.prod([1 + bet * each for each in x[: n + 1]]) for bet in BETS]) for n in range(3)]
    assert wealth(x) == pytest.approx(by_hand)
    with pytest.raises(ValueError, match="order of their days"):
        evidence(x, ["2026-01-02", "2026-01-01", "2026-01-03"])


def test_looking_daily_keeps_false_alarms_below_alpha_and_a_real_difference_is_seen() -> None:
    draw, alarms, seen, naive, runs = np.random.default_rng(7), 0, 0, 0, 300
    for _run in range(runs):
        differ = draw.random(1500) < 0.15
        fair = np.where(differ, draw.choice([-1.0, 1.0], 1500), 0.0)
        alarms += bool((np.maximum(wealth(fair), wealth(-fair)) >= 2 / ALPHA).any())
        sums, counts = np.cumsum(fair), np.maximum(np.cumsum(differ), 1)
        naive += bool((np.abs(sums[49:]) / np.sqrt(counts[49:]) > 1.96).any())
        better = np.where(differ, np.where(draw.random(1500) < 0.65, 1.0, -1.0), 0.0)
        seen += bool((wealth(better) >= 2 / ALPHA).any())
    assert alarms / runs <= ALPHA
    assert naive / runs > 0.25
    assert seen / runs > 0.8


def test_savings_are_what_the_dearer_mistake_is_measured_by() -> None:
    champion, challenger, bad = np.array([0.1, 0.1, 0.3]), np.array([0.3, 0.3, 0.3]), np.array([1, 0, 1])
    assert savings(champion, challenger, bad, 0.2) == pytest.approx([1.0, -0.25, 0.0])


def test_a_comparison_of_a_better_model_passes_its_gates_and_is_plain_json() -> None:
    sample = made(6000)
    found = compare(sample, DESK, difference=0.05, other_reasons={"cases": 100, "differ": 20})
    assert Counter(gate["passed"] for gate in found["gates"])[True] >= 6
    assert [gate["code"] for gate in found["gates"]] == list(GATES)
    assert found["outcomes"]["power"]["is_enough"]
    assert found["outcomes"]["auc"]["difference"]["low"] > 0
    assert found["outcomes"]["cost"]["saved"]["low"] > 0
    assert found["evidence"]["decided"] == "challenger"
    assert len(found["evidence"]["days"]) == 12
    assert [(each["value"], each["loans"]) for each in found["segments"]] == [("CA", 3000), ("NY", 3000)]
    assert found["swaps"]["in"]["cases"] == found["swaps"]["in"]["loans"] > 0


def weighed(sample: Sample, weights: np.ndarray) -> Sample:
    """The sample with these weights; the heavy loans are those that a random arm brought."""
    return replace(sample, weighing=Weighing(weights, weights > 1.0, np.zeros(len(weights), dtype=np.bool_), 20.0))


def test_a_loan_that_stands_for_two_counts_as_the_loan_twice_and_the_interval_tells_that_it_is_one() -> None:
    sample, twice = made(1200), np.repeat(np.arange(1200), np.arange(1200) % 2 + 1)
    weights = (np.arange(1200) % 2 + 1).astype(np.float64)
    y, one, other = sample.bad, sample.challenger, sample.champion
    found, repeated = calibration_of(y, one, weights), calibration_of(y[twice], one[twice])
    assert found.mean_pd == pytest.approx(repeated.mean_pd)
    assert (found.in_the_large.value, found.slope.value) == pytest.approx(
        (repeated.in_the_large.value, repeated.slope.value)
    )
    assert brier_difference(y, one, other, weights).value == pytest.approx(
        brier_difference(y[twice], one[twice], other[twice]).value
    )
    assert found.slope.high - found.slope.low > repeated.slope.high - repeated.slope.low
    even = cost_at_capacity(sigmoid(other), sigmoid(one), y, sample.amount, DESK, np.ones(1200))
    plain = cost_at_capacity(sigmoid(other), sigmoid(one), y, sample.amount, DESK)
    assert (even.saved.value, even.saved.low, even.saved.high) == pytest.approx(tuple(plain.saved))


def test_a_comparison_by_weights_stands_beside_the_plain_one_with_its_effective_size() -> None:
    sample = made(3000)
    weights = np.where(np.arange(3000) % 20 == 0, 20.0, 1.0)
    found = compare(weighed(sample, weights), DESK, difference=0.05, other_reasons=None)
    plain = compare(sample, DESK, difference=0.05, other_reasons=None)
    told = found["weighted"]
    assert (plain["weighted"], found["outcomes"]) == (None, plain["outcomes"])
    assert told["effective_size"] == pytest.approx((150 * 20 + 2850) ** 2 / (150 * 400 + 2850))
    assert (told["by_chance"], told["by_chance_weight"]) == pytest.approx((0.05, 3000 / 5850))
    gap = delong_difference(sample.bad, sample.challenger, sample.champion, weights)
    assert told["auc"]["difference"]["value"] == pytest.approx(gap.difference)
    assert told["power"]["power"] < plain["outcomes"]["power"]["power"]
    assert told["power"]["needed"] > plain["outcomes"]["power"]["needed"]
    assert json.loads(json.dumps(found)) == found, "it can be frozen"
    assert compare(weighed(sample, np.full(3000, 0.4)), DESK, difference=0.05, other_reasons=None)["weighted"] is None


def test_a_gate_is_passed_only_where_the_weighted_figures_pass_it_too() -> None:
    sample = made(3000)
    # The few loans that stand for all the declined ones, and on them the challenger is the worse one.
    drawn = np.arange(3000) % 10 == 0
    turned = replace(sample, challenger=np.where(drawn, -sample.challenger - 4.0, sample.challenger))
    found = compare(weighed(turned, np.where(drawn, 20.0, 1.0)), DESK, difference=0.05, other_reasons=None)
    assert found["outcomes"]["auc"]["difference"]["value"] > 0 > found["weighted"]["auc"]["difference"]["value"]
    assert {gate["code"]: gate["passed"] for gate in found["gates"]}["auc"] is False


def test_without_outcomes_nothing_is_said_of_them_and_no_gate_that_needs_them_is_passed() -> None:
    sample = made(300)
    unknown = Sample(
        sample.refs, sample.champion, sample.challenger, np.full(300, -1), sample.amount, sample.days, sample.segments
    )
    found = compare(unknown, DESK, difference=0.01, other_reasons=None)
    assert (found["loans"], found["outcomes"], found["evidence"], found["segments"]) == (0, None, None, [])
    assert [gate["code"] for gate in found["gates"] if gate["passed"]] in ([], ["stability"])
