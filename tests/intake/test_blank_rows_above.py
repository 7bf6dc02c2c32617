"""Blank rows above the table of a workbook: what is said of a cell by its row stays with its row."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows
from intake.record.choose import mapping_for
from tests.intake.dirt.kinds import COLUMNS, row
from tests.intake.test_open_documents import failed_cell, text_cell, write_ods

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BLANKS = pytest.mark.parametrize("blanks", [0, 1, 2, 30])


def book(path: Path, blanks: int, *, title: str = "") -> Path:
    """Six loans below blank rows: in foreign money, in percent, shared with the one above, not computed, not read."""
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    header = ["Loan No", "Customer No", "Loan Amount", "Term (months)", "Application Date", "LTV", "Credit Score"]
    if title:
        sheet.cell(blanks, 1, title)
    for at, name in enumerate(header, 1):
        sheet.cell(blanks + 1, at, name)
    for number in range(1, 7):
        day = datetime(2026, 1, number)  # noqa: DTZ001
        loan: list[str | float | datetime] = [f"L{number}", f"C{number}", 1_000 * number, 12, day, 0.5, 600 + number]
        for at, cell in enumerate(loan, 1):
            sheet.cell(blanks + 1 + number, at, cell)
        sheet.cell(blanks + 1 + number, 6).number_format = "0%"
    sheet.cell(blanks + 3, 3).number_format = "[$€-2] #,##0.00"
    sheet.merge_cells(start_row=blanks + 4, end_row=blanks + 5, start_column=2, end_column=2)
    sheet.cell(blanks + 6, 7, "=600+5")
    sheet.cell(blanks + 7, 3, "abc")
    made.save(path)
    return path


def read(path: Path) -> list[ReadRow]:
    table = open_table(path)
    return list(read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW))


def told(row: ReadRow) -> tuple[object, ...]:
    if row.submission is None:
        return (row.row_number, *((error.field, error.value, error.code) for error in row.errors))
    case = row.submission
    return (row.row_number, case.external_ref, case.applicant.external_id, float(case.amount), case.features["ltv"])


@BLANKS
def test_what_cells_show_stays_with_their_rows(tmp_path: Path, blanks: int) -> None:
    first = blanks + 2
    assert [told(row) for row in read(book(tmp_path / "t.xlsx", blanks))] == [
        (first, "L1", "C1", 1_000, 50),
        (first + 1, ("Loan Amount", "€2000", "other_currency")),
        (first + 2, "L3", "C3", 3_000, 50),
        (first + 3, "L4", "C3", 4_000, 50),
        (first + 4, ("Credit Score", "=600+5", "formula_uncomputed")),
        (first + 5, ("Loan Amount", "abc", "not_a_number")),
    ]


def test_a_title_between_them_changes_nothing(tmp_path: Path) -> None:
    plain = [told(row) for row in read(book(tmp_path / "a.xlsx", 3))]
    assert [told(row) for row in read(book(tmp_path / "b.xlsx", 3, title="Loans of January"))] == plain


@BLANKS
def test_failed_formulas_of_an_open_document_are_told_by_their_rows(tmp_path: Path, blanks: int) -> None:
    rows = [[text_cell(name) for name in COLUMNS]]
    rows += [[text_cell(cell) for cell in row(number).split(",")] for number in range(1, 4)]
    rows[2][COLUMNS.index("amount")] = failed_cell("#DIV/0!", 'office:value-type="float" office:value="0"')
    empty: list[list[str]] = [["<table:table-cell/>"]] * blanks
    found = read(write_ods(tmp_path / "t.ods", empty + rows))
    refused = [(each.row_number, error.field, error.code) for each in found for error in each.errors]
    assert refused == [(blanks + 3, "amount", "formula_failed")]
    assert [each.row_number for each in found] == [blanks + 2, blanks + 3, blanks + 4]
