"""Days, terms, people and numbers as the ledgers of many lenders call them, and what is asked about of them."""

from __future__ import annotations

from typing import Any

import pytest

from intake.mapped.submission import Submission
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.mapping import MappingError
from intake.record.choose import mapping_for
from tests.intake.places import NOW, MakeFile


def cases(make_file: MakeFile, head: str, *rows: str) -> list[Submission]:
    table = open_table(make_file("t.csv", "\n".join([head, *rows]) + "\n"))
    read = [row.submission for row in read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)]
    assert all(read)
    return [case for case in read if case]


def refused(make_file: MakeFile, head: str, *rows: str) -> tuple[str, dict[str, Any]]:
    with pytest.raises(MappingError) as refusal:
        cases(make_file, head, *rows)
    assert refusal.value.sentence("zh-hans")
    return refusal.value.code, refusal.value.params


@pytest.mark.parametrize("cell", ["7/3/26", "26.05.01", "May-26", "05/2026", "14/Sep/2026", "052026", "26032026"])
@pytest.mark.parametrize("name", ["Origination Date", "放款日期", "Disbursement Date"])
def test_a_day_of_the_loan_that_nobody_can_read_is_asked_about(make_file: MakeFile, name: str, cell: str) -> None:
    rows = [f"L{at},{50_000 + at},12,{cell}" for at in range(3)]
    told = refused(make_file, f"loan no,loan amount,term (months),{name}", *rows)
    assert told == ("day_not_read", {"name": name, "value": cell})


def test_what_says_no_day_below_such_a_name_is_none(make_file: MakeFile) -> None:
    (case,) = cases(make_file, "loan no,loan amount,term (months),application received", "L1,5000,12,yes")
    assert case.applied_at == NOW


@pytest.mark.parametrize(
    ("terms", "ends"),
    [
        (("1", "2", "10"), ("2027-07-03", "2028-07-03", "2036-07-03")),
        (("90", "180", "360"), ("2026-10-01", "2026-12-30", "2027-06-28")),
        (("16", "24", "38"), ("2026-10-23", "2026-12-18", "2027-03-26")),
    ],
)
def test_a_term_that_the_days_of_the_loan_contradict_is_asked_about(
    make_file: MakeFile, terms: tuple[str, ...], ends: tuple[str, ...]
) -> None:
    rows = [f"L{at},5000,2026-07-03,{end},{term}" for at, (term, end) in enumerate(zip(terms, ends, strict=True))]
    code, params = refused(make_file, "借据号,贷款金额,放款日期,到期日期,贷款期限", *rows)
    assert (code, params["name"], params["start"], params["end"]) == (
        "term_other_days",
        "贷款期限",
        "放款日期",
        "到期日期",
    )
    assert params["values"] == f"{terms[0]} | 2026-07-03 | {ends[0]}"


def test_a_loan_that_was_prolonged_contradicts_nothing(make_file: MakeFile) -> None:
    rows = [f"L{at},5000,2026-07-03,{end},12" for at, end in enumerate(["2027-07-02", "2027-07-03", "2028-07-03"])]
    told = cases(make_file, "借据号,贷款金额,放款日期,到期日期,贷款期限", *rows)
    assert [case.term_months for case in told] == [12, 12, 12]


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("Collection Frequency", "Weekly"), ("Repayment Mode", "Weekly"), ("Repayment Type", "Biweekly"),
        ("还款方式", "按季等额本金"), ("还款方式", "按季付息到期还本"), ("还款方式", "双周供"),
    ],
)  # fmt: skip
def test_a_count_of_payments_beside_how_often_they_are_made(make_file: MakeFile, name: str, cell: str) -> None:
    told = refused(make_file, f"借据号,贷款金额,期数,{name}", f"L1,5000,8,{cell}", f"L2,6000,12,{cell}")
    assert told == ("term_frequency", {"name": name, "said": cell, "column": "期数"})


@pytest.mark.parametrize(
    ("term", "cell"),
    [
        ("期数", "等额本息"),
        ("期数", "按月付息到期还本"),
        ("期限(月)", "按季付息到期还本"),
        ("期限", "按季付息"),
        ("期限", "按日计息到期还本"),
    ],
)
def test_a_method_of_repayment_is_no_other_frequency(make_file: MakeFile, term: str, cell: str) -> None:
    told = cases(make_file, f"借据号,贷款金额,{term},还款方式", f"L1,5000,12,{cell}", f"L2,6000,24,{cell}")
    assert [case.term_months for case in told] == [12, 24]


@pytest.mark.parametrize(
    "whose", ["主贷人{}", "农户{}", "主申请人{}", "承租方{}", "购车人{}", "债务人{}", "用款人{}", "融资人{}"]
)
def test_whoever_takes_the_loan_is_the_applicant(make_file: MakeFile, whose: str) -> None:
    head = ",".join(whose.format(each) for each in ("姓名", "身份证号", "手机号"))
    (case,) = cases(make_file, f"进件编号,{head},贷款金额", "A1,张三,110105199003070754,13800138001,50000")
    assert (case.applicant.external_id, case.applicant.name) == ("110105199003070754", "张三")
    assert (case.applicant.phone, case.features) == ("+8613800138001", {})


@pytest.mark.parametrize(
    "name",
    [
        "起贷日期", "起贷日", "贷款开始日期", "放贷日期", "用信日期", "打款日期", "业务日期", "Disb Dt", "Disb. Date",
        "Sanc Dt",
        "借款成功日期", "放款年月日", "Inception Date", "Date Released", "Release Date", "Date of Loan", "Grant Date",
    ],
)  # fmt: skip
def test_more_names_of_the_day_of_a_loan(make_file: MakeFile, name: str) -> None:
    (case,) = cases(make_file, f"借据号,贷款金额,期限(月),{name}", "L1,5000,12,2026-01-05")
    assert str(case.applied_at.date()) == "2026-01-05"


@pytest.mark.parametrize(
    "name",
    [
        "Original Balance", "Original Principal Balance", "Loan Principal", "Disbursed Principal", "Disb Amt",
        "Sanc Amt",
        "Net Amount Financed", "Original Note Amount", "GrossApproval", "初始本金", "贷款发生金额",
    ],
)  # fmt: skip
@pytest.mark.parametrize("number", ["Loan Identifier", "信贷借据号", "贷款借据编码", "LAN", "Loan Account"])
def test_more_names_of_amounts_and_numbers(make_file: MakeFile, number: str, name: str) -> None:
    head = f"S.No.,{number},客户统一编号,NIN,{name}"
    told = cases(make_file, head, "1,LX7,C1,12345678901,5000", "2,LX9,C2,12345678902,6000")
    assert [(case.external_ref, case.applicant.external_id, int(case.amount), case.features) for case in told] == [
        ("LX7", "C1", 5000, {}), ("LX9", "C2", 6000, {}),
    ]  # fmt: skip
