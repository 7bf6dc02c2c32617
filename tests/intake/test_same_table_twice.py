"""The same table as a text file of two encodings, as .xlsx and as .ods, in turn: no row is new, and none is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

import openpyxl
import pytest

from cases.models import Case, User
from intake.actions import ImportReport
from intake.models import MappingVersion, ReadingLook
from intake.signing.first_look import confirm_reading
from tests.intake.test_open_documents import text_cell
from tests.intake.test_open_number_styles import number, style, write
from tests.intake.test_written_days import counts, take

Cell = str | int | float | datetime
KINDS: Final = ("utf8.csv", "gb18030.csv", "xlsx", "ods")
ORDERS: Final = (
    ("utf8.csv", "xlsx"), ("xlsx", "gb18030.csv"), ("gb18030.csv", "ods"), ("ods", "utf8.csv"), ("xlsx", "ods"),
    ("ods", "xlsx"),
)  # fmt: skip
ROWS: Final = range(1, 25)


class Column(NamedTuple):
    """A cell of a text file and one of a workbook, by the number of their row, and the number format of the latter."""

    text: Callable[[int], str]
    cell: Callable[[int], Cell]
    form: str = ""


def words(of: Callable[[int], str]) -> Column:
    return Column(of, of)


def numbers(of: Callable[[int], int | float]) -> Column:
    return Column(lambda at: str(of(at)), of)


def code(digits: int, of: Callable[[int], int]) -> Column:
    return Column(lambda at: f"{of(at):0{digits}d}", of, "0" * digits)


def days(of: str, year: int, month: int, *, but: str = "", every: int = 1) -> Column:
    """Days of a month, of which all but each so many are a word."""

    def day(at: int) -> datetime | None:
        return None if at % every else datetime(year, month, at)  # noqa: DTZ001

    def text(at: int) -> str:
        found = day(at)
        return but if found is None else of.format(found)

    return Column(text, lambda at: day(at) or but, "yyyy-mm-dd")


ISO: Final = "{0:%Y-%m-%d}"
SLASHES: Final = "{0.year}/{0.month}/{0.day}"
CHINESE: Final = "{0.year}年{0.month}月{0.day}日"
TABLES: Final[Mapping[str, Mapping[str, Column]]] = {
    "leasing": {
        "合同编号": words("ZL{:04d}".format),
        "承租人编号": code(6, lambda at: at + 10),
        "融资金额(万元)": numbers(lambda at: at * 1.5),
        "租赁期限(月)": numbers(lambda _at: 36),
        "申请日期": days(SLASHES, 2026, 1),
        "设备交付日期": days(CHINESE, 2026, 2),
        "机构代码": code(4, lambda at: at % 4 + 101),
        "证件到期日": days(SLASHES, 2030, 1, but="长期", every=4),
    },
    "SME": {
        "贷款合同号": words("HT{:04d}".format),
        "企业编号": words("QY{:04d}".format),
        "授信金额（万元）": numbers(lambda at: at * 10),
        "期限（月）": numbers(lambda _at: 24),
        "申请日期": days("{0:%Y/%m/%d}", 2026, 1),
        "成立日期": days("{0.year}.{0.month}.{0.day}", 2010, 5),
        "营业期限至": days(ISO, 2030, 1, but="无固定期限", every=3),
        "最近年检日期": days(SLASHES, 2024, 1, but="未年检", every=5),
        "评分": code(3, lambda at: at + 90),
    },
    "consumer": {
        "Loan No": code(8, lambda at: at + 500),
        "Customer ID": words("C-{:04d}".format),
        "Loan Amount": numbers(lambda at: 9_000 + at),
        "Term (months)": numbers(lambda _at: 24),
        "Application Date": days(ISO, 2026, 1),
        "Account opened": days("{0:%d-%b-%Y}", 2020, 3),
        "Zip code": code(5, lambda at: at * 401),
        "ID valid until": days("{0.month}/{0.day}/{0.year}", 2030, 1, but="permanent", every=3),
    },
    "without numbers": {
        "Loan Amount": numbers(lambda at: 7_000 + at * 13),
        "Term (months)": numbers(lambda _at: 12),
        "Application Date": days(ISO, 2026, 1),
        "Branch": code(3, lambda at: at % 5 + 1),
        "Review Date": days("{0.year}{0:%m%d}", 2030, 1, but="never", every=3),
    },
}
HELD: Final[Mapping[str, Mapping[str, object]]] = {
    "leasing": {"col_041b71cd": "0104", "col_3307bd1f": "2026-02-03", "col_eaee12a2": "长期"},
    "SME": {"founded": "2010-05-03", "col_fa7fa688": "2030-01-03", "col_c11108a9": "未年检", "score": 93},
    "consumer": {"account_opened": "2020-03-03", "zip_code": "01203", "id_valid_until": "2030-01-03"},
    "without numbers": {"branch": "004", "review_date": "2030-01-03"},
}


def make(path: Path, kind: str, table: Mapping[str, Column], rows: Iterable[int] = ROWS) -> Path:
    """The table as a file of this kind."""
    if kind == "xlsx":
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        sheet.append(list(table))
        for line, at in enumerate(rows, 2):
            for place, column in enumerate(table.values(), 1):
                made = sheet.cell(line, place, column.cell(at))
                if column.form and not isinstance(made.value, str):
                    made.number_format = column.form
        book.save(path / "loans.xlsx")
        return path / "loans.xlsx"
    if kind == "ods":
        zeros = '<number:number number:decimal-places="0" number:min-integer-digits="{}"/>'
        styles = "".join(style(f"zeros{digits}", zeros.format(digits)) for digits in range(2, 9))
        lines = [[open_cell(column, at) for column in table.values()] for at in rows]
        return write(path / "loans.ods", styles, [[text_cell(name) for name in table], *lines])
    lines = [[column.text(at) for column in table.values()] for at in rows]
    made_file = path / f"loans.{kind}"
    text = "".join(",".join(line) + "\n" for line in [list(table), *lines])
    made_file.write_text(text, encoding=kind.removesuffix(".csv"))
    return made_file


def open_cell(column: Column, at: int) -> str:
    cell = column.cell(at)
    if isinstance(cell, str):
        return text_cell(cell)
    if isinstance(cell, datetime):
        return (
            f'<table:table-cell office:value-type="date" office:date-value="{cell:%Y-%m-%d}"><text:p>x</text:p>'
            "</table:table-cell>"
        )
    return number(cell, f"zeros{len(column.form)}" if column.form else "")


def on_record() -> dict[str, tuple[str, object]]:
    return {case.external_ref: (case.content_hash, case.features) for case in Case.objects.all()}


@pytest.mark.django_db
@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize(("first", "then"), ORDERS)
def test_all_rows_are_known(tmp_path: Path, supervisor: User, name: str, first: str, then: str) -> None:
    assert counts(take(make(tmp_path, first, TABLES[name]))) == (24, 0, 0)
    confirm_reading("branch", 1, by=supervisor, known_before=True)
    before = on_record()
    assert Case.objects.order_by("pk")[2].features == HELD[name]
    assert counts(take(make(tmp_path, then, TABLES[name]))) == (0, 24, 0)
    assert on_record() == before


def come(path: Path, kind: str, rows: Iterable[int]) -> ImportReport:
    return take(make(path, kind, TABLES["leasing"], rows))


@pytest.mark.django_db
@pytest.mark.parametrize(("first", "then"), ORDERS)
def test_new_loans_need_no_look_and_hold_their_codes_and_days_alike(
    tmp_path: Path, supervisor: User, first: str, then: str
) -> None:
    come(tmp_path, first, range(1, 13))
    confirm_reading("branch", 1, by=supervisor, known_before=True)
    report = come(tmp_path, then, range(13, 25))
    assert (counts(report), report.held) == ((12, 0, 0), 0)
    assert Case.objects.get(external_ref="ZL0016").features == {
        "col_041b71cd": "0101", "col_3307bd1f": "2026-02-16", "col_eaee12a2": "2030-01-16",
    }  # fmt: skip
    assert not ReadingLook.objects.filter(looked_at=None).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("then", KINDS)
def test_a_source_whose_cases_hold_codes_as_numbers_goes_on_so(
    tmp_path: Path, supervisor: User, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    """As before the zeros that a workbook shows were read in features."""
    with monkeypatch.context() as before:
        before.setattr("intake.recognition.feature_columns.PaddedNumber", bytes)
        assert counts(come(tmp_path, "xlsx", range(1, 13))) == (12, 0, 0)
    confirm_reading("branch", 1, by=supervisor, known_before=True)
    assert Case.objects.get(external_ref="ZL0003").features["col_041b71cd"] == 104
    report = come(tmp_path, then, range(1, 25))
    assert (counts(report), report.held) == ((12, 12, 0), 0)
    assert Case.objects.get(external_ref="ZL0016").features["col_041b71cd"] == 101
    assert MappingVersion.objects.count() == 1
