"""What no version's tables can allow the machine: a floor under rules that were written, moved or joined carelessly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest

from riskreview import sample
from routing.arms import Exploration
from routing.capacity import Capacity
from routing.fields import feature_field
from routing.given_facts import facts_from
from routing.policy import WAY_NAMES, Routed, route
from routing.record import records_of
from routing.table.tables import Cell, Row
from routing.terms import Terms

GOOD: dict[str, Any] = {
    "pd": 0.04, "doubt": 0.0, "amount": 10_000.0, "points": 650.0, "opted_out": False, "key_customer": False,
    "term_months": 36, "yearly_income": 90_000.0, "channel": "branch",
}  # fmt: skip
POOR = GOOD | {"pd": 0.3, "points": 560.0}
VIP = Row("R0", {"channel": Cell("=", ("branch",)), "pd": Cell("<", (0.05,))}, {"way": "approve"}, "VIP", "贵宾")
EXPLORING = Exploration(
    rate=0.5,
    highest_pd=0.5,
    highest_exposure=60_000.0,
    budget=1e6,
    most_bads=10,
    most_loss_share=0.5,
    tolerated_bad_rate=0.5,
)


def with_rows(*rows: Row, hit: Literal["first", "collect"] = "first", **changes: Any) -> Terms:
    terms = replace(sample.TERMS, promise=None, capacity=None, audit_share=0.0, **changes)
    return replace(terms, rules=replace(terms.rules, hit=hit, rows=rows))


def by_id(*idents: str) -> list[Row]:
    rows = {row.id: row for row in sample.TERMS.rules.rows}
    return [rows[ident] for ident in idents]


def routed(terms: Terms, *cases: dict[str, Any], **changes: Any) -> Routed:
    """The routes, where every lot hits."""
    facts = facts_from(terms, cases)
    drawn = {arm: np.zeros(len(cases)) for arm in facts.draws}
    return route(terms, replace(facts, draws=drawn, budget_left=1e6, **changes))


def ways(found: Routed) -> list[str]:
    return [WAY_NAMES[way] for way in found.way]


def test_a_row_that_comes_first_does_not_let_the_machine_approve_what_people_must_see() -> None:
    terms = with_rows(VIP, *sample.TERMS.rules.rows)
    cases = [
        GOOD,
        GOOD | {"key_customer": True},
        GOOD | {"opted_out": True},
        GOOD | {"amount": 39_000.01, "yearly_income": 1e9},
        GOOD | {"amount": 39_000.0, "yearly_income": 1_000.0},
        GOOD | {"opted_out": None, "key_customer": None},
    ]
    found = routed(terms, *cases)
    assert ways(found) == ["approve", *["review"] * 5]
    assert found.tier[1:].tolist() == [1, 1, 1, 1, 2]
    records = records_of(terms, facts_from(terms, cases), found)
    told = [[reason["code"] for reason in record.reasons] for record in records]
    assert told == [
        ["rule", "pd_below"],
        ["key_customer", "rule", "pd_below"],
        ["opted_out", "rule", "pd_below"],
        ["amount_above_limit", "rule", "pd_below"],
        ["over_limit", "rule", "pd_below"],
        ["must_be_known", "rule", "pd_below"],
    ]
    assert records[3].reasons[0]["params"] == {"amount": 39_000.01, "limit": 39_000.0, "currency": "USD"}
    assert records[5].reasons[0]["params"] == {
        "fields": "Wants no automated decision, Key customer",
        "fields_zh": "拒绝自动化决策、重点客户",
    }


def test_who_wants_no_automated_decision_is_not_declined_by_the_machine_either() -> None:
    terms = with_rows(*by_id("R9", "R1", "R2", "R3", "R10"))
    found = routed(terms, POOR, POOR | {"opted_out": True}, POOR | {"opted_out": None}, POOR | {"key_customer": True})
    assert ways(found) == ["decline", "review", "review", "decline"]


def test_the_fallback_beyond_peoples_places_approves_nothing_that_people_must_see() -> None:
    grey = GOOD | {"pd": 0.13}
    terms = replace(with_rows(*by_id("R9", "R10")), capacity=Capacity(1.0, 6.0, "approve", 0.5))
    cases = [grey, grey | {"amount": 40_000.0}, grey | {"key_customer": True}, grey | {"opted_out": True}]
    assert ways(routed(terms, *cases, places_left=0)) == ["approve", "review", "review", "review"]
    declines = replace(terms, capacity=Capacity(1.0, 6.0, "decline", 0.5))
    assert ways(routed(declines, *cases, places_left=0)) == ["decline", "decline", "decline", "review"]


def test_a_rule_that_might_decline_is_never_explored() -> None:
    young = Row("R11", {"feature_age": Cell("<", (18.0,))}, {"way": "decline", "reason": "age"}, "Young", "未成年")
    age = feature_field("age", "number", "Age", "年龄")
    terms = with_rows(*sample.TERMS.rules.rows, young, hit="collect", features=(age,), exploration=EXPLORING)
    found = routed(terms, *(POOR | {"feature_age": given} for given in (None, 15.0, 30.0)))
    assert ways(found) == ["decline", "decline", "approve"]
    assert found.explored.tolist() == [False, False, True]
    assert found.exploration_probability.tolist() == [0.0, 0.0, 0.5]


def test_what_people_must_see_is_never_explored_wherever_its_row_stands() -> None:
    terms = with_rows(*by_id("R4", "R5", "R9", "R1", "R2", "R3", "R6", "R7", "R8", "R10"), exploration=EXPLORING)
    cases = [
        POOR,
        POOR | {"key_customer": True},
        POOR | {"opted_out": True},
        POOR | {"amount": 50_000.0},
        POOR | {"opted_out": None},
        POOR | {"doubt": 0.9},
        POOR | {"doubt": None},
    ]
    found = routed(terms, *cases)
    assert ways(found) == ["approve", "decline", "review", "decline", "review", "decline", "decline"]
    assert found.explored.tolist() == [True, *[False] * 6]


@pytest.mark.parametrize("more", [{"region": Cell("=", ("CA",))}, {"term_months": Cell(">", (24.0,))}])
def test_a_row_of_the_band_and_something_more_is_a_rule_of_its_own(more: dict[str, Cell]) -> None:
    narrow = Row("R11", {"band": Cell("=", ("decline",)), **more}, {"way": "decline"}, "Narrow", "窄")
    terms = with_rows(*sample.TERMS.rules.rows, narrow, hit="collect", exploration=EXPLORING)
    assert ways(routed(terms, POOR | {"region": "CA"})) == ["decline"]


def test_what_the_lack_of_people_declines_is_never_explored() -> None:
    # Only the default row takes it: people look, have no place, and it is declined for that.
    terms = replace(with_rows(*by_id("R1", "R2", "R3", "R10"), exploration=EXPLORING))
    beyond = replace(terms, capacity=Capacity(1.0, 6.0, "decline", 0.5))
    found = routed(beyond, POOR, places_left=0)
    assert (ways(found), found.explored.tolist()) == (["decline"], [False])
