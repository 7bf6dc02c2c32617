"""Units that stand beside the header are never passed over: 12.5 under "单位：万元" is not 12.50."""

from __future__ import annotations

from decimal import Decimal

import pytest

from intake.choose import mapping_for
from intake.mapping import MappingError, infer_mapping
from intake.parse import open_table
from intake.rows import read_rows, sample_rows
from intake.stated_units import Stated, stated_units, with_stated_units
from tests.intake.places import NOW, MakeFile

HEADER = "申请编号,申请金额,期限,申请日期,年收入"
ROW = "A001,12.5,12,2026-01-05,30"
PASSED_OVER = {
    "a title and its unit": (f"贷款台账,,,,单位：万元\n{HEADER}\n{ROW}\n", "unit_above_header", "单位：万元"),
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
    assert (refused.value.code, refused.value.params) == (code, {"said": said, "column": "申请金额"})
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


@pytest.mark.parametrize("name", ["a title and its unit", "two notes", "a row of units"])
def test_a_draft_reads_money_in_the_unit_that_is_stated(make_file: MakeFile, name: str) -> None:
    table = open_table(make_file("table.csv", PASSED_OVER[name][0]))
    rows = sample_rows(table)
    guessed = infer_mapping(table.columns, rows, "branch-x")
    drafted = with_stated_units(guessed, stated_units(table.notes, table.columns, rows))
    read = list(read_rows(table, drafted, now=NOW))[-1].submission
    assert read is not None
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
