"""Checks of one value against another: numbers with numbers, and days, months and moments with each other."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cases.errors import BadDecision
from cases.models import Case, User
from cases.states import State
from intake.gate.quality import About, judge, rules_of_text
from intake.gate.rule_sets import set_rules
from intake.mending.mended import kind_due
from intake.models import RuleSet
from tests.intake.places import MakeFile
from tests.intake.test_on_record import counts, take_in

AMOUNT = Decimal(20_000)
APPLIED = datetime(2026, 3, 1, 4, tzinfo=UTC)
ABOUT = About(term_months=24, applied_at=APPLIED, now=APPLIED)
REASON = "agreed with the risk committee"


def check(relation: str = "below", left: str = "born", right: str = "employed", more: str = "") -> str:
    words = "words: {en: Born before employed, zh: 出生早于入职}"
    return f"checks: [{{{words}, left: {left}, relation: {relation}, right: {right}{more}}}]"


def found(text: str, about: About | None = ABOUT, **features: object) -> list[str]:
    return [each.sentence("en") for each in judge(features, AMOUNT, rules_of_text(text), about=about)]


def agrees(relation: str, left: object, right: object) -> bool:
    return not found(check(relation), born=left, employed=right)


@pytest.mark.parametrize(
    ("left", "right", "holding"),
    [
        ("1985-04-01", "2005-07-01", {"below", "at_most"}),
        ("1985-04-01", "1975-01-01", {"above", "at_least"}),
        ("1985-04-01", "1985-04-01", {"at_most", "at_least", "equal"}),
        ("1985-04-01", "1985-04-01T00:00:00+08:00", {"at_most", "at_least", "equal"}),
        ("2026-01-05T09:30:00+08:00", "2026-01-05T01:31:00+00:00", {"below", "at_most"}),
        # The day is that of the office: it is the sixth there.
        ("2026-01-05T20:00:00+00:00", "2026-01-05", {"above", "at_least"}),
        ("2026-01", "2026-02-01", {"below", "at_most"}),
        ("2026-01", "2025-12", {"above", "at_least"}),
        ("20260105", "2026/1/6", {"below", "at_most"}),
        # A number is no day; whoever wrote the check is to see it.
        (41_000, "1975-01-01", set()),
        ("1975-01-01", 41_000.5, set()),
    ],
)
def test_days_are_compared_as_the_relation_says(left: object, right: object, holding: set[str]) -> None:
    relations = ("at_most", "at_least", "below", "above", "equal")
    assert {relation for relation in relations if agrees(relation, left, right)} == holding


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("2026-01-05", "长期"),
        ("2026-01-05", None),
        ("2026-01-05", ""),
        ("2026-01-05", True),
        (41_000, "unknown"),
        ("41000", "2026-01-05"),
        # What tells less of itself may be either.
        ("2026-01", "2026-01-05"),
        ("2026-01-05T09:30:00+08:00", "2026-01-05"),
    ],
)
def test_of_what_is_not_known_nothing_is_said(left: object, right: object) -> None:
    assert all(agrees(each, *sides) for each in ("below", "above", "equal") for sides in ((left, right), (right, left)))


def test_what_does_not_agree_is_told_with_both_sides() -> None:
    told = found(check(), born="1985-04-01", employed="1975-01-01")
    assert told == ["Born before employed: 1985-04-01 against 1975-01-01."]
    assert found(check(), born=41_000, employed="1975-01-01") == ["Born before employed: 41,000 against 1975-01-01."]
    # Twice a day is no day.
    twice = check(more=", times: 2")
    assert found(twice, born="1985-04-01", employed="2005-01-01") == [
        "Born before employed: 1985-04-01 against 2005-01-01."
    ]
    assert found(twice, born=11, employed=5) == ["Born before employed: 11 against 10."]


def test_a_day_is_compared_with_that_of_the_application() -> None:
    text = check(right="applied_at")
    assert found(text, born="2026-02-28") == []
    assert found(text, born="2026-03-01") == []
    assert found(text, born="2026-03-02") == ["Born before employed: 2026-03-02 against 2026-03-01 12:00."]
    assert found(text, about=None, born="2026-03-02") == []
    day = About(24, datetime(2026, 2, 28, 16, tzinfo=UTC), APPLIED)
    assert found(text, about=day, born="2026-03-01") == ["Born before employed: 2026-03-01 against 2026-03-01."]


@pytest.mark.parametrize(
    ("text", "key", "name"),
    [
        (check(left="合同起始日"), "checks.1", "合同起始日"),
        (check(right="Employment-Date"), "checks.1", "Employment-Date"),
        ("features: {年龄: {words: {en: Age, zh: 年龄}, minimum: 18}}", "features", "年龄"),
    ],
)
def test_rules_of_names_that_no_feature_can_have_are_refused(admin: User, text: str, key: str, name: str) -> None:
    with pytest.raises(BadDecision) as refused:
        set_rules("branch", "", text, by=admin, reason=REASON)
    assert refused.value.field == "text"
    assert str(refused.value).startswith(f"{key} is “{name}”. Allowed: ")
    assert not RuleSet.objects.exists()
    # What was set before goes on.
    assert rules_of_text(text)


def test_a_side_of_days_is_mended_as_a_day() -> None:
    rules, applied = rules_of_text(check()), rules_of_text(check(right="applied_at"))
    read_as_days = {"features": {"born": {"column": "出生日期", "type": "date"}}}
    assert kind_due("born", "1985-04-01", rules, source="branch", mapping={}) == "date"
    assert kind_due("born", None, rules, source="branch", mapping=read_as_days) == "date"
    assert kind_due("born", None, applied, source="branch", mapping={}) == "date"
    assert kind_due("born", "not told", rules, source="branch", mapping={}) == "number"


def test_dates_of_a_file_that_do_not_agree_hold_their_case(
    transactional_db: None, admin: User, make_file: MakeFile
) -> None:
    set_rules("consumer", "", check(left="date_of_birth", right="employment_date"), by=admin, reason=REASON)
    header = "Loan No,Customer ID,Product,Loan Amount,Term (months),Application Date,Date of Birth,Employment Date\n"
    days = [("1985-04-01", "1975-01-01"), ("1985-04-02", "2005-01-02"), ("1985-04-03", "")]
    rows = [f"L{n},C{n},consumer,{5000 + n},24,2026-03-0{n + 1},{one},{two}\n" for n, (one, two) in enumerate(days)]
    assert counts(take_in(make_file("a.csv", header + "".join(rows)))) == (3, 0, 0)
    held = Case.objects.get(state=State.NEEDS_DATA)
    assert held.external_ref == "L0"
    assert [(each["feature"], each["code"], each["params"]) for each in held.findings] == [
        ("date_of_birth", "fields_disagree", {"value": "1985-04-01", "limit": "1975-01-01"})
    ]
