"""Of a contract and what was paid out of it by loan notes, each note has its own amount."""

from __future__ import annotations

import pytest

from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.mapping import MappingError
from intake.record.choose import mapping_for
from tests.intake.places import NOW, MakeFile


def amounts(make_file: MakeFile, head: str, *pairs: str) -> list[int]:
    rows = "".join(f"N{at},{pair},12\n" for at, pair in enumerate(pairs))
    table = open_table(make_file("t.csv", f"{head},期限(月)\n{rows}"))
    cases = [row.submission for row in read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)]
    return [int(case.amount) for case in cases if case]


@pytest.mark.parametrize(
    ("whole", "drawn"),
    [
        ("合同金额", "放款金额"), ("合同金额", "借据金额"), ("授信额度", "借据金额"), ("授信额度", "发放金额"),
        ("授信金额", "支用金额"), ("合同金额", "提款金额"), ("合同金额", "贷款发放金额"),
    ],
)  # fmt: skip
def test_a_loan_note_has_the_amount_that_was_paid_out(make_file: MakeFile, whole: str, drawn: str) -> None:
    assert amounts(make_file, f"借据号,{whole},{drawn}", "5000000,3000000", "5000000,2000000") == [3_000_000, 2_000_000]
    assert amounts(make_file, f"借据号,{drawn},{whole}", "3000000,5000000", "2000000,5000000") == [3_000_000, 2_000_000]


@pytest.mark.parametrize(
    ("whole", "drawn"),
    [
        ("合同金额", "放款金额"), ("授信额度", "支用金额"), ("Contract Amount", "Drawdown Amount"),
        ("Facility Amount", "Drawn Amount"), ("Sanctioned Limit", "Disbursed Amount"), ("合同金额", "已放款金额"),
        ("合同金额", "累计发放金额"), ("合同金额", "实放金额"), ("授信额度", "已用额度"), ("授信额度", "已用金额"),
        ("贷款合同金额", "贷款发放金额"), ("Contract Amount", "Disbursed"), ("Credit Limit", "Utilized Amount"),
    ],
)  # fmt: skip
def test_without_loan_notes_two_amounts_are_asked_about(make_file: MakeFile, whole: str, drawn: str) -> None:
    with pytest.raises(MappingError) as refusal:
        amounts(make_file, f"loan number,{whole},{drawn}", "5000000,5000000", "5000000,2000000")
    assert refusal.value.code == "amount_drawn"
    assert refusal.value.params == {"name": whole, "whole": "5000000", "other": drawn, "drawn": "2000000"}
    assert refusal.value.sentence("zh-hans")


def test_the_same_twice_or_nothing_paid_out_yet_says_one_amount(make_file: MakeFile) -> None:
    assert amounts(make_file, "loan number,合同金额,放款金额", "50,50", "60,", "70,0") == [50, 60, 70]
    assert amounts(make_file, "loan number,申请金额,合同金额,放款金额", "50,40,30") == [50]
    assert amounts(make_file, "loan number,Original Principal Amount,Disbursed Amount", "50,30") == [50]


def test_what_was_paid_out_is_no_feature_and_a_flag_no_amount(make_file: MakeFile) -> None:
    assert amounts(make_file, "loan number,Contract Amount,Disbursed", "50,1", "60,0", "70,1") == [50, 60, 70]
    for header in ("已放款金额", "实放金额", "Disbursed to date"):
        table = open_table(make_file("t.csv", f"loan number,申请金额,{header},期限(月)\nN1,50,40,12\nN2,60,50,12\n"))
        mapping = mapping_for(table, "branch-x", None)[1]
        assert (list(mapping.features), mapping.drop) == ([], {header: "known_after_decision"})
    # It may be of what the applicant had before.
    table = open_table(make_file("t.csv", "loan number,申请金额,已用额度,期限(月)\nN1,50,40,12\nN2,60,50,12\n"))
    assert len(mapping_for(table, "branch-x", None)[1].features) == 1


def test_a_demand_beside_what_was_granted_is_asked_about_unless_it_is_what_is_due(make_file: MakeFile) -> None:
    head = "loan number,Demand Amount,Sanction Amount"
    with pytest.raises(MappingError) as refusal:
        amounts(make_file, head, "60,50", "50,50", "10,50")
    assert refusal.value.code == "amount_asked_open"
    assert refusal.value.params == {"name": "Sanction Amount", "other": "Demand Amount"}
    assert refusal.value.sentence("zh-hans")
    assert amounts(make_file, head, "5,50", "4,50", "50,50") == [50, 50, 50]
    assert amounts(make_file, "loan number,Demand Amount,Loan Amount", "60,50", "50,50") == [50, 50]
