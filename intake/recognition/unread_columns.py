"""Columns whose headers surely name the amount or the term, and of whose first cells none can be read: each row then
says which cell that is, and not that there is no such column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from intake.header_words import header_units, headers
from intake.header_words.amount_units import cents_scale
from intake.mapped.given import Given
from intake.values.samples import known


def amount_of(column: str, decimal_mark: str = "") -> Given:
    """The amount from a column, in the unit that its header says."""
    scale = header_units.money_scale(column) or cents_scale(column)
    return Given("column", column=column, decimal=decimal_mark, scale=scale)


def unread_amount(columns: Sequence[str], samples: Mapping[str, Sequence[str]]) -> Given | None:
    """The column that is surely named as the amount and holds something, where no column can be read as the amount."""
    named = (each for each in headers.surest_first("amount", columns) if headers.surely_names_amount(each))
    return next((amount_of(each) for each in named if known(samples[each])), None)


def unread_term(columns: Sequence[str], samples: Mapping[str, Sequence[str]]) -> Given | None:
    """The column that is surely named as the term and holds something, where none can be read and none is in another
    unit than months, of which it may be told."""
    named = [each for each in headers.surest_first("term_months", columns) if headers.names_term(each)]
    if any(header_units.says_no_months(column) for column in named):
        return None
    filled = (column for column in named if known(samples[column]))
    return next((Given("column", column=each, scale=header_units.months_scale(each)) for each in filled), None)
