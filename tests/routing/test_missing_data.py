"""Whatever a version's tables say: missing data never makes the machine approve, and never takes a look away."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from riskreview import sample
from routing.arms import Exploration
from routing.capacity import Capacity, Fallback
from routing.fields import DECLINE
from routing.given_facts import facts_from
from routing.policy import APPROVE, REVIEW, route
from routing.policy import DECLINE as DECLINE_WAY
from routing.table.check import check
from routing.table.tables import Cell, Row, Table
from routing.terms import Terms

NUMBERS = ("amount", "pd", "doubt", "points", "term_months", "feature_annual_income", "industry_share")
WORDS = {"region": ("CA", "NY"), "industry": ("farm", "mine"), "band": ("approve", "grey", "decline")}
MARKS = ("key_customer", "opted_out", "doubtful", "over_limit")
figures = st.sampled_from([0.0, 0.05, 0.13, 0.2, 0.6, 0.9])


def _cell(key: str) -> st.SearchStrategy[Cell]:
    if key in MARKS:
        return st.builds(lambda op, mark: Cell(op, (mark,)), st.sampled_from(["=", "!="]), st.booleans())
    if key in WORDS:
        words = st.lists(st.sampled_from(WORDS[key]), min_size=1, max_size=2, unique=True).map(tuple)
        return st.one_of(
            st.builds(lambda op, each: Cell(op, each), st.sampled_from(["in", "not_in"]), words),
            st.builds(lambda op, each: Cell(op, each[:1]), st.sampled_from(["=", "!="]), words),
        )
    asked = st.just(36.0) if key == "term_months" else figures
    return st.builds(lambda op, figure: Cell(op, (figure,)), st.sampled_from(["<", "<=", ">", ">="]), asked)


def _cells(way: str) -> st.SearchStrategy[dict[str, Cell]]:
    """Cells of a row; a row that sends to people may ask for a missing value, one that approves for a present one."""
    asked = {"review": [Cell("is_missing")], "approve": [Cell("not_missing")]}.get(way, [])

    def one(key: str) -> st.SearchStrategy[Cell]:
        return st.one_of(_cell(key), *map(st.just, asked))

    keys = st.lists(st.sampled_from([*NUMBERS, *WORDS, *MARKS]), min_size=1, max_size=3, unique=True)
    return keys.flatmap(lambda chosen: st.fixed_dictionaries({key: one(key) for key in chosen}))


rows = st.sampled_from(["approve", DECLINE, "review"]).flatmap(lambda way: st.tuples(st.just(way), _cells(way)))
tables = st.builds(
    lambda hit, made, default: Table(
        "rules",
        hit,
        tuple(Row(f"R{place}", cells, {"way": way}) for place, (way, cells) in enumerate(made, 1)),
        {"way": default},
    ),
    st.sampled_from(["first", "collect"]),
    st.lists(rows, min_size=1, max_size=6),
    st.sampled_from(["review", DECLINE]),
)
known_cases = st.fixed_dictionaries(
    {
        **dict.fromkeys((key for key in NUMBERS if key != "pd"), figures),
        "amount": st.sampled_from([0.5, 39_000.0, 39_000.5]),
        "pd": st.sampled_from([0.01, 0.11, 0.12, 0.14, 0.16, 0.4]),
        "term_months": st.sampled_from([12, 36]),
        "yearly_income": st.sampled_from([5_000.0, 90_000.0]),
        "region": st.sampled_from(WORDS["region"]),
        "industry": st.sampled_from(WORDS["industry"]),
        "key_customer": st.booleans(),
        "opted_out": st.booleans(),
        "currency": st.just("USD"),
        "applicant": st.sampled_from(["A", "B"]),
    }
)


# Every marginal decline is drawn: what exploration may approve at all, it does.
EXPLORING = Exploration(
    rate=0.5,
    highest_pd=0.99,
    highest_exposure=1e6,
    budget=1e9,
    most_bads=9,
    most_loss_share=0.5,
    tolerated_bad_rate=0.5,
)


# All that a lender's systems write where they know nothing; of figures, only what is read as one.
nothing = st.sampled_from([None, math.nan, "", "  ", "\u3000"])


def without(case: dict[str, Any], gone: dict[str, Any]) -> dict[str, Any]:
    said = {key: None if isinstance(what, str) and key not in WORDS else what for key, what in gone.items()}
    return {**case, **said}


def way_of(terms: Terms, case: dict[str, Any], places: int | None) -> int:
    facts = facts_from(terms, [case])
    drawn = {arm: np.zeros(1) for arm in facts.draws}
    return int(route(terms, replace(facts, places_left=places, budget_left=1e9, draws=drawn)).way[0])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    tables,
    known_cases,
    st.dictionaries(st.sampled_from([*NUMBERS, "region", "industry", "yearly_income"]), nothing, min_size=1),
    st.sampled_from(["wait", "approve", DECLINE]),
    st.sampled_from([None, 0, 1]),
    st.sampled_from([None, EXPLORING]),
)
def test_missing_data_neither_approves_nor_takes_a_look_away(
    table: Table,
    case: dict[str, Any],
    gone: dict[str, Any],
    fallback: Fallback,
    places: int | None,
    explores: Exploration | None,
) -> None:
    terms = replace(
        sample.TERMS,
        rules=table,
        lists={"industry_red": ("mine",), "blacklist": ("B",)},
        capacity=Capacity(1.0, 6.0, fallback, 0.3),
        promise=None,
        exploration=explores,
        # Every draw is lowest: an audit would show people all that the machine decides.
        audit_share=0.0,
    )
    assert check(table, terms.kinds.rules) == ()
    lost = without(case, gone)
    whole, less = way_of(terms, case, places), way_of(terms, lost, places)
    if whole != APPROVE:
        assert less != APPROVE
    # Whom the floor kept for people although a row approves, and who is out of that row for want of a value that it
    # asks to be there, is for the rows below.
    asks_presence = any(cell.op == "not_missing" for row in table.rows for cell in row.cells.values())
    if whole == REVIEW and not asks_presence:
        assert less == REVIEW
    # Whatever the rows say, the fallback or the lot, and whatever else is known.
    for each, way in ((case, whole), (lost, less)):
        amount = each["amount"]
        if each["key_customer"] or each["opted_out"] or amount is None or not amount <= terms.amount_limit:
            assert way != APPROVE
        if each["opted_out"]:
            assert way == REVIEW


def test_blanks_around_a_word_take_nobody_off_a_list() -> None:
    red = Row("R1", {"industry_list": Cell("=", ("red",))}, {"way": DECLINE})
    others = Row("R2", {"region": Cell("not_in", ("NY",))}, {"way": "approve"})
    terms = replace(
        sample.TERMS,
        rules=Table("rules", "first", (red, others), {"way": "review"}),
        lists={"industry_red": ("mine ",)},
        limits=None,
        audit_share=0.0,
        capacity=None,
        promise=None,
    )
    case = {"amount": 100.0, "pd": 0.01, "points": 700.0, "yearly_income": 90_000.0, "term_months": 36, "region": "CA"}
    case |= {"key_customer": False, "opted_out": False, "currency": "USD"}
    assert way_of(terms, {**case, "industry": "farm"}, None) == APPROVE
    assert way_of(terms, {**case, "industry": " mine "}, None) == DECLINE_WAY
    assert way_of(terms, {**case, "industry": "farm", "region": "NY\u3000"}, None) == REVIEW
    for blank in ("", "  ", "\u3000", math.nan, None):
        assert way_of(terms, {**case, "industry": blank}, None) == REVIEW
        assert way_of(terms, {**case, "industry": "farm", "region": blank}, None) == REVIEW
