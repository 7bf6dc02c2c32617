"""A case has the amount, term and day that were asked for; what was granted is known only after the decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from intake.header_words.headers import names_application, names_term, surest_first
from intake.header_words.later_headers import known_after_decision
from intake.mapped.case_mapping import CaseMapping
from intake.reading.parse import open_table
from intake.reading.rows import read_rows, sample_rows
from intake.recognition.infer import infer_mapping
from intake.recognition.recognise import Past, recognise
from tests.intake.places import NOW, MakeFile

LATER = "known_after_decision"
ASKED = (
    "Amount Applied For", "Applied Amount", "Amount Requested", "Requested Loan Amount", "Amount Sought",
    "Desired Amount", "Loan Amount Request (USD)", "AMT_APPLICATION", "申请金额", "申贷金额", "申贷额度",
    "Req Amt", "Amt Req", "Reqd Amount", "拟贷金额", "拟借金额",
    "需求金额", "意向金额", "期望额度", "申报金额（万元）", "擬貸金額",
)  # fmt: skip
GRANTED = (
    "Approved Amount", "Amount Approved", "Funded Amount", "Sanctioned Amount", "Disbursed Amount",
    "Loan Sanction Amount (USD)", "审批金额", "批复金额", "核准金额", "放款金额", "发放金额",
    "审批额度", "合同金额", "Loan Amount", "Appr Amt", "Loan Amt",
)  # fmt: skip


def mapping_of(columns: Sequence[str], *cells: str) -> CaseMapping:
    return infer_mapping(columns, [dict(zip(columns, cells, strict=True))] * 2, "branch")


def read_of(mapping: CaseMapping) -> dict[str, str]:
    return {name: given.column for name, given in mapping.fields.items() if given.column}


@pytest.mark.parametrize(
    "header",
    [
        "Date Applied", "Date of Applying", "date_submitted", "收件日期", "收件時間",
        "申请年月日", "申贷日期", "来件日期", "申请日",
        "提报日期", "Received Date", "date_received", "Application Received", "Application Received Date",
    ],
)  # fmt: skip
def test_the_day_of_the_application_has_many_names(header: str) -> None:
    assert names_application(header)
    mapping = mapping_of(["amount", "Issue Date", header], "1000", "2026-02-01", "2026-01-05")
    assert read_of(mapping) == {"amount": "amount", "applied_at": header}
    assert (mapping.features, mapping.drop) == ({}, {"Issue Date": LATER})


def test_days_of_other_things_are_no_application() -> None:
    for header in ("loan received date", "payment received", "last application date", "审批日期", "登记日期"):
        assert not names_application(header)
    # The day of the application is surer than that on which the lender had it.
    assert surest_first("applied_at", ["Date Received", "Date Applied"]) == ["Date Applied", "Date Received"]
    # "Received: yes" tells of no day, and refuses no row.
    mapping = mapping_of(["amount", "Application Received", "Issue Date"], "1000", "yes", "2026-02-01")
    assert (mapping.fields["applied_at"].column, list(mapping.features)) == ("Issue Date", ["application_received"])


@pytest.mark.parametrize("asked", ASKED)
def test_an_amount_that_was_asked_for_comes_before_the_one_that_was_granted(asked: str) -> None:
    for granted in GRANTED:
        mapping = mapping_of([granted, asked], "900", "1000")
        assert read_of(mapping) == {"amount": asked}
        assert (mapping.features, mapping.drop) == ({}, {granted: LATER})


@pytest.mark.parametrize("header", [each for each in GRANTED if each != "Loan Amount"])
def test_where_nothing_else_says_the_amount_the_granted_one_does(header: str) -> None:
    mapping = mapping_of(["age", header, "issue_d"], "30", "900", "2026-02-01")
    assert read_of(mapping) == {"amount": header, "applied_at": "issue_d"}
    assert (list(mapping.features), mapping.drop) == (["age"], {})


def test_what_was_asked_for_is_read_and_what_was_granted_is_dropped(make_file: MakeFile) -> None:
    for header in (
        "Approved Amount,Amount Applied For,Issue Date,Date Applied,Approved Term,Requested Term,Approved Rate",
        "批复金额,申贷金额,放款日期,收件日期,批复期限,拟贷期限,批复利率",
    ):
        table = open_table(make_file("a.csv", f"{header}\n900,1000,2026-02-01,2026-01-05,12,24,5%\n"))
        mapping = infer_mapping(table.columns, sample_rows(table), "branch")
        (row,) = read_rows(table, mapping, now=NOW)
        case = row.submission
        assert case is not None
        assert (case.amount, case.term_months, case.applied_at) == (
            Decimal(1000), 24, datetime(2026, 1, 4, 16, tzinfo=UTC),
        )  # fmt: skip
        assert case.features == {}
        assert mapping.drop == dict.fromkeys(header.split(",")[::2], LATER)


def test_what_was_drawn_of_a_granted_amount_is_known_later_and_the_granted_rate_is_all_that_is_told() -> None:
    mapping = mapping_of(["批复金额", "批复利率", "用信金额"], "1000", "5%", "900")
    assert read_of(mapping) == {"amount": "批复金额"}
    assert [given.column for given in mapping.features.values()] == ["批复利率"]
    assert mapping.drop == {"用信金额": LATER}
    mapping = mapping_of(["Requested Amount", "Offer Amount", "Payout Date"], "1000", "900", "2026-02-01")
    assert mapping.drop["Offer Amount"] == LATER
    assert read_of(mapping_of(["Offer Amount", "age"], "900", "30")) == {"amount": "Offer Amount"}


def test_terms_that_were_asked_for_or_granted_are_terms() -> None:
    for header in ("申贷期限", "拟贷期限", "Requested Term", "requested_term_months", "批复期限", "Approved Term"):
        assert names_term(header)
    assert read_of(mapping_of(["amount", "Approved Term"], "1000", "12"))["term_months"] == "Approved Term"


def test_a_granted_amount_beside_a_loan_amount_is_one_only_where_its_header_surely_says_so() -> None:
    mapping = mapping_of(["Approved Amount", "Loan Amount"], "900", "1000")
    assert (read_of(mapping), mapping.drop) == ({"amount": "Loan Amount"}, {"Approved Amount": LATER})
    columns = ["loan_amnt", "funded_amnt", "funded_amnt_inv", "term", "int_rate", "issue_d"]
    mapping = mapping_of(columns, "1000", "900", "890", "36 months", "5%", "2026-02-01")
    assert read_of(mapping) == {"amount": "loan_amnt", "term_months": "term", "applied_at": "issue_d"}
    assert (list(mapping.features), mapping.drop) == (["funded_amnt", "interest_rate"], {"funded_amnt_inv": LATER})
    # In a book of contracts nothing says what was asked for.
    mapping = mapping_of(["合同金额", "批复金额", "合同日期"], "900", "1000", "2026-02-01")
    assert (read_of(mapping), mapping.drop) == ({"amount": "合同金额", "applied_at": "合同日期"}, {})


@pytest.mark.parametrize(
    "header", ["Proposed Amount", "Requested Loan", "Proposed Loan Amount", "报审金额", "上报金额", "送审额度"]
)
def test_what_was_put_forward_was_asked_for_beside_what_was_granted_alone(header: str) -> None:
    for granted in ("Approved Amount", "批复金额", "批准金额"):
        mapping = mapping_of([granted, header], "900", "1000")
        assert (read_of(mapping), mapping.drop) == ({"amount": header}, {granted: LATER})
    for other in ("Loan Amount", "申请金额"):
        assert read_of(mapping_of([header, other], "900", "1000")) == {"amount": other}


def test_a_limit_says_the_amount_last_and_an_empty_column_says_nothing() -> None:
    assert surest_first("amount", ["Credit Limit", "Approved Amount", "Amount", "Loan Amount", "Amount Sought"]) == [
        "Amount Sought", "Loan Amount", "Amount", "Approved Amount", "Credit Limit",
    ]  # fmt: skip
    assert read_of(mapping_of(["申请金额", "批复金额"], "", "900")) == {"amount": "批复金额"}


@pytest.mark.parametrize(
    ("larger", "borrowed"),
    [
        ("授信额度", "贷款金额"), ("授信金额", "借款金额"), ("合同金额", "融资金额"), ("订单金额", "分期金额"),
        ("合同总额", "贷款本金（元）"), ("Contract Amount", "Amount Financed"), ("Facility Amount", "Loan Amount"),
        ("Contract Value", "Financed Amount"),
    ],
)  # fmt: skip
def test_what_is_borrowed_comes_before_its_limit_or_the_price(larger: str, borrowed: str) -> None:
    for columns in ([larger, borrowed], [borrowed, larger]):
        mapping = mapping_of(columns, *("1000" if each == borrowed else "9000" for each in columns))
        assert (read_of(mapping), len(mapping.features), mapping.drop) == ({"amount": borrowed}, 1, {})
    # Alone, or beside what says nothing of a loan, it is all that is told.
    assert surest_first("amount", [larger, "Amount", "额度"])[0] == larger


def test_an_earlier_mapping_may_say_what_was_asked_for() -> None:
    own = {"fields": {"amount": {"column": "Wish"}, "applied_at": {"column": "申请日期"}}, "features": {}}
    row = {"Wish": "1000", "申请日期": "2026-01-05", "批复金额": "900", "审批日期": "2026-01-09", "年龄": "30"}
    mapping, clues = recognise(list(row), [row, row], "branch", [Past("1", True, own)])
    assert (mapping.fields["amount"].column, list(mapping.features)) == ("Wish", ["age"])
    assert mapping.drop == {"批复金额": LATER, "审批日期": LATER}
    assert {clues[column].how for column in mapping.drop} == {"dropped"}
    # What people signed stays as it is.
    signed = {**own, "features": {"approved": {"column": "批复金额", "type": "number"}}}
    mapping, _clues = recognise(list(row), [row, row], "branch", [Past("1", True, signed)])
    assert (list(mapping.features), mapping.drop) == (["approved", "age"], {"审批日期": LATER})


@pytest.mark.parametrize("header", ["Decline Reason", "rejection_reason", "拒绝原因", "拒贷原因", "Denial Code"])
def test_why_a_loan_was_declined_is_known_after_the_decision(header: str) -> None:
    assert known_after_decision(header)
