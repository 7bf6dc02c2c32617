"""Columns that say of a loan what nobody knew when it was asked for: what was granted of it, on which day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from intake import headers
from intake.asked_and_granted import (
    is_asked,
    is_asked_rate,
    is_contracted,
    is_granted,
    is_granted_day,
    is_granted_rate,
    is_of_loan,
    is_paid_out,
)
from intake.given import Given
from intake.later_headers import is_of_granted_loan


def granted_beside(fields: Mapping[str, Given], columns: Sequence[str]) -> list[str]:
    """The columns that no field reads and that tell of the granted loan what another column tells of the one that was
    asked for.

    The amount of a contract or loan is one only beside a column that says "asked for"; a funded amount beside a mere
    "loan amount", as in public tables, may be as old as that.
    """
    taken = {name: given.column for name, given in fields.items() if given.column}
    rest = [column for column in columns if column not in taken.values()]
    twins = {each for each in rest if any(_is_granted_twin(name, each, column) for name, column in taken.items())}
    asks = any(is_asked(name, column) for name, column in taken.items()) or any(map(is_asked_rate, columns))
    tells_both = asks or bool(twins)
    is_application = headers.names_application(taken.get("applied_at", ""))

    def is_later(column: str) -> bool:
        of_day, of_rate = is_application and is_granted_day(column), tells_both and is_granted_rate(column)
        return column in twins or of_day or of_rate or is_of_granted_loan(column) or is_paid_out(column)

    return [column for column in rest if is_later(column)]


def _is_granted_twin(name: str, column: str, taken: str) -> bool:
    """Whether a column tells of the granted loan what `taken`, which a field reads, tells of the one asked for."""
    if is_granted(name, taken) or is_contracted(name, taken):
        return False
    is_signed = is_contracted(name, column) or is_of_loan(name, column)
    return is_granted(name, column) or (is_asked(name, taken) and is_signed)
