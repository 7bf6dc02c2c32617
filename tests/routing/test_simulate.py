"""Past cases under another version: figures by hand, the swap set, days and places, and nothing from nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from riskreview import sample
from routing.arms import AUDIT, EXPLORE, EXPLORE_ORDER, Exploration
from routing.capacity import Capacity
from routing.given_facts import facts_from
from routing.policy import APPROVE, DECLINE, REVIEW
from routing.simulate import Past, plain, routed_again, simulate
from routing.table.columns import Coded
from routing.terms import Terms

CLEAR: dict[str, Any] = {
    "doubt": 0.1, "points": 640.0, "amount": 10_000.0, "yearly_income": 60_000.0, "term_months": 36,
    "key_customer": False, "opted_out": False, "cut_off": 1 / 7, "loss_given_default": 0.6,
}  # fmt: skip
NAN = float("nan")
EXPLORING = Exploration(
    rate=0.5, highest_pd=0.25, highest_exposure=20_000.0, budget=50_000.0, most_bads=3, most_loss_share=0.5,
    tolerated_bad_rate=0.4,
)  # fmt: skip


def past(cases: list[dict[str, Any]], *, terms: Terms = sample.TERMS, days: int = 2, **changes: Any) -> Past:
    """Cases with `was` (their way then), `bad` and `day` beside their facts."""
    given = [{**CLEAR, "region": "CA", **case} for case in cases]
    facts = facts_from(terms, [{key: case[key] for key in case if key not in ("was", "bad", "day")} for case in given])
    day = np.array([case.get("day", 0) for case in given], dtype=np.int32)
    region = facts.columns["region"]
    assert isinstance(region, Coded)
    made = Past(
        facts=replace(facts, day=day),
        case=np.arange(100, 100 + len(given), dtype=np.int64),
        was=np.array([case.get("was", APPROVE) for case in given], dtype=np.int8),
        bad=np.array([case.get("bad", NAN) for case in given]),
        days=days,
        segments={"region": region},
    )
    return replace(made, **changes)


BOOK: list[dict[str, Any]] = [
    {"pd": 0.05, "bad": 0.0},
    {"pd": 0.10, "bad": 1.0},
    {"pd": 0.13, "was": REVIEW, "day": 1, "bad": 1.0},
    {"pd": 0.30, "was": DECLINE, "day": 1},
    {"pd": 0.20, "was": APPROVE, "region": "NY", "bad": 0.0},
    {"pd": 0.05, "was": REVIEW, "key_customer": True},
]


def test_the_figures_are_those_of_the_cases() -> None:
    total = simulate(sample.TERMS, past(BOOK)).total
    assert (total.cases, total.approve_share, total.decline_share, total.review_share) == (6, 2 / 6, 2 / 6, 2 / 6)
    assert total.expected_loss == pytest.approx((0.05 + 0.10) * 0.6 * 10_000)
    assert (total.realised_loss, total.matured) == (6_000.0, 4)
    assert (total.miss_rate.count, total.miss_rate.of, total.miss_rate.value) == (1, 2, 0.5)
    assert (total.good_decline_rate.count, total.good_decline_rate.of) == (1, 2)
    assert total.expected_miss_rate == pytest.approx(0.15 / 0.83)


def test_the_expected_cost_is_of_ways_and_of_looks_with_their_slips() -> None:
    cost = simulate(sample.TERMS, past(BOOK)).expected_cost
    lgd, margin = 6_000.0, 1_000.0
    slips = [pd * lgd + (1 - pd) * margin for pd in (0.13, 0.05)]
    machine = (0.05 + 0.10) * lgd + (0.70 + 0.80) * margin
    assert cost == pytest.approx(machine + sum(25.0 + 0.15 * slip for slip in slips))


def test_who_changes_side_is_named_with_the_largest_cases() -> None:
    book = [{"pd": 0.3}, {"pd": 0.3, "amount": 20_000.0}, {"pd": 0.13}, {"pd": 0.05}]
    swaps = simulate(sample.TERMS, past(book)).swaps
    assert [(swap.was, swap.would, swap.cases, swap.exposure, swap.largest) for swap in swaps] == [
        ("approve", "decline", 2, 30_000.0, [101, 100]),
        ("approve", "review", 1, 10_000.0, [102]),
    ]


def test_a_case_that_was_never_routed_changes_no_side() -> None:
    assert simulate(sample.TERMS, past([{"pd": 0.3, "was": -1}])).swaps == []


def test_segments_are_told_apart_the_largest_first() -> None:
    groups = simulate(sample.TERMS, past(BOOK)).segments["region"]
    assert [(group.name, group.cases, group.decline_share) for group in groups] == [("CA", 5, 0.2), ("NY", 1, 1.0)]


def test_each_day_has_its_places_and_what_is_beyond_is_said() -> None:
    terms = replace(sample.TERMS, capacity=Capacity(0.2, 6.0, "decline"))
    book = [{"pd": 0.13, "day": day} for day in (0, 0, 0, 1)]
    load = simulate(terms, past(book, terms=terms)).load
    assert (load.by_tier["uncertain"], load.beyond, load.fallback) == (3, 1, {"approve": 0, "decline": 1, "wait": 0})
    assert (load.reviews_a_day, load.hours_stated) == (1.5, 0.2)
    assert load.hours_a_day == pytest.approx(0.15)
    assert load.share_covered == 1.0


def test_who_waits_beyond_the_places_still_needs_a_look() -> None:
    terms = replace(sample.TERMS, capacity=Capacity(0.2, 6.0, "wait"))
    book = past([{"pd": 0.13, "day": day} for day in (0, 0, 0, 1)], terms=terms)
    load = simulate(terms, book).load
    assert (load.by_tier["uncertain"], load.by_tier["beyond"], load.fallback["wait"]) == (3, 1, 1)
    assert (load.reviews_a_day, load.places_a_day, load.most_waiting) == (2.0, 2, 1)
    assert load.hours_a_day == pytest.approx(0.2)
    assert (load.share_covered, load.late_share) == (0.75, 0.25)
    on_duty = simulate(terms, book, places_a_day=1).load
    assert (on_duty.places_a_day, on_duty.beyond, on_duty.most_waiting, on_duty.late_share) == (1, 2, 2, 0.5)


def test_cases_read_under_one_currency_are_replayed_under_that_of_the_version() -> None:
    asked = [{"pd": 0.05, "currency": "EUR"}, {"pd": 0.05, "currency": "USD"}]
    euro = replace(sample.TERMS, currency="EUR")
    for terms, ways in ((sample.TERMS, [REVIEW, APPROVE]), (euro, [APPROVE, REVIEW])):
        routed = routed_again(terms, past(asked))
        assert routed.way.tolist() == ways
        amounts = routed.columns["amount"]
        assert not isinstance(amounts, Coded)
        assert np.isnan(amounts).tolist() == [way == REVIEW for way in ways]


def test_a_miss_that_the_audit_takes_away_counts_as_a_miss() -> None:
    terms = replace(sample.TERMS, audit_share=1.0)
    book = past([{"pd": 0.05, "bad": 1.0}])
    drawn = replace(book, facts=replace(book.facts, draws={**book.facts.draws, AUDIT: np.zeros(1)}))
    found = simulate(terms, drawn)
    assert (found.audits, found.total.review_share) == (1, 1.0)
    assert (found.total.miss_rate.count, found.total.miss_rate.of) == (1, 1)


def test_misses_and_good_declines_are_the_machines_own_also_where_the_audit_or_the_fallback_had_a_hand() -> None:
    terms = replace(
        sample.TERMS, audit_share=1.0, promise=None, capacity=Capacity(0.0, 6.0, "approve", 0.5), exploration=EXPLORING
    )
    cases = [{"pd": 0.13, "bad": 1.0}, {"pd": 0.3, "bad": 0.0}, {"pd": 0.2, "bad": 1.0}]
    book = past(cases, terms=terms)
    draws = {AUDIT: np.zeros(3), EXPLORE: np.array([1.0, 1.0, 0.0]), EXPLORE_ORDER: np.zeros(3)}
    book = replace(book, facts=replace(book.facts, draws=draws))
    routed = routed_again(terms, book)
    assert (routed.unaudited.tolist(), routed.way.tolist()) == ([APPROVE, DECLINE, APPROVE], [REVIEW, REVIEW, APPROVE])
    assert routed.explored.tolist() == [False, False, True]
    total = simulate(terms, book).total
    # Approved by the fallback and drawn by the audit: a miss. Approved by lot: none, though its loss is real.
    assert (total.miss_rate.count, total.miss_rate.of, total.realised_loss) == (1, 2, 6_000.0)
    assert (total.good_decline_rate.count, total.good_decline_rate.of) == (1, 1)


def test_no_cases_give_no_figures_and_all_is_plain_json() -> None:
    empty = simulate(sample.TERMS, past([], days=0))
    assert (empty.total.cases, empty.total.miss_rate.value, empty.load.reviews_a_day) == (0, None, 0.0)
    for made in (empty, simulate(sample.TERMS, past(BOOK))):
        assert json.loads(json.dumps(plain(made), allow_nan=False)) == plain(made)
