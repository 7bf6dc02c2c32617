"""The scale that a line beside a table says its money to be in, by its words, signs and letters."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from intake.header_words.scale_words import scale_in, scale_of_cell
from intake.reading.parse import open_table
from intake.recognition.mapping import MappingError
from intake.record.choose import mapping_for
from tests.intake.places import MakeFile

SAID = {
    100: ["amounts in hundreds"],
    10**3: [
        "Unit: RMB K unless otherwise stated", "Unit: CNY K - Shanghai Branch", "单位：K（人民币）",
        "单位：K 制表日期：2026-06-30",
        "amounts in k", "Note: loan and Annual income in K", "in kUSD", "USD k", "k USD", "Sums in k€", "RMB'000",
        "HK$’000", "All figures in '000", "Amounts (k)", "Currency: USD (k)", "CNY 000s", "'000", "(thousands)",
        "Terms in months; amounts in K, rates in %", "Unit = thousand", "in thousands of USD", "Unit:1,000 USD",
        "单位：k", "单位(千)", "贷款明细 (k)",
    ],
    10**4: [
        "单位：w", "单位：W", "金额以万计", "注：金额按万为单位", "单位为万", "单位（万）", "贷款台账（万）", "万",
        "金额单位：万，日期为申请日", "单位：人民币万元", "in ten thousands of RMB", "Figures in RMB 10,000",
        "Unit: 10k RMB", "Unit: ten thousand yuan", "Unit: RMB 10000",
    ],
    10**5: ["Amount in lakhs", "Rs. in lakhs as on 31 March 2026", "单位：十万元", "Unit: hundred thousand"],
    10**6: ["US$ million", "(USD mn)", "amounts in USD m", "Amounts in mm", "values in mn", "单位：百万元",
        "Amounts in RMB mn (unaudited)"],
    10**7: ["Rs. crore", "Rs in crores", "Unit: 10 million"],
    10**8: ["in hundred millions of yuan", "单位：亿元"],
    10**9: ["amounts in bn", "EUR billion"],
}  # fmt: skip


@pytest.mark.parametrize(("scale", "line"), [(scale, line) for scale, lines in SAID.items() for line in lines])
def test_a_line_says_the_scale_of_its_amounts(scale: int, line: str) -> None:
    assert scale_in(line) == Decimal(scale)


@pytest.mark.parametrize(
    "line",
    [
        "Dates in MM/DD/YYYY", "dates in mm-dd-yyyy", "Terms in months", "Loans in multiples of 1,000",
        "Loans above USD 10k", "Vintage in 10,000 loans", "Minimum USD 1,000", "USD 1 million cap", "Amounts in MOP",
        "amounts above 1,000,000 need two signatures", "loans in kind", "Branch in W", "Amounts in words", "Form K-12",
        "figures as of 31 Mar", "loan unit M1", "Currency: MXN", "数以千计的客户", "单位：千伏公司", "单位：元",
        "金额：人民币元", "50万元以下小额贷款", "单位：万科集团", "备注：几十万元的不列",
        "In million-dollar homes only", "Unit: W Branch", "填报单位：K市分行", "单位：W公司",
        "Business unit: MM Retail", "注册资本（万）以执照为准",
    ],
)  # fmt: skip
def test_a_line_that_says_something_else_says_no_scale(line: str) -> None:
    assert scale_in(line) is None


def test_a_cell_may_say_a_scale_alone() -> None:
    cells = {"k": 1_000, "USD'000": 1_000, "(in thousands)": 1_000, "CNY mn": 10**6, "1,000": 1_000, "W": 10_000}
    assert {cell: scale_of_cell(cell) for cell in cells} == cells
    # The name of a sheet, or a line, may be a letter or number by chance.
    assert [scale_in(text) for text in ("k", "1000", "W")] == [None] * 3
    assert [scale_of_cell(text) for text in ("K Street", "m", "5k", "")] == [None] * 4


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("amounts in k\nLoan ID,Loan Amount,Annual Income\nA,12.5,30\n", "unit_above_header"),
        ("Loan ID,Loan Amount,Annual Income\nA,12.5,30\nNote: loan and Annual income in k,,\n", "unit_below_rows"),
        ("Loan ID,Loan Amount,Annual Income\n,k,k\nA,12.5,30\nB,12.5,30\n", "unit_below_header"),
        ("Loan ID,Loan Amount,Term,Unit\nA,12.5,12,k\nB,12.5,12,k\n", "unit_in_column"),
        ("贷款台账（万）\n合同号,贷款金额,年收入\nA,12.5,30\n", "unit_above_header"),
        ("(MYR'000)\nLoan ID,Loan Amount\nA,12.5\n", "unit_above_header"),
        ("Currency: MYR\nLoan ID,Loan Amount\nA,12.5\n", "unit_above_header"),
        ("币种：新加坡元 单位：元\n合同号,贷款金额\nA,12.5\n", "unit_above_header"),
    ],
)
def test_a_scale_beside_the_header_is_never_passed_over(make_file: MakeFile, text: str, code: str) -> None:
    table = open_table(make_file("t.csv", text))
    with pytest.raises(MappingError) as refused:
        mapping_for(table, "branch", None)
    assert refused.value.code == code
    assert refused.value.params["column"] == table.columns[1]


def test_the_name_of_a_sheet_says_it_without_brackets(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Amounts in k"
    for cells in (["Loan ID", "Loan Amount"], ["A", 12.5], ["B", 13]):
        book.worksheets[0].append(cells)
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(MappingError) as refused:
        mapping_for(open_table(tmp_path / "t.xlsx"), "branch", None)
    assert (refused.value.code, refused.value.params["said"]) == ("unit_in_sheet_name", "Amounts in k")
