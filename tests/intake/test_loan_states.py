"""The state of a loan, told by the words of a header or by its values, was not known when it was asked for."""

from __future__ import annotations

import pytest

from intake.header_words.later_headers import known_after_decision, may_be_after_decision
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.infer import infer_mapping
from intake.recognition.recognise import recognise
from intake.record.choose import mapping_for
from tests.intake.places import NOW, MakeFile

LATER = "known_after_decision"
SURE = (
    "Days Past Due", "Days past due (DPD)", "Days in Arrears", "Arrears", "Amount in Arrears", "Amount Outstanding",
    "OS_BAL", "O/S Principal", "Loan Outstanding (KES)", "Outstanding Amount KES",
    "Amount Outstanding as of 31-Dec-2024", "Closing Balance", "PrincipalBalance", "Principal Paid",
    "Amount Repaid", "Total Repaid", "No. of EMIs Paid", "Instalments Remaining", "PrincipalPaymentsMade",
    "InterestAndPenaltyPaymentsMade", "NPA", "NPA Status", "NrOfDaysLate", "Delinquency (days)", "PAR>30",
    "Portfolio at Risk", "GrossChargeOffAmount", "chg_off_prin_gr", "Written-off", "PaidInFullDate",
    "ForgivenessAmount", "LoanStatusDate", "UndisbursedAmount", "Closed Date", "Date Closed", "Final Decision",
    "IFRS 9 Stage", "Loan Loss Provision", "Next Due Date", "Days Past Due/逾期天数", "借款余额", "本金余额",
    "合同余额", "租金余额", "不良余额", "逾期贷款余额", "应收租金余额", "期末余额", "欠息", "欠本金额", "代偿金额",
    "催收状态", "违约标记", "贷款五级分类", "五级分类结果", "资产质量分类", "四级分类", "十二级分类", "贷款形态",
    "累计还款", "累计已还本金", "已收租金", "未付租金", "剩余租金", "逾期租金", "逾期期次", "逾期90天以上",
    "首次逾期日期", "拨备金额", "预期信用损失", "下次还款日", "剩餘本金",
)  # fmt: skip
EITHER = (
    "Delinquent", "Delinquency Status", "Missed Payments", "No. of Instalments in Arrears", "Asset Classification",
    "Collection Status", "Restructured", "Provision", "Late Fees", "Total Loan Balance", "Ever Delinquent",
    "Status", "Close Date", "展期次数", "资产分类", "罚息", "贷款总余额", "未结清贷款余额", "最近还款日期",
    "催收次数", "逾期90天以上次数",
)  # fmt: skip
BEFORE = (
    "DPD in last 12 months", "DPD (last 12 months)", "Bureau DPD", "Overdue Amount (bureau)",
    "Total existing loan balance", "Outstanding Balance (other banks)", "Existing Loan Outstanding",
    "Outstanding_Debt", "Outstanding Loans", "Savings Balance", "Account Balance", "Credit Card Balance",
    "Average Balance", "tot_cur_bal", "total_bal_il", "delinq_2yrs", "delinq_amnt", "acc_now_delinq",
    "chargeoff_within_12_mths", "num_accounts_30d_past_due", "NumberOfTime30-59DaysPastDueNotWorse",
    "CurrentDelinquencies", "repaid_loan_on_prev_car", "MONTHS_BALANCE", "Paid-up Capital", "Down Payment Paid",
    "Due Date", "Maturity Date", "Closing Date", "Principal", "Interest Amount", "Loan Type", "orig_upb",
    "daysOfSalesOutstanding", "历史逾期次数", "近两年逾期次数", "最近3个月逾期天数", "他行贷款余额",
    "贷款余额（他行）", "现有贷款余额", "存款余额", "账户余额", "信用卡余额", "应收账款余额", "保证金余额",
    "实收资本", "应收租金", "罚息利率", "逾期利率", "违约金比例", "社保已缴月数", "还款期数", "到期日",
)  # fmt: skip


@pytest.mark.parametrize("header", SURE)
def test_a_state_of_the_loan_is_no_feature(header: str) -> None:
    assert known_after_decision(header)
    assert not may_be_after_decision(header)


@pytest.mark.parametrize("header", EITHER)
def test_what_may_be_of_another_loan_is_a_feature_beside_no_state_and_left_out_beside_one(header: str) -> None:
    assert (known_after_decision(header), may_be_after_decision(header)) == (False, True)
    for other, left in (
        ("Town", {}),
        ("Decision", {"Decision": LATER}),
        ("贷款余额", {"贷款余额": LATER, header: LATER}),
    ):
        rows = [{"贷款金额": str(1000 + at), header: str(at), other: str(at)} for at in (1, 4, 2)]
        mapping = infer_mapping(list(rows[0]), rows, "branch")
        assert mapping.drop == left
        kept = {given.column for given in mapping.features.values()}
        assert kept == {header, other} - {*left}


@pytest.mark.parametrize("header", BEFORE)
def test_what_a_lender_knew_before_is_neither(header: str) -> None:
    assert (known_after_decision(header), may_be_after_decision(header)) == (False, False)


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Status", ("Active", "NPA", "Closed")), ("状态", ("正常", "催收中", "已代偿")),
        ("ASSET_CLASS", ("STD", "NPA", "STD")), ("Class of Asset", ("Standard", "Sub-standard", "Loss")),
        ("管理类别", ("正常", "关注", "正常")), ("资产分类", ("正常1", "次级1", "损失")),
        ("f1", ("Active", "Overdue", "Closed")), ("Status", ("Active", "Default", "Closed")),
        ("状态", ("还款中", "已结清", "逾期")),
    ],
)  # fmt: skip
def test_values_tell_the_state_of_a_loan(header: str, cells: tuple[str, ...]) -> None:
    rows = [{"贷款金额": str(1000 + at), header: cell, "展期次数": "1"} for at, cell in enumerate(cells)]
    mapping = infer_mapping(list(rows[0]), rows, "branch")
    assert (mapping.features, mapping.drop) == ({}, {header: LATER, "展期次数": LATER})


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Credit_Mix", ("Good", "Standard", "Bad")), ("Credit History", ("good", "bad", "good")),
        ("征信五级分类", ("正常", "关注", "次级")), ("Other Loans Status", ("Active", "Overdue", "Closed")),
        ("涉诉情况", ("无", "诉讼", "无")), ("Facility Kind", ("New", "Restructured", "New")),
        ("Fee", ("Paid", "Pending", "Paid")), ("担保情况", ("正常", "代偿", "正常")),
        ("Kind", ("Standard", "Loss", "Gold")),
    ],
)  # fmt: skip
def test_the_like_of_something_else_stays_a_feature(header: str, cells: tuple[str, ...]) -> None:
    rows = [{"贷款金额": str(1000 + at), header: cell} for at, cell in enumerate(cells)]
    mapping = infer_mapping(["贷款金额", header], rows, "branch")
    assert ([given.column for given in mapping.features.values()], mapping.drop) == ([header], {})


def test_the_export_of_the_next_month_has_the_same_facts(make_file: MakeFile) -> None:
    header = "Loan ID,Member No,Disbursement Date,Loan Amount,Term (months),Purpose,"
    header += "Amount Outstanding,Days in Arrears,Amount in Arrears,Principal Paid,Status"
    told = []
    for later in ("17500,70,7000,17500,In Arrears\n", "17000,100,7000,18000,Closed\n"):
        lines = f"ML1,M1,2023-01-03,35000,24,Dairy,{later}ML2,M2,2023-01-08,16000,24,Maize,8000,0,0,8000,Active\n"
        table = open_table(make_file("t.csv", f"{header}\n{lines}"))
        mapping = mapping_for(table, "branch-x", None)[1]
        assert mapping.drop == dict.fromkeys(header.split(",")[6:], LATER)
        told.append([row.submission for row in read_rows(table, mapping, now=NOW)])
    assert told[0] == told[1]
    assert [case and case.features for case in told[0]] == [{"purpose": "Dairy"}, {"purpose": "Maize"}]


def test_a_draft_asks_about_what_may_be_of_another_loan() -> None:
    rows = [{"贷款金额": "1000", "展期次数": "1", "欠息": "2"}, {"贷款金额": "2000", "展期次数": "0", "欠息": "0"}]
    mapping, clues = recognise(["贷款金额", "展期次数"], rows, "branch", ())
    assert (len(mapping.features), clues["展期次数"].how) == (1, "doubtful")
    mapping, clues = recognise(["贷款金额", "展期次数", "欠息"], rows, "branch", ())
    assert (mapping.features, mapping.drop) == ({}, {"展期次数": LATER, "欠息": LATER})
