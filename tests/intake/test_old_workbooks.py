"""Old .xls workbooks: a cell whose formula failed is refused where it is read, and never taken for an empty one."""

from __future__ import annotations

from pathlib import Path

from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.record.choose import mapping_for
from intake.tabular.old_workbook_marks import marks_of_old_workbook
from intake.tabular.sheet_marks import SheetMarks
from tests.intake.places import NOW

# Its second sheet: a title, the header, five rows; the first sheet is empty.
BOOK = Path(__file__).parent / "dirt" / "failed_formulas.xls"


def test_failed_formulas_of_an_old_workbook_are_refused_by_row_and_column() -> None:
    table = open_table(BOOK)
    assert table.columns == ["合同号", "贷款金额", "年收入", "申请日期"]
    read = list(read_rows(table, mapping_for(table, "branch", None)[1], now=NOW))
    assert {row.row_number: [(each.field, each.code, each.value) for each in row.errors] for row in read} == {
        3: [],
        4: [("年收入", "formula_failed", "#DIV/0!")],
        5: [("贷款金额", "formula_failed", "#REF!")],
        6: [],
        7: [],
    }
    cases = [row.submission for row in read if row.submission]
    # Not available is what a table writes where it knows that there is nothing.
    assert [(case.external_ref, int(case.amount), case.features["annual_income"]) for case in cases] == [
        ("HT-1", 5001, 60000), ("HT-4", 5004, None), ("HT-5", 5005, 60004),
    ]  # fmt: skip


def test_an_old_workbook_that_is_damaged_has_no_failed_cells_to_name(tmp_path: Path) -> None:
    whole = BOOK.read_bytes()
    for name, content in (("cut", whole[:3000]), ("text", b"a,b\n1,2\n"), ("empty", b""), ("head", whole[:512])):
        path = tmp_path / f"{name}.xls"
        path.write_bytes(content)
        assert marks_of_old_workbook(path, "data") == SheetMarks()
    assert marks_of_old_workbook(BOOK, "no such sheet") == SheetMarks()


def test_shares_that_an_old_workbook_shows_in_percent_are_percent() -> None:
    """Five columns: 0.00%, 0%, a format of its own, a sign that is only written into the format, and no format."""
    table = open_table(BOOK.with_name("percent.xls"))
    read = list(read_rows(table, mapping_for(table, "branch", None)[1], now=NOW))
    first, second = (row.submission for row in read)
    assert first is not None
    assert second is not None
    assert list(first.features.values()) == [4.35, 120, 35, 0.5, 0.25]
    assert list(second.features.values()) == [4.85, 0, None, 0.25, 0.5]


def test_whole_numbers_that_an_old_workbook_shows_in_percent_or_in_another_currency_are_such() -> None:
    """An .xls holds 100% and €9,000 as the whole numbers 1 and 9000, and 35% as a fraction."""
    table = open_table(BOOK.with_name("whole_numbers.xls"))
    read = list(read_rows(table, mapping_for(table, "branch", None)[1], now=NOW))
    cases = [row.submission for row in read if row.submission]
    assert [list(case.features.values()) for case in cases] == [[100], [0], [200], [35]]
    assert [case.amount for case in cases] == [5000, 6000, 7000, 8000]
    assert [(error.field, error.code) for error in read[4].errors] == [("贷款金额", "other_currency")]
