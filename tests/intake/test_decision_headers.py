"""A header that tells by its words what was decided on the loan, or what followed upon it, is of no feature."""

from __future__ import annotations

import pytest

from intake.header_words.later_headers import known_after_decision, tells_outcome
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.infer import infer_mapping
from intake.record.choose import mapping_for
from scoring.ml.tables.leaks import says_after_decision
from tests.intake.places import NOW, MakeFile

LATER = "known_after_decision"
DECIDED = (
    "Declined", "Is Approved", "Approved Y/N", "Loan Approved", "Funded", "Funded Y/N", "Is Funded", "Unfunded",
    "Booked", "Disbursed", "Withdrawn", "Application Withdrawn", "Cancelled Date", "Is Cancelled", "Not Taken Up",
    "Taken Up", "Declined by Customer", "Declined On", "Offer Accepted", "Offer Status", "Accepted Offer",
    "Counter Offer Amount", "Counteroffer", "Manual Review Result", "Reviewer Decision", "Final Outcome",
    "Disposition Code", "Action Taken Date", "Reason for Rejection", "Why Declined", "Reason Not Approved",
    "Principal Reason for Denial", "Rejection Code", "Turndown Reason", "Denial Reason 1", "denial_reason_name_1",
    "Primary Decline Reason", "CODE_REJECT_REASON", "Adverse Action Code", "Adverse Action Reason",
    "Cancellation Reason", "Withdrawal Reason", "Override Reason", "Score Override Flag", "Underwriter Comment",
    "UW Comments", "Committee Remarks", "Approver Comments", "Decision Type", "Decision Reason 2", "Approval Flag",
    "Approval", "Funding Status", "Booking Status", "Loan Sanctioned", "是否放款", "是否提款", "是否签约", "是否取消",
    "是否否决", "是否审批通过", "审批是否通过", "申请是否通过", "是否过件", "是否成功放款", "否决原因", "退件原因",
    "退回原因", "驳回意见", "拒绝码", "拒绝原因代码", "拒因", "审批不通过原因", "未通过原因", "放款失败原因",
    "客户取消原因", "系统拒绝原因", "签约状态", "提款状态", "放款标志", "合同签署状态", "审批备注", "审核备注",
    "批复意见", "复核意见", "终审备注", "贷审会意见", "人工审核结果", "批复条件", "最终结果", "授信结果", "拒絕原因",
    "Decision/决策结果", "Proposal Status", "Deal Status", "Finance Decision", "Opportunity Stage", "Quote Outcome",
    "IsClosed", "IsWon", "Won", "Closed Won", "Loss Reason", "Deal Lost Reason", "Paid Out",
)  # fmt: skip
BEFORE = (
    "Previously Declined", "Prior Rejections", "Number of Declined Applications", "Ever Declined",
    "Declined Applications", "Rejections", "Previous Decline Reason", "Declined (other lenders)",
    "Employer Approved List", "Insurance Declined", "Guarantor Approved", "Pre-Approved", "Preapproval",
    "Approval Level", "Underwriting Type", "Funding Source", "Funding Reason", "Reason", "Reason for Loan",
    "Revenue Decline", "Withdrawal Amount", "Number of Withdrawals", "Cancelled Cheque", "Sanctions Flag",
    "Is Sanctioned", "Offer Code", "Manual Review Flag", "Decision Score", "Business Status", "Officer Code",
    "Comments", "Number of Collections", "Collections 12 Mths Ex Med", "Bankruptcies", "Prior Repossession",
    "历史拒绝次数", "近6个月审批查询次数", "申请被拒次数", "预审批额度", "预审批结果", "上次拒绝原因", "退件次数",
    "审批权限", "审核方式", "资料审核结果", "实名认证结果", "是否签约客户", "是否预审批", "用款原因", "用款说明",
    "提款用途", "申请原因", "贷前调查意见", "客户备注", "业务备注", "签约方式", "取消次数", "Proposal Type",
    "Finance Type", "Deal Size", "Business Closed", "Lost Cards", "Loss Ratio",
)  # fmt: skip


@pytest.mark.parametrize("header", DECIDED)
def test_what_was_decided_is_dropped_whatever_stands_below(make_file: MakeFile, header: str) -> None:
    lines = "".join(f"L{at},C{at},{1000 + at},12,2026-01-05,{each}\n" for at, each in enumerate("YNY"))
    table = open_table(make_file("t.csv", f"贷款编号,客户编号,贷款金额,期限,申请日期,{header}\n{lines}"))
    mapping = mapping_for(table, "branch-x", None)[1]
    assert (mapping.features, mapping.drop) == ({}, {header: LATER})
    rows = list(read_rows(table, mapping, now=NOW))
    assert [row.submission and row.submission.features for row in rows] == [{}, {}, {}]
    assert says_after_decision(header)


@pytest.mark.parametrize("header", BEFORE)
def test_what_was_known_before_stays_a_feature(header: str) -> None:
    assert not known_after_decision(header)
    rows = [{"贷款金额": str(1000 + at), header: each} for at, each in enumerate("YNY")]
    mapping = infer_mapping(["贷款金额", header], rows, "branch")
    assert ([given.column for given in mapping.features.values()], mapping.drop) == ([header], {})


@pytest.mark.parametrize(
    "header",
    [
        "Performance Status", "In Collections", "Is in Collections", "Sent to Collections", "Repossessed",
        "Repossession Date",
    ],
)  # fmt: skip
def test_what_became_of_the_loan_is_an_outcome(header: str) -> None:
    """Beside it, how often somebody was late is of the loan, too."""
    assert tells_outcome(header)
    rows = [{"贷款金额": str(1000 + at), header: each, "展期次数": "1"} for at, each in enumerate("YNY")]
    mapping = infer_mapping(["贷款金额", header, "展期次数"], rows, "branch")
    assert (mapping.features, mapping.drop) == ({}, {header: LATER, "展期次数": LATER})


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Funded Amount", "amount"), ("Approved Amount", "amount"), ("Principal Disbursed", "amount"),
        ("批复金额", "amount"), ("放款金额", "amount"), ("Approved Term", "term_months"), ("批复期限", "term_months"),
        ("Approved On", "applied_at"), ("Funding Date", "applied_at"), ("Booked Date", "applied_at"),
        ("Decision Date", "applied_at"), ("签约日期", "applied_at"), ("审批日期", "applied_at"),
    ],
)  # fmt: skip
def test_what_was_granted_is_the_loan_where_nothing_else_says_it(header: str, field: str) -> None:
    cell = {"amount": "1000", "term_months": "12", "applied_at": "2026-01-05"}[field]
    mapping = infer_mapping([header], [{header: cell}], "branch")
    assert (mapping.fields[field].column, mapping.drop) == (header, {})
