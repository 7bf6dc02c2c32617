"""Headers of two lines, as merged cells leave them: names of groups above, names of columns below."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest

from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.record.choose import mapping_for
from intake.tabular.group_names import name_in_group
from intake.tabular.table_headers import find_header
from intake.tabular.tables import BadRow, TableError
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


@pytest.mark.parametrize(
    ("group", "name", "told"),
    [
        ("金额（万元）", "贷款金额", "贷款金额(万元)"), ("利率（月‰）", "执行利率", "执行利率(月‰)"),
        ("期限（年）", "期限", "期限(年)"), ("金额（万元）", "贷款金额（元）", "贷款金额（元）"),
        # A unit is that of the columns that can have it.
        ("贷款（万元）", "利率", "利率"), ("贷款（万元）", "年龄", "年龄"),
        ("收支（千元）", "负债收入比", "负债收入比"),
        ("Loan (USD 000)", "Interest Rate", "Interest Rate"), ("Loan (USD 000)", "Loan Amount", "Loan Amount(USD 000)"),
        ("利率（月‰）", "年龄", "年龄"), ("期限", "月", "期限(月)"), ("利率（‰）", "月", "利率(月‰)"),
        ("人民币贷款", "贷款金额", "贷款金额"), ("外币", "币种", "外币 币种"), ("AED", "x", "x"),
        ("贷款情况（AED）", "贷款金额", "贷款金额(AED)"),
        ("贷款情况（SGD）", "贷款金额", "贷款金额(SGD)"), ("贷款情况（Rs）", "贷款金额", "贷款金额(Rs)"),
        ("指标（%）", "负债收入比", "负债收入比(%)"), ("财务（万元）", "应收账款", "应收账款(万元)"),
        ("财务（万元）", "净资产收益率", "净资产收益率"), ("工作（月）", "工龄", "工龄(月)"),
        # By its name alone it would be the loan's own, or the applicant's.
        ("他行贷款", "贷款金额", "他行贷款 贷款金额"), ("配偶信息", "身份证号", "配偶信息 身份证号"),
        ("Guarantor", "Name", "Guarantor Name"), ("月利率", "利率", "月利率 利率"),
        ("审批结果", "金额", "审批结果 金额"), ("USD", "Loan Amount", "USD Loan Amount"),
        # Groups that say nothing of the values.
        ("其他信息", "申请日期", "申请日期"), ("贷款情况", "贷款金额", "贷款金额"),
        ("担保信息", "担保方式", "担保方式"), ("Other details", "Loan Amount", "Loan Amount"),
        ("申请日期", "申请日期", "申请日期"),
    ],
)  # fmt: skip
def test_what_a_group_says_of_the_values_below_it_is_kept(group: str, name: str, told: str) -> None:
    assert name_in_group(group, name) == told


def test_a_unit_over_several_columns_is_that_of_each(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    upper = ["业务", None, "金额（万元）", None, "利率（月‰）"]
    for cells in (upper, ["合同号", "期限", "贷款金额", "年收入", "执行利率"], ["HT-1", 24, 12.5, 30, 4.35]):
        sheet.append(cells)
    for place in ("A1:B1", "C1:D1"):
        sheet.merge_cells(place)
    book.save(tmp_path / "a.xlsx")
    table = open_table(tmp_path / "a.xlsx")
    (row,) = read_rows(table, mapping_for(table, "branch", None)[1], now=NOW)
    assert row.submission is not None
    assert (int(row.submission.amount), row.submission.term_months) == (125_000, 24)
    assert row.submission.features == {"annual_income": 300_000, "month_interest_rate": 0.435}
