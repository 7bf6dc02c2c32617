"""Rules that approve beyond the promised line: counted as misses where the evidence can tell, unread where not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest

from learning.promises import drawn_lines, promise_by
from routing.capacity import Capacity
from routing.given_facts import facts_from
from routing.policy import APPROVE, route
from routing.promised_lines import kept_by
from routing.promised_rules import keeps_to_the_line, may_approve, unread_fields
from routing.table.tables import Cell, Row
from routing.terms import Bands, Promise, Terms
from tests.routing.test_promised_lines import OPEN, bads_and_goods, evidence


def approving(terms: Terms, *cells: dict[str, Cell], hit: Literal["first", "collect"] = "collect") -> Terms:
    """The terms with these approving rows in the place of R10."""
    rows = tuple(
        Row(f"A{place}", asked, {"way": "approve", "reason": "pd_below"}, "Clear", "明确")
        for place, asked in enumerate(cells)
    )
    return replace(terms, rules=replace(terms.rules, rows=(*terms.rules.rows[:-1], *rows), hit=hit))


def below(pd: float) -> dict[str, Cell]:
    return {"pd": Cell("<", (pd,))}


BAND = {"band": Cell("=", ("approve",))}
BOOK = bads_and_goods(93, 200)
DRAWN = drawn_lines(replace(OPEN, promise=Promise(0.05)), BOOK)


def test_a_drawn_line_is_drawn_while_every_row_that_approves_asks_for_the_band() -> None:
    narrower = approving(DRAWN, {**BAND, "key_customer": Cell("=", (False,))})
    for terms in (DRAWN, narrower):
        assert keeps_to_the_line(terms)
        said = promise_by(terms, BOOK)
        assert said is not None
        assert said["standing"] == "drawn"


def test_a_row_that_approves_beyond_the_line_breaks_a_drawn_promise() -> None:
    wide = approving(DRAWN, below(0.06))
    assert not keeps_to_the_line(wide)
    said = promise_by(wide, BOOK)
    assert said is not None
    # Bads lie at 0.10054 %, and every 0.1 % above it: 59 of the 93 below 6 %.
    (kept,) = kept_by(wide, BOOK, 0.95)
    assert (kept.misses, kept.bads) == (59, 93)
    assert said["standing"] == "broken"
    assert said["miss_rate"] == kept.bound == pytest.approx(0.7176, abs=1e-3)


def test_a_row_beside_the_band_that_approves_no_more_than_promised_is_kept() -> None:
    said = promise_by(approving(DRAWN, below(0.001)), BOOK)
    assert said is not None
    assert (said["standing"], said["miss_rate"]) == ("kept", pytest.approx(0.0317, abs=1e-4))


def test_a_row_that_asks_what_the_evidence_does_not_hold_leaves_the_promise_unproven() -> None:
    unread = approving(DRAWN, BAND, {**below(0.06), "yearly_income": Cell("not_missing", ())})
    by_default = replace(DRAWN, rules=replace(DRAWN.rules, default={"way": "approve", "reason": "x"}))
    term = approving(DRAWN, BAND, {**below(0.06), "term_months": Cell("<", (12.0,))})
    assert unread_fields(term, BOOK) == ("term_months",)
    assert promise_by(term, BOOK) == {
        "standing": "unproven", "stated": {"miss_rate": 0.05, "good_decline_rate": None}, "unread": ["term_months"],
    }  # fmt: skip
    assert not keeps_to_the_line(by_default)
    assert may_approve(by_default, BOOK).all()
    assert unread_fields(unread, BOOK) == ("yearly_income",)


def test_what_stands_in_the_way_of_an_approving_row_counts_where_it_holds_for_certain() -> None:
    book = evidence([0.01, 0.3, 0.5, 0.7, 0.95], [1, 1, 1, 1, 1], region=["CA", "CA", "NY", "NY", ""])
    terms = approving(replace(OPEN, cut_off=0.5, decline_above=0.6), below(0.9))
    # The decline line at 0.6 stands in the way of the fourth.
    assert may_approve(terms, book).tolist() == [True, True, True, False, False]
    # With each loan's own cut-off it may lie higher.
    assert may_approve(replace(terms, cut_off=None), book).tolist() == [True, True, True, True, False]
    first = replace(terms, rules=replace(terms.rules, hit="first", rows=terms.rules.rows[::-1]))
    assert may_approve(first, book).tolist() == [True, True, True, True, False]
    # A region that is not known may be the one.
    somewhere = approving(terms, {"region": Cell("=", ("CA",))})
    assert may_approve(replace(somewhere, decline_above=0.99), book).tolist() == [True, True, False, False, True]


def test_what_the_fallback_approves_counts_and_stays_below_the_line() -> None:
    book = evidence([0.05, 0.1, 0.2], [1, 1, 1])
    nobody = approving(OPEN)
    falls = replace(nobody, capacity=Capacity(1, 6, "approve", appetite=0.11))
    assert may_approve(nobody, book).tolist() == [False] * 3
    assert may_approve(falls, book).tolist() == [True, True, False]


@pytest.mark.parametrize("hit", ["collect", "first"])
def test_whatever_the_rules_the_machine_approves_nobody_who_is_not_counted(hit: Literal["first", "collect"]) -> None:
    rng = np.random.default_rng(3)
    n = 400
    pd = rng.random(n)
    regions = rng.choice(["CA", "NY", ""], n).tolist()
    inputs: list[dict[str, Any]] = [
        {
            "pd": float(one), "doubt": 0.0, "amount": 100.0, "industry": "retail", "region": region or None,
            "term_months": float(rng.integers(6, 60)), "cut_off": float(rng.random()), "opted_out": False,
            "key_customer": bool(rng.random() < 0.2),
        }
        for one, region in zip(pd, regions, strict=True)
    ]  # fmt: skip
    book = evidence(pd, np.ones(n), region=regions)
    some = [
        {**below(0.7), "region": Cell("!=", ("NY",))}, BAND, {"term_months": Cell("<", (24.0,)), **below(0.8)},
        {"band": Cell("=", ("grey",)), "key_customer": Cell("=", (False,))}, {"region": Cell("is_missing", ())},
    ]  # fmt: skip
    for cut_off in (None, 0.4):
        base = replace(OPEN, limits=None, cut_off=cut_off, decline_above=0.6, segment_by="region", audit_share=0.0)
        base = replace(base, segment_bands={"CA": Bands(0.3, 0.5)}, promise=Promise(0.3))
        for chosen in ([some[0]], some[1:2], some[2:4], some):
            terms = approving(base, *chosen, hit=hit)
            terms = replace(terms, rules=replace(terms.rules, rows=terms.rules.rows[-len(chosen) - 1 :]))
            ways = route(terms, facts_from(terms, inputs)).way
            counted = may_approve(terms, book)
            assert not ((ways == APPROVE) & ~counted).any()
            assert (ways == APPROVE).any()
