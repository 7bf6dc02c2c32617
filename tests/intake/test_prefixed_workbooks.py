"""Workbooks whose XML is written otherwise: names with a prefix, single quotes and attributes in another order."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows
from intake.record.choose import mapping_for
from intake.tabular.workbook_marks import marks_of
from intake.values.cell_dates import MONTH
from tests.intake.places import NOW

HEADER = ["合同号", "贷款金额", "年收入", "额度使用率", "放款月份", "负债收入比(%)", "备注数"]
FORMS = ["@", '0.00"万元"', "[$€-2] #,##0.00", "0.00%", "mmm-yy", '0.00"%"', "General"]


def plain(text: bytes) -> bytes:
    return text


def prefixed(text: bytes) -> bytes:
    """As the Open XML SDK and others write: every name of the main namespace with a prefix."""
    return re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", text).replace(b"xmlns=", b"xmlns:x=")


def style_first(text: bytes) -> bytes:
    return re.sub(rb'<c (r="[^"]*") (s="[^"]*")', rb"<c \2 \1", text)


def single_quoted(text: bytes) -> bytes:
    return re.sub(rb"(<c [^>]*>|<c [^>]*/>)", lambda found: found[0].replace(b'"', b"'"), text)


def all_of_it(text: bytes) -> bytes:
    return prefixed(single_quoted(style_first(text)))


SPELLINGS = [plain, prefixed, style_first, single_quoted, all_of_it]


def write(path: Path, spelling: Callable[[bytes], bytes]) -> Path:
    """Four rows of marked cells; the income of the second failed, that of the third was never computed."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEADER)
    for at in range(4):
        sheet.append([f"HT-{at}", 10.5 + at, 60000, 0.51, date(2026, 1, 1), 35.5, at])
        for column, form in enumerate(FORMS, 1):
            sheet.cell(at + 2, column).number_format = form
    sheet["G3"], sheet["G4"] = "#DIV/0!", "=B4*2"
    book.save(path)
    return respell(path, spelling)


def respell(path: Path, spelling: Callable[[bytes], bytes]) -> Path:
    """The workbook with its sheets and styles spelt so."""
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    with zipfile.ZipFile(path, "w") as changed:
        for name, content in parts.items():
            is_spelt = name.startswith(("xl/worksheets/", "xl/styles"))
            changed.writestr(name, spelling(content) if is_spelt else content)
    return path


def read(path: Path) -> list[ReadRow]:
    table = open_table(path)
    return list(read_rows(table, mapping_for(table, "branch", None)[1], now=NOW))


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_marks_are_told_however_their_xml_is_written(tmp_path: Path, spelling: Callable[[bytes], bytes]) -> None:
    marks = marks_of(write(tmp_path / "t.xlsx", spelling), "Sheet", range(0))
    rows = {2, 3, 4, 5}
    assert marks.signs == {1: dict.fromkeys(rows, "万元"), 2: dict.fromkeys(rows, "€")}
    assert (marks.percents, marks.written) == ({3: rows}, {5: rows})
    assert marks.spans == {4: dict.fromkeys(rows, MONTH)}
    assert (marks.failed, marks.uncomputed) == ({(2, 6): "#DIV/0!"}, {(3, 6): "=B4*2"})


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_rows_are_the_same_however_their_xml_is_written(tmp_path: Path, spelling: Callable[[bytes], bytes]) -> None:
    rows = read(write(tmp_path / "t.xlsx", spelling))
    assert [[(each.field, each.value, each.code) for each in row.errors] for row in rows] == [
        [("年收入", "€60000", "other_currency")],
        [("备注数", "#DIV/0!", "formula_failed")],
        [("备注数", "=B4*2", "formula_uncomputed")],
        [("年收入", "€60000", "other_currency")],
    ]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_amount_in_ten_thousands_and_a_share_are_read(tmp_path: Path, spelling: Callable[[bytes], bytes]) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["合同号", "贷款金额", "额度使用率"])
    book.worksheets[0].append(["HT-1", 10.5, 0.51])
    book.worksheets[0]["B2"].number_format, book.worksheets[0]["C2"].number_format = '0.00"万元"', "0.00%"
    path = tmp_path / "t.xlsx"
    book.save(path)
    (row,) = read(respell(path, spelling))
    assert row.submission is not None
    assert (row.submission.amount, row.submission.currency) == (Decimal(105_000), "CNY")
    assert row.submission.features == {"credit_utilisation": 51}
