"""Numbers of an .ods beside the units and signs that their styles show, read as those of any other workbook."""

from __future__ import annotations

import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Final

from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows
from intake.record.choose import mapping_for
from intake.tabular.open_document_marks import marks_of_open_document
from intake.tabular.sheet_marks import SheetMarks
from tests.intake.places import NOW
from tests.intake.test_open_documents import MANIFEST, NAMES, TAIL, text_cell

HEAD: Final = f"""<office:document-content xmlns:office="{NAMES}:office:1.0" xmlns:table="{NAMES}:table:1.0"
 xmlns:text="{NAMES}:text:1.0" xmlns:style="{NAMES}:style:1.0" xmlns:number="{NAMES}:datastyle:1.0"
 office:version="1.3"><office:automatic-styles>"""
TWO: Final = '<number:number number:decimal-places="2" number:min-integer-digits="1"/>'
WHOLE: Final = '<number:number number:min-integer-digits="1"/>'


def text(said: str) -> str:
    return f"<number:text>{said}</number:text>"


def style(name: str, parts: str, kind: str = "number") -> str:
    shown = f'<number:{kind}-style style:name="N{name}">{parts}</number:{kind}-style>'
    return f'{shown}<style:style style:name="{name}" style:family="table-cell" style:data-style-name="N{name}"/>'


def number(value: float, name: str = "", kind: str = "float", more: str = "") -> str:
    styled = f' table:style-name="{name}"' if name else ""
    return (
        f'<table:table-cell{styled} office:value-type="{kind}" office:value="{value}"{more}><text:p>x</text:p>'
        "</table:table-cell>"
    )


def write(path: Path, styles: str, rows: list[list[str]], columns: str = "") -> Path:
    lines = "".join(f"<table:table-row>{''.join(cells)}</table:table-row>" for cells in rows)
    body = '</office:automatic-styles><office:body><office:spreadsheet><table:table table:name="loans">'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", HEAD + styles + body + columns + lines + TAIL)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
    return path


def read(path: Path) -> list[ReadRow]:
    table = open_table(path)
    return list(read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW))


def marks(path: Path, styles: str, cells: list[str]) -> SheetMarks:
    with zipfile.ZipFile(write(path, styles, [cells])) as archive:
        return marks_of_open_document(archive, "loans")


def test_amounts_terms_and_shares_are_in_the_units_that_their_styles_show(tmp_path: Path) -> None:
    styles = style("wan", TWO + text("万元")) + style("year", WHOLE + text("年")) + style("written", TWO + text("%"))
    styles += style("percent", TWO + text("%"), "percentage")
    rows = [[text_cell(name) for name in ("借据编号", "贷款金额", "期限", "抵押率", "额度使用率", "客户年龄")]]
    rows += [
        [text_cell("A-1"), number(10.5, "wan"), number(3, "year"), number(51, "written"), number(0.35, "percent"),
         number(41)],
        [text_cell("A-2"), number(11, "wan"), number(2, "year"), number(52, "written"), number(0.36, "percent"),
         number(42)],
    ]  # fmt: skip
    cases = [row.submission for row in read(write(tmp_path / "t.ods", styles, rows)) if row.submission]
    assert [(case.amount, case.currency, case.term_months) for case in cases] == [
        (Decimal(105_000), "CNY", 36), (Decimal(110_000), "CNY", 24),
    ]  # fmt: skip
    assert [list(case.features.values()) for case in cases] == [[51, 35, 41], [52, 36, 42]]


def test_a_scale_that_is_not_understood_refuses_its_row(tmp_path: Path) -> None:
    rows = [[text_cell(name) for name in ("借据编号", "贷款金额")]]
    rows += [[text_cell("A-1"), number(10.5, "lakh")], [text_cell("A-2"), number(60000)]]
    first, second = read(write(tmp_path / "t.ods", style("lakh", TWO + text(" lakh")), rows))
    assert [(each.field, each.value, each.code) for each in first.errors] == [
        ("贷款金额", "10.5lakh", "unit_not_understood")
    ]
    assert second.submission is not None
    assert second.submission.amount == 60000


def test_what_is_shown_of_a_number_is_that_of_its_style(tmp_path: Path) -> None:
    euro = '<number:currency-symbol number:language="de">€</number:currency-symbol>'
    yuan = "<number:currency-symbol>￥</number:currency-symbol>"
    thousands = '<number:number number:decimal-places="1" number:min-integer-digits="1" number:display-factor="1000"/>'
    mapped = '<style:map style:condition="value()&gt;=0" style:apply-style-name="Nplus"/>'
    exponent = '<number:scientific-number number:min-integer-digits="1"/>'
    styles = (
        style("euro", euro + TWO, "currency") + style("yuan", yuan + TWO, "currency") + style("plus", TWO + text("万"))
        + style("minus", text("-") + TWO + mapped) + style("thousands", thousands + text("千元"))
        + style("power", exponent + text("万")) + style("permille", WHOLE + text("‰")) + style("bare", WHOLE)
        + style("zeros", '<number:number number:min-integer-digits="5"/>')
        + style("parted", '<number:number number:min-integer-digits="5"><number:embedded-text number:position="3">-'
                          "</number:embedded-text></number:number>")
        + style("yuanwan", yuan + TWO + text("万元"), "currency") + style("dollarwan", TWO + text("万"), "currency")
    )  # fmt: skip
    usd, cny = ' office:currency="USD"', ' office:currency="CNY"'
    cells = [
        number(1, "euro"), number(1, "yuan"), number(1, "minus"), number(1, "thousands"), number(1, "power"),
        number(1, "permille"), number(1, "bare"), number(1, "zeros"), number(1, "parted"), number(1),
        number(1, "yuanwan", "currency", cny), number(1, "dollarwan", "currency", usd),
        number(1, "euro", "currency", usd), number(1, "euro", "currency", cny),
    ]  # fmt: skip
    found = marks(tmp_path / "t.ods", styles, cells)
    told = {0: "€", 2: "万", 5: "‰", 10: "万元", 11: "USD#万", 12: "USD"}
    assert found.signs == {column: {1: sign} for column, sign in told.items()}
    assert (found.padded, found.percents, found.written) == ({7: {1: 5}}, {}, {})


def test_a_cell_without_a_style_has_that_of_its_column(tmp_path: Path) -> None:
    columns = '<table:table-column/><table:table-column table:default-cell-style-name="wan"/>'
    rows = [[text_cell("借据编号"), text_cell("贷款金额")], [text_cell("A-1"), number(10.5)]]
    (row,) = read(write(tmp_path / "t.ods", style("wan", TWO + text("万元")), rows, columns))
    assert row.submission is not None
    assert row.submission.amount == 105_000


def test_numbers_that_show_zeros_keep_them_as_references(tmp_path: Path) -> None:
    zeros = style("zeros", '<number:number number:decimal-places="0" number:min-integer-digits="5"/>')
    rows = [[text_cell("借据编号"), text_cell("客户编号"), text_cell("贷款金额")]]
    rows += [[number(7702 + at, "zeros"), number(at + 1, "zeros"), number(6000)] for at in range(2)]
    cases = [row.submission for row in read(write(tmp_path / "t.ods", zeros, rows)) if row.submission]
    assert [(case.external_ref, case.applicant.external_id) for case in cases] == [
        ("07702", "00001"), ("07703", "00002"),
    ]  # fmt: skip
