"""The policy as a pure function, over every kind of case that can be: what it must never do, and what it says."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.draws import draw, draws
from routing import arms, policy
from routing.facts import Facts, lines_of
from routing.given_facts import facts_from
from routing.policy import route
from routing.record import RouteRecord, records_of
from routing.terms import Bands, Terms, TermsError

TERMS = Terms(
    approve_below=0.12,
    cut_off=0.14,
    decline_above=0.16,
    doubt_limit=0.5,
    amount_limit=39_000,
    currency="USD",
    audit_share=0.0,
    sla_hours=24,
)
SECRET = "a secret"
CLEAR: dict[str, Any] = {
    "key": "branch/A-1",
    "pd": 0.05,
    "doubt": 0.1,
    "amount": 8000.0,
    "currency": "USD",
    "key_customer": False,
    "monitoring": False,
    "explained": True,
}

# What is known of every one of these cases; a field that is not is missing, and then people look.
KNOWN: dict[str, Any] = {"opted_out": False, "points": 600.0, "term_months": 36}

figures = st.one_of(
    st.floats(0, 1),
    st.just(math.nan),
    st.sampled_from([0.12, 0.14, 0.16, 0.5, math.nextafter(0.12, 0), math.nextafter(0.16, 0)]),
)
any_case = st.fixed_dictionaries(
    {
        "key": st.text(min_size=1, max_size=20),
        "pd": figures,
        "doubt": figures,
        "amount": st.one_of(st.floats(0.01, 1e13), st.sampled_from([39_000.0, 39_000.01])),
        "currency": st.sampled_from(["USD", "USD", "USD", "CNY", "usd"]),
        "key_customer": st.booleans(),
        "monitoring": st.booleans(),
        "explained": st.booleans(),
    }
)
any_terms = st.builds(
    lambda cuts, doubt, limit, share: replace(
        TERMS,
        approve_below=cuts[0],
        cut_off=cuts[1],
        decline_above=cuts[2],
        doubt_limit=doubt,
        amount_limit=limit,
        audit_share=share,
    ),
    st.lists(st.floats(0.001, 0.999), min_size=3, max_size=3).map(sorted),
    st.floats(0, 1),
    st.floats(1, 1e6),
    st.floats(0, 1),
)


def audit_draw(secret: str, key: str) -> float:
    return draw(secret, arms.AUDIT, key)


def facts(terms: Terms, cases: list[dict[str, Any]], secret: str = SECRET) -> Facts:
    keys = [case["key"] for case in cases]
    known = {**KNOWN, "cut_off": terms.cut_off}
    inputs = [{**known, **{name: _told(value) for name, value in case.items() if name != "key"}} for case in cases]
    made = facts_from(terms, inputs)
    return replace(made, key=keys, draws={arm: draws(secret, arm, keys) for arm in made.draws})


def _told(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def decide(terms: Terms, cases: list[dict[str, Any]], secret: str = SECRET) -> list[RouteRecord]:
    given = facts(terms, cases, secret)
    return records_of(terms, given, route(terms, given))


def verdict(terms: Terms = TERMS, **changes: Any) -> RouteRecord:
    (only,) = decide(terms, [{**CLEAR, **changes}])
    return only


def codes(one: RouteRecord) -> list[str]:
    return [reason["code"] for reason in one.reasons]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(any_terms, st.lists(any_case, min_size=1, max_size=8))
def test_what_must_be_seen_by_people_is_never_decided_by_the_machine(terms: Terms, cases: list[dict[str, Any]]) -> None:
    for case, one in zip(cases, decide(terms, cases), strict=True):
        must = (
            case["key_customer"]
            or case["monitoring"]
            or not case["explained"]
            or case["currency"] != terms.currency
            or case["amount"] > terms.amount_limit
        )
        unsure = math.isnan(case["pd"]) or math.isnan(case["doubt"]) or case["doubt"] > terms.doubt_limit
        grey = terms.approve_below <= case["pd"] < terms.decline_above
        if must or unsure or grey:
            assert one.way == "review"
            assert (one.is_audit, one.audit_probability) == (False, 0.0)
        elif not one.is_audit:
            assert one.way == ("approve" if case["pd"] < terms.approve_below else "decline")
            assert one.audit_probability == terms.audit_share
        if one.way == "approve":
            assert case["pd"] < terms.approve_below
        if one.way == "decline":
            assert case["pd"] >= terms.decline_above
        # A doubt that is not known matters only where the machine would have decided.
        unknown = math.isnan(case["pd"]) or (math.isnan(case["doubt"]) and not grey)
        if must or unsure or grey or one.is_audit:
            assert one.tier == (1 if must else 2 if unknown else 3 if unsure or grey else 4)
        assert one.reasons
        assert json.dumps([one.rank, one.reasons], allow_nan=False)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(any_terms, st.lists(any_case, min_size=1, max_size=8))
def test_a_verdict_depends_on_the_case_alone(terms: Terms, cases: list[dict[str, Any]]) -> None:
    together = decide(terms, cases)
    assert together == [decide(terms, [case])[0] for case in cases]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(any_terms, any_case)
def test_advice_turns_at_the_cut_off_and_is_missing_where_nothing_can_be_advised(
    terms: Terms, case: dict[str, Any]
) -> None:
    (one,) = decide(terms, [case])
    if case["monitoring"] or math.isnan(case["pd"]):
        assert one.advice == ""
    else:
        assert one.advice == ("approve" if case["pd"] < terms.cut_off else "decline")
    if one.way != "review":
        assert one.advice == one.way


@settings(max_examples=200, deadline=None, derandomize=True)
@given(any_terms, st.lists(any_case, min_size=1, max_size=8))
def test_the_draw_falls_only_on_what_the_machine_would_have_decided(terms: Terms, cases: list[dict[str, Any]]) -> None:
    drawn = decide(terms, cases)
    undrawn = decide(replace(terms, audit_share=0.0), cases)
    for case, one, without in zip(cases, drawn, undrawn, strict=True):
        drawable = without.way != "review"
        assert one.is_audit == (drawable and audit_draw(SECRET, case["key"]) < terms.audit_share)
        assert one.audit_probability == (terms.audit_share if drawable else 0.0)
        assert ("audit" in codes(one)) == one.is_audit


@pytest.mark.parametrize(
    ("pd", "way", "advice", "reason"),
    [
        (0.0, "approve", "approve", "pd_below"),
        (math.nextafter(0.12, 0), "approve", "approve", "pd_below"),
        (0.12, "review", "approve", "grey_band"),
        (math.nextafter(0.14, 0), "review", "approve", "grey_band"),
        (0.14, "review", "decline", "grey_band"),
        (math.nextafter(0.16, 0), "review", "decline", "grey_band"),
        (0.16, "decline", "decline", "pd_above"),
        (1.0, "decline", "decline", "pd_above"),
        (math.nan, "review", "", "not_scored"),
    ],
)
def test_the_cut_offs_decide_to_the_last_digit(pd: float, way: str, advice: str, reason: str) -> None:
    one = verdict(pd=pd)
    assert (one.way, one.advice, codes(one)) == (way, advice, [reason])


def test_caution_holds_every_case_to_lower_lines_and_is_not_named_where_there_is_none() -> None:
    careful = replace(TERMS, caution=math.log(2.0))
    # Odds of 0.06 to 0.88, 0.07 to 0.86 and 0.08 to 0.84.
    low, middle, high = 0.06 / 0.94, 0.07 / 0.93, 0.08 / 0.92
    told = {
        pd: (one.way, one.advice)
        for pd in (low - 1e-9, low + 1e-9, middle - 1e-9, middle + 1e-9, high + 1e-9)
        for one in decide(careful, [{**CLEAR, "pd": pd}])
    }
    assert list(told.values()) == [
        ("approve", "approve"), ("review", "approve"), ("review", "approve"), ("review", "decline"),
        ("decline", "decline"),
    ]  # fmt: skip
    own = replace(careful, cut_off=None)
    lines = lines_of(own, facts_from(own, [{**KNOWN, **CLEAR, "cut_off": 0.1}]))
    assert lines.cut_off.tolist() == pytest.approx([0.05 / 0.95])
    assert lines.approve_below.tolist() == pytest.approx([0.05 / 0.95])
    assert lines.decline_above.tolist() == pytest.approx([high])
    assert "caution" not in TERMS.to_dict()
    assert Terms.from_dict(TERMS.to_dict()) == TERMS
    assert Terms.from_dict(careful.to_dict()) == careful
    assert careful.sha256 != TERMS.sha256


@pytest.mark.parametrize(
    ("change", "tier", "reasons"),
    [
        ({"key_customer": True}, 1, ["key_customer", "pd_below"]),
        ({"monitoring": True}, 1, ["monitoring", "pd_below"]),
        ({"explained": False}, 1, ["explanation_unreliable", "pd_below"]),
        ({"currency": "CNY"}, 1, ["other_currency", "pd_below"]),
        ({"amount": 39_000.01}, 1, ["amount_above_limit", "pd_below"]),
        ({"amount": 39_000.0}, 0, ["pd_below"]),
        ({"doubt": 0.51}, 3, ["doubtful", "pd_below"]),
        ({"doubt": 0.5}, 0, ["pd_below"]),
        ({"doubt": math.nan}, 2, ["missing_data", "pd_below"]),
        ({"pd": 0.13}, 3, ["grey_band"]),
        ({"pd": 0.13, "doubt": 0.9, "key_customer": True}, 1, ["key_customer", "grey_band", "doubtful"]),
        ({"amount": 1e6, "currency": "CNY"}, 1, ["other_currency", "pd_below"]),
    ],
)
def test_every_reason_is_told_the_mandatory_ones_first(change: dict[str, Any], tier: int, reasons: list[str]) -> None:
    one = verdict(**change)
    assert codes(one) == reasons
    assert (one.way, one.tier if one.way == "review" else 0) == ("review" if tier else "approve", tier)


def test_reasons_carry_their_figures() -> None:
    assert verdict(amount=50_000.0).reasons[0] == {
        "code": "amount_above_limit",
        "params": {"amount": 50_000.0, "limit": 39_000.0, "currency": "USD"},
    }
    assert verdict(pd=0.13).reasons == [{"code": "grey_band", "params": {"pd": 0.13, "low": 0.12, "high": 0.16}}]
    assert verdict(currency="CNY").reasons[0]["params"] == {"currency": "CNY", "policy_currency": "USD"}


def test_cases_nearer_to_the_cut_off_and_larger_ones_come_first() -> None:
    near, far = verdict(pd=0.139), verdict(pd=0.121)
    small, large = verdict(pd=0.13, amount=1000.0), verdict(pd=0.13, amount=30_000.0)
    assert near.rank < far.rank
    assert large.rank < small.rank
    assert verdict(pd=math.nan).rank == 0.0


def test_the_draw_can_be_repeated_and_depends_on_the_secret() -> None:
    assert audit_draw(SECRET, "branch/A-1") == audit_draw(SECRET, "branch/A-1")
    assert audit_draw(SECRET, "branch/A-1") != audit_draw(SECRET, "branch/A-2")
    assert audit_draw(SECRET, "branch/A-1") != audit_draw("another", "branch/A-1")
    assert all(0 <= audit_draw(SECRET, str(number)) < 1 for number in range(1000))


@pytest.mark.parametrize("share", [0.01, 0.05, 0.5])
def test_the_share_drawn_is_the_share_set(share: float) -> None:
    count = 20_000
    cases = [{**CLEAR, "key": f"branch/{number}"} for number in range(count)]
    verdicts = decide(replace(TERMS, audit_share=share), cases)
    drawn = sum(one.is_audit for one in verdicts)
    assert abs(drawn - share * count) < 4 * math.sqrt(count * share * (1 - share))
    assert {one.way for one in verdicts if one.is_audit} == {"review"}
    assert {one.audit_probability for one in verdicts} == {share}


@pytest.mark.parametrize(("share", "ways"), [(0.0, {"approve"}), (1.0, {"review"})])
def test_a_share_of_nothing_draws_nothing_and_of_one_everything(share: float, ways: set[str]) -> None:
    cases = [{**CLEAR, "key": f"branch/{number}"} for number in range(200)]
    assert {one.way for one in decide(replace(TERMS, audit_share=share), cases)} == ways


def test_no_cases_give_no_verdicts() -> None:
    assert decide(TERMS, []) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"approve_below": 0.0}, "approve_below"),
        ({"approve_below": 0.15}, "approve_below"),
        ({"approve_below": math.nan}, "approve_below"),
        ({"decline_above": 0.13}, "decline_above"),
        ({"decline_above": 1.01}, "decline_above"),
        ({"decline_above": math.nan}, "decline_above"),
        ({"cut_off": math.nan}, "approve_below"),
        ({"cut_off": None, "decline_above": 0.1}, "decline_above"),
        ({"segment_by": "colour"}, "segment_by"),
        ({"segment_bands": {"CA": Bands(0.1, 0.2)}}, "segment_by"),
        ({"lists": {"friends": ("A",)}}, "lists"),
        ({"review_cost": -1}, "review_cost"),
        ({"reviewer_accuracy": 1.5}, "reviewer_accuracy"),
        ({"caution": -0.1}, "caution"),
        ({"caution": math.nan}, "caution"),
        ({"doubt_limit": -0.1}, "doubt_limit"),
        ({"doubt_limit": 1.1}, "doubt_limit"),
        ({"doubt_limit": math.nan}, "doubt_limit"),
        ({"amount_limit": 0}, "amount_limit"),
        ({"amount_limit": math.inf}, "amount_limit"),
        ({"amount_limit": math.nan}, "amount_limit"),
        ({"audit_share": -0.01}, "audit_share"),
        ({"audit_share": 1.01}, "audit_share"),
        ({"audit_share": math.nan}, "audit_share"),
        ({"sla_hours": 0}, "sla_hours"),
        ({"sla_hours": 1e12}, "sla_hours"),
        ({"sla_hours": math.nan}, "sla_hours"),
        ({"currency": "US"}, "currency"),
    ],
)
def test_terms_that_contradict_themselves_are_refused_and_the_field_is_named(
    change: dict[str, Any], field: str
) -> None:
    with pytest.raises(TermsError, match=f"^{field}: ") as refusal:
        replace(TERMS, **change)
    assert refusal.value.field == field


def test_equal_cut_offs_leave_no_grey_band() -> None:
    sharp = replace(TERMS, approve_below=0.14, decline_above=0.14)
    assert [verdict(sharp, pd=pd).way for pd in (math.nextafter(0.14, 0), 0.14)] == ["approve", "decline"]


def test_terms_survive_their_stored_form_and_their_hash_follows_their_content() -> None:
    assert Terms.from_dict(TERMS.to_dict()) == TERMS
    assert Terms.from_dict(dict(reversed(TERMS.to_dict().items()))).sha256 == TERMS.sha256
    assert replace(TERMS, sla_hours=25).sha256 != TERMS.sha256


def test_tiers_are_in_the_order_of_urgency() -> None:
    order = [
        policy.TIER_MANDATORY,
        policy.TIER_NOT_SCORED,
        policy.TIER_UNCERTAIN,
        policy.TIER_AUDIT,
        policy.TIER_BEYOND,
    ]
    assert order == sorted(set(order))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lists": {"blacklist": [date(2026, 1, 1)]}}, "lists"),
        ({"features": [{"key": "feature_x", "type": "choice", "en": "x", "zh": "x"}]}, "terms"),
        ({"features": [{"key": "feature_x", "type": "text", "en": "x", "zh": "x", "low": "0"}]}, "terms"),
        ({"features": [{"key": "feature_x", "type": ["text"], "en": "x", "zh": "x"}]}, "terms"),
        ({"examples": [{"name_en": "", "name_zh": "", "inputs": {"pd": [1]}, "way": "review"}]}, "examples"),
        ({"examples": [{"name_en": "", "name_zh": "", "inputs": {"pd": 10**400}, "way": "review"}]}, "examples"),
        ({"examples": [{"name_en": "", "name_zh": "", "inputs": ["pd"], "way": "review"}]}, "examples"),
        ({"examples": [{"name_en": "", "name_zh": "", "inputs": {"pd": float("nan")}, "way": "review"}]}, "examples"),
        ({"examples": [{"name_en": "", "name_zh": "", "inputs": {}, "way": ["review"]}]}, "examples"),
        ({"learned_value": ["gain"]}, "learned_value"),
        ({"sla_hours": 10**400}, "terms"),
        ({"purpose": "x"}, "purpose"),
    ],
)
def test_terms_from_a_file_are_refused_with_the_part_at_fault(change: dict[str, Any], field: str) -> None:
    with pytest.raises(TermsError) as refused:
        Terms.from_dict({**TERMS.to_dict(), **change})
    assert refused.value.field == field
