"""People's capacity: who is seen within it, what is said of the rest, and that a fallback never approves beyond it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.arms import SettingError
from routing.capacity import (
    APPROVE,
    DECLINE,
    FALLBACK_WAYS,
    WAIT,
    Capacity,
    Fallback,
    choose,
    demand,
    fall_back,
    places,
    said,
)

STATED: dict[str, Any] = {"hours_a_day": 14.0, "minutes_a_look": 12.0, "fallback": "wait"}


def chosen_of(value: list[float], mandatory: list[bool], places_left: int) -> Any:
    tie = np.linspace(0, 0.9, len(value))
    return choose(np.array(value), np.array(mandatory, dtype=np.bool_), tie, places_left)


@pytest.mark.parametrize(("hours", "minutes", "held"), [(14, 12, 70), (0, 12, 0), (0.29, 0.174, 100), (1, 7, 8)])
def test_hours_hold_so_many_looks(hours: float, minutes: float, held: int) -> None:
    assert places(hours, minutes) == held
    assert Capacity(**{**STATED, "hours_a_day": hours, "minutes_a_look": minutes}).places_a_day == held


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"hours_a_day": -1}, "hours_a_day"),
        ({"hours_a_day": math.nan}, "hours_a_day"),
        ({"hours_a_day": math.inf}, "hours_a_day"),
        ({"minutes_a_look": 0}, "minutes_a_look"),
        ({"minutes_a_look": 1441}, "minutes_a_look"),
        ({"fallback": "forget"}, "fallback"),
        ({"appetite": 1.0}, "appetite"),
        ({"appetite": -0.1}, "appetite"),
        ({"appetite": math.nan}, "appetite"),
        ({"fallback": "approve"}, "appetite"),
        ({"random_share": 1.1}, "random_share"),
        ({"random_share": math.nan}, "random_share"),
    ],
)
def test_a_capacity_that_cannot_be_is_refused_in_both_languages(change: dict[str, Any], field: str) -> None:
    with pytest.raises(SettingError, match=f"^{field}: ") as refusal:
        Capacity(**{**STATED, **change})
    assert refusal.value.field == field
    assert refusal.value.en
    assert any("一" <= letter <= "鿿" for letter in refusal.value.zh)


def test_a_twentieth_of_each_reviewers_cases_is_random_unless_said_otherwise() -> None:
    assert Capacity(**STATED).random_share == 0.05
    assert Capacity(**{**STATED, "fallback": "approve", "appetite": 0.1}).appetite == 0.1


def test_mandatory_cases_come_first_and_the_rest_goes_to_the_most_valuable() -> None:
    chosen = chosen_of([5.0, 1.0, 9.0, 7.0, -1.0], [False, True, False, False, False], 3)
    assert chosen.seen.tolist() == [False, True, True, True, False]
    assert chosen.rank.tolist() == [4, 1, 2, 3, 5]
    assert chosen.left_out.tolist() == [True, False, False, False, True]
    assert (chosen.mandatory, chosen.discretionary, chosen.beyond, chosen.overbooked) == (1, 2, 2, 0)


def test_mandatory_cases_are_seen_even_where_there_is_no_place_and_that_is_counted() -> None:
    chosen = chosen_of([5.0, 1.0, 9.0], [True, True, False], 1)
    assert chosen.seen.tolist() == [True, True, False]
    assert (chosen.mandatory, chosen.discretionary, chosen.beyond, chosen.overbooked) == (2, 0, 1, 1)


def test_a_value_that_is_not_known_comes_before_all_known_ones() -> None:
    assert chosen_of([5.0, math.nan, 9.0], [False] * 3, 1).seen.tolist() == [False, True, False]


def test_equal_values_are_ordered_by_the_cases_own_draw_and_not_by_arrival() -> None:
    value, must, tie = np.ones(4), np.zeros(4, dtype=np.bool_), np.array([0.7, 0.1, 0.9, 0.3])
    assert choose(value, must, tie, 2).seen.tolist() == [False, True, False, True]
    back = choose(value, must, tie[::-1], 2)
    assert back.seen.tolist() == [True, False, True, False]


def test_no_cases_and_no_places_are_told_as_such() -> None:
    none = chosen_of([], [], 5)
    assert (none.seen.tolist(), none.beyond, none.overbooked) == ([], 0, 0)
    assert chosen_of([1.0, 2.0], [False, False], 0).beyond == 2
    with pytest.raises(ValueError, match="below 0"):
        chosen_of([1.0], [False], -1)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.floats(-9, 9) | st.just(math.nan), st.booleans()), max_size=30), st.integers(0, 40))
def test_nobody_is_dropped_and_no_place_is_given_twice(cases: list[tuple[float, bool]], free: int) -> None:
    chosen = chosen_of([value for value, _must in cases], [must for _value, must in cases], free)
    must = sum(must for _value, must in cases)
    assert sorted(chosen.rank.tolist()) == list(range(1, len(cases) + 1))
    assert chosen.mandatory == must
    assert chosen.mandatory + chosen.discretionary + chosen.beyond == len(cases)
    assert int(chosen.seen.sum()) == min(len(cases), max(free, must))
    assert int((chosen.seen & chosen.left_out).sum()) == 0
    assert all(chosen.seen[row] for row, (_value, is_must) in enumerate(cases) if is_must)
    seen = [value for row, (value, is_must) in enumerate(cases) if chosen.seen[row] and not is_must]
    left = [value for row, (value, _must) in enumerate(cases) if chosen.left_out[row]]
    for value in left:
        assert all(math.isnan(other) or other >= value for other in seen) or math.isnan(value)


@pytest.mark.parametrize(
    ("fallback", "ways"),
    [
        ("wait", [WAIT, WAIT, WAIT, WAIT]),
        ("decline", [DECLINE, DECLINE, DECLINE, WAIT]),
        ("approve", [APPROVE, WAIT, WAIT, WAIT]),
    ],
)
def test_what_is_left_out_gets_the_stated_fallback(fallback: Fallback, ways: list[int]) -> None:
    pd = np.array([0.05, 0.08, 0.30, math.nan])
    assert fall_back(fallback, pd, 0.14, 0.08).tolist() == ways


def test_the_fallback_approves_below_the_cases_own_cut_off_only() -> None:
    pd, cut_off = np.array([0.05, 0.05]), np.array([0.05, 0.06])
    assert fall_back("approve", pd, cut_off, 0.5).tolist() == [WAIT, APPROVE]


any_pd = st.lists(st.floats(0, 1) | st.just(math.nan), max_size=20)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(any_pd, st.floats(0, 1), st.floats(0, 0.99), st.sampled_from(["wait", "decline", "approve"]))
def test_a_fallback_never_approves_beyond_appetite_nor_without_a_pd(
    pd: list[float], cut_off: float, appetite: float, fallback: Fallback
) -> None:
    for each, way in zip(pd, fall_back(fallback, np.array(pd, dtype=np.float64), cut_off, appetite), strict=True):
        if way == APPROVE:
            assert fallback == "approve"
            assert each < cut_off
            assert each < appetite
        if math.isnan(each):
            assert FALLBACK_WAYS[way] == "wait"


def test_what_capacity_cannot_cover_is_said() -> None:
    chosen = chosen_of([5.0, 1.0, 9.0, 2.0], [True, False, False, False], 2)
    en, zh = said(chosen, np.array([APPROVE, WAIT], dtype=np.int8))
    assert en == (
        "Seen by people: 2, of these by rule: 1. "
        "Beyond capacity: 2 (waiting 1, declined 0, approved within appetite 1)."
    )
    assert zh == "由人工查看 2 笔，其中规则要求 1 笔。超出人力 2 笔（等待 1，拒绝 0，在风险偏好内批准 1）。"


def test_a_day_with_more_mandatory_cases_than_places_says_so() -> None:
    en, zh = said(chosen_of([5.0, 1.0], [True, True], 1), np.array([], dtype=np.int8))
    assert en == "Seen by people: 2, of these by rule: 2. More than there are places: 1."
    assert zh == "由人工查看 2 笔，其中规则要求 2 笔。超出名额 1 笔。"


def test_the_hours_that_looks_need_and_the_share_that_people_cover() -> None:
    need = demand({1: [10, 0, 20], 3: [30, 0, 50]}, minutes=12, room=50)
    assert need.hours.tolist() == [8.0, 0.0, 14.0]
    assert need.mandatory_hours.tolist() == [2.0, 0.0, 4.0]
    assert need.covered.tolist() == pytest.approx([1.0, 1.0, 50 / 70])
    assert need.waiting.tolist() == [0, 0, 20]
    assert need.mean_hours == pytest.approx(22 / 3)
    assert need.busy_hours == pytest.approx(12.8)
    assert need.share_covered == pytest.approx(90 / 110)


def test_what_waits_is_carried_over_and_worked_off() -> None:
    assert demand({3: [8, 2, 9, 0, 0]}, minutes=60, room=5).waiting.tolist() == [3, 0, 4, 0, 0]
    assert demand({3: [7, 7, 7]}, minutes=60, room=0).waiting.tolist() == [7, 14, 21]


def test_no_days_need_no_hours_and_uneven_days_are_refused() -> None:
    assert demand({}, minutes=60, room=5).share_covered == 1.0
    assert demand({3: [0, 0]}, minutes=60, room=0).share_covered == 1.0
    with pytest.raises(ValueError, match="every day"):
        demand({1: [1], 3: [1, 2]}, minutes=60, room=5)
