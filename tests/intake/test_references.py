"""Which of several numbers of a loan is its reference, and that what nobody sees in one makes no second case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from cases.models import Case
from intake.admission.files import take_in_file
from intake.mapped.joined import join_key
from intake.mapped.submission import Submission, read_submission
from intake.models import RejectedRow
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.infer import infer_mapping
from intake.record.choose import mapping_for
from intake.values.cells import visible
from tests.intake.dirt.kinds import lines, row
from tests.intake.places import MakeFile
from tests.intake.silent import silent
from tests.intake.test_on_record import counts, take_in

ROWS: Final = 12
NOW: Final = datetime(2026, 1, 5, tzinfo=UTC)
HIDDEN: Final = (
    *"\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff",
)


def numbers(column: str) -> list[str]:
    return [f"{column[:2]}-{number:06d}" for number in range(ROWS)]


@pytest.mark.parametrize(
    ("columns", "reference"),
    [
        (("贷款合同编号", "借据号", "申请编号"), "申请编号"),
        (("贷款合同编号", "借据号"), "借据号"),
        (("贷款合同编号", "编号"), "贷款合同编号"),
        (("合同号", "贷款申请编号"), "贷款申请编号"),
        (("contract no", "IOU no", "application id"), "application id"),
        (("loan contract number", "IOU no"), "IOU no"),
    ],
)
def test_the_number_of_the_application_goes_before_the_loan_note_and_the_contract(
    columns: Sequence[str], reference: str
) -> None:
    cells = {column: numbers(column) for column in columns}
    rows = [{"金额": 5000 + at, **{column: cells[column][at] for column in columns}} for at in range(ROWS)]
    mapping = infer_mapping(["金额", *columns], rows, "branch")
    assert mapping.fields["external_ref"].column == reference
    assert mapping.drop == dict.fromkeys((each for each in columns if each != reference), "other_reference")


def test_a_number_that_several_loans_share_is_not_their_reference() -> None:
    """One application, drawn in three parts: the loan note tells the rows apart."""
    rows = [{"金额": 5000 + at, "申请编号": f"SQ-{at // 3}", "借据号": f"JJ-{at}"} for at in range(ROWS)]
    mapping = infer_mapping(["金额", "申请编号", "借据号"], rows, "branch")
    assert mapping.fields["external_ref"].column == "借据号"


@pytest.mark.django_db(transaction=True)
def test_an_application_that_stands_in_several_rows_is_one_case(make_file: MakeFile) -> None:
    """With each of its guarantors, or once more by mistake: no row is a second case, and what differs says so."""
    rows = [f"SQ-{at},{5000 + at},{guarantor}\n" for at in range(4) for guarantor in ("张三", "李四", "张三")]
    done = take_in(make_file("a.csv", "申请编号,贷款金额,保证人\n" + "".join(rows)))
    assert counts(done) == (4, 4, 4)
    assert set(Case.objects.values_list("external_ref", flat=True)) == {f"SQ-{at}" for at in range(4)}
    found = RejectedRow.objects.order_by("row_number").values_list("row_number", "errors__0__code")
    assert list(found) == [(number, "reference_reused") for number in (3, 6, 9, 12)]


def test_a_contract_under_which_most_rows_stand_is_no_reference() -> None:
    rows = [{"金额": 5000 + at, "合同编号": f"HT-{at // 3}"} for at in range(ROWS)]
    assert infer_mapping(["金额", "合同编号"], rows, "branch").fields["external_ref"].how == "row_hash"


@pytest.mark.django_db(transaction=True)
def test_whole_numbers_that_come_with_a_nought_behind_the_point_name_the_same_loans(make_file: MakeFile) -> None:
    """As programs write the numbers of a column that has gaps elsewhere."""
    head = "loan id,customer id,amount,term\n"
    assert counts(take_in(make_file("a.csv", head + "".join(f"{1000 + at},{at},5000,12\n" for at in range(5))))) == (
        5,
        0,
        0,
    )
    floats = "".join(f"{1000 + at}.0,{at}.0,5000.0,12.0\n" for at in range(6))
    assert counts(take_in(make_file("b.csv", head + floats))) == (1, 5, 0)
    assert Case.objects.get(external_ref="1005").applicant.external_id == "5"


@pytest.mark.django_db(transaction=True)
def test_a_file_that_writes_most_numbers_with_a_point_and_one_without_has_one_kind_of_them(make_file: MakeFile) -> None:
    head = "loan id,amount,term\n"
    mixed = "".join(f"{1000 + at}{'' if at == 4 else '.0'},{5000 + at},12\n" for at in range(20))
    assert counts(take_in(make_file("a.csv", head + mixed))) == (20, 0, 0)
    assert set(Case.objects.values_list("external_ref", flat=True)) == {str(1000 + at) for at in range(20)}
    plain = mixed.replace(".0,", ",")
    assert counts(take_in(make_file("b.csv", head + plain))) == (0, 20, 0)


def test_numbers_of_which_one_is_no_whole_number_stay_as_they_are() -> None:
    for odd in ("1004.5", "A-4", "1004.00"):
        rows = [{"loan id": odd if at == 4 else f"{1000 + at}.0", "amount": 5000 + at} for at in range(ROWS)]
        assert infer_mapping(["loan id", "amount"], rows, "branch").fields["external_ref"].pattern is None


@pytest.mark.django_db(transaction=True)
def test_a_file_of_which_the_point_was_kept_makes_no_second_cases(make_file: MakeFile) -> None:
    """As all such files were read when one number without it left the point to all others."""
    old = make_file(
        "old.yaml",
        "fields: {external_ref: {column: loan id}, product: {default: branch}, amount: {column: amount},"
        " currency: {default: CNY}, term_months: {column: term}, applied_at: {import_time: true},"
        " applicant.id: {derive: applicant_reference}}\n",
    )
    text = "loan id,amount,term\n" + "".join(f"{1000 + at}{'' if at == 4 else '.0'},5000,12\n" for at in range(20))
    path = make_file("a.csv", text)
    done = take_in_file(path, source="branch", mapping=str(old), by=None, bars=silent)
    assert counts(done) == (20, 0, 0)
    assert counts(take_in(make_file("again.csv", text + "1020.0,5000,12\n"))) == (1, 20, 0)
    assert Case.objects.filter(external_ref="1001.0").exists()
    assert Case.objects.filter(external_ref="1020").exists()


def posted(**changes: object) -> Submission:
    raw = {
        "source": "branch", "external_ref": "R-1", "product": "consumer", "amount": 5001, "currency": "CNY",
        "term_months": 24, "applied_at": "2025-03-04T00:00:00+08:00", "applicant": {"id": "P-1", "name": "张三"},
        "industry": "F52", "region": "310000", "channel": "branch", "features": {"city": "上海"}, **changes,
    }  # fmt: skip
    read = read_submission(raw, now=NOW)
    assert isinstance(read, Submission)
    return read


@pytest.mark.parametrize("sign", HIDDEN, ids=lambda sign: f"U+{ord(sign):04X}")
def test_a_message_with_a_hidden_sign_is_the_same_message(sign: str) -> None:
    hidden = posted(
        external_ref=f"R-{sign}1", applicant={"id": f"P-1{sign}", "name": f"张{sign}三"}, industry=f"F{sign}52",
        region=f"{sign}310000", channel=f"bra{sign}nch", features={"city": f"上{sign}海"},
    )  # fmt: skip
    assert hidden == posted()
    assert hidden.content_hash == posted().content_hash
    assert join_key(f"P-{sign}1") == join_key("P-1")


def test_a_message_of_before_keeps_its_hash() -> None:
    """It is by this hash that a case on record is known again."""
    assert posted().content_hash == "31cddbb0b4f49b67d6ec2e62cd8e6f3b5f38d4c6090c198393389efed298b0cf"


def test_a_reference_of_nothing_but_hidden_signs_is_none() -> None:
    good = posted()
    raw = {"source": "branch", "external_ref": "\u200e\u200b", "product": "consumer", "amount": 1, "currency": "CNY"}
    read = read_submission({**raw, "term_months": 1, "applied_at": good.applied_at, "applicant": {"id": "1"}}, now=NOW)
    assert isinstance(read, list)
    assert [(error.field, error.code) for error in read] == [("external_ref", "required")]


@pytest.mark.parametrize("sign", HIDDEN, ids=lambda sign: f"U+{ord(sign):04X}")
def test_a_row_with_hidden_signs_is_read_as_what_everybody_sees(sign: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    cells = {
        "id": f"R-{sign}21",
        "product": f"con{sign}sumer",
        "currency": f"C{sign}NY",
        "applied": f"{sign}2025-03-04",
    }
    rows = [row(number) for number in range(1, 21)]
    path.write_text(lines(*rows, row(21, **cells), row(22, amount=f"50{sign}22")), encoding="utf-8")
    table = open_table(path)
    *_good, hidden, number = read_rows(table, mapping_for(table, "branch", None)[1], now=NOW)
    path.write_text(lines(*rows, row(21)), encoding="utf-8")
    table = open_table(path)
    *_good, plain = read_rows(table, mapping_for(table, "branch", None)[1], now=NOW)
    assert hidden.errors == []
    assert hidden.submission == plain.submission
    assert hidden.submission is not None
    assert replace(hidden.submission, derived=()).external_ref == "R-21"
    assert [(error.field, error.code) for error in number.errors] == [("amount", "not_a_number")]


def test_what_is_seen_stays() -> None:
    for text in ("R-1", "张三", "阿依古丽·买买提", "", "a b", " a ", "Ⅳ"):
        assert visible(text) is text
    assert visible("\u200e a\u200b ") == "a"


@pytest.mark.parametrize(
    "header",
    ["App #", "Application #", "Loan #", "Contract#", "Loan No.#", "Ref #", "ID#", "合同#", "贷款编号＃",
     "合同号 / Contract #"],
)  # fmt: skip
def test_a_sign_behind_a_name_says_its_number(header: str) -> None:
    rows = [{"amount": "1000", header: f"7{at}", "Customer #": f"C{at}"} for at in (3, 9, 4)]
    mapping = infer_mapping(["amount", header, "Customer #"], rows, "branch")
    read = {name: given.column for name, given in mapping.fields.items() if given.column}
    assert read == {"amount": "amount", "external_ref": header, "applicant.id": "Customer #"}
    assert (mapping.features, mapping.drop) == ({}, {})


def test_a_sign_before_a_name_counts_and_alone_numbers_rows() -> None:
    rows = [{"amount": "1000", "#": str(at), "# of Loans": "2"} for at in (1, 2, 3)]
    mapping = infer_mapping(["amount", "#", "# of Loans"], rows, "branch")
    assert ([*mapping.features], mapping.drop) == (["of_loans"], {"#": "row_counter"})


@pytest.mark.django_db(transaction=True)
def test_a_corrected_row_under_the_same_number_is_the_same_case(make_file: MakeFile) -> None:
    head = "Loan #,Loan Amount,Loan Term,Application Date\n"
    assert counts(take_in(make_file("a.csv", f"{head}L-1,5000,12,2026-01-05\nL-2,6000,12,2026-01-05\n"))) == (2, 0, 0)
    assert counts(take_in(make_file("b.csv", f"{head}L-1,5500,12,2026-01-05\nL-2,6000,12,2026-01-05\n"))) == (0, 1, 1)
    held = Case.objects.order_by("external_ref").values_list("external_ref", "amount")
    assert [*held] == [("L-1", 5000), ("L-2", 6000)]
    assert [*RejectedRow.objects.values_list("errors__0__code", flat=True)] == ["reference_reused"]


@pytest.mark.django_db(transaction=True)
def test_loans_known_before_the_sign_was_read_stay_the_same_cases(make_file: MakeFile) -> None:
    """Then the number was a feature and the reference a hash of the row."""
    then = make_file(
        "then.yaml",
        "fields: {external_ref: {row_hash: values, prefix: R-}, product: {default: branch}, currency: {default: CNY},"
        " amount: {column: Loan Amount}, term_months: {column: Loan Term}, applied_at: {column: Application Date},"
        " applicant.id: {derive: applicant_reference}}\nfeatures: {loan: {column: 'Loan #', type: text}}\n",
    )
    head = "Loan #,Loan Amount,Loan Term,Application Date\n"
    rows = [f"L-{at},{5000 + at},12,2026-01-05\n" for at in range(4)]
    assert counts(take_in(make_file("a.csv", head + "".join(rows[:3])), then)) == (3, 0, 0)
    assert counts(take_in(make_file("b.csv", head + "".join(rows)))) == (1, 3, 0)
