"""A unit and a currency that the header of an amount says are never passed over: 12.5 万美元 are not 12.50 yuan."""

from __future__ import annotations

from decimal import Decimal

import pytest

from intake.header_words.header_units import is_scale, money_scale, span_of
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.mapping import MappingError
from intake.record.choose import mapping_for
from tests.intake.places import NOW, MakeFile


@pytest.mark.parametrize(
    ("header", "amount", "currency"),
    [
        ("贷款金额（万美元）", 250_000, "USD"), ("贷款金额(千港元)", 25_000, "HKD"),
        ("贷款金额(万欧元)", 250_000, "EUR"), ("贷款金额（万英镑）", 250_000, "GBP"),
        ("贷款金额(美元/万)", 250_000, "USD"), ("贷款金额（万 元）", 250_000, "CNY"),
        ("贷款金额(万元/人民币)", 250_000, "CNY"), ("贷款金额(人民币：万元)", 250_000, "CNY"),
        ("贷款金额(w)", 250_000, "CNY"), ("贷款金额(百元)", 2_500, "CNY"),
        ("贷款金额(百万元)", 25_000_000, "CNY"), ("贷款金额(分)", "0.25", "CNY"),
        ("Loan Amount (cents)", "0.25", "CNY"), ("贷款金额(元)", 25, "CNY"),
        ("贷款金额（美元）", 25, "USD"),
        ("贷款金额(万元/笔)", 250_000, "CNY"), ("贷款金额（万元，税前）", 250_000, "CNY"),
        ("贷款金额（以万元计）", 250_000, "CNY"), ("贷款金额（计量单位：万元）", 250_000, "CNY"),
        ("贷款金额(千元/月)", 25_000, "CNY"), ("贷款金额(十万元)", 2_500_000, "CNY"),
        ("Loan Amount ($M)", 25_000_000, "USD"), ("Loan Amount (€000)", 25_000, "EUR"),
        ("贷款金额万元（含利息）", 250_000, "CNY"),
        ("Loan Amount (RMB mn)", 25_000_000, "CNY"), ("Loan Amount (USD m)", 25_000_000, "USD"),
        ("Loan Amount (in RMB 10,000)", 250_000, "CNY"), ("loan_amount_10k", 250_000, "CNY"),
        ("贷款金额（不超过50万元）", 25, "CNY"), ("贷款金额(万元以下)", 25, "CNY"),
        ("Loan Amount (HK$'000)", 25_000, "HKD"), ("貸款金額(萬圓)", 250_000, "CNY"),
        ("贷款金额(万円)", 250_000, "JPY"), ("贷款金额（NT$萬）", 250_000, "TWD"), ("贷款金额(仟元)", 25_000, "CNY"),
        ("贷款金额仟元", 25_000, "CNY"), ("Loan Amount (thousand yuan)", 25_000, "CNY"),
        ("Loan Amount (10,000 yuan)", 250_000, "CNY"), ("Loan Amount (ten thousand)", 250_000, "CNY"),
        ("贷款金额（以万计）", 250_000, "CNY"), ("贷款金额(万块)", 250_000, "CNY"), ("贷款金额(wan)", 250_000, "CNY"),
        ("Loan Amount (US$M)", 25_000_000, "USD"), ("贷款金额(港圆)", 25, "HKD"),
        ("贷款金额（单位：分）", "0.25", "CNY"),
        ("Loan Amount USD (thousands)", 25_000, "USD"), ("loan_amount_usd", 25, "USD"), ("贷款金额港币", 25, "HKD"),
        ("(万元)申请金额", 250_000, "CNY"), ("【万美元】贷款金额", 250_000, "USD"), ("（元）贷款金额", 25, "CNY"),
        ("申请金额(万)(含税)", 250_000, "CNY"), ("申请金额（含税）（万元）", 250_000, "CNY"),
        ("申请金额(含税)(不含费)", 25, "CNY"), ("APPLY_AMT", 25, "CNY"), ("APPLY_AMOUNT(万元)", 250_000, "CNY"),
        ("贷款金额（合同）", 25, "CNY"), ("amount (approved)", 25, "CNY"), ("Loan Amount (requested)", 25, "CNY"),
        ("贷款金额（分期）", 25, "CNY"), ("贷款金额(含部分利息)", 25, "CNY"), ("贷款金额(合计)", 25, "CNY"),
        ("Loan Amount (2000)", 25, "CNY"), ("贷款金额（大于1000元）", 25, "CNY"), ("贷款金额（in yuan）", 25, "CNY"),
    ],
)  # fmt: skip
def test_what_the_header_of_an_amount_says(make_file: MakeFile, header: str, amount: float, currency: str) -> None:
    table = open_table(make_file("t.csv", f'合同编号,"{header}"\nA,25\nB,25\n'))
    rows = list(read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW))
    cases = [row.submission for row in rows]
    assert [(str(float(case.amount)), case.currency) for case in cases if case] == [(str(float(amount)), currency)] * 2


@pytest.mark.parametrize(
    "unit",
    [
        "RMB mil", "mn", "MM", "M", "x1000", "RMB 0,000", "lakh", "角", "元角分", "百", "1万元", "A$'000", "peso",
        "Kwacha",
        "in $", "hundreds", "10^4", "Rs. lakh", "Rs", "卢比", "P", "RM'000", "Ks", "juta",
        "1e4", "×10⁴", "mil)(gross",
    ],
)  # fmt: skip
def test_a_unit_of_money_that_is_not_understood_refuses_the_file(make_file: MakeFile, unit: str) -> None:
    for columns in (f'"Loan Amount ({unit})",rate', f'贷款金额,"年收入({unit})"'):
        table = open_table(make_file("t.csv", f"合同编号,{columns}\nA,500,25\nB,600,30\n"))
        with pytest.raises(MappingError) as refusal:
            mapping_for(table, "branch-x", None)
        assert refusal.value.code == "unit_unknown"
        assert f"({unit})" in refusal.value.params["name"]
        assert f"({unit})" in refusal.value.sentence("zh-hans")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("合同编号,Loan Amount (lakhs)\nA,500\n", "unit_unknown"),
        ("合同编号,贷款金额,年收入(RM)\nA,500,25\n", "column_other_currency"),
        ("合同编号,贷款金额,年收入(Rp juta)\nA,500,25\n", "column_other_currency"),
        ("合同编号,贷款金额,年收入(INR lakhs)\nA,500,25\n", "column_other_currency"),
    ],
)
def test_a_scale_beside_a_currency_that_is_known_refuses_the_file(make_file: MakeFile, text: str, code: str) -> None:
    with pytest.raises(MappingError) as refusal:
        mapping_for(open_table(make_file("t.csv", text)), "branch-x", None)
    assert refusal.value.code == code


@pytest.mark.parametrize("header", ["Loan Amount MYR", "loan_amount_thb", "Loan Amount (in MYR)", "Loan Amount (THB)"])
def test_an_amount_is_in_the_currency_of_its_header(make_file: MakeFile, header: str) -> None:
    table = open_table(make_file("t.csv", f"合同编号,{header}\nA,500\n"))
    assert mapping_for(table, "branch-x", None)[1].fields["currency"].value == header.strip(")").upper()[-3:]


@pytest.mark.parametrize("header", ["面积(mm)", "评分(mil)", "次数(百)"])
def test_a_unit_of_what_is_no_money_refuses_nothing(make_file: MakeFile, header: str) -> None:
    table = open_table(make_file("t.csv", f"合同编号,贷款金额,{header}\nA,500,25\n"))
    (row,) = read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)
    assert row.submission is not None
    assert list(row.submission.features.values()) == [25]


@pytest.mark.parametrize(
    ("header", "months"),
    [
        ("期限/年", 36), ("期限_年", 36), ("贷款年限", 36), ("貸款年期", 36), ("贷款期限年", 36),
        ("贷款期限（单位：年）", 36),
        ("term_in_years", 36), ("loan_term_years", 36), ("Term (Y)", 36), ("Term (yrs)", 36), ("期限（整年）", 36),
        ("期限（以年计）", 36), ("贷款年限（合同）", 36), ("贷款年限(月)", 3), ("贷款期限月", 3), ("Term (months)", 3),
        ("期限(期)", 3), ("Term (m)", 3), ("期限（合同）", 3), ("Loan Term (requested)", 3), ("期限/天", 1),
        ("loan_term_days", 1),
    ],
)  # fmt: skip
def test_a_term_is_in_the_unit_that_its_header_says(make_file: MakeFile, header: str, months: int) -> None:
    table = open_table(make_file("t.csv", f"合同编号,贷款金额,{header}\nA,5000,3\nB,6000,3\n"))
    rows = list(read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW))
    assert [row.submission and row.submission.term_months for row in rows] == [months, months]


@pytest.mark.parametrize("header", ["期限(年/月)", "Term (Y/M)", "期限（半年）", "期限（30天）", "期限(起止日)"])
def test_a_term_of_a_unit_that_is_not_understood_refuses_the_file(make_file: MakeFile, header: str) -> None:
    table = open_table(make_file("t.csv", f"合同编号,贷款金额,{header}\nA,5000,3\nB,6000,36\n"))
    with pytest.raises(MappingError) as refusal:
        mapping_for(table, "branch-x", None)
    assert (refusal.value.code, refusal.value.params) == ("unit_unknown", {"name": header})


def test_years_and_days_that_cells_say_themselves_are_not_counted_twice(make_file: MakeFile) -> None:
    for header, cells, months in (("贷款年限", "3年,5年期", [36, 60]), ("期限(天)", "90天,365 days", [3, 12])):
        lines = "".join(f"A{at},5000,{cell}\n" for at, cell in enumerate(cells.split(",")))
        table = open_table(make_file("t.csv", f"合同编号,贷款金额,{header}\n{lines}"))
        rows = list(read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW))
        assert [row.submission and row.submission.term_months for row in rows] == months


@pytest.mark.parametrize("header", ["利率‰", "利率/‰", "利率（千分之）", "利率(‰)", "利率（单位：‰）"])
def test_rates_in_per_mille_are_by_the_month_and_in_percent(make_file: MakeFile, header: str) -> None:
    table = open_table(make_file("t.csv", f"合同编号,贷款金额,{header}\nA,5000,4.5\n"))
    (row,) = read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)
    assert row.submission is not None
    assert row.submission.features == {"month_interest_rate": 0.45}


@pytest.mark.parametrize("header", ["(万元)年收入", "年收入(万)(税前)", "年收入（税前）(万元)"])
def test_a_feature_has_its_unit_wherever_its_header_says_it(make_file: MakeFile, header: str) -> None:
    table = open_table(make_file("t.csv", f"合同号,贷款金额,{header}\nA,5000,12.5\n"))
    (row,) = read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)
    assert row.submission is not None
    assert list(row.submission.features.values()) == [125_000]
    if not header.startswith("年收入（税前"):
        assert list(row.submission.features) == ["annual_income"]


def test_an_amount_in_another_currency_gives_way_to_any_other(make_file: MakeFile) -> None:
    table = open_table(make_file("t.csv", "合同号,loan_amount_usd,amount_cny,amount\nA,5000,12,25\n"))
    with pytest.raises(MappingError) as refusal:
        mapping_for(table, "branch-x", None)
    assert (refusal.value.code, refusal.value.params["name"]) == ("column_other_currency", "loan_amount_usd")


def test_a_feature_of_money_in_cents_is_in_yuan_and_a_score_is_not(make_file: MakeFile) -> None:
    table = open_table(make_file("t.csv", "合同编号,贷款金额,月收入(分),评分(分)\nA,25,1200000,85\n"))
    (row,) = read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)
    assert row.submission is not None
    assert list(row.submission.features.values()) == [12_000, 85]


@pytest.mark.parametrize(
    "header",
    [
        "占比(百分比)",
        "金额(元)",
        "次数(次)",
        "期限(月)",
        "百元店(个)",
        "评分(分)",
        "10k_score",
        "score_10k",
        "income_over_10k",
        "amount_gt_10k",
    ],
)
def test_other_units_are_no_factor(header: str) -> None:
    assert money_scale(header) is None


def test_incomes_in_ten_thousands_are_in_yuan(make_file: MakeFile) -> None:
    for header in ("年收入(in RMB 10,000)", "annual_income_10k"):
        table = open_table(make_file("t.csv", f'合同编号,贷款金额,"{header}",score_10k\nA,25,12.5,85\n'))
        (row,) = read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)
        assert row.submission is not None
        assert row.submission.features == {"annual_income": 125_000, "score_10k": 85}


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("期限（1-36月）", "months"), ("期限（36个月以内）", "months"), ("期限（月，自放款日起）", "months"),
        ("Term (12-36 months)", "months"), ("期限（合同日起）", ""), ("期限（2026年）", ""), ("期限(年/月)", "open"),
        ("期限(半年)", "open"), ("期限(30天)", "open"),
    ],
)  # fmt: skip
def test_words_beside_the_unit_of_a_term(header: str, span: str) -> None:
    assert span_of(header) == span


@pytest.mark.parametrize(
    ("unit", "is_one"),
    [
        ("mil", True), ("x1000", True), ("角", True), ("A$'000", True), ("RMB 0,000", True), ("1000的整数倍", False),
        ("按百元取整", False), ("1000-500000元", False), ("USD 1,000 minimum", False), ("w/ fees", False),
        ("¥元", False), ("no cents", False),
    ],
)  # fmt: skip
def test_what_stands_in_brackets_is_a_scale_or_says_something_else(unit: str, is_one: bool) -> None:
    assert is_scale(unit) is is_one


@pytest.mark.parametrize(
    ("unit", "scale", "currency"),
    [
        ("tUSD", 1_000, "USD"), ("kUSD", 1_000, "USD"), ("TEUR", 1_000, "EUR"), ("T€", 1_000, "EUR"),
        ("in TEUR", 1_000, "EUR"), ("Tsd. EUR", 1_000, "EUR"), ("kCHF", 1_000, "CHF"), ("kTHB", 1_000, "THB"),
        ("USDk", 1_000, "USD"), ("USDm", 1_000_000, "USD"),
    ],
)  # fmt: skip
def test_a_letter_at_a_currency_is_its_scale(make_file: MakeFile, unit: str, scale: int, currency: str) -> None:
    table = open_table(make_file("t.csv", f"loan id,loan amount ({unit})\nA,12.5\nB,8\n"))
    rows = [row.submission for row in read_rows(table, mapping_for(table, "branch", None)[1], now=NOW)]
    assert [(row.amount, row.currency) for row in rows if row] == [
        (Decimal("12.5") * scale, currency), (8 * scale, currency),
    ]  # fmt: skip


@pytest.mark.parametrize("unit", ["MEUR", "mUSD", "USDt", "USDbn", "T$", "in MEUR", "xUSD"])
def test_a_letter_at_a_currency_that_may_be_several_scales_is_asked_about(make_file: MakeFile, unit: str) -> None:
    """Also beside a column of currencies."""
    header = f"loan amount ({unit})"
    table = open_table(make_file("t.csv", f"loan id,{header},currency\nA,12.5,USD\nB,8,USD\n"))
    with pytest.raises(MappingError) as refusal:
        mapping_for(table, "branch", None)
    assert (refusal.value.code, refusal.value.params) == ("unit_unknown", {"name": header})


@pytest.mark.parametrize(
    ("header", "amount", "currency"),
    [
        ("Loan Amount (SGD 000)", 63_000, "SGD"), ("Loan Amount (CHF'000s)", 63_000, "CHF"),
        ("Loan Amount (THB 000)", 63_000, "THB"), ("贷款金额（元）", 63, "CNY"),
    ],
)  # fmt: skip
def test_other_currencies_of_a_header_are_known_with_their_scale(
    make_file: MakeFile, header: str, amount: int, currency: str
) -> None:
    table = open_table(make_file("t.csv", f"id,{header}\nA,63\n"))
    (row,) = read_rows(table, mapping_for(table, "branch", None)[1], now=NOW)
    assert row.submission is not None
    assert (int(row.submission.amount), row.submission.currency) == (amount, currency)
