"""What lenders call the amount of a loan besides 贷款金额 and "Loan Amount"."""

from __future__ import annotations

import pytest

from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.record.choose import mapping_for
from tests.intake.places import NOW, MakeFile

NAMES = (
    "融资额", "按揭贷款金额", "租赁本金", "用信金额", "BUSINESSSUM", "Gross Loan Amount", "Net Loan Amount",
    "Mortgage Amount", "Finance Amount", "Disbursement Amount", "COMMITMENT.AMOUNT", "ORIG_UPB", "Original UPB",
    "InitialApprovalAmount",
)  # fmt: skip


def amounts(make_file: MakeFile, header: str, cells: str) -> tuple[str, list[object]]:
    lines = "".join(f"L{at},12,{cells}\n" for at in (1, 2))
    table = open_table(make_file("t.csv", f"loan no,term,{header}\n{lines}"))
    mapping = mapping_for(table, "branch-x", None)[1]
    rows = read_rows(table, mapping, now=NOW)
    return mapping.fields["amount"].column, [row.submission and row.submission.amount for row in rows]


@pytest.mark.parametrize("name", NAMES)
def test_other_names_of_the_amount(make_file: MakeFile, name: str) -> None:
    assert amounts(make_file, name, "50000") == (name, [50_000, 50_000])


@pytest.mark.parametrize("name", [each for each in NAMES if each != "按揭贷款金额"])
def test_they_stand_behind_the_loan_amount(make_file: MakeFile, name: str) -> None:
    assert amounts(make_file, f"{name},Requested Amount", "40000,50000") == ("Requested Amount", [50_000, 50_000])


def test_what_is_lent_comes_before_what_is_paid_out_of_it(make_file: MakeFile) -> None:
    read = amounts(make_file, "Net Loan Amount,Gross Loan Amount", "48000,50000")
    assert read == ("Gross Loan Amount", [50_000, 50_000])
