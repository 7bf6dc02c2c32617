"""A term that the file says by an unusual name is read or asked about, and not hidden behind a default of 12 months."""

from __future__ import annotations

import pytest

from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.mapping import MappingError
from intake.record.choose import mapping_for
from tests.intake.places import NOW, MakeFile

DAYS = ("2026-01-05,2027-01-05", "2026-02-05,2028-02-05", "2026-03-05,2027-03-05")


def table_of(header: str, cells: tuple[str, ...]) -> str:
    return f"loan no,loan amount,{header}\n" + "".join(f"L{at},{50_000 + at},{each}\n" for at, each in enumerate(cells))


@pytest.mark.parametrize(
    ("header", "cells", "months"),
    [
        ("Maturity (months)", ("36", "24"), [36, 24]), ("Maturity (years)", ("3", "2"), [36, 24]),
        ("Repayment Months", ("36", "24"), [36, 24]), ("Number of Months", ("36", "24"), [36, 24]),
        ("合同年数", ("3", "2"), [36, 24]), ("還款期（月）", ("36", "24"), [36, 24]),
        ("Mortgage Term (Years)", ("25", "30"), [300, 360]), ("mortgage_term_months", ("300", "240"), [300, 240]),
        ("Amortization (Months)", ("36", "24"), [36, 24]), ("EMI Tenure (Months)", ("36", "24"), [36, 24]),
        ("租赁期(月)", ("36", "24"), [36, 24]), ("贷款期(月)", ("36", "24"), [36, 24]),
        ("按揭年限", ("3", "2"), [36, 24]),
        # It can be of nothing else.
        ("Lease Term", ("36", "24"), [36, 24]), ("ORIG_TERM", ("36", "24"), [36, 24]),
        ("租赁期", ("36", "24"), [36, 24]),
        ("orig_loan_term", ("36", "24"), [36, 24]), ("Total Term", ("36", "24"), [36, 24]),
        ("Finance Term", ("36", "24"), [36, 24]), ("保理期限", ("6", "12"), [6, 12]),
        ("Lease Term,Remaining Term,Job Tenure", ("36,12,5", "24,7,3"), [36, 24]),
        # The unit stands beside it.
        ("termFrequency,termPeriodFrequencyType", ("12,Months", "2,Years"), [12, 24]),
        ("termFrequency,termPeriodFrequencyType", ("12,Months", "26,Weeks"), [12, None]),
        ("termFrequency,termPeriodFrequencyType,numberOfRepayments,repaymentEvery,repaymentFrequencyType",
         ("12,Months,12,1,Months", "24,Months,24,1,Months"), [12, 24]),
        ("Amort Term,Term Unit", ("36,Months", "3,Years"), [36, 36]),
        # They are paid monthly.
        ("Repayment Installments,Repayment Period Count,Repayment Period Unit", ("36,1,MONTHS", "24,1,MONTHS"),
         [36, 24]),
        ("numberOfRepayments,repaymentEvery,repaymentFrequencyType", ("36,1,Months", "24,1,Months"), [36, 24]),
        ("Number of Payments,Payment Frequency", ("36,Monthly", "24,Monthly"), [36, 24]),
        ("Number of EMIs,Frequency", ("36,M", "24,M"), [36, 24]),
        ("按揭期数,还款频率", ("36,按月", "24,每月"), [36, 24]),
    ],
)  # fmt: skip
def test_a_term_by_another_name_that_says_enough_is_read(
    make_file: MakeFile, header: str, cells: tuple[str, ...], months: list[int]
) -> None:
    table = open_table(make_file("t.csv", table_of(header, cells)))
    rows = list(read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW))
    assert [row.submission and row.submission.term_months for row in rows] == months


@pytest.mark.parametrize(
    ("header", "cells", "named"),
    [
        ("Maturity", ("36", "24"), "Maturity"), ("Instalments", ("36", "24"), "Instalments"),
        ("No. of Payments", ("36", "24"), "No. of Payments"), ("Term (weeks)", ("52", "26"), "Term (weeks)"),
        ("Tenor Qtr", ("4", "8"), "Tenor Qtr"), ("期数(周)", ("52", "26"), "期数(周)"),
        ("贷款季数", ("4", "8"), "贷款季数"), ("申请天数", ("90", "60"), "申请天数"),
        ("Start Date,End Date", DAYS, "End Date"),
        ("授信起始日,授信到期日", DAYS, "授信到期日"), ("申请日期,到期日", DAYS, "到期日"),
        ("application date,Maturity Date", DAYS, "Maturity Date"),
        ("Amort Term", ("36", "24"), "Amort Term"), ("Total Installments", ("36", "24"), "Total Installments"),
        ("No. of EMI", ("36", "24"), "No. of EMI"), ("Total EMIs", ("36", "24"), "Total EMIs"),
        ("EMI Tenure", ("36", "24"), "EMI Tenure"), ("Loan Days", ("7", "14"), "Loan Days"),
        ("total_periods", ("36", "24"), "total_periods"), ("periods", ("36", "24"), "periods"),
        ("TERM_CNT", ("36", "24"), "TERM_CNT"), ("Mortgage Term", ("25", "22"), "Mortgage Term"),
        ("按揭期数", ("36", "24"), "按揭期数"), ("保理期限(天)", ("90", "60"), "保理期限(天)"),
        ("Lease Term,Total Term", ("36,36", "24,24"), "Lease Term"),
        ("Number of Payments,Payment Frequency", ("36,Monthly", "24,Weekly"), "Number of Payments"),
        ("Number of Payments,Repayment Every,Payment Frequency", ("36,2,Months", "24,1,Months"), "Number of Payments"),
        ("Value Date,End Date", DAYS, "End Date"), ("Value Date,Expiry Date", DAYS, "Expiry Date"),
        ("发放日,终止日期", DAYS, "终止日期"), ("Commencement Date,Expiry Date", DAYS, "Expiry Date"),
        # Of a line of credit, and of whatever was issued on the day that is read as the loan's.
        ("放款日期,授信到期日", DAYS, "授信到期日"), ("合同日期,额度到期日", DAYS, "额度到期日"),
        ("Issue Date,Expiry Date", DAYS, "Expiry Date"),
        # Made of words of time alone, above numbers that terms have.
        ("借期", ("36", "24"), "借期"), ("贷款时间(月)", ("36", "24"), "贷款时间(月)"), ("周期", ("36", "24"), "周期"),
        ("期间", ("36", "24"), "期间"), ("用信天数", ("90", "365"), "用信天数"), ("贷款年", ("3", "5"), "贷款年"),
        ("EMIs", ("36", "24"), "EMIs"), ("Amortization", ("36", "24"), "Amortization"), ("年限", ("3", "5"), "年限"),
        ("year_of_loan", ("3", "5"), "year_of_loan"), ("Years", ("3", "5"), "Years"), ("Days", ("90", "365"), "Days"),
        ("Tenure of Loan", ("36", "24"), "Tenure of Loan"), ("借款期间", ("36", "24"), "借款期间"),
        ("申请日期,用款时间", ("2026-01-05,36", "2026-01-06,24"), "用款时间"),
        # The cells say their unit.
        ("借期", ("90天", "180 天"), "借期"), ("保理期限", ("90天", "60天"), "保理期限"),
        ("借期", ("12个月", "1年"), "借期"),
        ("Loan Life", ("13 weeks", "26 Weeks"), "Loan Life"),
        ("Value Date,Final Due Date", DAYS, "Final Due Date"), ("application date,MAT_DATE", DAYS, "MAT_DATE"),
    ],
)  # fmt: skip
def test_what_may_be_the_term_is_asked_about(
    make_file: MakeFile, header: str, cells: tuple[str, ...], named: str
) -> None:
    with pytest.raises(MappingError) as refusal:
        mapping_for(open_table(make_file("t.csv", table_of(header, cells))), "branch-x", None)
    assert (refusal.value.code, refusal.value.params) == ("term_unread", {"name": named})
    assert f"“{named}”" in refusal.value.sentence("zh-hans")
    assert f"“{named}”" in refusal.value.sentence("en")


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Job Tenure", ("36", "24")), ("剩余期限", ("36", "24")), ("工作年限", ("3", "2")), ("EMI", ("450", "380")),
        ("Instalment", ("450", "380")), ("Report Period", ("202601", "202602")), ("Installments", ("450.25", "380.75")),
        ("身份证到期日", ("2030-01-05", "2031-01-05")), ("Employment Start Date,Card Expiry Date", DAYS[:2]),
        ("Remaining Term", ("36", "24")), ("Customer Tenure", ("36", "24")), ("maxTerm", ("36", "24")),
        ("Account Term", ("36", "24")), ("Term Deposit", ("36", "24")), ("Long Term Debt", ("360", "240")),
        ("Interest Only Term", ("36", "24")), ("Card Term", ("36", "24")), ("Term of Employment", ("36", "24")),
        ("已还期数", ("36", "24")), ("逾期期数", ("3", "2")), ("存款期限", ("36", "24")), ("担保期限", ("36", "24")),
        ("宽限期(月)", ("3", "6")), ("合作年限", ("3", "2")), ("Amortization", ("450", "380")),
        # No numbers that terms have, or of the calendar, or of something else.
        ("周期", ("450", "380")), ("EMIs", ("450", "380")), ("Years", ("2025", "2026")), ("贷款年", ("2025", "2026")),
        ("Loan Month", ("12", "6")), ("贷款月份", ("12", "6")), ("Payment Day", ("5", "20")), ("EMI No", ("12", "6")),
        ("使用年限", ("10", "5")), ("Years in Business", ("3", "5")), ("Loan Cycle", ("1", "2")), ("车龄", ("3", "5")),
        ("计息天数", ("90", "30")), ("days_with_cr_line", ("90", "365")), ("Loan Plan", ("36", "24")),
        ("借款时间", ("2026-01-05", "2026-02-05")),
        ("放款日期,还款到期日", ("2026-01-05,2026-02-05", "2026-02-05,2026-05-05")),
        ("application date,Issue Date,Expiry Date",
         ("2026-01-05,2026-01-05,2027-01-05", "2026-02-05,2026-02-05,2028-02-05")),
        ("Value Date,Insurance Expiry Date", DAYS[:2]), ("application date,Expiry Date", DAYS[:2]),
        ("Value Date,End Date", ("2026-01-05,2026-11-30", "2026-02-05,2026-11-30")),
    ],
)  # fmt: skip
def test_other_lengths_and_days_leave_the_stated_default(
    make_file: MakeFile, header: str, cells: tuple[str, ...]
) -> None:
    table = open_table(make_file("t.csv", table_of(header, cells)))
    mapping = mapping_for(table, "branch-x", None)[1]
    rows = list(read_rows(table, mapping, now=NOW))
    assert mapping.fields["term_months"].how == "default"
    assert [row.submission and row.submission.term_months for row in rows] == [12, 12]


def test_beside_a_term_that_is_read_nothing_is_asked(make_file: MakeFile) -> None:
    table = open_table(make_file("t.csv", table_of("Term,Instalments,Maturity Date", ("24,24,2028-01-05",) * 3)))
    rows = list(read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW))
    assert [row.submission and row.submission.term_months for row in rows] == [24, 24, 24]
