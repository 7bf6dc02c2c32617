"""Overrides in money: won or lost against the model, with intervals, and what may be said of groups."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from learning.overrides import (
    Override,
    band_of,
    break_even_p,
    count_statuses,
    expect,
    first_to_mature,
    grouped,
    settle,
)
from learning.small_samples import exact_share

RESCUE = Override(
    1, 1, "rescue", "ann", "car", "retail", ("stable_income",), "USD", 1000.0, 0.1, 0.5, 0.3, 0.2, 0.4,
    True, True, False,
)  # fmt: skip
REJECT = replace(RESCUE, direction="reject", granted=False, bad=None, pd=0.1, pd_low=0.05, pd_high=0.2)


def test_a_rescue_wins_the_margin_or_loses_the_loss_and_a_reject_the_other_way_round() -> None:
    assert (RESCUE.value, replace(RESCUE, bad=True).value) == (100.0, -500.0)
    granted = replace(RESCUE, direction="reject")
    assert (granted.value, replace(granted, bad=True).value) == (-100.0, 500.0)
    # 10 % of 500 saved less 90 % of 100 missed.
    assert REJECT.expected(0.1) == pytest.approx(-40.0)


def test_every_override_has_one_status_and_only_what_a_loan_has_shown_is_settled() -> None:
    cases = {
        "settled": [RESCUE, replace(RESCUE, direction="reject", bad=True)],
        "open": [replace(RESCUE, bad=None)],
        "estimated": [REJECT],
        "undecided": [replace(REJECT, decided=False), replace(RESCUE, decided=False, granted=False)],
        "no_loan": [replace(RESCUE, granted=False)],
        "unpriced": [replace(RESCUE, margin=None), replace(REJECT, pd=None)],
    }
    for status, overrides in cases.items():
        assert {each.status for each in overrides} == {status}
    everything = [each for overrides in cases.values() for each in overrides]
    assert count_statuses(everything) == {status: len(overrides) for status, overrides in cases.items()}


def test_the_chance_of_breaking_even_is_counted_over_every_way_the_loans_could_go() -> None:
    # Each loan earns 100 or loses 500, so breaks even at a bad rate of 1/6. Two repaid: (5/6)^2 of one side.
    earned, lost = np.array([100.0, 100.0]), np.array([500.0, 500.0])
    assert break_even_p(earned, lost, 200.0) == 1.0  # 2 * 25/36 is above 1
    # Both bad: 2 * 1/36.
    assert break_even_p(earned, lost, -1000.0) == pytest.approx(2 / 36)
    assert break_even_p(np.zeros(1), np.zeros(1), 0.0) == 1.0
    many = np.full(600, 100.0), np.full(600, 500.0)
    # 600 loans, normal: 100 bads expected; 60 bads gain 24,000, sd = 600 * sqrt(600 * 5/36) = 5477.2, z = 4.3818.
    assert break_even_p(*many, 24_000.0) == pytest.approx(1.177e-5, rel=1e-3)
    # 13 loans, drawn: all repaid has (5/6)^13 = 0.0935 of one side.
    few = np.full(13, 100.0), np.full(13, 500.0)
    assert break_even_p(*few, 1300.0) == pytest.approx(2 * (5 / 6) ** 13, abs=0.01)


def test_ten_repaid_loans_are_no_sure_gain() -> None:
    found = settle([RESCUE] * 10)
    assert (found.settled, found.won, found.value.value) == (10, 10, 1000.0)
    # The bad rate may be up to 30.85 %: 1000 - 0.3085 * 6000.
    assert found.value.low == pytest.approx(1000 - exact_share(0, 10).high * 6000)
    assert found.value.high == 1000.0
    assert found.p_value == pytest.approx(2 * (5 / 6) ** 10)
    assert found.won_share == exact_share(10, 10)
    assert settle([]).p_value == 1.0


def test_the_interval_holds_what_happened_also_where_the_stakes_differ() -> None:
    loans = [RESCUE] * 11 + [replace(RESCUE, exposure=20_000.0, bad=True)]
    found = settle(loans)
    assert found.value.value == 1100 - 10_000
    assert found.value.low <= -8900 <= found.value.high


def test_rejects_of_loans_granted_all_the_same_are_settled_with_the_other_sign() -> None:
    found = settle([replace(RESCUE, direction="reject")] * 10)
    assert (found.won, found.value.value, found.value.low) == (0, -1000.0, -1000.0)
    assert found.value.high == pytest.approx(exact_share(0, 10).high * 6000 - 1000)


def test_a_group_is_judged_once_enough_is_settled_and_the_groups_pay_for_each_other() -> None:
    bad = replace(RESCUE, reasons=("strong_support", "other"), bad=True)
    overrides = [
        *[RESCUE] * 10,
        *[bad] * 12,
        *[replace(RESCUE, reasons=("other",), bad=None)] * 3,
        *[replace(RESCUE, reasons=("good_record",))] * 9,
    ]
    good, other, stable, support = grouped(overrides, lambda each: each.reasons)
    assert (good.key, good.settled, good.settlement, good.q_value, good.verdict) == (
        "good_record", 9, None, None, "too_few",
    )  # fmt: skip
    assert (other.settled, other.open, other.verdict) == (12, 3, "costs")
    assert other.q_value == pytest.approx(2 * (1 / 6) ** 12 * 3 / 2, rel=1e-6)
    assert stable.verdict == "not_shown"
    assert stable.q_value == pytest.approx(2 * (5 / 6) ** 10)
    assert support.verdict == "costs"


def test_rejects_are_estimated_by_their_pd_and_by_loans_alike_and_never_measured() -> None:
    cohorts = {("car", 4): (10, 50), ("car", 1): (0, 49)}
    far = replace(REJECT, pd=0.01, pd_low=None, pd_high=None)
    found = expect([REJECT, far], cohorts)
    assert found is not None
    # 0.1: -40; 0.01: 5 - 99. Ends: 25 - 95 and 100 - 80 for the first, the same for the second.
    assert found.by_pd == pytest.approx((-40 - 94, -70 - 94, 20 - 94))
    # 10 of 50 bad: 100 - 80, for the one whose cohort is large enough.
    assert (found.rejects, found.covered) == (2, 1)
    assert found.by_cohort is not None
    assert found.by_cohort.value == pytest.approx(20.0)
    assert found.by_cohort.low < 0 < found.by_cohort.high
    assert expect([], cohorts) is None
    alone = expect([far], {})
    assert alone is not None
    assert alone.by_cohort is None
    assert [band_of(pd) for pd in (0.0199, 0.02, 0.05, 0.1, 0.2)] == [1, 2, 3, 4, 5]


def test_the_next_loan_to_mature_is_told_apart_from_those_whose_outcome_is_late() -> None:
    today = date(2026, 11, 28)
    loans = [replace(RESCUE, bad=None, window_ends=date(2026, 12, day)) for day in (24, 3)]
    late = replace(RESCUE, bad=None, window_ends=today)
    assert first_to_mature([*loans, late, RESCUE], today) == (date(2026, 12, 3), 1)
    assert first_to_mature([RESCUE], today) == (None, 0)
