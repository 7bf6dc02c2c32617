"""Real dates beside texts that prove the order of day and month: a spreadsheet program may have swapped the former."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from intake.mapped.case_mapping import CHINA
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.mapping import MappingError
from intake.record.choose import mapping_for
from tests.intake.places import NOW

SENTENCE = (
    "The column “申请日期” holds texts such as “{text}” beside dates all of whose days are 12 or less, such as"
    " 2026-05-01: a spreadsheet program makes such dates when it takes the day for the month. Send the column"
    " as text, or with its dates right."
)


def days_of(folder: Path, *cells: object) -> list[str]:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["贷款编号", "贷款金额", "期限", "申请日期"])
    for number, cell in enumerate(cells):
        sheet.append([f"L-{number}", 5000, 12, cell])
    book.save(folder / "a.xlsx")
    table = open_table(folder / "a.xlsx")
    _name, mapping = mapping_for(table, "branch", None)
    rows = read_rows(table, mapping, now=NOW)
    return [
        f"{row.submission.applied_at.astimezone(CHINA):%m-%d}" if row.submission else row.errors[0].code for row in rows
    ]


@pytest.mark.parametrize("text", ["13/01/2026", "13-01-2026", "01/13/2026", "13/01/26", "13/01/2026 09:30"])
def test_dates_whose_days_may_be_months_refuse_their_table(tmp_path: Path, text: str) -> None:
    with pytest.raises(MappingError) as refused:
        days_of(tmp_path, date(2026, 5, 1), text, date(2026, 12, 2), text)
    assert (refused.value.code, str(refused.value)) == ("days_swapped", SENTENCE.format(text=text))


def test_one_day_above_twelve_shows_that_no_program_swapped_them(tmp_path: Path) -> None:
    days = days_of(tmp_path, date(2026, 5, 2), "13/01/2026", date(2026, 5, 13), "14/01/2026")
    assert days == ["05-02", "01-13", "05-13", "01-14"]


@pytest.mark.parametrize("text", ["2026-01-13", "2026/1/13", "13.01.2026", "13-Jan-2026"])
def test_texts_that_no_program_reads_in_two_orders_tell_nothing(tmp_path: Path, text: str) -> None:
    assert days_of(tmp_path, date(2026, 5, 2), text) == ["05-02", "01-13"]


def test_texts_that_may_be_of_either_order_are_refused_by_row(tmp_path: Path) -> None:
    assert days_of(tmp_path, date(2026, 5, 2), "03/01/2026", date(2026, 5, 2)) == ["05-02", "ambiguous_date", "05-02"]
