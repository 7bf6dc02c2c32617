"""A unit and a currency that the header of an amount says are never passed over: 12.5 万美元 are not 12.50 yuan."""

from __future__ import annotations

import pytest

from intake.choose import mapping_for
from intake.header_units import money_scale
from intake.parse import open_table
from intake.rows import read_rows
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
    ],
)  # fmt: skip
def test_what_the_header_of_an_amount_says(make_file: MakeFile, header: str, amount: float, currency: str) -> None:
    table = open_table(make_file("t.csv", f'合同编号,"{header}"\nA,25\nB,25\n'))
    rows = list(read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW))
    cases = [row.submission for row in rows]
    assert [(str(float(case.amount)), case.currency) for case in cases if case] == [(str(float(amount)), currency)] * 2


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
