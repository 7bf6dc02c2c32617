"""Which numbers are those of a loan, under the names that core systems give them, and which are of something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from cases.models import Case
from intake.mapped.case_mapping import CaseMapping
from intake.models import RejectedRow
from intake.recognition.infer import infer_mapping
from intake.recognition.recognise import recognise
from tests.intake.places import MakeFile
from tests.intake.test_on_record import counts, take_in

ROWS: Final = 24
Cell = Callable[[int], str]


def code(at: int) -> str:
    return f"X{at * 7:07d}"


def read(**cells: Cell) -> CaseMapping:
    return infer_mapping(*table(**cells), "branch")


def table(**cells: Cell) -> tuple[list[str], list[dict[str, str]]]:
    columns = {"amount": lambda at: str(5000 + at), **cells}
    return [*columns], [{name: cell(at) for name, cell in columns.items()} for at in range(ROWS)]


@pytest.mark.parametrize(
    "header",
    ["Loan Account No", "LOAN_ACCT_NO", "Loan A/C No", "Account Number", "Agreement No", "Arrangement ID",
     "CONTRACT_REF_NO", "Loan Ref No", "Lease No", "Lease Number", "Mortgage Account Number", "Facility ID",
     "Facility No", "APPLYNO", "APPLY_NO", "SERIALNO", "PUTOUT_NO", "租赁合同编号", "租赁合同号", "协议编号",
     "出账编号", "放款编号", "报单号", "申请件编号", "电子合同号", "贷款账号"],
)  # fmt: skip
def test_the_number_of_a_loan_by_the_names_of_core_systems(header: str) -> None:
    mapping = read(**{header: code})
    assert (mapping.fields["external_ref"].how, mapping.fields["external_ref"].column) == ("column", header)
    assert (mapping.features, mapping.drop) == ({}, {})
    draft, _clues = recognise(*table(**{header: code}), "branch", [])
    assert draft.fields["external_ref"].column == header


@pytest.mark.parametrize(
    ("header", "reason"),
    [("还款账号", "personal"), ("收款账号", "personal"), ("Bank Account No", "personal"), ("Invoice No", "identifier"),
     ("Disbursement Account", "identifier"), ("Bank A/C No", "identifier"), ("Loan Repayment Account No", "identifier"),
     ("担保合同编号", "identifier"), ("Policy Number", "identifier"), ("Customer Account Number", "identifier")],
)  # fmt: skip
def test_the_number_of_something_else_is_none_also_in_a_draft(header: str, reason: str) -> None:
    draft, _clues = recognise(*table(**{header: code}), "branch", [])
    for mapping in (read(**{header: code}), draft):
        assert mapping.fields["external_ref"].how == "row_hash"
        assert (mapping.features, mapping.drop) == ({}, {header: reason})


def test_an_account_is_the_loans_only_where_it_can_be_no_one_elses() -> None:
    account: dict[str, Cell] = {"Account Number": code}
    for beside in ("IFSC Code", "Bank Name", "开户行"):
        assert read(**account, **{beside: lambda _at: "SBIN0001"}).fields["external_ref"].how == "row_hash"
    shared = read(**{"Account Number": lambda at: code(at // 2)})
    assert shared.fields["external_ref"].how == "row_hash"
    phones = read(**{"Account Number": lambda at: f"138001380{at:02d}"})
    assert (phones.fields["external_ref"].how, phones.drop) == ("row_hash", {"Account Number": "personal"})
    loan = read(**{"Account Number": code, "Loan Account No": lambda at: f"L{at:07d}"})
    assert loan.fields["external_ref"].column == "Loan Account No"
    assert loan.drop == {"Account Number": "other_reference"}


def test_a_short_serial_number_that_counts_up_numbers_the_rows() -> None:
    assert read(**{"Serial No": lambda at: str(at + 1)}).drop == {"Serial No": "row_counter"}
    assert read(SERIALNO=lambda at: str(2026010500001 + at)).fields["external_ref"].column == "SERIALNO"


HEAD: Final = "Loan Account No,CIF No,Customer Name,Loan Amount,Tenure (Months),ROI,Sanction Date,Branch\n"


def loan(at: int, branch: str = "Pune") -> str:
    return f"LN{at:08d},C{at // 2:06d},RAVI K,{5000 + at},12,9.5,2026-01-05,{branch}\n"


@pytest.mark.django_db(transaction=True)
def test_a_loan_that_comes_again_from_another_branch_is_no_second_case(make_file: MakeFile) -> None:
    assert counts(take_in(make_file("march.csv", HEAD + "".join(map(loan, range(ROWS)))))) == (24, 0, 0)
    moved = "".join(loan(at, "Thane" if at < 3 else "Pune") for at in range(ROWS + 1))
    assert counts(take_in(make_file("april.csv", HEAD + moved))) == (1, 21, 3)
    assert [*RejectedRow.objects.values_list("errors__0__code", flat=True)] == ["reference_reused"] * 3
    assert Case.objects.values("applicant").distinct().count() == 13
    assert Case.objects.get(external_ref="LN00000000").features["branch"] == "Pune"


@pytest.mark.django_db(transaction=True)
def test_loans_known_before_their_number_was_read_stay_the_same_cases(make_file: MakeFile) -> None:
    """Then the numbers of the loan and the customer were dropped, and the reference was a hash of the row."""
    then = make_file(
        "then.yaml",
        "fields: {external_ref: {row_hash: values, prefix: R-}, product: {default: branch}, currency: {default: CNY},"
        " amount: {column: Loan Amount}, term_months: {column: Tenure (Months)}, applied_at: {column: Sanction Date},"
        " applicant.id: {derive: applicant_reference}, applicant.name: {column: Customer Name, type: name}}\n"
        "features: {interest_rate: {column: ROI, type: number}, branch: {column: Branch, type: text}}\n"
        "drop: {Loan Account No: identifier, CIF No: identifier}\n",
    )
    assert counts(take_in(make_file("a.csv", HEAD + "".join(map(loan, range(20)))), then)) == (20, 0, 0)
    assert counts(take_in(make_file("b.csv", HEAD + "".join(map(loan, range(ROWS)))))) == (4, 20, 0)
    assert Case.objects.filter(external_ref__startswith="R-").count() == 20
    assert Case.objects.filter(external_ref__startswith="LN").count() == 4
    assert counts(take_in(make_file("c.csv", HEAD + "".join(map(loan, range(ROWS + 1)))))) == (1, 24, 0)


def person(at: int) -> str:
    return f"C-{at // 2}"


def test_the_only_number_that_tells_loans_of_one_person_apart_is_the_reference() -> None:
    mapping = read(**{"customer id": person, "Obligation No": code})
    assert (mapping.fields["external_ref"].column, mapping.drop) == ("Obligation No", {})


@pytest.mark.parametrize(
    "cells",
    [
        {"customer id": lambda at: f"C-{at}", "Obligation No": code},
        {"Obligation No": code},
        {"customer id": person, "Invoice No": code},
        {"customer id": person, "Wallet No": code},
        {"customer id": person, "票据号": code},
        {"customer id": person, "Obligation No": code, "Undertaking No": lambda at: f"Y{at:07d}"},
        {"customer id": person, "Obligation No": lambda at: code(at) if at else ""},
        {"customer id": person, "Obligation": code},
    ],
    ids=["each-person-once", "no-person", "invoice", "wallet", "draft", "two", "gap", "no-number"],
)
def test_a_number_that_may_be_of_something_else_is_no_reference(cells: dict[str, Cell]) -> None:
    mapping = read(**cells)
    assert mapping.fields["external_ref"].how == "row_hash"
    assert mapping.drop == dict.fromkeys((each for each in cells if each != "customer id"), "identifier")


@pytest.mark.django_db(transaction=True)
def test_a_number_that_was_the_reference_stays_it_where_a_file_tells_less(make_file: MakeFile) -> None:
    head = "customer id,Obligation No,amount,city\n"
    rows = [f"C-{at // 2},{code(at)},{5000 + at},Pune\n" for at in range(ROWS)]
    assert counts(take_in(make_file("a.csv", head + "".join(rows)))) == (24, 0, 0)
    once = [row.replace("Pune", "Thane") if at == 2 else row for at, row in enumerate(rows) if at % 2 == 0]
    assert counts(take_in(make_file("b.csv", head + "".join(once)))) == (0, 11, 1)
    assert Case.objects.count() == 24
