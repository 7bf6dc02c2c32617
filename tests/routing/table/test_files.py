"""Tables as files: what goes out comes back the same, nothing runs in a spreadsheet, and every fault is named."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.table.files import FORMS, Form, export_table, import_table
from routing.table.sheets import escaped, unescaped
from routing.table.tables import Cell, Row, Table, TableErrors, TableKind, read_table
from tests.routing.table import drawn
from tests.routing.table.drawn import RULES, SIGNATURES, table

TABLE = Table(
    "rules",
    "collect",
    (
        Row("R1", {"amount": Cell(">", (39_000.0,))}, {"way": "review", "sla_hours": 4.0}, "Large.", "大额。"),
        Row(
            "R2",
            {
                "age": Cell("between", (18.0, 65.0), (True, False)),
                "pd": Cell("<", (0.03,)),
                "region": Cell("=", ("north",)),
                "segment": Cell("in", ("retail", "small")),
            },
            {"way": "approve", "sla_hours": 0.5},
            "=HYPERLINK(1)",
            "",
        ),
    ),
    {"way": "review"},
)


def sheet_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def errors(data: bytes, form: Form = "csv", kind: TableKind = RULES) -> list[tuple[str, str, str, str]]:
    with pytest.raises(TableErrors) as refused:
        import_table(data, kind, form)
    return [(one.row, one.field, one.en, one.zh) for one in refused.value.problems]


def test_a_table_goes_out_readable() -> None:
    assert sheet_of(export_table(TABLE, RULES, "csv").decode("utf-8-sig")) == [
        ["kind", "rules", "hit", "collect"],
        ["id", "amount", "pd", "age", "segment", "region", "→ way", "→ sla_hours", "en", "zh"],
        ["R1", "> 39000", "", "", "", "", "review", "4", "Large.", "大额。"],
        ["R2", "", "< 3%", "[18, 65)", "in: retail; small", "'= north", "approve", "0.5", "'=HYPERLINK(1)", ""],
        ["default", "", "", "", "", "", "review", "", "", ""],
    ]
    titles = sheet_of(export_table(TABLE, RULES, "csv", "zh").decode("utf-8-sig"))[1]
    assert titles == ["id", "金额", "违约概率", "年龄", "客群", "地区", "→ 结果", "→ 时限", "en", "zh"]


def test_a_spreadsheet_has_typed_figures_and_no_formula() -> None:
    low = Table("signatures", "first", (Row("R1", {}, {"most": -5.5, "signatures": 2.0}),), {"signatures": 0.0})
    page = openpyxl.load_workbook(io.BytesIO(export_table(low, SIGNATURES, "xlsx"))).active
    assert page is not None
    cells = {(cell.value, cell.data_type) for line in page.iter_rows() for cell in line if cell.value is not None}
    assert {(-5.5, "n"), (2, "n"), (0, "n")} < cells
    assert "f" not in {kind for _value, kind in cells}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", [None, "en", "zh"])
def test_a_table_comes_back_as_it_went(form: Form, language: str | None) -> None:
    assert import_table(export_table(TABLE, RULES, form, language), RULES, form) == TABLE


@settings(max_examples=40, deadline=None)
@given(drawn=drawn.tables(), form=st.sampled_from(FORMS), language=st.sampled_from((None, "en", "zh")))
def test_every_table_comes_back_as_it_went(drawn: Table, form: Form, language: str | None) -> None:
    back = import_table(export_table(drawn, RULES, form, language), RULES, form)
    assert back == drawn
    assert back.sha256 == drawn.sha256


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("sentence", ["#NAME?", "#N/A", "#DIV/0!", "=#REF!", "'#NULL!"])
def test_a_sentence_that_reads_like_a_failed_formula_comes_back_as_it_went(form: Form, sentence: str) -> None:
    given = Table("rules", "first", (Row("R1", {}, {"way": "review"}, sentence, sentence),), {"way": "review"})
    assert import_table(export_table(given, RULES, form), RULES, form) == given


texts = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp")), max_size=12).map(str.strip)


@settings(max_examples=80, deadline=None)
@given(word=texts.filter(bool), sentence=texts, form=st.sampled_from(FORMS))
def test_every_text_comes_back_and_none_begins_like_a_formula(word: str, sentence: str, form: Form) -> None:
    asked = {"region": Cell("not_in", (word, "a")), "segment": Cell("!=", ("small",))}
    given = Table("rules", "first", (Row("R1", asked, {"way": "review"}, sentence, "@" + sentence),), {"way": "review"})
    data = export_table(given, RULES, form)
    assert import_table(data, RULES, form) == given
    if form == "csv":
        cells = [cell for line in sheet_of(data.decode("utf-8-sig")) for cell in line]
        assert not [cell for cell in cells if cell.lstrip()[:1] in {*"=+-@|%＝＋－＠"} - {""}]


@settings(deadline=None)
@given(st.text(max_size=6))
def test_an_escape_is_undone_exactly(text: str) -> None:
    assert unescaped(escaped(text)) == text


def test_all_faults_of_a_file_are_named_by_line_and_column_at_once() -> None:
    lines = [
        "id,金额,segment,→ way,说明",
        "R1,> x,in:,review,",
        "R1,> 5,retail,perhaps,",
        ",,,review,",
        "default,> 1,,approve,",
    ]
    assert errors("\n".join(lines).encode()) == [
        (
            "1",
            "说明",
            "Row 1, column 说明: No field of this name is registered.",
            "第 1 行“说明”列：没有登记此名称的字段。",
        ),
        (
            "2",
            "amount",
            "Row 2, column amount: “x” is not a number that fits here.",
            "第 2 行“金额”列：“x”不是适用于此处的数字。",
        ),
        (
            "2",
            "segment",
            "Row 2, column segment: 'in' takes 1 to 200 values.",
            "第 2 行“客群”列：“in”需要 1 至 200 个值。",
        ),
        ("3", "id", "Row 3, column id: Another row has this id.", "第 3 行“id”列：另一行已使用此编号。"),
        (
            "3",
            "way",
            "Row 3, column way: 'perhaps' is not one of approve, decline, review.",
            "第 3 行“结果”列：“perhaps”不在可选值之内：approve, decline, review。",
        ),
        ("4", "id", "Row 4, column id: This row has no id.", "第 4 行“id”列：此行没有编号。"),
        (
            "5",
            "amount",
            "Row 5, column amount: The default row takes all that is left and has no conditions.",
            "第 5 行“金额”列：默认行处理其余全部情形，不能有条件。",
        ),
        (
            "5",
            "way",
            "Row 5, column way: The default row takes what nobody thought of; it may not approve.",
            "第 5 行“结果”列：默认行处理所有未考虑到的情形，不得批准。",
        ),
    ]


def test_a_file_of_a_spreadsheet_in_china_is_read() -> None:
    data = "编号;金额;结果;中文\r\nR1;大于 3.9万;人工审核;大额\r\n默认;;人工审核;\r\n".encode("gb18030")
    expected = table(RULES, "first", {"way": "review"}, ({"amount": Cell(">", (39_000.0,))}, {"way": "review"}))
    read = import_table(data, RULES, "csv")
    assert (read.rows[0].cells, read.rows[0].zh, read.default) == (expected.rows[0].cells, "大额", expected.default)


def test_the_example_of_the_guide_is_read() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "decision-tables.md").read_text(encoding="utf-8")
    example = guide.split("```")[1].strip()
    read = import_table(example.encode(), RULES, "csv")
    assert [dict(row.cells) for row in read.rows] == [
        {"amount": Cell(">", (39_000.0,))},
        {"age": Cell("between", (18.0, 65.0), (True, False)), "segment": Cell("in", ("retail", "small"))},
    ]
    assert [row.zh for row in read.rows] == ["大额。", "老客户。"]


def workbook(*lines: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for line in lines:
        page.append(line)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_formula_in_a_spreadsheet_is_refused() -> None:
    data = workbook(["id", "amount", "way"], ["R1", "=1+1", "review"], ["default", None, "review"])
    assert errors(data, "xlsx") == [
        ("2", "", "Cell B2 holds a formula; write its value.", "单元格 B2 是公式；请填写其值。")
    ]


def test_typed_cells_of_a_spreadsheet_are_equalities() -> None:
    data = workbook(["id", "amount", "pd", "way"], ["R1", 5, 0.12, "review"], ["default", None, None, "review"])
    assert import_table(data, RULES, "xlsx").rows[0].cells == {
        "amount": Cell("=", (5.0,)),
        "pd": Cell("=", (0.12,)),
    }


TOO_LARGE = "The file is too large: at most 1,000 rows, 100 columns and 5 MB."


def test_files_beyond_the_limits_are_refused() -> None:
    head = ["id", "way"]
    rows = [[f"R{place}", "review"] for place in range(1004)]
    text = "\n".join(",".join(line) for line in [head, *rows]).encode()
    assert [error[2] for error in errors(text)] == [TOO_LARGE]
    assert [error[2] for error in errors(workbook(head, *rows), "xlsx")] == [TOO_LARGE]
    assert [error[2] for error in errors(workbook(["x"] * 101), "xlsx")] == [TOO_LARGE]
    assert [error[2] for error in errors(b"x" * (5 * 1024 * 1024 + 1))] == [TOO_LARGE]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (51 * 1024 * 1024))
    assert [error[2] for error in errors(packed.getvalue(), "xlsx")] == [TOO_LARGE]


def test_macros_and_what_is_no_spreadsheet_are_refused() -> None:
    packed = io.BytesIO(workbook(["id", "way"]))
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    assert [error[2] for error in errors(packed.getvalue(), "xlsx")] == ["Files with macros are refused."]
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w") as archive:
        archive.writestr("xl/workbook.xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    whole = workbook(["id", "way"])
    without_book, misplaced = io.BytesIO(), bytearray(whole)
    with zipfile.ZipFile(without_book, "w") as archive:
        archive.writestr("[Content_Types].xml", zipfile.ZipFile(io.BytesIO(whole)).read("[Content_Types].xml"))
        archive.writestr("[Content_Types].xml.rels", b"")
    # The directory of the archive says that it begins far behind the end.
    at = whole.rindex(b"PK\x05\x06") + 16
    misplaced[at : at + 4] = (2**32 - 2).to_bytes(4, "little")
    for data in (bomb.getvalue(), b"PK", b"", b"id,way", without_book.getvalue(), bytes(misplaced), whole[:-30]):
        assert [error[2] for error in errors(data, "xlsx")] == ["This is no XLSX file that can be read."]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_without_its_default_row_is_refused_beside_what_else_is_wrong(form: Form) -> None:
    lines = [["id", "amount", "way"], ["R1", "> 5", "review"], ["R2", "many", "review"]]
    data = workbook(*lines) if form == "xlsx" else "\n".join(",".join(line) for line in lines).encode()
    assert [(row, field, en[:30]) for row, field, en, _zh in errors(data, form)] == [
        ("", "id", "The default row is missing: a "),
        ("3", "amount", "Row 3, column amount: “many” i"),
    ]


def test_json_that_is_none_or_ambiguous_is_refused() -> None:
    for data in (b"", b"{", b'{"rows": [], "rows": []}', b'{"default": {"sla_hours": NaN}}', b"[]", b"[" * 100_000):
        assert errors(data, "json")
    content = json.loads(export_table(TABLE, RULES, "json"))
    assert read_table(content, RULES) == TABLE
