"""Units that stand beside the header are never passed over: 12.5 under "单位：万元" is not 12.50."""

from __future__ import annotations

import gzip
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from intake.reading.parse import open_table
from intake.reading.rows import read_rows, sample_rows
from intake.reading.table_notes import units_of
from intake.recognition.mapping import MappingError, infer_mapping
from intake.record.choose import mapping_for
from intake.tabular.stated_units import Stated, stated_units, with_stated_units
from tests.intake.places import NOW, MakeFile

HEADER = "申请编号,申请金额,期限,申请日期,年收入"
ROW = "A001,12.5,12,2026-01-05,30"
PASSED_OVER = {
    "a title and its unit": (f"贷款台账,,,,单位：万元\n{HEADER}\n{ROW}\n", "unit_above_header", "单位：万元"),
    "behind the header": (f"{HEADER},单位：万元\n{ROW},\n{ROW},\n", "unit_above_header", "单位：万元"),
    "further right": (f"{HEADER},,,单位：万元\n{ROW},,,\n{ROW},,,\n", "unit_above_header", "单位：万元"),
    "beside a row": (f"{HEADER}\n{ROW}\n{ROW},,单位：万元\n", "unit_above_header", "单位：万元"),
    "a line of its own": (f"（单位：人民币千元）\n{HEADER}\n{ROW}\n", "unit_above_header", "（单位：人民币千元）"),
    "two notes": (f"币种：美元,单位：千元\n\n{HEADER}\n{ROW}\n", "unit_above_header", "币种：美元 单位：千元"),
    "three notes above few rows": (
        f"明细表,,,,\n填报机构：上海,,日期：1月,,单位：万元\n{HEADER}\n{ROW}\n制表：张三,审核：李四,,,\n复核：王五,批准：赵六,,,\n",
        "unit_above_header", "单位：万元",
    ),
    "a currency alone": (f"币种：港币,制表：张三\n{HEADER}\n{ROW}\n", "unit_above_header", "币种：港币"),
    "English": (f"Loans (in thousands of USD)\n{HEADER}\n{ROW}\n", "unit_above_header", "Loans (in thousands of USD)"),
    "万 for 万元": (f"贷款台账,,,,单位：万\n{HEADER}\n{ROW}\n", "unit_above_header", "单位：万"),
    "a row of 万": (f"{HEADER}\n,万,月,,万\n{ROW}\n{ROW}\n", "unit_below_header", "万"),
    "a column of 万": (f"{HEADER},金额单位\n{ROW},万\nA002,125000,12,2026-01-05,3,元\n", "unit_in_column", "万"),
    "a row of units": (f"{HEADER}\n,(万元),(月),,(万元)\n{ROW}\n{ROW}\n", "unit_below_header", "(万元)"),
    "a row with a currency": (f"{HEADER}\n,美元,月,,美元\n{ROW}\n{ROW}\n", "unit_below_header", "美元"),
    "a row with a code": (f"{HEADER}\n,(USD),(months),(yyyy-mm-dd),(USD/month)\n{ROW}\n", "unit_below_header", "(USD)"),
    "a note below": (f"{HEADER}\n{ROW}\n注：以上金额单位为万元,,,,\n", "unit_below_rows", "注：以上金额单位为万元"),
    "a note below of one cell": (
        f"{HEADER}\n{ROW}\n\n说明：1.金额单位：万元；2.日期为申请日\n",
        "unit_below_rows", "说明：1.金额单位：万元；2.日期为申请日",
    ),
    "a numbered note below": (f"{HEADER}\n{ROW}\n1,金额单位为万元,,,\n", "unit_below_rows", "金额单位为万元"),
    "a unit under the last column": (f"{HEADER}\n{ROW}\n,,,,单位：万元\n", "unit_below_rows", "单位：万元"),
    "English below": (
        f"{HEADER}\n{ROW}\nNote: amounts in USD thousands,,,,\n", "unit_below_rows", "Note: amounts in USD thousands",
    ),
    "English below in several cells": (
        f"{HEADER}\n{ROW}\nNote: terms in months, rates in percent, amounts in thousands,and nothing else\n",
        "unit_below_rows", "amounts in thousands",
    ),
    "a currency above and a unit below": (
        f"币种：美元,制表：张三\n{HEADER}\n{ROW}\n单位：千元,,,,\n", "unit_below_rows", "币种：美元 单位：千元",
    ),
    "below many rows": (
        f"{HEADER}\n" + "".join(f"B{at},12.5,12,2026-01-05,30\n" for at in range(1_200)) + "备注：单位万元,,,,\n",
        "unit_below_rows", "备注：单位万元",
    ),
    "a remark in the name": (
        f"单位：万元\n{HEADER.replace('额', '额(含税)')}\n{ROW}\n", "unit_above_header", "单位：万元",
    ),
    "a column of units": (f"{HEADER},金额单位\n{ROW},万元\nA002,125000,12,2026-01-05,3,元\n", "unit_in_column", "万元"),
}  # fmt: skip
HARMLESS = {
    "yuan": f"贷款台账,,,,单位：元\n{HEADER}\n{ROW}\n",
    "a size in a title": f"50万元以下小额贷款\n{HEADER}\n{ROW}\n",
    "a firm": f"单位：万科集团,,,,制表：张三\n{HEADER}\n{ROW}\n",
    "an office": f"单位：某某银行,,,,制表：张三\n{HEADER}\n{ROW}\n",
    "a unit in the names": f"单位：万元\n{HEADER.replace('额', '额(万元)').replace('收入', '收入(元)')}\n{ROW}\n",
}  # fmt: skip


@pytest.mark.parametrize(("text", "code", "said"), PASSED_OVER.values(), ids=PASSED_OVER)
def test_a_file_whose_unit_nobody_reads_is_refused(make_file: MakeFile, text: str, code: str, said: str) -> None:
    table = open_table(make_file("table.csv", text))
    with pytest.raises(MappingError) as refused:
        mapping_for(table, "branch-x", None)
    assert (refused.value.code, refused.value.params) == (code, {"said": said, "column": table.columns[1]})
    assert said in refused.value.sentence("zh-hans")


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_a_file_whose_header_says_the_unit_comes_in(make_file: MakeFile, text: str) -> None:
    table = open_table(make_file("table.csv", text))
    _name, mapping = mapping_for(table, "branch-x", None)
    (row,) = read_rows(table, mapping, now=NOW)
    assert row.submission is not None
    scaled = "万元" in mapping.fields["amount"].column
    assert row.submission.amount == (125_000 if scaled else Decimal("12.5"))
    assert row.submission.features["annual_income"] == 30


NO_NOTES = {
    "yuan": "注：金额单位为元,,,,",
    "a limit": "注：万元以上的须两人签字,,,,",
    "a limit in English": '"Note: amounts above 1,000,000 need two signatures",,,,',
    "who made it": "制表：张三,审核：李四,,,",
    "a total": "合计（万元）,12.5,,,30",
    "a row without its amount": "A002,,12,2026-01-05,收入以万元计",
}


@pytest.mark.parametrize("row", NO_NOTES.values(), ids=NO_NOTES)
def test_other_rows_below_refuse_themselves_alone(make_file: MakeFile, row: str) -> None:
    table = open_table(make_file("table.csv", f"{HEADER}\n{ROW}\n{row}\n"))
    first, last = read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)
    assert (first.submission and first.submission.amount, last.submission) == (Decimal("12.5"), None)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "gb18030"])
def test_the_last_lines_of_a_long_file_are_found_in_its_encoding(make_file: MakeFile, encoding: str) -> None:
    text = PASSED_OVER["below many rows"][0]
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    table = open_table(make_file("table.csv", (mark + text).encode(encoding)))
    assert list(table.last_rows()[-1]) == ["备注：单位万元", "", "", "", ""]
    assert len(table.last_rows()) == 10
    with pytest.raises(MappingError) as refused:
        mapping_for(table, "branch-x", None)
    assert refused.value.code == "unit_below_rows"


def test_of_a_packed_file_only_the_sample_is_looked_through(make_file: MakeFile) -> None:
    table = open_table(make_file("table.csv.gz", gzip.compress(PASSED_OVER["below many rows"][0].encode())))
    assert table.last_rows() == []
    # What its last row states is not seen: so small amounts are asked about.
    with pytest.raises(MappingError) as refusal:
        mapping_for(table, "branch-x", None)
    assert refusal.value.code == "amount_open"


SHEETS = {
    "贷款明细(万元)": ("贷款明细(万元)", 10_000, ""),
    "Loans (USD k)": ("Loans (USD k)", 1_000, "USD"),
    "贷款明细": ("", None, ""),
    "万元以上": ("", None, ""),
    "USD": ("", None, ""),
}


@pytest.mark.parametrize("name", SHEETS)
def test_the_name_of_a_sheet_says_a_unit(tmp_path: Path, name: str) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = name
    for cells in (HEADER.split(","), ["A001", 12.5, 12, "2026-01-05", 30]):
        book.worksheets[0].append(cells)
    book.save(tmp_path / "t.xlsx")
    table = open_table(tmp_path / "t.xlsx")
    told = units_of(table, sample_rows(table))
    assert (told.said, told.scale, told.currency) == SHEETS[name]
    if told.code:
        with pytest.raises(MappingError) as refused:
            mapping_for(table, "branch-x", None)
        assert (refused.value.code, refused.value.params["column"]) == ("unit_in_sheet_name", "申请金额")


@pytest.mark.parametrize(
    "note",
    [
        "合计（大写）：人民币壹佰贰拾万元整", "注：单笔最高叁拾万元", "期末余额：壹仟万元", "填报单位：万元支行",
        "注：除注册资本(万元)外，金额单位均为元", "说明：注册资本以万元为单位，其余以元为单位",
        "注：注册资本单位为万元", "Note 1: 注册资本 in 万元",
        "注：注册资本（万元）以营业执照为准", "说明：注册资本(万元)含认缴部分",
        "注：除注册资本（万元）外，金额单位均为人民币元",
        "注：申请金额单位：元；注册资本单位：万元", "注：注册资本（万元）按上年度年报填列，申请金额为元",
        "注：1.申请金额单位为元；2.注册资本单位为万元。", "填表说明：注册资本以万元填写", "注：注册资本的单位是万元",
        "注：“注册资本”列单位为人民币万元", "注：本表金额单位为人民币元，注册资本单位为万元",
    ],
)  # fmt: skip
def test_a_note_of_a_column_that_says_the_same_refuses_nothing(make_file: MakeFile, note: str) -> None:
    table = open_table(make_file("t.csv", f"合同号,申请金额,注册资本(万元)\nA,50000,12\nB,60000,13\n{note}\n"))
    assert units_of(table, sample_rows(table)).code == ""


@pytest.mark.parametrize(
    "note",
    [
        "注：除另有说明外，金额单位为万元", "注：除特别注明外，以上金额单位均为人民币万元",
        "说明：金额单位为万元，其他事项见附件", "备注：单位万元；其他未尽事宜请联系信贷部",
        "注：金额单位：万元，其余见说明",
        "Note: amounts in USD thousands, converted at month-end rates",
        "Note: amounts in thousands; loans not in default only", "注：申请金额、注册资本单位均为万元",
        "注：注册资本、申请金额单位均为万元", "注：注册资本单位为万元，申请金额亦同",
        "注：注册资本(万元)外，其余单位为千元", "注：注册资本单位为千元",
        "注：申请金额，注册资本单位为万元", "注：申请金额单位与注册资本（万元）一致",
        "注：注册资本（万元）等各项金额见附件", "注：贷款，注册资本单位为万元", "注：贷款 注册资本（万元）",
        "注：贷款或注册资本单位：万元", "注：注册资本单位为万元；贷款也是",
        "注：注册资本单位为万元，不是元，其他金额也一样",
        "注：各项金额按人民币元折算后以注册资本（万元）的单位列示", "注：表中数据都以注册资本（万元）的单位填写",
        "注：注册资本（万元），申请金额单位同", "注：注册资本（万元）；所有金额均同",
        "注：注册资本（万元）、申请、授信按万计", "注：注册资本（万元）等",
        "注：注册资本（万元） All amounts in 10000 CNY",
        "注：注册资本（万元）. 申请（万）", "注册资本单位为万元。",
        # Nobody takes them for one of all, and no rule tells them from those above.
        "Figures in Yuan, not in thousands", "Note: USD loans converted to CNY, amounts in CNY",
    ],
)  # fmt: skip
def test_a_note_that_may_be_of_all_amounts_refuses_by_name(make_file: MakeFile, note: str) -> None:
    table = open_table(make_file("t.csv", f'合同号,申请金额,注册资本(万元)\nA,12.5,12\nB,8,13\n"{note}",,\n'))
    with pytest.raises(MappingError) as refused:
        mapping_for(table, "branch-x", None)
    params = refused.value.params
    assert (refused.value.code, params["said"], params["column"]) == ("unit_below_rows", note, "申请金额")


def test_a_note_may_say_the_unit_of_a_header_with_or_without_yuan(make_file: MakeFile) -> None:
    for note, code in (("注：注册资本单位为万元", ""), ("注：申请金额，注册资本单位：万元", "unit_below_rows")):
        table = open_table(make_file("t.csv", f"合同号,申请金额,注册资本（万）\nA,12.5,12\nB,8,13\n{note},,\n"))
        assert units_of(table, sample_rows(table)).code == code


@pytest.mark.parametrize(
    "note",
    [
        "Notes: Annual income (thousands). Loan amount in thousands.",
        "Note: Annual income (thousands) and loan amount in thousands",
        "Note: Annual income (thousands) is gross of tax. All amounts in thousands of USD.",
    ],
)
def test_a_note_that_goes_on_behind_a_unit_is_of_all(make_file: MakeFile, note: str) -> None:
    text = f"Loan ID,Loan Amount,Annual Income (thousands)\nA,12.5,12\nB,8,13\n{note},,\n"
    table = open_table(make_file("t.csv", text))
    assert units_of(table, sample_rows(table)).code == "unit_below_rows"


@pytest.mark.parametrize("column", ["金额(万元)", "(万元)", "收入(万元)"])
def test_a_note_that_names_what_several_columns_are_called_is_of_all(make_file: MakeFile, column: str) -> None:
    note = "注：收入单位为万元" if "收入" in column else "注：金额单位为万元"
    table = open_table(make_file("t.csv", f"合同号,申请金额,年收入,{column}\nA,12.5,30,12\nB,8,18,13\n{note},,,\n"))
    assert units_of(table, sample_rows(table)).code == "unit_below_rows"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Branch (A)", ""), ("万元户", ""), ("贷款明细(万元)", "unit_in_sheet_name"),
        ("Loans (k)", "unit_in_sheet_name"), ("贷款(W)", "unit_in_sheet_name"),
        # One of several, perhaps; nothing tells.
        ("Branch (K)", "unit_in_sheet_name"),
    ],
)  # fmt: skip
def test_a_letter_in_the_name_of_a_sheet_may_be_a_unit(tmp_path: Path, name: str, code: str) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = name
    for cells in (["合同号", "申请金额"], ["A", 12.5], ["B", 13]):
        book.worksheets[0].append(cells)
    book.save(tmp_path / "t.xlsx")
    table = open_table(tmp_path / "t.xlsx")
    assert units_of(table, sample_rows(table)).code == code


def test_notes_below_a_long_sheet_are_found(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    loans: list[list[Any]] = [[f"A{at}", 12.5, 12, "2026-01-05", 30] for at in range(1_100)]
    for cells in (HEADER.split(","), *loans, ["单位：万元"]):
        book.worksheets[0].append(cells)
    book.save(tmp_path / "t.xlsx")
    table = open_table(tmp_path / "t.xlsx")
    assert units_of(table, sample_rows(table)).code == "unit_below_rows"


@pytest.mark.parametrize("name", ["a title and its unit", "two notes", "a row of units", "a note below"])
def test_a_draft_reads_money_in_the_unit_that_is_stated(make_file: MakeFile, name: str) -> None:
    table = open_table(make_file("table.csv", PASSED_OVER[name][0]))
    rows = sample_rows(table)
    guessed = infer_mapping(table.columns, rows, "branch-x")
    drafted = with_stated_units(guessed, units_of(table, rows))
    read = [row.submission for row in read_rows(table, drafted, now=NOW) if row.submission][-1]
    factor, currency = (1_000, "USD") if "美元" in PASSED_OVER[name][0] else (10_000, "CNY")
    assert (read.amount, read.currency) == (Decimal("12.5") * factor, currency)
    assert (read.features["annual_income"], read.term_months) == (30 * factor, 12)


def test_a_draft_leaves_an_amount_open_whose_unit_each_row_says(make_file: MakeFile) -> None:
    table = open_table(make_file("table.csv", PASSED_OVER["a column of units"][0]))
    rows = sample_rows(table)
    drafted = with_stated_units(
        infer_mapping(table.columns, rows, "branch-x"), stated_units(table.notes, table.columns, rows)
    )
    assert "amount" not in drafted.fields
    assert drafted.drop["申请金额"] == "not_used"
    assert stated_units([], ["申请金额"], [{"申请金额": "5"}]) == Stated()
