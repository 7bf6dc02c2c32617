"""What is marked on a held case stays when a person mends it, but for marks about the value that they supply."""

from __future__ import annotations

from pathlib import Path

import pytest

from cases.models import Case, User
from cases.states import State
from intake.admission.files import take_in_file
from intake.gate.rule_sets import set_rules
from tests import make
from tests.desk.conftest import SignsIn
from tests.desk.test_held import supply
from tests.desk.test_held_computed import read
from tests.intake.silent import silent

RULES = """
features:
  annual_income: {words: {en: Annual income, zh: 年收入}, required: true, minimum: 1}
  rate: {words: {en: Rate, zh: 利率}, usual_maximum: 24}
  report: {words: {en: Report, zh: 报告}, most_days_old: 30, severity: mark}
age: {most_days: 60}
fields:
  region: {words: {en: Region, zh: 地区}, required: true, severity: mark}
"""
MAPPING = """
fields:
  external_ref: {column: id}
  product: {constant: consumer}
  amount: {column: 金额}
  currency: {constant: CNY}
  term_months: {column: 期限}
  applied_at: {column: 申请日期}
  applicant.id: {column: 证件号码, type: identity_number}
features:
  annual_income: {column: 年收入, type: number, minimum: 0, maximum: 1000000, beyond: BEYOND}
  debts: {column: 负债, type: number, minimum: 0, maximum: 1000000, beyond: missing}
  savings: {column: 存款, type: number, minimum: 0, maximum: 1000000, beyond: cap}
  rate: {column: 利率, type: number}
  report: {column: 报告, type: date}
"""
TABLE = """id,金额,期限,申请日期,证件号码,证件类型,年收入,负债,存款,利率,报告
A,125000,12,2026-03-05,440106199001031017,身份证,200000,50000,90000,3,2026-03-01
B,125000,12,2026-03-05,E12345678,护照,7000000,5000000,9000000,30,2026-01-01
"""
STAYING = [
    ("applicant.identity_number", "another_document"),
    ("applied_at", "application_too_old"),
    ("case.region", "feature_missing"),
    ("debts", "value_left_out"),
    ("rate", "feature_unusual"),
    ("report", "feature_too_old"),
    ("savings", "value_capped"),
]


def marks(case: Case) -> list[tuple[str, str]]:
    return sorted((each["feature"], each["code"]) for each in case.findings if each["severity"] == "mark")


def came(folder: Path, admin: User, *, beyond: str) -> Case:
    set_rules("consumer", "", RULES, by=admin, reason="rules with marks of every kind")
    table = TABLE if beyond == "missing" else TABLE.replace("7000000", "")
    (folder / "m.yaml").write_text(MAPPING.replace("BEYOND", beyond), encoding="utf-8")
    (folder / "a.csv").write_text(table, encoding="utf-8")
    take_in_file(folder / "a.csv", source="branch", mapping=str(folder / "m.yaml"), by=None, bars=silent)
    case: Case = Case.objects.get(external_ref="B")
    return case


@pytest.fixture
def held(admin: User, tmp_path: Path) -> Case:
    return came(tmp_path, admin, beyond="missing")


def test_marks_stay_on_a_case_that_is_mended_but_for_those_of_the_value(
    held: Case, reviewer: User, signs_in: SignsIn
) -> None:
    assert held.state == State.NEEDS_DATA
    assert marks(held) == sorted([*STAYING, ("annual_income", "value_left_out")])
    before = {each["code"]: each for each in held.findings if each["feature"] != "annual_income"}
    assert supply(signs_in(reviewer), held, annual_income="200000")["Location"] == "/held"
    now = make.reread(held)
    assert (now.state, marks(now)) == (State.RECEIVED, STAYING)
    assert {each["code"]: each for each in now.findings} == before


def test_an_application_is_as_late_as_it_was_when_it_came(
    admin: User, held: Case, reviewer: User, signs_in: SignsIn
) -> None:
    days = (held.received_at - held.applied_at).days + 2
    relaxed = RULES.replace("most_days: 60", f"most_days: {days}").replace("24", "40")
    set_rules("consumer", "", relaxed, by=admin, reason="other limits for the marks")
    supply(signs_in(reviewer), held, annual_income="200000")
    gone = {("applied_at", "application_too_old"), ("rate", "feature_unusual")}
    assert marks(make.reread(held)) == [each for each in STAYING if each not in gone]


def test_a_typed_value_is_capped_as_one_of_the_file(
    admin: User, reviewer: User, signs_in: SignsIn, tmp_path: Path
) -> None:
    case, client = came(tmp_path, admin, beyond="cap"), signs_in(reviewer)
    supply(client, case, annual_income="5000000")
    now = make.reread(case)
    assert now.features["annual_income"] == 1_000_000
    assert marks(now) == sorted([*STAYING, ("annual_income", "value_capped")])
    facts = now.events.latest("seq").facts
    assert (facts["after"], facts["typed"]) == ({"annual_income": 1_000_000}, {"annual_income": 5_000_000})
    assert "-- → 1,000,000, typed as 5,000,000" in read(client, f"/review/{case.ref}/lineage")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "“5000000” lies outside of 0 to 1000000."), ("zh-hans", "“5000000”超出 0 至 1000000 的范围。")],
)
def test_a_typed_value_that_would_be_left_out_is_refused(
    held: Case, reviewer: User, signs_in: SignsIn, language: str, sentence: str
) -> None:
    answer = supply(signs_in(reviewer, language), held, annual_income="5000000")
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    now = make.reread(held)
    assert (now.version, now.features, now.findings) == (held.version, held.features, held.findings)
