"""A computed value holds a case: what it is computed from is mended, or a person gives the value themselves."""

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
from tests.desk.test_held_mended import fields_of
from tests.intake.silent import silent

RULES = """
features:
  debt_ratio: {words: {en: Debt ratio, zh: 负债率}, required: true, minimum: 0, maximum: 100}
"""
MAPPING = """
fields:
  external_ref: {column: id}
  product: {constant: consumer}
  amount: {column: 金额}
  currency: {constant: CNY}
  term_months: {column: 期限}
  applied_at: {column: 申请日期}
  applicant.id: {column: 客户号}
features:
  annual_income: {column: 年收入, type: number}
  debts: {column: 负债, type: number}
  debt_ratio: {compute: percent_of, from: [负债, 年收入]}
"""
TABLE = "id,金额,期限,申请日期,客户号,年收入,负债\nB,125000,12,2026-02-28,P2,20,50000\n"


@pytest.fixture
def held(admin: User, tmp_path: Path) -> Case:
    set_rules("consumer", "", RULES, by=admin, reason="a ratio that is believed")
    (tmp_path / "m.yaml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "a.csv").write_text(TABLE, encoding="utf-8")
    take_in_file(tmp_path / "a.csv", source="branch", mapping=str(tmp_path / "m.yaml"), by=None, bars=silent)
    case: Case = Case.objects.get()
    assert (case.state, case.features["debt_ratio"]) == (State.NEEDS_DATA, 250_000)
    return case


def test_the_value_that_is_wrong_is_mended_and_the_computed_one_follows(
    held: Case, reviewer: User, signs_in: SignsIn
) -> None:
    client = signs_in(reviewer)
    page = client.get(f"/held/{held.ref}").content.decode()
    assert fields_of(page) == ["debt_ratio", "debts", "annual_income"]
    assert " required" not in page.split('name="feature-debt_ratio"')[1].split(">")[0]
    assert "Computed anew from what is supplied: Debt ratio." in read(client, f"/held/{held.ref}")
    assert supply(client, held, annual_income="200000")["Location"] == "/held"
    now = make.reread(held)
    assert (now.state, now.findings) == (State.RECEIVED, [])
    assert now.features == {"annual_income": 200_000, "debts": 50_000, "debt_ratio": 25}
    facts = now.events.latest("seq").facts
    assert (facts["computed"], "given" in facts) == (["debt_ratio"], False)


def test_nothing_mended_or_a_wrong_value_leaves_it_held(held: Case, reviewer: User, signs_in: SignsIn) -> None:
    client = signs_in(reviewer)
    for values in ({}, {"annual_income": "2000"}):
        assert supply(client, held, **values).status_code == 422
        now = make.reread(held)
        assert (now.state, now.version, now.features) == (State.NEEDS_DATA, held.version, held.features)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "given by a person, not computed: 250,000 → 25"), ("zh-hans", "由人工给出，非计算所得：250,000 → 25")],
)
def test_a_computed_value_that_a_person_gives_is_told_as_theirs(
    held: Case, reviewer: User, signs_in: SignsIn, language: str, sentence: str
) -> None:
    client = signs_in(reviewer, language)
    supply(client, held, debt_ratio="25")
    now = make.reread(held)
    assert now.features == {"annual_income": 20, "debts": 50_000, "debt_ratio": 25}
    facts = now.events.latest("seq").facts
    assert (facts["given"], "computed" in facts) == (["debt_ratio"], False)
    assert sentence in read(client, f"/review/{held.ref}/lineage")
