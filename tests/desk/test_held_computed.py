"""A value of a held case is mended: what the mapping computed from it is computed again, or not known any more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

from cases.models import Case, User
from cases.states import State
from intake.admission.files import take_in_file
from tests import make, mapped
from tests.api.calls import Caller, a_case
from tests.desk.conftest import SignsIn
from tests.desk.test_held import REASON, supply
from tests.intake.silent import silent
from tests.intake.test_message_joins import JOINING
from tests.intake.test_rows_as_messages import ROWS, a_row, bureau

__all__ = ["bureau"]

MAPPING = """
fields:
  external_ref: {column: id}
  product: {constant: consumer}
  amount: {column: 金额(万元), scale: 10000}
  currency: {constant: CNY}
  term_months: {column: 期限}
  applied_at: {column: 申请日期}
  applicant.id: {column: 客户号}
features:
  annual_income: {column: 年收入, type: number, missing: ["-1"]}
  debts: {column: 负债, type: number}
  assets_ratio: {compute: percent_of, from: [资产, 年收入]}
  debt_ratio: {compute: percent_of, from: [负债, 年收入]}
  loan_to_income: {compute: ratio_of, from: [金额(万元), 年收入], maximum: 5, beyond: LIMIT}
"""
TABLE = "id,金额(万元),期限,申请日期,客户号,年收入,负债,资产\nA,12.5,12,2026-02-28,P1,0,50000,70000\n"


def held(folder: Path, *, limit: str = "cap", debts: str = "50000", income: str = "0") -> Case:
    (folder / "m.yaml").write_text(MAPPING.replace("LIMIT", limit), encoding="utf-8")
    table = TABLE.replace("50000", debts).replace(",0,", f",{income},")
    (folder / "a.csv").write_text(table, encoding="utf-8")
    take_in_file(folder / "a.csv", source="branch", mapping=str(folder / "m.yaml"), by=None, bars=silent)
    case: Case = Case.objects.get()
    assert case.state == State.NEEDS_DATA
    return case


def read(client: Client, url: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(url).content.decode()))


def test_what_follows_from_a_mended_value_is_computed_again_and_told(
    reviewer: User, signs_in: SignsIn, tmp_path: Path
) -> None:
    case, client = held(tmp_path), signs_in(reviewer)
    assert case.features["debt_ratio"] is None
    page = read(client, f"/held/{case.ref}")
    assert "Computed anew from what is supplied: debt ratio, Loan amount against annual income." in page
    assert "It is also computed from 资产, which this case does not hold: left empty it is not known." in page
    assert supply(client, case, annual_income="200000")["Location"] == "/held"
    now = make.reread(case)
    assert now.features == {
        "annual_income": 200_000,
        "debts": 50_000,
        "assets_ratio": None,
        "debt_ratio": 25,
        "loan_to_income": 0.625,
    }
    assert [(each["feature"], each["code"], each["severity"], each["zh"]) for each in now.findings] == [
        (
            "assets_ratio",
            "not_computed_again",
            "mark",
            "assets_ratio还须由资产计算，而本业务未保存该列：数值修正后，该项视为未知。",
        )
    ]
    event = now.events.latest("seq")
    assert event.facts == {
        "before": {"annual_income": 0, "debt_ratio": None, "loan_to_income": None},
        "after": {"annual_income": 200_000, "debt_ratio": 25, "loan_to_income": 0.625},
        "computed": ["debt_ratio", "loan_to_income"],
        "reason": REASON,
    }
    lineage = read(client, f"/review/{case.ref}/lineage")
    assert f"reviewer: computed anew: -- → 25 “{REASON}”" in lineage.replace("Reviewer", "reviewer")


def test_an_old_value_does_not_stand_where_its_other_column_is_held_nowhere(
    reviewer: User, signs_in: SignsIn, tmp_path: Path
) -> None:
    case, client = held(tmp_path, income="-100000"), signs_in(reviewer)
    assert (case.features["assets_ratio"], case.features["debt_ratio"]) == (-70, -50)
    supply(client, case, annual_income="200000")
    now, event = make.reread(case), make.reread(case).events.latest("seq")
    assert now.features["assets_ratio"] is None
    assert (event.facts["before"]["assets_ratio"], event.facts["after"]["assets_ratio"]) == (-70, None)
    assert "assets_ratio" in event.facts["computed"]


def test_a_person_who_knows_it_supplies_it_and_nothing_is_marked(
    reviewer: User, signs_in: SignsIn, tmp_path: Path
) -> None:
    case, client = held(tmp_path), signs_in(reviewer)
    supply(client, case, annual_income="200000", assets_ratio="35")
    now = make.reread(case)
    assert (now.features["assets_ratio"], now.features["debt_ratio"], now.findings) == (35, 25, [])
    assert now.events.latest("seq").facts["computed"] == ["debt_ratio", "loan_to_income"]


def test_limits_hold_for_what_is_computed_again(reviewer: User, signs_in: SignsIn, tmp_path: Path) -> None:
    case, client = held(tmp_path), signs_in(reviewer)
    supply(client, case, annual_income="10000", assets_ratio="35")
    now = make.reread(case)
    assert (now.features["loan_to_income"], now.features["debt_ratio"]) == (5, 500)
    assert "value_capped" in [each["code"] for each in now.findings if each["feature"] == "loan_to_income"]


def test_a_value_from_which_nothing_possible_follows_is_refused(
    reviewer: User, signs_in: SignsIn, tmp_path: Path
) -> None:
    case, client = held(tmp_path, limit="refuse"), signs_in(reviewer)
    answer = supply(client, case, annual_income="10000")
    assert answer.status_code == 422
    assert "is more than 5." in answer.content.decode()
    now = make.reread(case)
    assert (now.state, now.features, now.version) == (State.NEEDS_DATA, case.features, case.version)


@pytest.mark.parametrize("debts", ["", "不详"])
def test_a_missing_input_that_the_case_knows_of_leaves_nothing_to_mark(
    reviewer: User, signs_in: SignsIn, tmp_path: Path, debts: str
) -> None:
    case, client = held(tmp_path, debts=debts), signs_in(reviewer)
    supply(client, case, annual_income="200000", assets_ratio="35")
    now = make.reread(case)
    assert (now.features["debt_ratio"], now.features["loan_to_income"], now.findings) == (None, 0.625, [])


def test_of_a_message_what_was_computed_with_a_joined_row_is_not_known_any_more(
    bureau: Caller, admin: User, supervisor: User, reviewer: User, signs_in: SignsIn
) -> None:
    mapped.signed("branch-los", JOINING, by=admin, second=supervisor)
    bureau.post(ROWS, a_row(debt=45_000))
    bureau.post("/cases", a_case("A-1", applicant={"id": "P1"}, features={"annual_income": -90_000}))
    case, client = Case.objects.get(), signs_in(reviewer)
    assert (case.state, case.features["debt_share"]) == (State.NEEDS_DATA, -0.5)
    supply(client, case, annual_income="90000")
    now = make.reread(case)
    assert (now.features["annual_income"], now.features["debt_share"]) == (90_000, None)
    assert [(each["code"], each["params"]) for each in now.findings] == [
        ("not_computed_again", {"column": "bureau.debt"})
    ]
    assert now.events.latest("seq").facts["computed"] == ["debt_share"]


def test_a_text_that_the_case_holds_counts_in_the_unit_of_its_column(
    reviewer: User, signs_in: SignsIn, tmp_path: Path
) -> None:
    mapping = MAPPING.replace("debts: {column: 负债, type: number}", "debts: {column: 负债(万元)}")
    mapping = mapping.replace("[负债,", "[负债(万元),").replace("LIMIT", "cap")
    (tmp_path / "m.yaml").write_text(mapping, encoding="utf-8")
    table = TABLE.replace("负债", "负债(万元)").replace("50000", "5")
    (tmp_path / "a.csv").write_text(table, encoding="utf-8")
    take_in_file(tmp_path / "a.csv", source="branch", mapping=str(tmp_path / "m.yaml"), by=None, bars=silent)
    case = Case.objects.get()
    assert (case.features["debts"], case.features["debt_ratio"]) == ("5", None)
    assert supply(signs_in(reviewer), case, annual_income="200000")["Location"] == "/held"
    assert make.reread(case).features["debt_ratio"] == 25
