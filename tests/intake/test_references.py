"""Which of several numbers of a loan is its reference, and that what nobody sees in one makes no second case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest

from intake.infer import infer_mapping

ROWS: Final = 12


def numbers(column: str) -> list[str]:
    return [f"{column[:2]}-{number:06d}" for number in range(ROWS)]


@pytest.mark.parametrize(
    ("columns", "reference"),
    [
        (("贷款合同编号", "借据号", "申请编号"), "申请编号"),
        (("贷款合同编号", "借据号"), "借据号"),
        (("贷款合同编号", "编号"), "贷款合同编号"),
        (("合同号", "贷款申请编号"), "贷款申请编号"),
        (("contract no", "IOU no", "application id"), "application id"),
        (("loan contract number", "IOU no"), "IOU no"),
    ],
)
def test_the_number_of_the_application_goes_before_the_loan_note_and_the_contract(
    columns: Sequence[str], reference: str
) -> None:
    cells = {column: numbers(column) for column in columns}
    rows = [{"金额": 5000 + at, **{column: cells[column][at] for column in columns}} for at in range(ROWS)]
    mapping = infer_mapping(["金额", *columns], rows, "branch")
    assert mapping.fields["external_ref"].column == reference
    assert mapping.drop == dict.fromkeys((each for each in columns if each != reference), "other_reference")


def test_a_number_that_several_loans_share_is_not_their_reference() -> None:
    """One application, drawn in three parts: the loan note tells the rows apart."""
    rows = [{"金额": 5000 + at, "申请编号": f"SQ-{at // 3}", "借据号": f"JJ-{at}"} for at in range(ROWS)]
    mapping = infer_mapping(["金额", "申请编号", "借据号"], rows, "branch")
    assert mapping.fields["external_ref"].column == "借据号"
