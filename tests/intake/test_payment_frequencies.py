"""A count of payments is read in months only where they are paid monthly: 26 weekly instalments are no 26 months."""

from __future__ import annotations

import pytest

from cases.models import Case
from intake.header_words.payment_frequencies import is_frequency
from intake.reading.parse import open_table
from intake.reading.rows import sample_rows
from intake.recognition.mapping import MappingError, infer_mapping
from intake.recognition.open_terms import with_stated_term
from tests.intake.places import MakeFile
from tests.intake.test_on_record import take_in
from tests.intake.test_terms import read, refused, table_of


@pytest.mark.parametrize(
    "said",
    [
        "Weekly", "Bi-weekly", "Fortnightly", "Quarterly", "Daily", "Semi-monthly", "Every 2 weeks", "every_two_weeks",
        "Half-yearly", "Semi-Annual", "Twice a month", "Every 14 days", "Bi-Monthly", "3 months", "Annually",
        "按季", "季",
        "按周", "每周", "双周", "季付", "每两周", "三个月", "半年", "半月", "每季一次", "按年还款", "隔月",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("term", "often"), [("Number of Installments", "Repayment Frequency"), ("租赁期数", "租金支付频率")]
)
def test_counted_payments_of_another_frequency_refuse_the_table(
    make_file: MakeFile, term: str, often: str, said: str
) -> None:
    text = table_of(f"{term},{often}", ["12,Monthly", f"26,{said}"])
    assert refused(make_file, text) == ("term_frequency", {"name": often, "said": said, "column": term})


@pytest.mark.parametrize(
    ("header", "cells", "said"),
    [
        ("NO_OF_INSTALLMENTS,FREQUENCY", ["12,M", "26,W"], "W"),
        ("Number of Installments,Installment Frequency", ["12,M", "8,Q"], "Q"),
        ("期数,还款周期", ["12,每月", "8,按季"], "按季"), ("期数(期),还款频率", ["12,月", "8,季"], "季"),
        ("期数,付款周期", ["12,月付", "8,季付"], "季付"),
        ("租賃期數,還款週期", ["12,每月", "26,每週"], "每週"),
        ("期限,还款频率", ["12期,按月", "8期,按季"], "按季"),
        # Nobody counts what is paid so often in months.
        ("Term,Payment Frequency", ["130,Bi-Weekly", "156,Bi-Weekly"], "Bi-Weekly"),
        ("贷款期限,还款频率", ["12,按月", "52,按周"], "按周"),
        ("Lease Term,Payment Freq", ["36,Monthly", "52,Weekly"], "Weekly"),
        ("租赁期数,还租周期", ["36,月付", "8,季付"], "季付"), ("租赁期数,收租频率", ["36,M", "8,Q"], "Q"),
        ("期数,还租方式", ["36,按月等额后付", "8,按季等额后付"], "按季等额后付"),
        ("Number of Installments,Billing Cycle", ["36,M", "8,Q"], "Q"),
        # Every so many months, days or weeks.
        ("租赁期数,还款间隔(月)", ["36,1", "8,3"], "3"), ("租赁期数,租金支付间隔", ["36,1", "8,3"], "3"),
        ("期数,还租周期(月)", ["36,1", "8,3"], "3"), ("期数,还款间隔(周)", ["36,1", "8,1"], "1"),
        ("Number of Installments,Payment Interval (days)", ["36,30", "8,90"], "90"),
        # By its cells alone.
        ("租赁期数,付款方式", ["36,月付", "8,季付"], "季付"), ("期数,支付约定", ["36,月后付", "8,季先付"], "季先付"),
        ("Number of Installments,Meeting Frequency", ["36,Monthly", "26,Weekly"], "Weekly"),
        ("Number of Installments,Periodicity", ["36,Monthly", "8,Quarterly"], "Quarterly"),
        ("Number of Installments,Repayment Basis", ["36,Every month", "8,Every quarter"], "Every quarter"),
    ],
)  # fmt: skip
def test_both_columns_and_the_cell_are_named(make_file: MakeFile, header: str, cells: list[str], said: str) -> None:
    term, often = header.split(",")
    with pytest.raises(MappingError) as refusal:
        read(make_file, table_of(header, cells))
    assert refusal.value.code == "term_frequency"
    assert refusal.value.params == {"name": often, "said": said, "column": term}
    for language in ("en", "zh-hans"):
        assert all(f"“{each}”" in refusal.value.sentence(language) for each in (term, often, said))


def test_instalments_of_every_second_month_are_asked_about(make_file: MakeFile) -> None:
    header = "Number of Installments,Repayment Every,Repayment Frequency Type"
    told = {"name": "Repayment Every", "said": "2", "column": "Number of Installments"}
    assert refused(make_file, table_of(header, ["12,1,Months", "8,2,Months"])) == ("term_frequency", told)
    assert read(make_file, table_of(header, ["12,1,Months", "8,1,Months"]))[1] == [12, 8]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Number of Installments,Repayment Frequency", ["36,Monthly", "24,Every month"]),
        ("Number of Installments,Payment Frequency", ["36,M", "24,M"]),
        ("期数,还款频率", ["36,按月", "24,月付"]), ("期数,还款频率", ["36,一个月", "24,每30天"]),
        # The header or the cells say months.
        ("Term (months),Payment Frequency", ["36,Weekly", "24,Quarterly"]),
        ("期限(月),还款频率", ["36,按季", "24,按周"]),
        ("分期数(月),还款频率", ["36,按季", "24,按周"]),
        ("Term,Payment Frequency", ["36 months,Weekly", "2 years,Weekly"]),
        ("期限,还款频率", ["3年,按周", "24个月,按周"]),
        # A loan of so many months may be paid by the quarter.
        ("Term,Payment Frequency", ["36,Quarterly", "24,Monthly"]), ("贷款期限,还款频率", ["36,按季", "24,半年"]),
        # How it is paid, how often its interest is, and how often somebody earns.
        ("期数,还款方式", ["36,等额本息", "24,按月付息"]), ("期数,付息频率", ["36,按季", "24,按季"]),
        ("Number of Installments,Pay Frequency", ["36,Weekly", "24,Weekly"]),
        ("Number of Installments,Income Frequency", ["36,Weekly", "24,Weekly"]),
        ("Number of Installments,Payment Frequency", ["36,at maturity", "24,2"]),
        ("Number of Installments,Review Cycle", ["36,Quarterly", "24,Quarterly"]),
        ("Number of Installments,Salary Paid", ["36,Weekly", "24,Fortnightly"]),
        ("Number of Installments,Job Tenure", ["36,3 years", "24,2 years"]),
        ("期数,结息方式", ["36,按季", "24,按季"]), ("期数,发薪周期", ["36,月付", "24,季付"]),
        ("期数,付款方式", ["36,银行转账", "24,季付"]), ("期数,支付方式", ["36,A", "24,B"]),
        ("期数,周转周期", ["36,3个月", "24,半年"]),
        ("租赁期数,还款间隔(月)", ["36,1", "24,1"]), ("期数,还款间隔(天)", ["36,30", "24,30"]),
        ("Number of Installments,Repayment Interval", ["36,Monthly", "24,1"]),
        # Where the term counts no payments, only a column of how often loans are paid says anything.
        ("Term,Meeting Frequency", ["36,Weekly", "24,Weekly"]),
    ],
)  # fmt: skip
def test_terms_in_months_stay_so(make_file: MakeFile, header: str, cells: list[str]) -> None:
    mapping, told = read(make_file, table_of(header, cells))
    assert (told, mapping.fields["term_months"].column) == ([36, 24], header.split(",")[0])


def test_only_how_often_loans_are_paid_is_such_a_frequency() -> None:
    named = "Payment Frequency,REPAYMENT_FREQ,EMI Frequency,Freq,Repayment Cycle,还款频率,租金支付周期,還款頻率,频率"
    others = "Pay Frequency,Income Frequency,Interest Frequency,Compounding Frequency,还款方式,结息周期,周转频率说明"
    assert [each for each in named.split(",") if not is_frequency(each)] == []
    assert [each for each in others.split(",") if is_frequency(each)] == []


def test_a_draft_leaves_such_a_term_open(make_file: MakeFile) -> None:
    text = table_of("Number of Installments,Repayment Frequency", ["12,Monthly", "26,Weekly"])
    table = open_table(make_file("t.csv", text))
    rows = sample_rows(table)
    drafted = with_stated_term(infer_mapping(table.columns, rows, "branch-x"), rows, [])
    assert ("term_months" in drafted.fields, drafted.drop["Number of Installments"]) == (False, "not_used")


@pytest.mark.django_db(transaction=True)
def test_a_refused_file_leaves_no_case(make_file: MakeFile) -> None:
    text = table_of("Number of Installments,Repayment Frequency", ["12,Monthly", "26,Weekly"])
    with pytest.raises(MappingError):
        take_in(make_file("a.csv", text))
    assert Case.objects.count() == 0
