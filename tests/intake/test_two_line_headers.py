"""Headers of two lines, as merged cells leave them: names of groups above, names of columns below."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest

from intake.choose import mapping_for
from intake.parse import open_table
from intake.rows import read_rows
from intake.table_headers import find_header
from intake.tables import BadRow, TableError
from tests.intake.places import NOW, MakeFile

DATA: Final[list[Any]] = ["HT-1", "C-1", 5021, 24, "2026-01-05"]
UPPER: Final = ["合同号", "客户编号", "贷款情况", None, "申请日期"]
LOWER: Final = [None, None, "贷款金额", "贷款期限", None]
NAMES: Final = ["合同号", "客户编号", "贷款金额", "贷款期限", "申请日期"]


def test_a_workbook_with_merged_header_cells_is_read_by_the_names_of_its_columns(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for cells in (["2026年1月贷款台账"], UPPER, LOWER, DATA):
        sheet.append(cells)
    for place in ("A1:E1", "A2:A3", "B2:B3", "C2:D2", "E2:E3"):
        sheet.merge_cells(place)
    book.save(tmp_path / "a.xlsx")
    table = open_table(tmp_path / "a.xlsx")
    assert (table.columns, table.notes, table.total_rows) == (NAMES, ["2026年1月贷款台账"], 1)
    (row,) = read_rows(table, mapping_for(table, "branch", None)[1], now=NOW)
    assert row.submission is not None
    assert (row.row_number, row.submission.external_ref, int(row.submission.amount)) == (4, "HT-1", 5021)
    assert row.submission.term_months == 24


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ("合同号,客户编号,贷款情况,,申请日期", ",,贷款金额,贷款期限,"),
        # Exported without merged cells: the names are repeated.
        ("合同号,客户编号,贷款情况,贷款情况,申请日期", "合同号,客户编号,贷款金额,贷款期限,申请日期"),
        ("合同号,客户编号,贷款情况,贷款情况,申请日期", ",,贷款金额,贷款期限,"),
        # Groups of one.
        ("合同,客户,贷款情况,,日期", "合同号,客户编号,贷款金额,贷款期限,申请日期"),
    ],
)
def test_a_text_with_a_header_of_two_lines_is_read_so_too(make_file: MakeFile, upper: str, lower: str) -> None:
    table = open_table(make_file("a.csv", f"{upper}\n{lower}\nHT-1,C-1,5021,24,2026-01-05\n"))
    assert table.columns == NAMES
    assert list(table.rows()) == [(3, dict(zip(NAMES, ["HT-1", "C-1", "5021", "24", "2026-01-05"], strict=True)))]


def test_names_that_several_groups_have_are_told_apart_by_the_group() -> None:
    header = find_header(
        [["no", "applicant", "", "guarantor", ""], ["", "name", "phone", "name", "income"], list("abcde")]
    )
    assert header is not None
    assert (header.last, header.cells) == (1, ["no", "applicant name", "phone", "guarantor name", "income"])


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ("loan,,,,customer,", "id,amount,,when,income,debt"),
        ("loan,loan,,loan,customer,customer", "id,amount,,when,income,debt"),
        ("id,amount,,when,customer,", ",,,,income,debt"),
        # Between two groups.
        ("loan,,,id,customer,", "a,b,,,income,debt"),
    ],
)
def test_an_empty_column_without_a_name_is_passed_over_within_and_between_groups(
    make_file: MakeFile, upper: str, lower: str
) -> None:
    table = open_table(make_file("a.csv", f"{upper}\n{lower}\n" + "1,2,,4,5,6\n" * 20 + "1,2,x,4,5,6\n"))
    *good, (number, bad) = table.rows()
    assert [[*row.values()] for _, row in good if isinstance(row, dict)] == [["1", "2", "4", "5", "6"]] * 20
    assert isinstance(bad, BadRow)
    assert (number, bad.code, bad.params) == (23, "cell_without_name", {"position": "3"})


@pytest.mark.parametrize(
    ("upper", "lower", "code"),
    [
        # A row of data, whatever it lacks.
        ("id,amount,amount,when", "A,b,c,d", "duplicate_header"),
        ("id,amount,,when", ",5000,x,", "empty_header"),
        ("id,amount,,when", "A-1,x,y,", "empty_header"),
        # A group that lacks a name.
        ("id,loan,,when", ",amount,,", "empty_header"),
        ("id,amount,,when", "x,amount,term,", "empty_header"),
    ],
)
def test_other_second_lines_are_no_part_of_the_header(make_file: MakeFile, upper: str, lower: str, code: str) -> None:
    with pytest.raises(TableError) as refusal:
        open_table(make_file("a.csv", f"{upper}\n{lower}\nA-1,5,6,2026-01-05\n"))
    assert refusal.value.code == code
