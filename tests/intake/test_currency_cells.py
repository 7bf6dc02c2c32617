"""A cell of a workbook that shows $1,000.00 is in dollars, as it is in a text file, and not in the currency assumed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from intake.mapped.mapping_file import read_mapping
from intake.reading.mapping_sample import sample_of, table_of
from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows
from intake.record.choose import mapping_for
from intake.shown.currency_cells import shown_in, sign_of
from tests.intake.places import NOW
from tests.intake.test_open_documents import text_cell, write_ods


def read(path: Path, forms: list[str], header: str = "金额") -> list[ReadRow]:
    """The rows of a workbook, each with an amount and an income in one of these number formats."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    rows: list[list[Any]] = [["合同号", header, "年收入", "年利率"]]
    rows += [[f"A-{at}", 5021.5 + at, 60000.125, 0.05] for at in range(len(forms))]
    for row in rows:
        sheet.append(row)
    for number, form in enumerate(forms, 2):
        sheet.cell(number, 2).number_format = form
        sheet.cell(number, 3).number_format = form
        sheet.cell(number, 4).number_format = "0%"
    book.save(path)
    table = open_table(path)
    return list(read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW))


def test_a_table_that_shows_dollars_is_in_dollars(tmp_path: Path) -> None:
    rows = read(tmp_path / "t.xlsx", ["[$$-409]#,##0.00", '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\)'])
    cases = [row.submission for row in rows]
    assert [(case.amount, case.currency) for case in cases if case] == [
        (Decimal("5021.5"), "USD"),
        (Decimal("5022.5"), "USD"),
    ]
    assert [case.features for case in cases if case] == [{"annual_income": 60000.125, "interest_rate": 5}] * 2


def test_a_row_that_shows_dollars_among_yuan_is_refused_by_name(tmp_path: Path) -> None:
    first, second, third = read(tmp_path / "t.xlsx", ["[$¥-804]#,##0.00", "[$€-2] #,##0.00", "General"])
    assert first.submission is not None
    assert (first.submission.amount, first.submission.currency) == (Decimal("5021.5"), "CNY")
    assert [(error.field, error.value, error.code) for error in second.errors] == [
        ("金额", "€5022.5", "other_currency"),
        ("年收入", "€60000.1250", "other_currency"),
    ]
    assert second.raw["金额"] == "€5022.5"
    assert third.submission is not None


def test_what_the_header_says_stands_beside_what_the_cells_show(tmp_path: Path) -> None:
    (row,) = read(tmp_path / "t.xlsx", ["[$US$-409]#,##0.00"], header="Loan amount (USD thousands)")
    assert row.submission is not None
    assert (row.submission.amount, row.submission.currency) == (Decimal(5_021_500), "USD")


def test_an_old_workbook_is_in_what_it_shows() -> None:
    """Its rows show two forms of dollars, yuan, euros and no currency."""
    table = open_table(Path(__file__).parent / "dirt" / "currencies.xls")
    rows = list(table.rows())
    assert [cells["金额"] for _number, cells in rows if isinstance(cells, dict)] == [
        "$5021.5", "$5022.5", 5023.5, "€5024.5", 5025.5,
    ]  # fmt: skip
    read = list(read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW))
    assert [[error.code for error in row.errors] for row in read] == [
        ["other_currency"] * 2, ["other_currency"] * 2, [], ["other_currency"] * 2, [],
    ]  # fmt: skip


def test_an_ods_is_in_the_currency_of_its_cells_in_repeated_cells_and_rows_too(tmp_path: Path) -> None:
    money = (
        '<table:table-cell office:value-type="currency" office:currency="{}" office:value="5021.5"{}>'
        "<text:p>x</text:p></table:table-cell>"
    )
    twice = ' table:number-columns-repeated="2"'
    rows = [[text_cell(name) for name in ("合同号", "金额", "年收入")]]
    rows += [[text_cell(code or "none"), money.format(code, twice)] for code in ("USD", "CNY", "")]
    path = write_ods(tmp_path / "t.ods", rows)
    table = open_table(path)
    assert [list(cells.values())[1:] for _number, cells in table.rows() if isinstance(cells, dict)] == [
        ["USD5021.5"] * 2, [5021.5] * 2, [5021.5] * 2,
    ]  # fmt: skip
    first, *others = read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)
    assert [(error.field, error.code) for error in first.errors] == [
        ("金额", "other_currency"), ("年收入", "other_currency"),
    ]  # fmt: skip
    assert [(row.submission.amount, row.submission.currency) for row in others if row.submission] == [
        (Decimal("5021.5"), "CNY")
    ] * 2
    dollars = open_table(write_ods(path, rows[:2]))
    (row,) = read_rows(dollars, mapping_for(dollars, "branch-x", None)[1], now=NOW)
    assert row.submission is not None
    assert (row.submission.amount, row.submission.currency) == (Decimal("5021.5"), "USD")


@pytest.mark.parametrize(
    ("form", "sign"),
    [
        ("[$$-409]#,##0.00", "$"), ("[$HK$-C04]#,##0.00", "HK$"), ("[$€-2]\\ #,##0.00", "€"),
        ("#,##0.00\\ [$€-407]", "€"),
        ('"$"#,##0.00;[Red]"$"#,##0.00', "$"), ("[$USD]\\ #,##0", "USD"), ("\\$#,##0", "$"), ("£#,##0", "£"),
        ('#,##0"美元"', "美元"), ("[Red]$#,##0", "$"),
        ("[$¥-804]#,##0.00", ""), ('"¥"#,##0', ""), ('#,##0"元"', ""), ('0.00,"千"', ""), ("General", ""),
        ("[$THB]\\ #,##0", "THB"), ("[$₹-4009]\\ #,##0.00", "₹"), ("#,##0.00\\ [$zł-415]", "zł"), ('"SEK" 0', "SEK"),
        ("[$CNH]\\ 0", ""), ("[$RMB]\\ 0", ""), ("[$￥-804]#,##0", ""), ("[$元-804]0", ""), ("[$人民币]0", ""),
        ('0.00"万元"', "万元"), ('#,##0.00\\ "万"', "万"), ('0!.0,"万"', ""), ('0\\.0,"万"', ""), ('0.0,,"百万"', ""),
        ("0.00%", ""), ('0.0"k"', "千"), ('0.0"K元"', "千元"), ('0.0"w"', "万"), ('0.0"W元"', "万元"),
        ('0.0"万圆"', "万元"), ('0.0"仟元"', "千元"), ('0.0"million"', "百万"), ('"¥"0.0"万"', "万"),
        ('General"万元"', "万元"), ('$0.0"k"', "$#千"), ('0.0"万美元"', "万美元"), ('0.0,"万美元"', "美元"),
        ('0.0,"K"', ""), ('0.0,,"M"', ""), ('0.0"M"', "M"), ('"RMB mn "0.0', "RMB mn"), ('0" x1000"', "x1000"),
        ('0.0"万元/年"', "万元/年"), ('0"年"', "年"), ('0"天"', "天"), ('0" months"', "months"),
        ('0"岁"', ""), ('0"km"', ""), ("0.00E+00", ""), ("# ?/?", ""),
        ("[$-804]yyyy/m/d", ""), ('#,##0"笔"', ""), ("#,##0_);(#,##0)", ""), ("@", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_sign_that_a_number_format_shows(form: str, sign: str) -> None:
    assert sign_of(form) == sign


def test_a_number_that_is_shown_in_ten_thousands_is_in_ten_thousands(tmp_path: Path) -> None:
    """It came in as 5021.50 yuan: the cell holds 5021.5 and everybody sees 5021.5万元."""
    forms = ['0.00"万元"', '#,##0.00"万"', "General", '0!.0,"万元"', "[$THB]\\ #,##0"]
    *rows, last = read(tmp_path / "t.xlsx", forms)
    cases = [row.submission for row in rows]
    assert [(case.amount, case.features["annual_income"]) for case in cases if case] == [
        (Decimal(50_215_000), 600_001_250), (Decimal(50_225_000), 600_001_250),
        (Decimal("5023.5"), 60000.125), (Decimal("5024.5"), 60000.125),
    ]  # fmt: skip
    assert [(error.field, error.value, error.code) for error in last.errors] == [
        ("金额", "THB5025.5", "other_currency"), ("年收入", "THB60000.1250", "other_currency"),
    ]  # fmt: skip
    (of_its_own,) = read(tmp_path / "u.xlsx", ['0.00"万元"'], header="金额（万元）")
    assert of_its_own.submission is not None
    assert of_its_own.submission.amount == Decimal(50_215_000)


def test_a_scale_that_is_not_understood_refuses_its_row_where_it_is_money(tmp_path: Path) -> None:
    """They came in as 5021.50 yuan."""
    known, *others = read(tmp_path / "t.xlsx", ['0.0"k"', '0.0"M"', '0"lakh"', '0"角"'])
    assert known.submission is not None
    assert (known.submission.amount, known.submission.features["annual_income"]) == (Decimal(5_021_500), 60_000_125)
    code = "unit_not_understood"
    assert [[(error.field, error.value, error.code) for error in row.errors] for row in others] == [
        [("金额", f"{5021.5 + at}{unit}", code), ("年收入", f"60000.125{unit}", code)]
        for at, unit in enumerate(("M", "lakh", "角"), 1)
    ]
    assert others[0].raw["金额"] == "5022.5M"
    # Where people have said the factor, the bare number is what they meant.
    path = tmp_path / "t.xlsx"
    fields: dict[str, object] = {
        "amount": {"column": "金额", "scale": 1_000_000},
        "external_ref": {"column": "合同号"},
        "term_months": {"constant": 12},
        "currency": {"constant": "CNY"},
        "product": {"constant": "p"},
        "applied_at": {"import_time": True},
        "applicant.id": {"column": "合同号"},
    }
    mapping = read_mapping({"source": "branch-x", "fields": fields})
    rows = list(read_rows(open_table(path), mapping, now=NOW))
    assert rows[1].submission is not None
    assert rows[1].submission.amount == Decimal(5_022_500_000)


def test_terms_are_in_the_unit_that_their_cells_show(tmp_path: Path) -> None:
    """They came in as months, whatever was shown; a number of employees or of years in business stays one."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["合同号", "金额", "期限", "经营年限"])
    for number, form in enumerate(('0"年"', '0"个月"', '0"天"', "General"), 2):
        sheet.append([f"A-{number}", 5000 + number, 3, 7])
        sheet.cell(number, 3).number_format = form
        sheet.cell(number, 4).number_format = '0"年"'
    book.save(tmp_path / "t.xlsx")
    table = open_table(tmp_path / "t.xlsx")
    rows = list(read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW))
    assert [row.submission and row.submission.term_months for row in rows] == [36, 3, None, 3]
    assert [(error.field, error.value, error.code) for error in rows[2].errors] == [("期限", "3天", "not_a_duration")]
    assert [list(row.submission.features.values()) for row in rows if row.submission] == [[7]] * 3
    # A draft keeps what its sample showed.
    sample = table_of(sample_of(table, "t.xlsx"))
    again = read_rows(sample, mapping_for(sample, "branch-x", None)[1], now=NOW)
    assert [row.submission and row.submission.term_months for row in again] == [36, 3, None, 3]


@pytest.mark.parametrize("unit", [" bp", "bps", "基点", "BP"])
def test_rates_shown_in_basis_points_refuse_their_rows_and_other_numbers_are_what_they_are(
    tmp_path: Path, unit: str
) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Loan No", "Loan Amount", "Interest Rate", "Spread"])
    for number in (2, 3):
        sheet.append([f"A-{number}", 5000 + number, 450 + number, 50 + number])
        sheet.cell(number, 3).number_format = sheet.cell(number, 4).number_format = f'0"{unit}"'
    sheet.cell(3, 3).number_format = "General"
    sheet.cell(3, 3).value = 4.35
    book.save(tmp_path / "t.xlsx")
    table = open_table(tmp_path / "t.xlsx")
    first, second = read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)
    assert [(error.field, error.code) for error in first.errors] == [("Interest Rate", "unit_not_understood")]
    assert first.errors[0].value == f"452{unit.strip()}"
    assert second.submission is not None
    assert second.submission.features == {"interest_rate": 4.35, "spread": 53}


def test_a_number_beside_its_sign_leaves_no_doubt_about_its_point() -> None:
    assert [shown_in("$", each) for each in (80.0, 45.125, 0.1 + 0.2, -3.5, 1e6)] == [
        "$80", "$45.1250", "$0.3", "$-3.5", "$1000000",
    ]  # fmt: skip
