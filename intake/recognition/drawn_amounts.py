"""Amounts of a contract or a line beside what was paid out of it, where a table does not say of which of them a row
is: two loan notes of 3 and 2 million under a contract of 5 are no 10 million. And granted amounts beside what may be
the one that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from intake.header_words.asked_and_granted import is_drawn, is_granted, is_limit_or_price, may_be_asked
from intake.mapped.case_mapping import CaseMapping, MappingError
from intake.mapped.given import Given
from intake.values.cells import CellError, cell_text, read_to_judge
from intake.values.samples import SampleRow


def refuse_open_amount(mapping: CaseMapping, columns: Sequence[str], sample: Sequence[SampleRow]) -> None:
    """Raises MappingError where the amount is read from a contract or line and what was paid out of it is another, or
    where it was granted and another column may say what was asked for."""
    amount = mapping.fields.get("amount")
    if amount is None or not amount.column:
        return
    if is_granted("amount", amount.column):
        _refuse_open_demand(amount, columns, sample)
    if not is_limit_or_price(amount.column):
        return
    for column in filter(is_drawn, columns):
        for row in sample:
            whole, drawn = cell_text(row.get(amount.column)), cell_text(row.get(column))
            if whole and drawn and _differ(whole, drawn, amount.decimal):
                raise MappingError("amount_drawn", name=amount.column, whole=whole, other=column, drawn=drawn)


def _refuse_open_demand(amount: Given, columns: Sequence[str], sample: Sequence[SampleRow]) -> None:
    """What of a loan is due is mostly less than what was granted, and what was asked for is mostly not."""
    for column in filter(may_be_asked, columns):
        texts = [(cell_text(row.get(amount.column)), cell_text(row.get(column))) for row in sample]
        both = [(_number(one, amount.decimal), _number(other, amount.decimal)) for one, other in texts]
        known = [(granted, demand) for granted, demand in both if granted and demand]
        if sum(demand >= granted for granted, demand in known) * 2 > len(known):
            raise MappingError("amount_asked_open", name=amount.column, other=column)


def _differ(whole: str, drawn: str, mark: str) -> bool:
    """Whether two cells are different amounts; what is no number, nothing paid out yet, or a 1 that says that all was,
    says nothing."""
    paid, of = _number(drawn, mark), _number(whole, mark)
    return of is not None and paid not in (None, 0, 1, of)


def _number(text: str, mark: str) -> Decimal | None:
    try:
        return read_to_judge(text, mark)
    except CellError:
        return None
