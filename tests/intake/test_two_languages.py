"""Headers in Chinese and English at once are the fields that each half names, in the unit that either says."""

from __future__ import annotations

from decimal import Decimal

import pytest

from intake.header_words.feature_naming import feature_name
from intake.header_words.header_units import money_scale, span_of
from intake.header_words.headers import field_matches
from intake.header_words.later_headers import known_after_decision
from intake.header_words.person_headers import names_somebody
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.record.choose import mapping_for
from intake.values.two_languages import both_names, in_one_language
from tests.intake.places import NOW, MakeFile


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("申请日期 / Application Date", ("申请日期", "Application Date")), ("借款人\nBorrower", ("借款人", "Borrower")),
        ("期限（月）/Term (months)", ("期限(月)", "Term (months)")),
        ("Loan Amount 贷款金额", ("贷款金额", "Loan Amount")),
        # A unit is no name.
        ("贷款金额 USD", ()), ("期限 months", ()), ("贷款金额 (in thousands of RMB)", ()), ("客户 ID", ()),
        ("贷款金额(Loan Amount)", ()), ("Loan Amount", ()), ("贷款金额", ()), ("", ()),
    ],
)  # fmt: skip
def test_a_header_may_have_a_name_in_each_language(header: str, names: tuple[str, ...]) -> None:
    assert both_names(header) == names


@pytest.mark.parametrize(
    "header",
    ["贷款金额 Currency", "期限 Unit", "利率 Type", "贷款金额 Approved Amount", "申请 Date", "客户 Loan Amount"],
)
def test_a_second_half_that_says_more_is_part_of_the_name(header: str) -> None:
    assert both_names(header) == ()
    assert in_one_language(header) == header


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("贷款金额（万元） Loan Amount", "贷款金额(万元)"), ("贷款金额/Loan Amount (10k CNY)", "贷款金额(10k CNY)"),
        ("贷款金额/Loan Amount （万元）", "贷款金额(万元)"), ("Loan Amount (10k) 贷款金额", "贷款金额(10k)"),
        ("利率(%) / Interest Rate (per month)", "利率(% per month)"), ("利率（月） Interest Rate", "利率(月)"),
        ("期限（月）/Term (months)", "期限(月)"),
    ],
)  # fmt: skip
def test_either_half_says_the_unit(header: str, name: str) -> None:
    assert in_one_language(header) == name


def test_all_rules_know_the_chinese_name() -> None:
    assert (money_scale("贷款金额/Loan Amount (10k CNY)"), span_of("贷款年限/Loan Term")) == (Decimal(10_000), "years")
    assert field_matches("amount", "贷款金额（万元） Loan Amount") is not None
    assert field_matches("amount", "贷款金额 Currency") is None
    names = ["利率/Interest Rate", "利率 Interest Rate (monthly)", "利率‰ Interest Rate", "利率 Type"]
    assert [feature_name(name) for name in names] == [
        "interest_rate", "month_interest_rate", "month_interest_rate", "interest_rate_type",
    ]  # fmt: skip
    assert [known_after_decision(name) for name in ("状态/Loan Status", "历史违约 Default")] == [True, False]
    assert names_somebody("配偶 Spouse")


def test_the_unit_of_the_term_the_granted_and_the_limit_are_told_apart_in_two_languages(make_file: MakeFile) -> None:
    header = "编号 No.,授信额度 Facility Amount,贷款金额 Loan Amount,批复期限 Approved Term,贷款期限 Loan Term"
    text = f"{header},期限单位 Term Unit\nA1,90000,50000,9,2,年\n"
    table = open_table(make_file("t.csv", text))
    (row,) = read_rows(table, mapping_for(table, "branch", None)[1], now=NOW)
    assert row.submission is not None
    assert (int(row.submission.amount), row.submission.term_months) == (50_000, 24)


def test_a_table_in_two_languages_comes_in_whole(make_file: MakeFile) -> None:
    header = "申请编号 Application No.,客户姓名/Customer Name,贷款金额（万元） Loan Amount,期限（年）/Term"
    table = open_table(
        make_file(
            "t.csv", f"{header},申请日期 Application Date,利率(%)/Interest Rate\nA1,张三,12.5,2,2026-01-05,4.35\n"
        )
    )
    (row,) = read_rows(table, mapping_for(table, "branch", None)[1], now=NOW)
    told = row.submission
    assert told is not None
    assert (told.external_ref, told.amount, told.term_months) == ("A1", Decimal(125_000), 24)
    assert (told.applied_at.date().isoformat(), told.applicant.name) == ("2026-01-05", "张三")
    assert told.features == {"interest_rate": 4.35}
