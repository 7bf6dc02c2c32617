"""Whole numbers that a workbook shows with zeros before them keep these where they are read as texts alone."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

import openpyxl
import pytest

from cases.models import Case
from intake.mapped.case_mapping import CHINA, CaseMapping
from intake.mapped.given import Given, read_cell
from intake.mapped.plain_cells import plain_text
from intake.reading.mapping_sample import sample_of, table_of
from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows
from intake.recognition.feature_columns import infer_type, with_features
from intake.recognition.mapping import read_mapping
from intake.record.choose import mapping_for
from intake.record.standards_before import with_codes_as_before
from intake.shown.padded_numbers import PaddedNumber, digits_of_form, padded, without_zeros
from tests.intake.places import NOW, MakeFile
from tests.intake.test_joins import BUREAU, LOANS, scores, take
from tests.intake.test_on_record import counts, on_record, take_in

HEADER: Final = ["Loan No", "Customer No", "Loan Amount", "Term (months)", "Credit Score"]
# Number, customer, amount, term and score of a loan.
LOANS_HERE: Final = [(7702, 1, 6000, 6, 75), (7703, 23, 7000, 12, 601)]
ZEROS: Final = ("00000", "000000", "00000000", "00", "000")


def write(path: Path, loans: Sequence[tuple[int, ...]] = LOANS_HERE, forms: Sequence[str] = ZEROS) -> Path:
    book = openpyxl.Workbook()
    book.worksheets[0].append([*HEADER, "Application Date"])
    for row, loan in enumerate(loans, 2):
        book.worksheets[0].append([*loan, "2026-01-05"])
        for column, form in enumerate(forms, 1):
            book.worksheets[0].cell(row, column).number_format = form
    book.save(path)
    return path


def read(path: Path) -> list[ReadRow]:
    table = open_table(path)
    return list(read_rows(table, mapping_for(table, "branch", None)[1], now=NOW))


def test_references_and_customers_are_read_as_they_are_shown_and_numbers_as_they_are(tmp_path: Path) -> None:
    cases = [row.submission for row in read(write(tmp_path / "t.xlsx")) if row.submission]
    assert [(case.external_ref, case.applicant.external_id, case.amount, case.term_months) for case in cases] == [
        ("07702", "000001", Decimal(6000), 6),
        ("07703", "000023", Decimal(7000), 12),
    ]
    assert [case.features for case in cases] == [{"credit_score": 75}, {"credit_score": 601}]
    # A draft keeps what its sample showed.
    sample = table_of(sample_of(open_table(tmp_path / "t.xlsx"), "t.xlsx"))
    again = read_rows(sample, mapping_for(sample, "branch", None)[1], now=NOW)
    assert [row.submission and row.submission.content_hash for row in again] == [case.content_hash for case in cases]


def test_a_text_file_and_a_workbook_tell_the_same_cases(tmp_path: Path, make_file: MakeFile) -> None:
    text = ",".join([*HEADER, "Application Date"]) + "\n07702,000001,6000,6,75,2026-01-05\n07703,000023,7000,12,601,"
    told = [
        [(case.external_ref, case.content_hash) for row in read(path) if (case := row.submission)]
        for path in (make_file("t.csv", text + "2026-01-05\n"), write(tmp_path / "t.xlsx"))
    ]
    assert told[0] == told[1]
    assert len(told[0]) == 2


def test_codes_are_texts_as_they_are_shown_and_what_is_counted_is_a_number() -> None:
    cells = {
        "branch code": padded(101.0, 4),
        "Score": padded(75.0, 3),
        "days": padded(7.0, 2),
        "逾期次数": padded(0.0, 2),
    }
    table = with_features(read_mapping({"rest_as_features": True}, source="branch"), list(cells), [cells])
    assert {given.column: given.type for given in table.features.values()} == {
        "branch code": "text", "Score": "number", "days": "number", "逾期次数": "number",
    }  # fmt: skip
    shown = {name: [cell.shown] for name, cell in cells.items() if isinstance(cell, PaddedNumber)}
    assert [infer_type(name, texts).type for name, texts in shown.items()] == ["text", "number", "number", "number"]
    assert infer_type("机构代码", ["0101", "1102"]).type == "text"
    assert infer_type("行业细分", ["0101", "1102"]).type == "text"


def test_codes_are_the_numbers_that_their_column_held_but_where_zeros_tell_them_apart() -> None:
    def mapping(kind: str) -> CaseMapping:
        code = {"column": "code", "type": kind}
        return read_mapping({"fields": {"amount": {"column": "a"}}, "features": {"code": code}}, source="branch")

    def kind(*codes: object) -> str:
        sample = [{"code": code} for code in codes]
        return with_codes_as_before(mapping("text"), [mapping("number")], sample).features["code"].type

    assert kind("0101", "1102", "") == kind(padded(101.0, 4), 1102.0) == "number"
    assert kind("01", "1") == kind("0101", "A1") == kind("0" * 16) == kind("") == "text"
    assert with_codes_as_before(mapping("text"), [], [{"code": "0101"}]).features["code"].type == "text"


def test_only_a_format_of_zeros_fills_a_number_up() -> None:
    forms = {
        "00000": 5, "00": 2, "0000000000": 10, "[$-804]000000": 6, "[Red]0000": 4, "000;-000": 3, "##0000": 4,
        "000_ ": 3, "0": 0, "0.00": 0, "#,##0": 0, "General": 0, "@": 0, "": 0, '000"万元"': 0, "[<100]000;0": 0,
        "[DBNum1]000": 0, "000.0": 0, "000%": 0, "000-0000": 0, "00/00": 0, "0,000": 0,
    }  # fmt: skip
    assert {form: digits_of_form(form) for form in forms} == forms


def test_only_whole_numbers_of_fewer_digits_are_filled_up() -> None:
    numbers = [7702.0, 0.0, 77020.0, 123456.0, -5.0, 12.5, 7702]
    found = [each.shown if isinstance(each, PaddedNumber) else each for each in (padded(n, 5) for n in numbers)]
    assert found == ["07702", "00000", 77020.0, 123456.0, -5.0, 12.5, "07702"]
    assert isinstance(padded(123_456_789_012_345.0, 18), PaddedNumber)
    assert padded(1e15, 18) == 1e15
    assert not isinstance(padded(1e15, 18), PaddedNumber)
    copied = pickle.loads(pickle.dumps(padded(7702.0, 5)))  # noqa: S301 - its own
    assert (type(copied), copied.shown, copied) == (PaddedNumber, "07702", 7702.0)


def test_a_row_is_told_by_its_values_with_the_zeros_or_without() -> None:
    cell = padded(7702.0, 5)
    assert plain_text(cell, "7702", None, CHINA) == plain_text("07702", "07702", None, CHINA) == "7702"
    assert without_zeros({"a": cell, "b": "x"}) == {"a": 7702.0, "b": "x"}
    assert without_zeros({"a": 7702.0, "b": "x"}) is None


def test_a_code_is_listed_as_it_is_shown_or_as_its_number() -> None:
    cell = padded(7.0, 3)
    ways: tuple[dict[str, object], ...] = (
        {"007": "as shown", "7": "as number"},
        {"7": "as number"},
        {"8": "another"},
        {},
    )
    found = [read_cell(Given("column", column="code", values=each), cell, "text", CHINA) for each in ways]
    assert found == ["as shown", "as number", "007", "007"]
    left = Given("column", column="code", missing=frozenset({"7"}))
    assert read_cell(left, cell, "text", CHINA) is None
    bare = Given("column", column="code")
    assert [read_cell(bare, cell, kind, CHINA) for kind in ("integer", "number", "money")] == [7, 7, Decimal(7)]


@pytest.mark.django_db(transaction=True)
def test_a_workbook_that_came_without_its_zeros_is_known_and_one_with_other_content_is_asked_about(
    tmp_path: Path,
) -> None:
    plain = write(tmp_path / "a.xlsx", forms=())
    assert counts(take_in(plain)) == (2, 0, 0)
    before = on_record()
    assert [case["external_ref"] for case in before] == ["7702", "7703"]
    assert counts(take_in(write(tmp_path / "b.xlsx"))) == (0, 2, 0)
    assert on_record() == before
    # The second is corrected, the third new.
    more = [LOANS_HERE[0], (7703, 23, 9000, 12, 601), (7704, 24, 5000, 12, 600)]
    assert counts(take_in(write(tmp_path / "c.xlsx", more))) == (2, 1, 0)
    assert on_record()[:2] == before
    new = list(Case.objects.order_by("pk").values_list("external_ref", "state", "applicant__external_id"))[2:]
    assert new == [("07703", "needs_data", "000023"), ("07704", "received", "000024")]
    (finding,) = Case.objects.get(external_ref="07703").findings
    assert (finding["code"], finding["params"]["value"]) == ("may_be_on_record", "7703")
    assert counts(take_in(write(tmp_path / "d.xlsx", more[1:]))) == (0, 2, 0)


@pytest.mark.django_db
def test_rows_are_found_under_the_number_with_its_zeros_or_without(tmp_path: Path, make_file: MakeFile) -> None:
    take(make_file, "credit-bureau", BUREAU, "身份证号,查询时间,评分\n7,2026-01-01,610\n008,2026-01-01,620\n")
    loans = write_joined(tmp_path / "loans.xlsx", [7, 8, 9])
    take_in(loans, make_file("loans.yaml", LOANS))
    assert scores() == {"a-7": 610, "a-8": 620, "a-9": None}


def write_joined(path: Path, people: list[int]) -> Path:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["id", "amount", "applied", "person"])
    for row, person in enumerate(people, 2):
        book.worksheets[0].append([f"a-{person}", 1000, "2026-01-10", person])
        book.worksheets[0].cell(row, 4).number_format = "000"
    book.save(path)
    return path


def test_an_old_workbook_shows_its_zeros_too(tmp_path: Path) -> None:
    """The last amount of this workbook has a format of its own, which is made one of zeros."""
    content = (Path(__file__).parent / "dirt" / "whole_numbers.xls").read_bytes()
    form = "[$€-407]#,##0"
    path = tmp_path / "t.xls"
    path.write_bytes(content.replace(form.encode("utf-16-le"), ("0" * len(form)).encode("utf-16-le")))
    amounts = [row["贷款金额"] for _number, row in open_table(path).rows() if isinstance(row, dict)]
    assert amounts == [5000, 6000, 7000, 8000, 9000]
    assert [each.shown for each in amounts if isinstance(each, PaddedNumber)] == ["0000000009000"]
