"""What a version changes for whom: nothing that differs is left out, and nothing is said that does not."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, cast

import pytest

from routing.arms import Exploration
from routing.capacity import Capacity
from routing.consequences import Consequence, consequences
from routing.fields import feature_field
from routing.frozen import without_cases
from routing.table.shapes import Cell, Row
from routing.terms import Bands, Guard, Promise, Terms
from tests import make

NO_CASES = without_cases("a", 1, "b")
PRESENT = {"approve_share": 0.6, "decline_share": 0.3, "review_share": 0.1, "reviews_a_day": 10.0, "hours_a_day": 3.0}
PREDICTED = {"approve_share": 0.7, "decline_share": 0.1, "review_share": 0.2, "reviews_a_day": 20.0, "hours_a_day": 5.5}
COMPARED: dict[str, Any] = {
    **NO_CASES, "cases": 1000, "period": {"days": 10}, "predicted": PREDICTED, "present": PRESENT,
}  # fmt: skip
BASE = make.terms(
    limits=None, features=(), guard=None, promise=None, cut_off=0.14, review_cost=0.0, reviewer_accuracy=0.7
)
EXPLORING = Exploration(0.1, 0.3, 500.0, 1000.0, 5, 0.5, 0.4)
CAPACITY = Capacity(8.0, 12.0, "decline")


def found(terms: Terms, active: Terms | None = BASE, simulation: Any = NO_CASES) -> list[Consequence]:
    return consequences(terms, active, simulation)


def of_terms(terms: Terms, active: Terms | None = BASE) -> list[Consequence]:
    first, *rest = found(terms, active)
    assert first == Consequence("no_past_cases")
    return rest


def test_figures_are_compared_with_those_of_the_version_in_force() -> None:
    more, fewer, reviews, same = found(BASE, simulation=COMPARED)
    assert more == Consequence("approves_more", {"from": 0.6, "to": 0.7, "cases_a_day": pytest.approx(10.0)})
    assert fewer == Consequence("declines_fewer", {"from": 0.3, "to": 0.1, "cases_a_day": pytest.approx(20.0)})
    assert reviews == Consequence(
        "reviews_more", {"from": 0.1, "to": 0.2, "cases_a_day": pytest.approx(10.0), "hours_a_day": 2.5}
    )
    assert same == Consequence("same_terms")


def test_the_other_way_round_it_is_fewer_and_without_days_or_hours_it_says_so() -> None:
    simulation = {**COMPARED, "period": {}, "predicted": PRESENT, "present": {**PREDICTED, "hours_a_day": None}}
    less, more, reviews, _same = found(BASE, simulation=simulation)
    assert [less.code, more.code, reviews.code] == ["approves_fewer", "declines_more", "reviews_fewer"]
    assert (reviews.params["cases_a_day"], reviews.params["hours_a_day"]) == (None, None)


def test_a_difference_too_small_to_matter_is_not_told() -> None:
    close = {**PRESENT, "approve_share": 0.6004, "decline_share": 0.2996}
    assert found(BASE, simulation={**COMPARED, "predicted": close}) == [Consequence("same_terms")]


def test_without_a_comparison_that_is_said() -> None:
    first, _same = found(BASE, simulation={**COMPARED, "present": None})
    assert first == Consequence(
        "no_comparison", {"approve_share": 0.7, "decline_share": 0.1, "review_share": 0.2, "reviews_a_day": 20.0}
    )


def test_the_first_version_says_so_and_that_it_explores() -> None:
    simulation = without_cases("a", None, "")
    plain = BASE.to_dict()
    tables = {"rules": plain["rules"]["rows"], "signatures": plain["signatures"]["rows"], "limits": ()}
    assert found(BASE, None, simulation) == [
        Consequence("no_past_cases"),
        Consequence("first_version", {"tables": tables}),
    ]
    codes = [each.code for each in found(replace(BASE, exploration=EXPLORING), None, simulation)]
    assert codes == ["no_past_cases", "first_version", "exploration_on"]
    assert found(BASE, None)[1] == Consequence("present_unreadable", {"tables": tables})


DIALS = {
    "approve_below": 0.1, "cut_off": 0.13, "decline_above": 0.2, "doubt_limit": 0.4, "amount_limit": 50_000.0,
    "review_cost": 20.0, "reviewer_accuracy": 0.8, "caution": 0.3,
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), DIALS.items())
def test_a_dial_is_told_with_its_values(name: str, value: float) -> None:
    (told,) = of_terms(replace(BASE, **cast("dict[str, Any]", {name: value})))
    assert (told.code, told.params) == (
        "threshold_changed", {"name": name, "from": getattr(BASE, name), "to": value},
    )  # fmt: skip
    assert told.key == f"threshold_changed:{name}"


OTHERS: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    ({"currency": "EUR"}, "currency_changed", {"from": "USD", "to": "EUR"}),
    ({"audit_share": 0.05}, "audit_share_changed", {"from": 0.01, "to": 0.05}),
    ({"sla_hours": 8.0}, "sla_changed", {"from": 24, "to": 8.0}),
    ({"segment_by": "region"}, "segments_by_changed", {"from": "", "to": "region"}),
    ({"lists": {"blacklist": ("a", "b")}}, "list_changed", {"name": "blacklist", "added": 2, "removed": 0}),
    ({"learned_value": {"slope": 1.0}}, "other_changed", {"name": "learned_value"}),
]


@pytest.mark.parametrize(("change", "code", "params"), OTHERS, ids=[code for _change, code, _params in OTHERS])
def test_everything_else_is_told_by_its_own_name(change: dict[str, Any], code: str, params: dict[str, Any]) -> None:
    assert of_terms(replace(BASE, **change)) == [Consequence(code, params)]


def test_rows_are_told_by_their_ids() -> None:
    first, second, *rest = BASE.rules.rows
    new = Row("R99", {"amount": Cell(">", (9.0,))}, {"way": "review"}, "Large", "大额")
    rules = replace(BASE.rules, rows=(replace(second, en="other words"), *rest, new), default={"way": "decline"})
    told = of_terms(replace(BASE, rules=rules))
    assert [(each.key, each.params.get("rows")) for each in told] == [
        ("rows_added:rules", ["R99"]),
        ("rows_changed:rules", [second.id]),
        ("rows_removed:rules", [first.id]),
        ("default_row_changed:rules", None),
    ]
    swapped = replace(BASE.rules, rows=(second, first, *rest), hit="first")
    assert [each.code for each in of_terms(replace(BASE, rules=swapped))] == ["rows_moved", "hit_policy_changed"]


def test_a_table_of_limits_that_is_new_or_gone_is_told_row_by_row() -> None:
    limits = replace(BASE.signatures, kind="limits", rows=BASE.signatures.rows[:1])
    with_limits = replace(BASE, limits=limits)
    ids = [limits.rows[0].id]
    added, _default, _hit = of_terms(with_limits)
    removed, _default, _hit = of_terms(BASE, with_limits)
    assert (added.code, added.params["rows"]) == ("rows_added", ids)
    assert (removed.code, removed.params["rows"]) == ("rows_removed", ids)


def both_ways(name: str, value: Any, other: Any) -> list[str]:
    with_value = replace(BASE, **{name: value})
    pairs = ((with_value, BASE), (replace(BASE, **{name: other}), with_value), (BASE, with_value))
    return [each.code for new, old in pairs for each in of_terms(new, old)]


def test_a_promise_and_exploration_are_made_changed_and_given_up() -> None:
    unproven = "promise_unproven"
    assert both_ways("promise", Promise(0.05), Promise(0.1)) == [
        unproven, "promise_made", unproven, "promise_changed", "promise_given_up",
    ]  # fmt: skip
    more = replace(EXPLORING, budget=2000.0)
    assert both_ways("exploration", EXPLORING, more) == ["exploration_on", "exploration_changed", "exploration_off"]
    assert both_ways("guard", Guard(), Guard(fall_back=True)) == ["guard_changed"] * 3


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"standing": "drawn"}, []),
        ({"standing": "kept", "miss_rate": 0.05, "good_decline_rate": 0.02}, []),
        (None, [Consequence("promise_unproven")]),
        ({"standing": "unproven"}, [Consequence("promise_unproven")]),
        (
            {"standing": "unproven", "unread": ["term_months"]},
            [Consequence("promise_unread", {"fields": ["term_months"]})],
        ),
        (
            {"standing": "broken", "miss_rate": 0.3, "good_decline_rate": 0.02},
            [Consequence("promise_broken", {"name": "miss_rate", "from": 0.1, "to": 0.3})],
        ),
        (
            {"standing": "broken", "miss_rate": 0.1, "good_decline_rate": 0.06},
            [Consequence("promise_broken", {"name": "good_decline_rate", "from": 0.05, "to": 0.06})],
        ),
    ],
)
def test_a_promise_that_the_lines_are_not_known_to_keep_is_ticked(
    said: dict[str, Any] | None, expected: list[Consequence]
) -> None:
    promised = replace(BASE, promise=Promise(0.1, good_decline_rate=0.05))
    stated = {"stated": {"miss_rate": 0.1, "good_decline_rate": 0.05}}
    simulation = {**NO_CASES, "promise": said and {**said, **stated}}
    told = found(promised, promised, simulation)
    assert told == [Consequence("no_past_cases"), *expected, Consequence("same_terms")]


def test_the_fallback_is_told_apart_from_the_hours() -> None:
    old = replace(BASE, capacity=CAPACITY)
    assert of_terms(replace(BASE, capacity=replace(CAPACITY, fallback="wait")), old) == [
        Consequence("fallback_changed", {"from": "decline", "to": "wait"})
    ]
    (hours,) = of_terms(replace(BASE, capacity=replace(CAPACITY, hours_a_day=9.0)), old)
    assert (hours.code, hours.params["to"]["hours_a_day"]) == ("capacity_changed", 9.0)


def test_examples_and_segments_are_told_by_name() -> None:
    fewer = replace(BASE, examples=BASE.examples[:2])
    assert of_terms(fewer) == [
        Consequence("examples_changed", {"added": [], "changed": [], "removed": ["A key customer"]})
    ]
    segments = replace(BASE, segment_by="region", segment_bands={"CA": Bands(0.1, 0.2)})
    told = of_terms(segments, replace(BASE, segment_by="region"))
    assert told == [Consequence("segment_lines_changed", {"added": ["CA"], "changed": [], "removed": []})]


CHANGES: dict[str, Any] = {
    **DIALS,
    **{name: value for change, _code, _params in OTHERS for name, value in change.items()},
    "rules": replace(BASE.rules, hit="first"),
    "signatures": replace(BASE.signatures, rows=()),
    "limits": BASE.signatures,
    "features": (feature_field("age", "number", "Age", "年龄"),),
    "segment_bands": {"CA": Bands(0.1, 0.2)},
    "promise": Promise(0.05),
    "capacity": CAPACITY,
    "exploration": EXPLORING,
    "guard": Guard(),
    "examples": (),
}


def test_no_part_of_the_terms_changes_untold_and_keys_are_their_own() -> None:
    assert set(CHANGES) == {field.name for field in fields(Terms)}
    changed = replace(BASE, **CHANGES)
    told = of_terms(changed)
    assert len({each.key for each in told}) == len(told)
    assert [each.key for each in told] == [each.key for each in of_terms(changed)]
    for name, value in CHANGES.items():
        part = {"segment_by": "region", name: value} if name == "segment_bands" else {name: value}
        assert of_terms(replace(BASE, **part)) != [Consequence("same_terms")], name
