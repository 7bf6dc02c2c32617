"""What a route meets beside the rules: places and fallback, exploration, segments, lists, limits, signatures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from riskreview import sample
from routing.arms import EXPLORE, EXPLORE_ORDER, Exploration
from routing.capacity import Capacity, Fallback
from routing.facts import Facts
from routing.given_facts import facts_from
from routing.policy import APPROVE, DECLINE, REVIEW, route
from routing.record import RouteRecord, records_of
from routing.table.tables import Cell, Row, Table
from routing.terms import Bands, Terms

CLEAR: dict[str, Any] = {
    "pd": 0.05, "doubt": 0.1, "points": 600.0, "amount": 8_000.0, "yearly_income": 60_000.0, "term_months": 36,
    "interest_rate": 12.0, "key_customer": False, "opted_out": False, "region": "CA", "industry": "farm",
    "cut_off": 1 / 7,
}  # fmt: skip
EXPLORING = Exploration(
    rate=0.5, highest_pd=0.3, highest_exposure=10_000.0, budget=20_000.0, most_bads=3, most_loss_share=0.5,
    tolerated_bad_rate=0.4,
)  # fmt: skip


def facts(terms: Terms, cases: list[dict[str, Any]], **changes: Any) -> Facts:
    return replace(facts_from(terms, [{**CLEAR, **case} for case in cases]), **changes)


def records(terms: Terms, *cases: dict[str, Any], **changes: Any) -> list[RouteRecord]:
    given = facts(terms, list(cases), **changes)
    return records_of(terms, given, route(terms, given))


def codes(record: RouteRecord) -> list[str]:
    return [reason["code"] for reason in record.reasons]


def with_capacity(fallback: str, appetite: float = 0.0) -> Terms:
    return replace(sample.TERMS, capacity=Capacity(1.0, 6.0, fallback, appetite))  # type: ignore[arg-type]


def test_within_the_places_people_see_the_cases_nearest_to_the_cut_off() -> None:
    near, middle, far = {"pd": 0.142}, {"pd": 0.135}, {"pd": 0.121}
    made = records(with_capacity("wait"), far, near, middle, places_left=2)
    assert [(record.way, record.tier) for record in made] == [("review", 5), ("review", 3), ("review", 3)]
    assert [codes(record)[:2] for record in made] == [["grey_band", "beyond_capacity"], ["grey_band"], ["grey_band"]]
    assert made[0].capacity == {"places_left": 2, "discretionary": True, "beyond": True, "waits": True}


def test_what_must_be_seen_is_seen_without_a_place_and_takes_the_places_of_others() -> None:
    made = records(with_capacity("decline"), {"key_customer": True}, {"pd": 0.142}, places_left=1)
    assert [(record.way, record.tier) for record in made] == [("review", 1), ("decline", 3)]
    assert made[1].advice == "approve"
    assert codes(made[1]) == ["grey_band", "beyond_capacity"]


@pytest.mark.parametrize(("appetite", "ways"), [(0.13, ["approve", "review"]), (0.5, ["approve", "approve"])])
def test_the_fallback_approves_within_appetite_and_never_what_the_economics_speak_against(
    appetite: float, ways: list[str]
) -> None:
    terms = replace(with_capacity("approve", appetite), promise=None)
    made = records(terms, {"pd": 0.125}, {"pd": 0.14}, {"pd": 0.15}, places_left=0)
    assert [record.way for record in made] == [*ways, "review"]
    assert [record.tier for record in made][-1] == 5


def test_where_a_miss_rate_is_promised_the_fallback_keeps_to_its_line() -> None:
    doubtful = {"doubt": 0.9}
    made = records(
        with_capacity("approve", 0.5), {"pd": 0.119, **doubtful}, {"pd": 0.121, **doubtful}, {"pd": 0.13}, places_left=0
    )
    assert [(record.way, record.tier) for record in made] == [("approve", 3), ("review", 5), ("review", 5)]


def test_whom_a_hard_rule_would_decline_is_never_approved_for_want_of_people() -> None:
    terms = replace(with_capacity("approve", 0.5), promise=None, lists={"blacklist": ("B",)})
    made = records(terms, {"pd": 0.05, "doubt": 0.9, "applicant": "B"}, {"pd": 0.05, "doubt": 0.9}, places_left=0)
    assert [(record.way, record.tier, record.advice) for record in made] == [
        ("review", 1, "decline"),
        ("approve", 3, "approve"),
    ]
    assert [record.capacity["discretionary"] for record in made] == [False, True]


@pytest.mark.parametrize("fallback", ["approve", "decline"])
def test_what_is_missing_waits_for_people_whatever_the_fallback(fallback: Fallback) -> None:
    terms = replace(with_capacity(fallback, 0.5), promise=None, lists={"industry_red": ("mine",)})
    known = {"pd": 0.05, "doubt": 0.9, "industry": "farm"}
    made = records(terms, known, {**known, "industry": None}, places_left=0)
    assert [(record.way, record.tier) for record in made] == [(fallback, 3), ("review", 5)]


def test_whose_segment_is_not_known_has_no_lines() -> None:
    terms = replace(sample.TERMS, segment_by="region", segment_bands={"CA": Bands(0.02, 0.3)})
    made = records(terms, {"pd": 0.05, "region": "CA"}, {"pd": 0.05, "region": "NY"}, {"pd": 0.05, "region": None})
    assert [record.way for record in made] == ["review", "approve", "review"]
    assert made[2].thresholds == {"approve_below": None, "cut_off": 1 / 7, "decline_above": None, "segment": ""}


def test_other_debts_are_part_of_the_debt_service() -> None:
    bare, indebted = records(sample.TERMS, {}, {"debt_to_income": 15.0})
    assert bare.limit["other_debts_share"] is None
    assert indebted.limit["other_debts_share"] == 0.15
    assert indebted.limit["debt_service_share"] == pytest.approx(bare.limit["debt_service_share"] + 0.15)


def test_every_day_has_its_own_places() -> None:
    terms = with_capacity("wait")
    given = facts(terms, [{"pd": 0.13}] * 4, places_left=1, day=np.array([0, 1, 0, 1], dtype=np.int32))
    assert sorted(route(terms, given).tier.tolist()) == [3, 3, 5, 5]


def test_without_stated_capacity_everything_uncertain_is_seen() -> None:
    made = records(sample.TERMS, {"pd": 0.13}, {"pd": 0.14}, places_left=0)
    assert [(record.way, record.tier) for record in made] == [("review", 3)] * 2


def test_marginal_declines_are_explored_within_the_budget_and_say_so() -> None:
    terms = replace(sample.TERMS, exploration=EXPLORING)
    drawn = {EXPLORE: np.zeros(4), EXPLORE_ORDER: np.array([0.1, 0.2, 0.3, 0.4]), "audit": np.ones(4)}
    cases: list[dict[str, Any]] = [{"pd": 0.2}, {"pd": 0.4}, {"pd": 0.2, "amount": 12_000.0}, {"pd": 0.05}]
    first, high, large, good = records(terms, *cases, budget_left=20_000.0, draws=drawn)
    assert (first.way, first.advice, first.is_exploration, first.exploration_probability) == (
        "approve", "decline", True, 0.5,
    )  # fmt: skip
    assert codes(first) == ["exploration", "pd_above"]
    assert [(other.way, other.is_exploration, other.exploration_probability) for other in (high, large, good)] == [
        ("decline", False, 0.0), ("decline", False, 0.0), ("approve", False, 0.0),
    ]  # fmt: skip
    (spent,) = records(terms, {"pd": 0.2}, budget_left=9_999.0, draws={name: each[:1] for name, each in drawn.items()})
    assert (spent.way, spent.is_exploration, spent.exploration_probability) == ("decline", False, 0.0)


def test_what_a_hard_rule_declines_is_never_explored() -> None:
    terms = replace(sample.TERMS, exploration=EXPLORING, lists={"blacklist": ("X",)})
    drawn = {EXPLORE: np.zeros(1), EXPLORE_ORDER: np.zeros(1), "audit": np.ones(1)}
    (hard,) = records(terms, {"pd": 0.2, "applicant": "X"}, budget_left=20_000.0, draws=drawn)
    assert (hard.way, hard.is_exploration, hard.exploration_probability, hard.row) == ("decline", False, 0.0, "R4")


def test_a_segment_has_lines_of_its_own_and_nobody_is_approved_beyond_their_economics() -> None:
    terms = replace(sample.TERMS, segment_by="region", segment_bands={"CA": Bands(0.03, 0.04), "NY": Bands(0.3, 0.5)})
    here, there, other = records(terms, {}, {"region": "NY", "pd": 0.2}, {"region": "TX"})
    assert (here.way, here.thresholds["segment"]) == ("review", "CA")
    assert (here.thresholds["approve_below"], here.thresholds["decline_above"]) == (0.03, pytest.approx(1 / 7))
    assert (there.way, there.thresholds["approve_below"]) == ("review", pytest.approx(1 / 7))
    assert (other.way, other.thresholds["segment"]) == ("approve", "")


def test_lists_decide_and_an_industry_that_is_not_known_goes_to_people_only_where_there_is_a_list() -> None:
    listed = replace(sample.TERMS, lists={"industry_red": ("mine",), "industry_watch": ("farm",), "blacklist": ("X",)})
    red, watch, black, unknown = records(
        listed, {"industry": "mine"}, {"industry": "farm"}, {"industry": "shop", "applicant": "X"}, {"industry": None}
    )
    assert [(record.way, record.row) for record in (red, watch, black)] == [
        ("decline", "R5"), ("review", "R6"), ("decline", "R4"),
    ]  # fmt: skip
    assert (unknown.way, unknown.tier, codes(unknown)) == ("review", 2, ["missing_data", "pd_below"])
    assert unknown.reasons[0]["params"]["fields"] == "Industry list"
    assert records(sample.TERMS, {"industry": None})[0].way == "approve"


def test_the_limit_stands_beside_what_was_asked_and_asking_for_more_takes_a_look_and_a_signature() -> None:
    (over,) = records(sample.TERMS, {"points": 590.0, "amount": 30_000.0, "yearly_income": 20_000.0})
    assert (over.way, over.row, codes(over)) == ("review", "R7", ["over_limit", "pd_below"])
    assert (over.limit["limit"], over.limit["granted"], over.limit["row"]) == (20_000.0, 20_000.0, "L3")
    assert over.limit["expected_loss"] == pytest.approx(0.05 * 0.6 * 20_000)
    assert over.limit["debt_service_share"] == pytest.approx(over.limit["debt_service"] / 20_000)
    assert [over.signing[outcome]["signatures"] for outcome in ("approve", "decline")] == [1, 0]
    assert [row["row"] for row in over.signing["approve"]["rows"]] == ["S1"]
    (unknown,) = records(sample.TERMS, {"yearly_income": None})
    assert (unknown.way, unknown.limit["limit"], codes(unknown)[0]) == ("review", None, "missing_data")


def test_an_open_row_of_a_signature_table_of_the_first_hit_counts_with_what_it_asks_for() -> None:
    farm = Row("A1", {"industry": Cell("=", ("farm",))}, {"signatures": 2.0}, "Farms", "农业")
    terms = replace(sample.TERMS, signatures=Table("signatures", "first", (farm,), {"signatures": 0.0}))
    known, other, unknown = records(terms, {}, {"industry": "mine"}, {"industry": None})
    assert [each.signing["approve"]["signatures"] for each in (known, other, unknown)] == [2, 0, 2]
    assert unknown.signing["approve"]["rows"] == [{"row": "A1", "en": "Farms", "zh": "农业"}]


def test_a_large_approval_against_the_advice_needs_two_signatures() -> None:
    (large,) = records(sample.TERMS, {"pd": 0.3, "amount": 39_500.0, "yearly_income": 90_000.0, "points": 630.0})
    assert large.advice == "decline"
    assert [large.signing[outcome]["signatures"] for outcome in ("approve", "decline")] == [2, 0]


def test_the_money_of_each_decision_is_kept() -> None:
    (record,) = records(sample.TERMS, {"pd": 0.1, "loss_given_default": 0.6})
    assert record.economics == pytest.approx(
        {
            "exposure": 8_000.0,
            "loss_given_default": 0.6,
            "margin": 0.1,
            "cut_off": 1 / 7,
            "cost_of_approval": 480.0,
            "cost_of_decline": 720.0,
            "saving_of_look": 480.0 - 25.0 - 0.15 * (480.0 + 720.0),
        }
    )


def test_ways_are_those_of_the_names() -> None:
    terms = sample.TERMS
    given = facts(terms, [{}, {"pd": 0.5}, {"key_customer": True}])
    assert route(terms, given).way.tolist() == [APPROVE, DECLINE, REVIEW]
