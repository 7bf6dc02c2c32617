"""Amounts of a contract or a line beside what was paid out of it, where a table does not say of which of them a row
is: two loan notes of 3 and 2 million under a contract of 5 are no 10 million."""

from __future__ import annotations

from collections.abc import Sequence

from intake.asked_and_granted import is_drawn, is_limit_or_price
from intake.case_mapping import CaseMapping, MappingError
from intake.cells import CellError, cell_text, read_to_judge
from intake.samples import SampleRow


def refuse_open_amount(mapping: CaseMapping, columns: Sequence[str], sample: Sequence[SampleRow]) -> None:
    """Raises MappingError where the amount is read from a contract or line and what was paid out of it is another."""
    amount = mapping.fields.get("amount")
    if amount is None or not amount.column or not is_limit_or_price(amount.column):
        return
    for column in filter(is_drawn, columns):
        for row in sample:
            whole, drawn = cell_text(row.get(amount.column)), cell_text(row.get(column))
            if whole and drawn and _differ(whole, drawn, amount.decimal):
                raise MappingError("amount_drawn", name=amount.column, whole=whole, other=column, drawn=drawn)


def _differ(whole: str, drawn: str, mark: str) -> bool:
    """Whether two cells are different amounts; what is no number, or nothing paid out yet, says nothing."""
    try:
        return read_to_judge(drawn, mark) not in (0, read_to_judge(whole, mark))
    except CellError:
        return False
