"""A table that nobody mapped is refused where its cells leave their unit open."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from intake.reading.parse import open_table
from intake.recognition.mapping import CaseMapping, MappingError
from intake.record.choose import mapping_for
from tests.intake.places import MakeFile


def chosen(make_file: MakeFile, header: str, cells: Sequence[str]) -> CaseMapping:
    lines = "".join(f"HT-{at},{cell}\n" for at, cell in enumerate(cells))
    return mapping_for(open_table(make_file("t.csv", f"合同号,{header}\n{lines}")), "branch-x", None)[1]


def test_a_small_bare_number_beside_ten_thousands_is_asked_about(make_file: MakeFile) -> None:
    with pytest.raises(MappingError) as refusal:
        chosen(make_file, "贷款金额", ["12.5万", "8万", "12.5", "30万"])
    assert refusal.value.code == "unit_mixed"
    assert refusal.value.params == {"name": "贷款金额", "own": "12.5万", "bare": "12.5"}
    # A whole sum in yuan is none of ten thousands, and a column in 万元 reads both alike.
    assert chosen(make_file, "贷款金额", ["12.5万", "8万", "125000", "30万"]).fields["amount"].scale is None
    assert chosen(make_file, "贷款金额(万元)", ["12.5万", "8万", "12.5", "30万"]).fields["amount"].scale == 10_000


def test_terms_of_a_few_months_alone_may_be_years(make_file: MakeFile) -> None:
    rows = [f"{5000 + at},{3 if at % 2 else 5}" for at in range(20)]
    with pytest.raises(MappingError) as refusal:
        chosen(make_file, "贷款金额,期限", rows)
    assert (refusal.value.code, refusal.value.params) == ("term_open", {"name": "期限", "values": "3, 5"})
    for header, scale in (("期限(月)", None), ("期限(年)", 12)):
        assert chosen(make_file, f"贷款金额,{header}", rows).fields["term_months"].scale == scale
    for others in ([*rows, "7000,12"], rows[:4], [f"{row}年" for row in rows]):
        assert chosen(make_file, "贷款金额,期限", others).fields["term_months"].column == "期限"


def test_amounts_as_loans_are_in_ten_thousands_alone_may_be_in_yuan(make_file: MakeFile) -> None:
    cells = ["5", "12.5", "20", "8", "15", "150"]
    with pytest.raises(MappingError) as refusal:
        chosen(make_file, "申请金额", cells)
    assert (refusal.value.code, refusal.value.params) == ("amount_open", {"name": "申请金额", "value": "5"})
    for header, scale in (("申请金额(元)", None), ("申请金额（万元）", 10_000)):
        assert chosen(make_file, header, cells).fields["amount"].scale == scale
    # Few tell nothing, a book has its small loans, and of dollars there are loans of twenty.
    for others in (cells[:4], [*cells, "900", "1200", "4000", "5000", "600"]):
        assert chosen(make_file, "申请金额", others).fields["amount"].scale is None
    assert chosen(make_file, "Loan Amount (USD)", cells).fields["amount"].scale is None


@pytest.mark.parametrize("header", ["贷款起止日期", "贷款期间", "合同起止日", "起止时间", "Facility Period"])
@pytest.mark.parametrize("cell", ["2026.08.03-2028.07.23", "2026年8月3日至2028年7月23日", "20260803~20280723"])
def test_both_days_of_a_loan_in_one_cell_are_asked_about(make_file: MakeFile, header: str, cell: str) -> None:
    with pytest.raises(MappingError) as refusal:
        chosen(make_file, f"贷款金额,{header}", [f"{5_000 + at},{cell}" for at in range(12)])
    assert (refusal.value.code, refusal.value.params) == ("term_unread", {"name": header})
    # Of something else they are no term, nor beside a column that tells it.
    for others in (f"贷款金额,任职{header}", f"贷款金额,{header},贷款期限(月)"):
        rows = [f"{5_000 + at},{cell},24" if others.endswith("(月)") else f"{5_000 + at},{cell}" for at in range(12)]
        assert chosen(make_file, others, rows).fields["amount"].column == "贷款金额"
