"""Days that a workbook shows as their month or year alone: kept rows are known from the end of it."""

from __future__ import annotations

import pickle
import re
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import openpyxl
import pytest

from intake.admission.files import take_in_file
from intake.mapped.case_mapping import CHINA
from intake.mapped.joined import known_from
from intake.mapped.plain_cells import plain_text
from intake.models import ReferenceRow
from intake.reading.mapping_sample import sample_of, table_of
from intake.reading.parse import open_table
from intake.tabular import sheet_marks
from intake.tabular.tables import TableError
from intake.values.cell_dates import MONTH, YEAR, read_moment, span_of_text
from intake.values.cells import cell_text
from intake.values.shown_months import OfMonth, OfYear, as_shown, span_of_cell, span_of_form
from tests.intake.places import MakeFile
from tests.intake.silent import silent
from tests.intake.test_joins import BUREAU, LOANS, scores, take
from tests.intake.test_open_documents import MANIFEST, NAMES, TAIL, text_cell

NEW_YEAR: Final = datetime(2025, 1, 1)  # noqa: DTZ001 - as a workbook holds it
MIDDLE: Final = NEW_YEAR + timedelta(days=14)
COLUMNS: Final = ("身份证号", "查询时间", "评分")
CASES: Final = """id,amount,applied,person
new-year,1000,2025-01-01 23:59:59,P
tenth,1000,2025-01-10,P
end,1000,2025-01-31 23:59:59,P
second,1000,2025-02-02,P
end-of-year,1000,2025-12-31 23:59:59,P
year-later,1000,2026-01-01,P
"""
MONTHS: Final = (
    "mmm-yy", 'yyyy"年"m"月"', "yyyy-mm", '[$-804]yyyy"年"m"月";@', "[$-804]mmmm", "mmm", "yyyy.m", "m/yy", "yyyy年m月",
    '[$-404]e"年"m"月"', '"d"yyyy-mm', r"yyyy\-mm\d", "[Red]MMM-YY", "yyyy-mm;yyyy-mm-dd",
)  # fmt: skip
YEARS: Final = ("yyyy", 'yyyy"年"', "yy;@", "[$-404]e")
OTHERS: Final = (
    "yyyy-mm-dd", "d-mmm", 'm"月"d"日"', "mm:ss", "h:mm", "[h]:mm", "[mm]:ss", "h:mm AM/PM", "aaaa", "General",
    "G/通用格式", "0", "0.00E+00", '0"年"', "@", "", "# ?/?", '"yyyy-mm"',
)  # fmt: skip


def end_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59, 999_999, CHINA)


def known(path: Path, make_file: MakeFile) -> dict[str, datetime]:
    """From when on each row that a workbook told of is known, by its key."""
    bureau = str(make_file("bureau.yaml", BUREAU))
    told = take_in_file(path, source="credit-bureau", mapping=bureau, by=None, bars=silent)
    assert told.rejected == 0
    return {row.key: row.as_of.astimezone(CHINA) for row in ReferenceRow.objects.all()}


def a_workbook(path: Path, cells: list[tuple[datetime, str]]) -> Path:
    """A workbook of one person for each cell, which holds the day in the form."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(COLUMNS)
    for at, (day, form) in enumerate(cells, 1):
        sheet.append((f"P{at}", day, 600 + at))
        sheet.cell(at + 1, 2).number_format = form
    book.save(path)
    return path


def built_in(path: Path, number: int) -> Path:
    """A workbook of one cell that is shown in a form which every workbook has without saying so."""
    whole = a_workbook(path.with_name("own.xlsx"), [(NEW_YEAR, '"of its own"yyyy')])
    with zipfile.ZipFile(whole) as own, zipfile.ZipFile(path, "w") as made:
        for name in own.namelist():
            content = own.read(name)
            if name == "xl/styles.xml":
                content = re.sub(rb'numFmtId="16\d" fontId', b'numFmtId="%d" fontId' % number, content)
            made.writestr(name, content)
    return path


def test_a_form_shows_a_month_or_a_year_where_its_codes_have_no_day() -> None:
    assert {form: span_of_form(form) for form in MONTHS} == dict.fromkeys(MONTHS, MONTH)
    assert {form: span_of_form(form) for form in YEARS} == dict.fromkeys(YEARS, YEAR)
    assert {form: span_of_form(form) for form in OTHERS} == dict.fromkeys(OTHERS, "")


@pytest.mark.django_db
def test_a_day_that_a_workbook_shows_as_its_month_is_known_from_its_end(tmp_path: Path, make_file: MakeFile) -> None:
    cells = [
        *((NEW_YEAR, form) for form in MONTHS[:6]),
        (NEW_YEAR, "yyyy"),
        (NEW_YEAR, "yyyy-mm-dd"),
        (MIDDLE, "mmm-yy"),
        (MIDDLE, "yyyy"),
        (NEW_YEAR + timedelta(days=31), "yyyy"),
        (NEW_YEAR + timedelta(days=31), "mmm-yy"),
        (NEW_YEAR + timedelta(hours=9), "mmm-yy"),
    ]
    month, day = end_of(date(2025, 1, 31)), end_of(date(2025, 1, 1))
    ends = [*[month] * 6, end_of(date(2025, 12, 31)), day, *[end_of(date(2025, 1, 15))] * 2]
    ends += [end_of(date(2025, 2, 1)), end_of(date(2025, 2, 28)), datetime(2025, 1, 1, 9, tzinfo=CHINA)]
    found = known(a_workbook(tmp_path / "a.xlsx", cells), make_file)
    assert found == {f"p{at}": end for at, end in enumerate(ends, 1)}


@pytest.mark.django_db
@pytest.mark.parametrize("number", [17, 27, 36, 50, 52, 57])
def test_a_month_in_a_built_in_form_is_known_from_its_end(tmp_path: Path, make_file: MakeFile, number: int) -> None:
    assert known(built_in(tmp_path / "a.xlsx", number), make_file) == {"p1": end_of(date(2025, 1, 31))}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("form", "seen"),
    [
        ("mmm-yy", {"new-year": None, "tenth": None, "end": None, "second": 601, "end-of-year": 601}),
        ("yyyy", {"new-year": None, "tenth": None, "end": None, "second": None, "end-of-year": None}),
        ("yyyy-mm-dd", {"new-year": None, "tenth": 601, "end": 601, "second": 601, "end-of-year": 601}),
    ],
)
def test_a_case_sees_what_a_workbook_shows_behind_its_end_alone(
    tmp_path: Path, make_file: MakeFile, form: str, seen: dict[str, int | None]
) -> None:
    known(a_workbook(tmp_path / "a.xlsx", [(NEW_YEAR, form)]), make_file)
    take(make_file, "branch", LOANS, CASES.replace(",P\n", ",P1\n"))
    assert scores() == {**seen, "year-later": 601}


@pytest.mark.django_db
def test_a_month_of_an_old_workbook_is_known_from_its_end(make_file: MakeFile) -> None:
    """P1 to P4 of four forms of a month, P5 of a year, P6 of a day, P7 of the 15th as a month, P8 of built-in 27."""
    month = end_of(date(2026, 1, 31))
    assert known(Path(__file__).parent / "dirt" / "months.xls", make_file) == {
        "p1": month, "p2": month, "p3": month, "p4": month, "p5": end_of(date(2026, 12, 31)),
        "p6": end_of(date(2026, 1, 1)), "p7": end_of(date(2026, 1, 15)), "p8": month,
    }  # fmt: skip


STYLED: Final = f"""xmlns:office="{NAMES}:office:1.0" xmlns:table="{NAMES}:table:1.0" xmlns:text="{NAMES}:text:1.0"
 xmlns:style="{NAMES}:style:1.0" xmlns:number="{NAMES}:datastyle:1.0" office:version="1.3\""""
FORMS: Final = """<number:date-style style:name="N1"><number:month number:textual="true"/><number:text>-</number:text>
 <number:year/></number:date-style>
 <number:date-style style:name="N2"><number:year number:style="long"/></number:date-style>
 <number:date-style style:name="N3"><number:year/><number:month/><number:day/></number:date-style>
 <number:date-style style:name="N4"><number:month/><number:hours/></number:date-style>"""
STYLES: Final = "".join(
    f'<style:style style:name="ce{at}" style:family="table-cell" style:data-style-name="N{at}"/>' for at in range(1, 5)
)
NAMED: Final = """<number:date-style style:name="N1"><number:year/><number:month/></number:date-style>
 <style:style style:name="Month" style:family="table-cell" style:data-style-name="N1"/>"""
OF_PARENT: Final = '<style:style style:name="ce9" style:family="table-cell" style:parent-style-name="Month"/>'


def write_styled(path: Path, columns: str, rows: list[str]) -> Path:
    head = "".join(text_cell(name) for name in COLUMNS)
    lines = f"<table:table-row>{head}</table:table-row>{''.join(rows)}"
    content = (
        f"<office:document-content {STYLED}><office:automatic-styles>{FORMS}{STYLES}{OF_PARENT}"
        f'</office:automatic-styles><office:body><office:spreadsheet><table:table table:name="a">{columns}{lines}{TAIL}'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "styles.xml",
            f"<office:document-styles {STYLED}><office:styles>{NAMED}</office:styles></office:document-styles>",
        )
        archive.writestr("META-INF/manifest.xml", MANIFEST)
    return path


def styled_row(key: str, style: str = "", day: str = "2026-01-01", of_row: str = "") -> str:
    named = f' table:style-name="{style}"' if style else ""
    of_all = f' table:default-cell-style-name="{of_row}"' if of_row else ""
    cell = f'<table:table-cell{named} office:value-type="date" office:date-value="{day}"><text:p>x</text:p>'
    return f"<table:table-row{of_all}>{text_cell(key)}{cell}</table:table-cell>{text_cell('600')}</table:table-row>"


@pytest.mark.django_db
def test_a_month_of_an_open_document_is_known_from_its_end(tmp_path: Path, make_file: MakeFile) -> None:
    rows = [
        styled_row("P1", "ce1"),
        styled_row("P2", "ce1", "2026-01-01T00:00:00"),
        styled_row("P3", "ce2"),
        styled_row("P4", "ce3"),
        styled_row("P5", "ce1", "2026-01-15"),
        styled_row("P6", "ce4"),
        styled_row("P7", "ce9"),
        styled_row("P8", "Month"),
        # Without a style of its own: that of its row, or of its column.
        styled_row("P9", of_row="ce3"),
        styled_row("P10"),
        styled_row("P11", "unknown"),
    ]
    columns = '<table:table-column/><table:table-column table:default-cell-style-name="ce1"/>'
    month, day = end_of(date(2026, 1, 31)), end_of(date(2026, 1, 1))
    assert known(write_styled(tmp_path / "a.ods", columns, rows), make_file) == {
        "p1": month, "p2": month, "p3": end_of(date(2026, 12, 31)), "p4": day, "p5": end_of(date(2026, 1, 15)),
        "p6": day, "p7": month, "p8": month, "p9": day, "p10": month, "p11": day,
    }  # fmt: skip


def test_columns_that_are_repeated_keep_the_places_of_their_styles(tmp_path: Path) -> None:
    columns = '<table:table-column table:number-columns-repeated="2" table:default-cell-style-name="ce1"/>'
    ((_number, row),) = open_table(write_styled(tmp_path / "a.ods", columns, [styled_row("P1")])).rows()
    assert isinstance(row, dict)
    assert type(row["查询时间"]) is OfMonth


def test_more_months_than_memory_holds_refuse_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_marks, "SHOWN_MOST", 2)
    old = Path(__file__).parent / "dirt" / "months.xls"
    path = a_workbook(tmp_path / "a.xlsx", [(NEW_YEAR, "mmm-yy")] * 3)
    for each in (path, old, write_styled(tmp_path / "a.ods", "", [styled_row("P1", "ce1")] * 3)):
        with pytest.raises(TableError) as refused:
            open_table(each)
        assert refused.value.code == "table_bomb"
    assert open_table(a_workbook(tmp_path / "b.xlsx", [(NEW_YEAR, "mmm-yy")] * 2)).total_rows == 2


def test_a_day_shown_as_its_month_is_read_like_any_other_day(tmp_path: Path) -> None:
    plain, month, year = date(2025, 1, 1), OfMonth(2025, 1, 1), OfYear(2025, 1, 1)
    for cell in (month, year):
        assert cell_text(cell) == cell_text(NEW_YEAR) == "2025-01-01"
        assert plain_text(cell, "2025-01-01", None, CHINA) == plain_text(plain, "2025-01-01", None, CHINA)
        assert read_moment(cell, CHINA) == NEW_YEAR.replace(tzinfo=CHINA)
        assert type(pickle.loads(pickle.dumps(cell))) is type(cell)  # noqa: S301 - its own
    assert [span_of_cell(each) for each in (month, year, plain, NEW_YEAR, None)] == [MONTH, YEAR, "", "", ""]
    assert [type(as_shown(each, MONTH)) for each in (plain, NEW_YEAR, MIDDLE, "2025-01", 46023.0)] == [
        OfMonth, OfMonth, datetime, str, float,
    ]  # fmt: skip
    # As a draft of a mapping keeps the first rows.
    path = a_workbook(tmp_path / "a.xlsx", [(NEW_YEAR, "mmm-yy"), (NEW_YEAR, "yyyy"), (NEW_YEAR, "yyyy-mm-dd")])
    kept = [
        row["查询时间"] for _number, row in table_of(sample_of(open_table(path), "a")).rows() if isinstance(row, dict)
    ]
    assert [(type(cell), cell) for cell in kept] == [(OfMonth, month), (OfYear, year), (date, plain)]


@pytest.mark.django_db
def test_a_text_of_a_year_alone_is_known_from_its_end(make_file: MakeFile) -> None:
    read = BUREAU.replace("{column: 查询时间}", '{column: 查询时间, format: "%Y"}')
    take(make_file, "credit-bureau", read, "身份证号,查询时间,评分\nP,2025,610\nP,2024,600\n")
    take(make_file, "branch", LOANS, CASES)
    in_year = dict.fromkeys(("new-year", "tenth", "end", "second", "end-of-year"), 600)
    assert scores() == {**in_year, "year-later": 610}


def test_only_the_first_day_of_a_month_or_a_year_stands_for_all_of_it() -> None:
    assert [span_of_text("2025", form) for form in ("%Y", "%y", "%Y年", "%Y-%m", "%b %y", "%Y-%m-%d")] == [
        YEAR, YEAR, YEAR, MONTH, MONTH, "",
    ]  # fmt: skip
    first, middle = NEW_YEAR.replace(tzinfo=CHINA), MIDDLE.replace(tzinfo=CHINA)
    assert [known_from(first, span) for span in (MONTH, YEAR, "")] == [
        end_of(date(2025, 1, 31)), end_of(date(2025, 12, 31)), end_of(date(2025, 1, 1)),
    ]  # fmt: skip
    assert [known_from(middle, span) for span in (MONTH, YEAR)] == [end_of(date(2025, 1, 15))] * 2
