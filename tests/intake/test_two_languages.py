"""Headers in Chinese and English at once are the fields that each half names, in the unit that either says."""

from __future__ import annotations

from decimal import Decimal

import pytest

from intake.choose import mapping_for
from intake.header_units import money_scale, span_of, unit_of
from intake.headers import feature_name, field_matches, names_somebody
from intake.later_headers import known_after_decision
from intake.parse import open_table
from intake.rows import read_rows
from intake.two_languages import both_names
from tests.intake.places import NOW, MakeFile


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("申请日期 / Application Date", ("申请日期", "Application Date")), ("借款人\nBorrower", ("借款人", "Borrower")),
        ("期限（月）/Term (months)", ("期限（月）", "Term (months)")),
        ("Loan Amount 贷款金额", ("贷款金额", "Loan Amount")),
        # A unit is no name.
        ("贷款金额 USD", ()), ("期限 months", ()), ("贷款金额 (in thousands of RMB)", ()), ("客户 ID", ()),
        ("贷款金额(Loan Amount)", ()), ("Loan Amount", ()), ("贷款金额", ()), ("", ()),
    ],
)  # fmt: skip
def test_a_header_may_have_a_name_in_each_language(header: str, names: tuple[str, ...]) -> None:
    assert both_names(header) == names


def test_both_halves_name_the_field_or_the_second_names_none() -> None:
    assert field_matches("applied_at", "申请日期 / Application Date") is not None
    assert field_matches("amount", "贷款金额（万元） Loan Amount") is not None
    assert field_matches("applicant.name", "借款人/Borrower") is not None
    # It is no amount but the currency of one.
    assert [field_matches("amount", "贷款金额 Currency"), field_matches("amount", "客户 Loan Amount")] == [None, None]
    assert (feature_name("利率/Interest Rate"), feature_name("利率 Type")) == (
        "interest_rate", "interest_rate_type",
    )  # fmt: skip
    assert (known_after_decision("状态/Loan Status"), names_somebody("配偶 Spouse")) == (True, True)


def test_either_half_says_the_unit() -> None:
    for header in ("贷款金额（万元） Loan Amount", "贷款金额/Loan Amount (10k CNY)", "Loan Amount (10k) 贷款金额"):
        assert money_scale(header) == Decimal(10_000), header
    assert (unit_of("利率（%）/Interest Rate"), span_of("贷款年限/Loan Term"), span_of("期限（月）/Term")) == (
        "%", "years", "months",
    )  # fmt: skip


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
