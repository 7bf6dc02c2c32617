"""Ledgers of micro-finance and core systems: what their usual short names say of amounts, terms and days."""

from __future__ import annotations

from datetime import date

import pytest

from intake.mapped.submission import Submission
from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows
from intake.recognition.mapping import MappingError, mapping_as_data, read_mapping
from intake.record.choose import mapping_for
from tests.intake.places import NOW, MakeFile


def rows_of(make_file: MakeFile, header: str, *lines: str) -> list[ReadRow]:
    table = open_table(make_file("t.csv", "\n".join((header, *lines)) + "\n"))
    return list(read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW))


def cases(make_file: MakeFile, header: str, *lines: str) -> list[Submission]:
    rows = rows_of(make_file, header, *lines)
    assert not [error for row in rows for error in row.errors]
    return [row.submission for row in rows if row.submission]


@pytest.mark.parametrize(
    "name",
    ["Principal Disbursed", "Loan Principal Disbursed", "Principal Amount Disbursed", "ORIG_AMT", "Original Amount"],
)
def test_more_names_of_the_amount(make_file: MakeFile, name: str) -> None:
    told = cases(make_file, f"Loan ID,Client ID,{name},Term", "1001,C01,15000,12", "1002,C02,8000,6")
    assert [(int(case.amount), case.features) for case in told] == [(15000, {}), (8000, {})]


def test_what_was_paid_out_is_no_amount_beside_what_was_asked_for(make_file: MakeFile) -> None:
    (case,) = cases(make_file, "Loan ID,Amount Applied For,Principal Disbursed,Term", "1001,15000,9000,12")
    assert (int(case.amount), case.features) == (15000, {})


def test_what_was_paid_out_of_a_contract_is_asked_about(make_file: MakeFile) -> None:
    with pytest.raises(MappingError) as refusal:
        rows_of(make_file, "Loan ID,Contract Amount,Principal Disbursed,Term", "1001,15000,9000,12")
    assert refusal.value.code == "amount_drawn"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("贷款日", "到期日"), ("贷款日期", "贷款到期日"), ("放贷日", "到期日期"), ("OPEN_DT", "MAT_DT"),
        ("Open Date", "Maturity Date"), ("Disb Date", "Maturity"),
        ("Disb Dt", "Mat Date"),
        ("起始日期", "终止日期"), ("起始日", "终止日"), ("起始时间", "终止时间"), ("Start Date", "End Date"),
    ],
)  # fmt: skip
def test_the_first_and_the_last_day_of_a_loan_note_tell_its_term(make_file: MakeFile, start: str, end: str) -> None:
    told = cases(
        make_file,
        f"借据号,金额,{start},{end}",
        "J1,5000,2026-01-05,2027-01-05",
        "J2,6000,2026-01-06,2027-07-06",
    )
    assert [(case.term_months, case.applied_at.date()) for case in told] == [
        (12, date(2026, 1, 5)), (18, date(2026, 1, 6)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "named"),
    [
        # Without loan notes 终止日期 may be of anything, and here it is of something else or of the report.
        ("合同号,金额,起始日期,终止日期", "终止日期"),
        ("借据号,金额,起始日期,授信到期日", "授信到期日"),
        ("借据号,金额,申请日期,到期日", "到期日"),
        ("借据号,金额,Account Open Date,Maturity Date", "Maturity Date"),
    ],
)
def test_what_is_not_sure_stays_asked_about(make_file: MakeFile, header: str, named: str) -> None:
    with pytest.raises(MappingError) as refusal:
        rows_of(make_file, header, "J1,5000,2026-01-05,2027-01-05", "J2,6000,2026-01-06,2027-07-06")
    assert (refusal.value.code, refusal.value.params) == ("term_unread", {"name": named})


def test_notes_that_all_end_on_one_day_are_asked_about(make_file: MakeFile) -> None:
    with pytest.raises(MappingError) as refusal:
        rows_of(
            make_file, "借据号,金额,起始日期,终止日期", "J1,5000,2026-01-05,2026-11-30", "J2,6000,2026-02-06,2026-11-30"
        )
    assert (refusal.value.code, refusal.value.params) == ("term_unread", {"name": "终止日期"})


@pytest.mark.parametrize(
    ("name", "cells", "told"),
    [
        ("到期日", ["20270110", "20280301", "20270601"], ["2027-01-10", "2028-03-01", "2027-06-01"]),
        ("MAT_DT", ["20270110", "99991231", "20270601"], ["2027-01-10", "9999-12-31", "2027-06-01"]),
        ("评估日期", ["20250110", "0", "00000000"], ["2025-01-10", None, None]),
        # No days, by the header or the cells.
        ("机构代码", ["20250110", "20250111", "20250112"], [20250110, 20250111, 20250112]),
        ("评估日期", ["20251310", "20250199", "20250110"], [20251310, 20250199, 20250110]),
    ],
)
def test_days_that_stand_as_numbers_are_days(
    make_file: MakeFile, name: str, cells: list[str], told: list[object]
) -> None:
    found = cases(
        make_file,
        f"借据号,金额,起息日,期限(月),{name}",
        *(f"J{at},5000,20260105,12,{cell}" for at, cell in enumerate(cells)),
    )
    assert [next(iter(case.features.values()), None) for case in found] == told


def test_a_mapping_keeps_how_such_days_are_read(make_file: MakeFile) -> None:
    text = "借据号,金额,起息日,期限,评估日期\nJ1,5000,20260105,12,20250110\nJ2,5000,20260105,12,0\n"
    table = open_table(make_file("t.csv", text))
    mapping = mapping_for(table, "branch-x", None)[1]
    assert read_mapping(mapping_as_data(mapping), source="branch-x").features == mapping.features
