"""Figures of reviewers, worked out by hand: lift, agreement, deference, pace, and the course of a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isnan

import pytest

from learning.reviewers import (
    LEAST_SHOWN,
    Decision,
    agreement,
    by_count,
    by_hour,
    by_month,
    commonest_reasons,
    deference,
    kappa,
    lift,
    pace,
    rising_disagreement_p,
    rising_overrides_p,
)
from learning.small_samples import difference_of_shares
from tests.learning.test_overrides import RESCUE

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PLAIN = Decision(1, START, 60.0, "approve", "approve")


def test_kappa_is_that_of_cohen_and_its_interval_holds_it() -> None:
    # Both yes 20, only one 5, only the other 10, neither 15: 0.7 observed, 0.5 expected.
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    found = kappa(pairs)
    assert found.value == pytest.approx(0.4)
    assert 0.1 < found.low < 0.2
    assert 0.6 < found.high < 0.7
    assert kappa(pairs) == found
    alike = kappa([(False, False)] * 30)
    assert isnan(alike.value)
    assert alike[1:] == (-1.0, 1.0)


def test_agreement_counts_both_roles_and_what_a_third_person_upheld() -> None:
    decided = [replace(PLAIN, looked="approve", looker=2)] * 15
    lost = [replace(PLAIN, looked="decline", looker=2, upheld="decline")] * 2
    won = [replace(PLAIN, reviewer=2, outcome="approve", looked="decline", looker=1, upheld="decline")] * 3
    others = [replace(PLAIN, reviewer=2, looked="approve", looker=3)] * 9
    found = agreement(1, [*decided, *lost, *won, *others, PLAIN])
    assert found is not None
    assert (found.pairs, found.agreed, found.declines) == (20, 15, 5 / 40)
    assert (found.disputes, found.upheld) == (5, 3)
    assert agreement(1, [*decided, *lost]) is None


def test_lift_is_what_the_overrides_won_spread_over_all_loans_that_matured() -> None:
    followed = [replace(PLAIN, bad=False)] * 18
    rescues = [replace(PLAIN, advice="decline", bad=bad) for bad in (False, False, True)]
    money = [replace(RESCUE, key=key, bad=bad) for key, bad in enumerate((False, False, True))]
    found = lift([*followed, *rescues, PLAIN], money)
    assert found is not None
    # 100 + 100 - 500 over 21 decisions.
    assert (found.matured, found.overrides) == (21, 3)
    assert found.a_hundred.value == pytest.approx(-300 * 100 / 21)
    assert found.a_hundred.low <= found.a_hundred.value <= found.a_hundred.high
    assert lift(followed, []) is None
    assert lift([*followed, *followed], []) is not None


def test_deference_is_a_lean_given_up_beyond_what_is_given_up_without_a_nudge() -> None:
    def leaning(lean: str, advice: str, outcome: str, count: int) -> list[Decision]:
        return [replace(PLAIN, lean=lean, advice=advice, outcome=outcome)] * count

    asked = [
        *leaning("decline", "approve", "approve", 15),
        *leaning("decline", "approve", "decline", 5),
        *leaning("approve", "approve", "approve", 18),
        *leaning("approve", "approve", "decline", 2),
        *leaning("unsure", "decline", "decline", 4),
        *leaning("unsure", "decline", "approve", 1),
        *leaning("approve", "", "approve", 9),
        PLAIN,
    ]
    found = deference(asked)
    assert found is not None
    assert (found.contrary, found.yielded, found.agreeing, found.left) == (20, 15, 20, 2)
    assert (found.unsure, found.followed) == (5, 4)
    assert found.pull == difference_of_shares(15, 20, 2, 20)
    assert deference(asked[1:]) is None


def test_pace_leaves_out_what_nobody_read_case_by_case() -> None:
    decisions = [replace(PLAIN, seconds=float(seconds)) for seconds in range(10, 30)]
    found = pace([*decisions, replace(PLAIN, seconds=0.2)], 15.0)
    assert found is not None
    assert (found.decisions, found.lower, found.middle, found.upper, found.too_fast) == (20, 14.75, 19.5, 24.25, 5)
    assert pace(decisions[1:], 15.0) is None


def test_a_day_is_told_by_hours_since_its_first_decision_and_by_how_many_were_decided() -> None:
    def at(minutes: int, **changes: object) -> Decision:
        return replace(PLAIN, at=START + timedelta(minutes=minutes), **changes)  # type: ignore[arg-type]

    first = [at(minute) for minute in range(11)]
    late = at(125, advice="decline", looked="decline", looker=2, bad=True, seconds=30.0, note_length=12, repeated=True)
    tomorrow = at(24 * 60)
    hours = by_hour([late, *first, tomorrow])
    assert [(part.name, part.decisions) for part in hours] == [("1", 12), ("3", 1)]
    last = hours[1]
    assert (last.advised, last.overridden, last.looked, last.disagreed, last.matured, last.bad) == (1, 1, 1, 1, 1, 1)
    assert (last.seconds, last.note_length, last.repeated) == (30.0, 12, 1)
    assert [(part.name, part.decisions) for part in by_count([late, *first, tomorrow])] == [("10", 11), ("20", 2)]
    assert [part.name for part in by_hour([at(0), at(9 * 60)])] == ["1", "more"]
    # 0 of 12 against 1 of 1: z = sqrt(13), p = 0.000311.
    assert rising_overrides_p(hours) == pytest.approx(3.11e-4, rel=1e-2)
    assert rising_disagreement_p(hours) == 1.0
    months = by_month([tomorrow, at(60 * 24 * 40)])
    assert [(part.name, part.decisions) for part in months] == [("2026-11", 1), ("2026-12", 1)]


def test_the_commonest_reasons_are_told_as_a_set() -> None:
    some = [replace(PLAIN, codes=("b", "a"))] * 12 + [replace(PLAIN, codes=("a", "b"))] + [PLAIN]
    assert commonest_reasons([*some, *[replace(PLAIN, codes=("c",))] * 7]) == (("a", "b"), 13, LEAST_SHOWN)
    assert commonest_reasons(some) is None
