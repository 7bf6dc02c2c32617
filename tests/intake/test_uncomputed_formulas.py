"""Formulas that were never computed refuse their rows by column: a feature is never missing in silence."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows
from intake.record.choose import mapping_for
from intake.tabular import sheet_marks
from intake.tabular.tables import TableError
from intake.wording.sentences import say
from tests.intake.places import NOW
from tests.intake.test_open_documents import text_cell, write_ods

HEADER = ["合同号", "贷款金额", "年收入"]


def write_xlsx(path: Path, incomes: list[str]) -> Path:
    """A workbook with one row for each income, which is a cell as it stands in the file, of the place {at}."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(HEADER)
    for at in range(len(incomes)):
        book.worksheets[0].append([f"HT-{at}", 5000 + at, f"income {at}"])
    book.save(path)
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    name = "xl/worksheets/sheet1.xml"
    for at, income in enumerate(incomes):
        before, _start, rest = parts[name].partition(b'<c r="C%d"' % (at + 2))
        parts[name] = before + income.format(at=f'r="C{at + 2}"').encode() + rest.partition(b"</c>")[2]
    with zipfile.ZipFile(path, "w") as changed:
        for part, content in parts.items():
            changed.writestr(part, content)
    return path


def read(path: Path) -> list[ReadRow]:
    table = open_table(path)
    return list(read_rows(table, mapping_for(table, "branch", None)[1], now=NOW))


def test_formulas_of_an_xlsx_without_a_result_refuse_their_rows(tmp_path: Path) -> None:
    incomes = [
        "<c {at}><f>B2*12</f></c>", "<c {at}><f>B3*12</f><v></v></c>", "<c {at}><f>B4*12</f><v/></c>",
        '<c {at}><f t="shared" si="0"/><v /></c>', '<c {at} t="str"><f>""</f><v></v></c>',
        "<c {at}><f>B7*12</f><v>60060</v></c>", "<c {at}><v></v></c>", '<c {at} s="0"/><c><v></v></c>',
        '<c {at} t="n">\n <f ca="1">IF(B2&gt;1,"a","b")</f>\n <v></v>\n</c>',
    ]  # fmt: skip
    rows = read(write_xlsx(tmp_path / "t.xlsx", incomes))
    refused = {row.row_number: [(each.field, each.code) for each in row.errors] for row in rows if row.errors}
    assert refused == {number: [("年收入", "formula_uncomputed")] for number in (2, 3, 4, 5, 10)}
    shown = {row.row_number: row.errors[0].value for row in rows if row.errors}
    # The text of a shared formula stands in the first of its cells alone.
    assert shown == {2: "=B2*12", 3: "=B3*12", 4: "=B4*12", 5: "=", 10: '=IF(B2>1,"a","b")'}
    known = {row.row_number: row.submission.features["annual_income"] for row in rows if row.submission}
    assert known == {6: None, 7: 60060, 8: None, 9: None}
    for language, words in (("en", "was never computed"), ("zh", "从未计算")):
        assert words in rows[0].errors[0].sentence(language)


def test_a_row_of_formulas_alone_is_not_blank(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for cells in (
        HEADER,
        ["HT-1", 5001, 60000],
        ["=F3", "=G3", "=H3"],
        [None] * 3,
        ["HT-2", 5002, 60000],
        ["=F6", "=G6", "=H6"],
    ):
        book.worksheets[0].append(cells)
    book.save(tmp_path / "t.xlsx")
    assert [(row.row_number, bool(row.submission)) for row in read(tmp_path / "t.xlsx")] == [
        (2, True), (3, False), (5, True), (6, False),
    ]  # fmt: skip


def test_a_workbook_of_more_such_formulas_than_are_held_is_refused_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # All of a column: it is no column to leave out.
    path = write_xlsx(tmp_path / "t.xlsx", ["<c {at}><f>B2*12</f></c>"] * 3)
    monkeypatch.setattr(sheet_marks, "UNCOMPUTED_MOST", 3)
    assert [row.submission for row in read(path)] == [None] * 3
    monkeypatch.setattr(sheet_marks, "UNCOMPUTED_MOST", 2)
    with pytest.raises(TableError) as refused:
        open_table(path)
    assert refused.value.code == "formulas_uncomputed"
    assert "公式从未计算" in say("formulas_uncomputed", "zh-hans", {})


def test_formulas_of_an_ods_without_a_result_refuse_their_rows(tmp_path: Path) -> None:
    incomes = [
        '<table:table-cell table:formula="of:=[.B2]*12"/>',
        '<table:table-cell table:formula="of:=&quot;&quot;" office:value-type="string" office:string-value=""/>',
        '<table:table-cell table:formula="of:=1" office:value-type="float" office:value="60060"/>',
        "<table:table-cell/>",
    ]
    rows = [[text_cell(name) for name in HEADER]]
    rows += [[text_cell(f"HT-{at}"), text_cell("5001"), income] for at, income in enumerate(incomes)]
    told = read(write_ods(tmp_path / "t.ods", rows))
    assert [[(each.field, each.code) for each in row.errors] for row in told] == [
        [("年收入", "formula_uncomputed")], [], [], [],
    ]  # fmt: skip
    assert told[0].errors[0].value == "=[.B2]*12"
    assert [row.submission.features["annual_income"] for row in told if row.submission] == [None, 60060, None]


def test_a_long_formula_is_shown_shortened(tmp_path: Path) -> None:
    (row,) = read(write_xlsx(tmp_path / "t.xlsx", [f"<c {{at}}><f>SUM({'B2,' * 99}B2)</f></c>"]))
    assert row.errors[0].value == "=SUM(" + ("B2," * 99)[:54] + "…"
