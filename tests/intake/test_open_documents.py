"""Failed formulas of an .ods: refused by column and row, and never read as empty or nought."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.record.choose import mapping_for
from intake.tabular.open_document_marks import marks_of_open_document
from intake.tabular.tables import TableError
from tests.intake.dirt.kinds import COLUMNS, row

NOW: Final = datetime(2026, 1, 5, tzinfo=UTC)
NAMES: Final = "urn:oasis:names:tc:opendocument:xmlns"
HEAD: Final = (
    f'<office:document-content xmlns:office="{NAMES}:office:1.0" xmlns:table="{NAMES}:table:1.0"'
    f' xmlns:text="{NAMES}:text:1.0"'
    ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" office:version="1.3">'
    '<office:body><office:spreadsheet><table:table table:name="loans">'
)
TAIL: Final = "</table:table></office:spreadsheet></office:body></office:document-content>"
MANIFEST: Final = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry'
    ' manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
)


def text_cell(text: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def failed_cell(said: str, kind: str, mark: str = ' calcext:value-type="error"') -> str:
    return f'<table:table-cell table:formula="of:=1/0" {kind}{mark}><text:p>{said}</text:p></table:table-cell>'


def write_ods(path: Path, rows: list[list[str]]) -> Path:
    lines = "".join(f"<table:table-row>{''.join(cells)}</table:table-row>" for cells in rows)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", HEAD + lines + TAIL)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
    return path


def test_failed_formulas_refuse_their_rows_by_name_and_not_available_is_missing(tmp_path: Path) -> None:
    rows = [[text_cell(name) for name in COLUMNS]]
    rows += [[text_cell(cell) for cell in row(number).split(",")] for number in range(1, 21)]
    amount, income = COLUMNS.index("amount"), COLUMNS.index("annual_income")
    empty, nought = 'office:value-type="string" office:string-value=""', 'office:value-type="float" office:value="0"'
    rows[3][amount] = failed_cell("#DIV/0!", nought)
    rows[4][income] = failed_cell("#REF!", empty)
    rows[5][income] = failed_cell("Err:502", 'office:value-type="string"', "")
    rows[6][income] = failed_cell("#N/A", nought)
    rows[7][income] = text_cell("")
    table = open_table(write_ods(tmp_path / "a.ods", rows))
    read = list(read_rows(table, mapping_for(table, "branch", None)[1], now=NOW))
    told = {each.row_number: [(error.field, error.code, error.value) for error in each.errors] for each in read}
    assert {number: errors for number, errors in told.items() if errors} == {
        4: [("amount", "formula_failed", "#DIV/0!")],
        5: [("annual_income", "formula_failed", "#REF!")],
        6: [("annual_income", "formula_failed", "Err:502")],
    }
    known = {each.row_number: each.submission.features for each in read if each.submission}
    assert [known[number]["annual_income"] for number in (3, 7, 8, 9)] == [60002, None, None, 60008]


def test_repeated_rows_and_columns_keep_the_places_of_what_failed(tmp_path: Path) -> None:
    twice = '<table:table-cell table:number-columns-repeated="2" office:value-type="string"><text:p>x</text:p>'
    rows = [[text_cell(name) for name in "abc"], [twice + "</table:table-cell>", failed_cell("#NAME?", "")]]
    path = write_ods(tmp_path / "a.ods", rows)
    ((_number, read),) = list(open_table(path).rows())
    assert isinstance(read, dict)
    assert {name: str(cell) for name, cell in read.items()} == {"a": "x", "b": "x", "c": "#NAME?"}


def test_shares_shown_in_percent_are_percent_in_repeated_cells_and_rows_too(tmp_path: Path) -> None:
    header = ["合同号", "贷款金额", "年利率(%)", "额度使用率", "负债收入比"]
    share = (
        '<table:table-cell office:value-type="percentage" office:value="0.0435"{}><text:p>x</text:p></table:table-cell>'
    )
    number = '<table:table-cell office:value-type="float" office:value="{0}"><text:p>{0}</text:p></table:table-cell>'
    rows = [
        [text_cell(name) for name in header],
        [text_cell("A"), number.format(5021), share.format(' table:number-columns-repeated="2"'), number.format(35)],
    ]
    path = write_ods(tmp_path / "t.ods", rows)
    table = open_table(path)
    (read,) = read_rows(table, mapping_for(table, "branch", None)[1], now=NOW)
    assert read.submission is not None
    assert list(read.submission.features.values()) == [4.35, 4.35, 35]


def test_shares_that_are_repeated_without_end_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    share = (
        '<table:table-cell office:value-type="percentage" office:value="0.1" table:number-columns-repeated="16000"/>'
    )
    content = HEAD + f'<table:table-row table:number-rows-repeated="1000000">{share}</table:table-row>' + TAIL
    path = tmp_path / "t.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", content)
    with zipfile.ZipFile(path) as archive, pytest.raises(TableError) as refusal:
        marks_of_open_document(archive, "loans")
    assert refusal.value.code == "table_bomb"
