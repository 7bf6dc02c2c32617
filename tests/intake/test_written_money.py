"""Amounts as people write them: 50k, 5w and 1万5 are read, and what is no one number is asked about by its column."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from intake.mapped.case_mapping import CHINA
from intake.mapped.given import Given, read_cell
from intake.mapped.plain_cells import plain_text
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.mapping import MappingError
from intake.record.choose import mapping_for
from intake.tabular.tables import Table
from intake.values.cells import CellError
from tests.intake.places import NOW, MakeFile


def table_of(make_file: MakeFile, header: str, cells: Sequence[str]) -> Table:
    lines = "".join(f'HT-{at},5000,"{cell}"\n' for at, cell in enumerate(cells))
    return open_table(make_file("t.csv", f"合同号,贷款金额,{header}\n{lines}"))


def features(table: Table) -> dict[str, list[object]]:
    """The values of the rows that come in, by feature."""
    rows = read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)
    found: dict[str, list[object]] = {}
    for row in rows:
        for name, value in (row.submission.features if row.submission else {}).items():
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("50k", 50_000), ("5.5K", 5_500), ("8 k", 8_000), ("5w", 50_000), ("1.2W", 12_000), ("12,5k", 12_500),
        ("$50k", 50_000), ("¥8k", 8_000), ("8k元", 8_000), ("-5k", -5_000), ("(5k)", -5_000), ("５ｗ", 50_000),
        ("1万5", 15_000), ("１万５", 15_000), ("1萬5", 15_000), ("1万5千", 15_000), ("1万2千元", 12_000),
        ("8千5", 8_500), ("8千", 8_000), ("25,000kr", 25_000),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["number", "money"])
def test_units_that_people_type_are_read_in_columns_of_money(text: str, number: int, kind: str) -> None:
    assert read_cell(Given("column", column="月收入"), text, kind, CHINA) == number


@pytest.mark.parametrize(
    "text",
    [
        "1.2M", "250,000K", "12345k", "1.250k", "5k-8k", "50k+", "<50k", "约3万", "5k/月", "1万5百", "1万50", "8k5",
        "5wan", "5000-8000", "8 kids",
    ],
)  # fmt: skip
def test_what_has_no_one_meaning_is_refused(text: str) -> None:
    with pytest.raises(CellError) as refusal:
        read_cell(Given("column", column="月收入"), text, "number", CHINA)
    assert refusal.value.code == "not_a_number"


@pytest.mark.parametrize("text", ["50k", "5w", "1万5"])
def test_they_are_no_numbers_of_anything_else(text: str) -> None:
    with pytest.raises(CellError) as refusal:
        read_cell(Given("column", column="次数"), text, "number", CHINA)
    assert refusal.value.code == "not_a_number"


@pytest.mark.parametrize(("text", "number"), [("850k", 850_000), ("5w", 50_000), ("1万5", 15_000), ("12", 120_000)])
def test_a_cell_with_such_a_unit_is_not_scaled_by_that_of_its_column(text: str, number: int) -> None:
    given = Given("column", column="收入(万元)", scale=Decimal(10_000))
    assert read_cell(given, text, "number", CHINA) == number


@pytest.mark.parametrize(
    ("header", "name", "cells", "read"),
    [
        ("Annual Income", "annual_income", ["50k", "51k"], [50_000, 51_000]),
        ("年收入", "annual_income", ["5w", "6w"], [50_000, 60_000]),
        ("月收入", "monthly_income", ["8k", "1.2w", "1万5", "8千", "15000", "2W"],
         [8_000, 12_000, 15_000, 8_000, 15_000, 20_000]),
        ("EBITDA", "ebitda", ["850K", "900K", "-"], [850_000, 900_000, None]),
    ],
)  # fmt: skip
def test_a_column_of_them_is_one_of_numbers(
    make_file: MakeFile, header: str, name: str, cells: Sequence[str], read: Sequence[object]
) -> None:
    assert features(table_of(make_file, header, cells)) == {name: read}


def test_an_amount_in_them_is_read_and_its_currency_seen(make_file: MakeFile) -> None:
    table = open_table(make_file("t.csv", "合同号,贷款金额\nA,5w\nB,1万5\nC,20k\nD,50k USD\nE,$8k\n"))
    rows = list(read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW))
    assert [row.submission and row.submission.amount for row in rows] == [50_000, 15_000, 20_000, None, None]
    assert [error.code for row in rows for error in row.errors] == ["other_currency"] * 2


def test_small_bare_numbers_beside_them_leave_the_unit_open(make_file: MakeFile) -> None:
    with pytest.raises(MappingError) as refusal:
        mapping_for(table_of(make_file, "月收入", ["1.2w", "2w", "15"]), "branch-x", None)
    assert (refusal.value.code, refusal.value.params) == ("unit_mixed", {"name": "月收入", "own": "1.2w", "bare": "15"})


@pytest.mark.parametrize(
    ("header", "cells", "value"),
    [
        ("年收入", ["10万元/年", "11万元/年"], "10万元/年"),
        ("负债总额", ["约3万", "约4万", "5万"], "约3万"),
        ("家庭负债", ["约3万", "30000左右", "无"], "约3万"),
        ("Household debt", ["approx. 30,000", "$1.2 million"], "approx. 30,000"),
        ("EBITDA", ["1.2M", "850K", "-"], "1.2M"),
        ("月收入", ["5000-8000", "7500", "12000以上"], "5000-8000"),
        ("Monthly Income", ["₹45k", "₹1.2 lakh", "₹5 lakh"], "₹1.2 lakh"),
    ],
)
def test_amounts_in_other_words_are_refused_by_the_name_of_their_column(
    make_file: MakeFile, header: str, cells: Sequence[str], value: str
) -> None:
    with pytest.raises(MappingError) as refusal:
        mapping_for(table_of(make_file, header, cells), "branch-x", None)
    assert (refusal.value.code, refusal.value.params) == ("money_unread", {"name": header, "value": value})
    assert refusal.value.sentence("en") == (
        f"The column “{header}” holds amounts such as “{value}”, which are no plain numbers: write each as one number,"
        " such as 12000, or sign a mapping for this source."
    )
    assert refusal.value.sentence("zh-hans") == (
        f"“{header}”列的金额如“{value}”不是单纯的数字：请将每项写为一个数字，如 12000，或为该来源签署映射。"
    )


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("salary_range", ["40K - 60K €", "60K+ €", "0 - 20K €"]),
        ("月收入", ["5000-8000", "8000-12000", "12000以上"]),
        ("Income Category", ["$60K - $80K", "Less than $40K", "$120K +"]),
        ("checking_balance", ["< 0 DM", "1 - 200 DM", "unknown"]),
        ("资产情况", ["有房有车", "无房", "3套房"]),
        ("income type", ["salaried", "self-employed", "class 1"]),
        ("存款期限", ["3年", "5年", "10年"]),
        ("存款期限", ["12M", "36M", "24M"]),
        ("savings balance class", ["1a", "2b", "3a"]),
    ],
)
def test_bands_and_words_of_other_columns_stay_what_they_are(
    make_file: MakeFile, header: str, cells: Sequence[str]
) -> None:
    (values,) = features(table_of(make_file, header, cells)).values()
    assert values == list(cells)


def test_a_row_is_told_by_them_as_the_texts_that_they_were() -> None:
    """Rows without a number that came before they were read are known again."""
    plain, scaled = (
        Given("column", column="月收入", type="number"),
        Given("column", column="月收入(万元)", type="number", scale=Decimal(10_000)),
    )
    for text in ("50k", "5w", "1万5", "3,000.00-"):
        assert [plain_text(text, text, given, CHINA) for given in (plain, scaled)] == [text, text]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3,000.00-", -3_000), ("1.200,50-", -1_200.5), ("12.50-", -12.5), ("1,200-", -1_200), ("¥300.00-", -300),
        ("3,000.00−", -3_000), ("0.00-", 0),
    ],
)  # fmt: skip
def test_a_minus_behind_an_amount_makes_it_negative(text: str, number: float) -> None:
    assert read_cell(Given("column", column="净利润"), text, "number", CHINA) == number


@pytest.mark.parametrize("text", ["3000-", "12-", "(300.00-)", "-300.00-", "300.00--", "5.0-"])
def test_a_dash_behind_what_may_be_a_range_is_refused(text: str) -> None:
    with pytest.raises(CellError) as refusal:
        read_cell(Given("column", column="净利润"), text, "number", CHINA)
    assert refusal.value.code == "not_a_number"


def test_a_column_of_negative_amounts_is_one_of_numbers(make_file: MakeFile) -> None:
    cells = ["1,200.00-", "3,000.00-", "500.00"]
    assert features(table_of(make_file, "Net Worth", cells)) == {"net_worth": [-1_200, -3_000, 500]}


@pytest.mark.parametrize(
    ("header", "cell", "amount"),
    [
        ("loan_amount", "1590.3700000000001", "1590.37"), ("loan_amount", "2126.5199999999995", "2126.52"),
        ("贷款金额(万元)", "0.30000000000000004", "3000.00"), ("贷款金额(万元)", "12.299999999999999", "123000.00"),
        ("申请金额(亿元)", "0.12000000000000001", "12000000.00"),
        ("申请金额(亿元)", "123.45000000000002", "12345000000.00"),
    ],
)  # fmt: skip
def test_the_noise_of_binary_fractions_in_a_text_is_no_third_decimal(
    make_file: MakeFile, header: str, cell: str, amount: str
) -> None:
    table = open_table(make_file("t.csv", f"loan_id,{header}\nA1,{cell}\n"))
    (row,) = read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)
    assert row.submission is not None
    assert str(row.submission.amount) == amount


@pytest.mark.parametrize(
    "cell",
    [
        "1590.3712", "1590.371", "1590.3712000000001", "33333.333333333336", "1590.37000000000001",
        "1590.3700000000003001", "1590.370000001", "9999999999999.123",
    ],
)  # fmt: skip
def test_decimals_that_are_no_noise_stay_refused(make_file: MakeFile, cell: str) -> None:
    table = open_table(make_file("t.csv", f"loan_id,loan_amount\nA1,{cell}\n"))
    (row,) = read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)
    assert row.submission is None
    assert [(error.field, error.value, error.code) for error in row.errors] == [
        ("loan_amount", cell, "too_many_decimals")
    ]
