"""Cells that are merged down over rows: texts, days and terms are told to all of them, numbers refuse all of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows
from intake.record.choose import mapping_for
from tests.intake.places import NOW
from tests.intake.test_open_documents import text_cell, write_ods

HEADER = ["支行", "合同号", "金额", "年收入", "机构号", "期限", "申请日期"]
DAY = datetime(2026, 1, 5)  # noqa: DTZ001


def book(path: Path, rows: list[list[object]], *merged: str) -> Path:
    workbook = openpyxl.Workbook()
    sheet: Any = workbook.worksheets[0]
    for cells in rows:
        sheet.append(cells)
    for each in merged:
        sheet.merge_cells(each)
    workbook.save(path)
    return path


def read(path: Path) -> list[ReadRow]:
    table = open_table(path)
    return list(read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW))


def refused(rows: list[ReadRow]) -> list[tuple[int, str, str, str]]:
    return [(row.row_number, error.field, error.value, error.code) for row in rows for error in row.errors]


def test_what_is_merged_down_over_rows_is_meant_for_all_of_them_but_no_number(tmp_path: Path) -> None:
    first: list[object] = ["城东支行", "A0", 5000, 0, 1001, 24, DAY]
    rest: list[list[object]] = [[None, f"A{at}", 5000 + at, 60_000, None, None, None] for at in range(1, 4)]
    rows = read(book(tmp_path / "t.xlsx", [[*HEADER], first, *rest], "A2:A4", "D3:D4", "E2:E5", "F2:F5", "G2:G5"))
    assert [row.raw["支行"] for row in rows] == ["城东支行", "城东支行", "城东支行", ""]
    assert [row.raw["机构号"] for row in rows] == ["1001"] * 4
    cases = [row.submission and (row.submission.term_months, row.submission.applied_at.day) for row in rows]
    assert cases == [(24, 5), None, None, (24, 5)]
    # The first of them, too: it may hold the sum of both.
    assert refused(rows) == [(3, "年收入", "60000.0", "cell_merged"), (4, "年收入", "60000.0", "cell_merged")]


@pytest.mark.parametrize("column", ["月还款额", "房租", "Monthly payment", "exposure", "Loan", "年龄", "征信评分"])
@pytest.mark.parametrize("value", [5000, "5,000", "5000元", "0.5万", "USD 5000"])
def test_merged_numbers_refuse_all_rows_whatever_their_column_is_called(
    tmp_path: Path, column: str, value: object
) -> None:
    rows: list[list[object]] = [["合同号", "金额", column], ["A", 5000, value], ["B", 5001, None]]
    told = read(book(tmp_path / "t.xlsx", rows, "C2:C3"))
    shown = f"{value}.0" if value == 5000 else value
    assert refused(told) == [(number, column, shown, "cell_merged") for number in (2, 3)]


def test_merged_percentages_are_told_to_all_rows(tmp_path: Path) -> None:
    rows: list[list[object]] = [["合同号", "金额", "利率"], ["A", 5000, "4.35%"], ["B", 5001, None]]
    told = read(book(tmp_path / "t.xlsx", rows, "C2:C3"))
    assert [row.submission and row.submission.features for row in told] == [{"interest_rate": 4.35}] * 2


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Branch", 101), ("Branch Number", "101"), ("Dealer", 7), ("网点", 31), ("机构", 1001), ("批次", 3),
        ("经办机构", 1001), ("分支机构", 12), ("二级分行", 12), ("支行网点", 12), ("Contract No.", 77),
        ("区域", 110000), ("Interest Rate (%)", 7.25), ("年利率", 4.35), ("all_util", 35.2),
    ],
)  # fmt: skip
def test_merged_numbers_that_nobody_sums_are_told_to_all_rows(tmp_path: Path, column: str, value: object) -> None:
    rows: list[list[object]] = [["合同号", "金额", column], ["A", 5000, value], ["B", 5001, None], ["C", 5002, 5]]
    told = read(book(tmp_path / "t.xlsx", rows, "C2:C3"))
    assert [row.raw[column] for row in told[:2]] == [str(value)] * 2
    assert refused(told) == []


@pytest.mark.parametrize(
    "column",
    [
        "Branch balance",
        "支行余额",
        "支行贷款",
        "非银机构借款",
        "Store sales",
        "Batch total",
        "查询机构数",
        "查询机构",
        "贷款机构",
        "Prior loans No.",
        "保证金余额（10%）",
    ],
)
def test_merged_money_of_a_branch_refuses_its_rows(tmp_path: Path, column: str) -> None:
    rows: list[list[object]] = [["合同号", "金额", column], ["A", 5000, 900], ["B", 5001, None], ["C", 5002, 5]]
    told = refused(read(book(tmp_path / "t.xlsx", rows, "C2:C3")))
    assert [(number, field, code) for number, field, _shown, code in told] == [
        (2, column, "cell_merged"), (3, column, "cell_merged"),
    ]  # fmt: skip


def test_cells_of_the_height_of_two_lines_are_shared_by_nobody(tmp_path: Path) -> None:
    rows: list[list[object]] = [["合同号", "金额"], ["A", 5000], [None, None], ["B", 5001], [None, None]]
    told = read(book(tmp_path / "t.xlsx", rows, "A2:A3", "B2:B3", "A4:A5", "B4:B5"))
    assert [row.row_number for row in told] == [2, 4]
    assert [row.submission and row.submission.amount for row in told] == [5000, 5001]


def test_merged_cells_of_an_open_document_are_told_like_those_of_a_workbook(tmp_path: Path) -> None:
    def over_two(cell: str) -> str:
        return cell.replace("<table:table-cell", '<table:table-cell table:number-rows-spanned="2"', 1)

    covered = "<table:covered-table-cell/>"
    number = '<table:table-cell office:value-type="float" office:value="{0}"><text:p>{0}</text:p></table:table-cell>'
    rows = [
        [text_cell(name) for name in ("支行", "合同号", "金额", "年收入")],
        [over_two(text_cell("城东支行")), text_cell("A"), number.format(5000), number.format(60_000)],
        [covered, text_cell("B"), number.format(5001), number.format(61_000)],
        [text_cell("城西支行"), text_cell("C"), over_two(number.format(9000)), number.format(62_000)],
        [text_cell("城西支行"), text_cell("D"), covered, number.format(63_000)],
    ]
    told = read(write_ods(tmp_path / "t.ods", rows))
    assert [row.raw["支行"] for row in told] == ["城东支行", "城东支行", "城西支行", "城西支行"]
    assert [row.submission and row.submission.amount for row in told] == [5000, 5001, None, None]
    assert refused(told) == [(4, "金额", "9000.0", "cell_merged"), (5, "金额", "9000.0", "cell_merged")]
