"""Columns of public lists of loans: what they tell since the loan was granted is no feature, what was known is one."""

from __future__ import annotations

from typing import Final

import pytest

from intake.header_words.later_headers import known_after_decision
from intake.mapped.case_mapping import CaseMapping
from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows
from intake.record.choose import mapping_for
from tests.intake.places import NOW, MakeFile

SINCE: Final = {
    "Lending Club": (
        "pymnt_plan last_credit_pull_d last_fico_range_high last_fico_range_low deferral_term payment_plan_start_date"
        " orig_projected_additional_accrued_interest total_rec_int next_pymnt_d out_prncp_inv hardship_dpd"
    ),
    "Prosper": (
        "LoanFirstDefaultedCycleNumber LoanMonthsSinceOrigination LP_CustomerPayments LP_CustomerPrincipalPayments"
        " LP_InterestandFees LP_ServiceFees LP_CollectionFees LP_GrossPrincipalLoss LP_NetPrincipalLoss"
        " LP_NonPrincipalRecoverypayments PercentFunded Investors InvestmentFromFriendsAmount ClosedDate"
    ),
    "Bondora": (
        "BidsPortfolioManager BidsApi PlannedPrincipalTillDate PlannedInterestPostDefault CurrentDebtDaysPrimary"
        " DebtOccuredOn DebtOccuredOnForSecondary PrincipalOverdueBySchedule EAD1 StageActiveSince WorseLateCategory"
        " ActiveLateLastPaymentCategory GracePeriodStart MaturityDate_Last InterestAndPenaltyDebtServicingCost"
    ),
    "Kiva": "lender_count num_lenders_total",
    "HMDA": "purchaser_type rate_spread action_taken denial_reason-1",
    "Fannie Mae": (
        "CURR_RATE LAST_UPB LOAN_AGE REM_MONTHS ADJ_REM_MONTHS DLQ_STATUS MOD_FLAG MI_CANCEL_FLAG ZB_CODE"
        " ZB_DTE RPRCH_DTE CURR_SCHD_PRNCPL UNSCHD_PRNCPL_CURR FORECLOSURE_COSTS NET_SALES_PROCEEDS CURRENT_LIST_PRICE"
        " ISSUE_SCOREB CURR_SCOREC CUMULATIVE_MODIFICATION_LOSS_AMOUNT FORBEARANCE_INDICATOR NON_INTEREST_BEARING_UPB"
    ),
    "Freddie Mac": (
        "Current_Actual_UPB Current_Loan_Delinquency_Status Remaining_Months_to_Legal_Maturity Zero_Balance_Code DDLPI"
        " Zero_Balance_Effective_Date MI_Recoveries Net_Sales_Proceeds Actual_Loss_Calculation ELTV"
        " Step_Modification_Flag Delinquency_Due_to_Disaster Borrower_Assistance_Status_Code Defect_Settlement_Date"
    ),
    "拍拍贷": "我的投资金额 当前到期期数 当前还款期数 待还本金 标当前逾期天数 标当前状态 上次还款日期 下次计划还款本金",
}
KNOWN: Final = {
    "Lending Club": (
        "installment fico_range_low revol_util mths_since_last_delinq collections_12_mths_ex_med tot_cur_bal tax_liens"
        " chargeoff_within_12_mths num_tl_90g_dpd_24m bc_open_to_buy sec_app_earliest_cr_line delinq_2yrs"
    ),
    "Prosper": "EstimatedLoss ProsperScore CurrentDelinquencies OnTimeProsperPayments ProsperPrincipalOutstanding",
    "Bondora": "ExistingLiabilities PreviousRepaymentsBeforeLoan MaturityDate_Original Rating LiabilitiesTotal",
    "Kiva": "posted_time sector repayment_interval",
    "HMDA": "loan_to_value_ratio debt_to_income_ratio property_value preapproval",
    "Fannie Mae": "ORIG_RATE ORIG_UPB OLTV CSCORE_B MI_PCT NUM_BO FIRST_FLAG",
    "Freddie Mac": "Original_UPB Original_Interest_Rate Credit_Score PPM_Flag First_Payment_Date",
    "拍拍贷": "初始评级 历史成功借款次数 总待还本金 历史正常还款期数 历史逾期还款期数",
}


def read(make_file: MakeFile, text: str) -> tuple[CaseMapping, list[ReadRow]]:
    """How the table is read where nobody mapped it, and its rows."""
    table = open_table(make_file("a.csv", text))
    _name, mapping = mapping_for(table, "branch", None)
    return mapping, [*read_rows(table, mapping, now=NOW)]


@pytest.mark.parametrize("of_whom", SINCE)
def test_what_is_told_since_a_loan_was_granted_is_known_after_the_decision(of_whom: str) -> None:
    assert [each for each in SINCE[of_whom].split() if not known_after_decision(each)] == []
    assert [each for each in KNOWN[of_whom].split() if known_after_decision(each)] == []


def test_when_a_loan_was_funded_is_no_feature_beside_the_day_it_was_posted(make_file: MakeFile) -> None:
    rows = "".join(f"{653_051 + at},{at * 25 + 300},14,2026-03-{at + 1:02d},2026-04-{at + 1:02d}\n" for at in range(20))
    mapping, _found = read(make_file, f"id,loan_amount,term_in_months,application_date,funded_time\n{rows}")
    assert mapping.drop == {"funded_time": "known_after_decision"}


def test_of_ranges_of_percentages_beside_exact_ones_each_row_is_taken_as_a_category(make_file: MakeFile) -> None:
    told = ["<20%", "20%-<30%", "36", "41", "50%-60%", ">60%"]
    rows = "".join(f"A-{at},{5_000 + at},24,{told[at % 6]},{at % 9}%\n" for at in range(60))
    mapping, found = read(make_file, f"loan_id,loan_amount,term,debt_to_income_ratio,share\n{rows}")
    assert [row.errors for row in found if row.errors] == []
    assert mapping.features["debt_to_income"].type == "text"
    assert [row.submission.features["debt_to_income"] for row in found[:6] if row.submission] == told
    assert mapping.features["share"].type == "percent"


def test_one_range_among_percentages_is_refused_by_its_row(make_file: MakeFile) -> None:
    rows = "".join(f"A-{at},{5_000 + at},24,{at % 50 if at else '<20'}%\n" for at in range(60))
    mapping, found = read(make_file, f"loan_id,loan_amount,term,debt_to_income_ratio\n{rows}")
    assert mapping.features["debt_to_income"].type == "percent"
    assert [(row.row_number, row.errors[0].value) for row in found if row.errors] == [(2, "<20%")]


@pytest.mark.parametrize(
    ("header", "reason"),
    [("Row ID", "identifier"), ("accountId2", "identifier"), ("paid_width", "")],
)
def test_whole_numbers_of_their_own_below_the_word_id_are_no_feature(
    make_file: MakeFile, header: str, reason: str
) -> None:
    rows = "".join(f"{100_002 + 3 * at},{5_000 + at % 7},24\n" for at in range(30))
    mapping, _found = read(make_file, f"{header},loan_amount,term\n{rows}")
    assert mapping.drop.get(header, "") == reason
