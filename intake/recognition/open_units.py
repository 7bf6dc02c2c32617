"""Columns whose cells or header leave their unit open, in a table that nobody mapped: 12.5 beside 12.5万, terms of 3
and 5, an amount (mil)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from statistics import median
from typing import Final

from intake.header_words.amount_units import leaves_unit_open
from intake.header_words.header_units import currency_behind, is_money, is_scale, money_scale, span_of, unit_of
from intake.mapped.case_mapping import CaseMapping, MappingError
from intake.mapped.given import Given
from intake.mapped.header_currencies import currency_in
from intake.shown.shown_numbers import shown_with_unit
from intake.values.cells import CellError, cell_text, has_own_unit, read_number
from intake.values.currencies import KNOWN, SPELLINGS
from intake.values.currency_signs import money_text
from intake.values.currency_words import says_currency
from intake.values.samples import SampleRow, known_numbers

# No loan and no income is below it in yuan; in 万元 most are.
SMALL: Final = 1_000
# Half of the loans of a book are never below it in yuan; so many of them tell.
_TINY: Final = 100
_ENOUGH: Final = 5


def refuse_open_units(mapping: CaseMapping, sample: Sequence[SampleRow]) -> None:
    """Raises MappingError for the first such column: read one way or the other it would be wrong in silence."""
    for name, given in mapping.numbers:
        if _is_unknown(name, given, mapping.fields["currency"]):
            raise MappingError("unit_unknown", name=given.column)
        texts = _texts(given.column, sample) if given.scale is None else []
        in_money = name == "amount" or is_money(given.column)
        own = [text for text in texts if has_own_unit(money_text(text) if in_money else text)]
        bare = [text for text in texts if own and text not in own and 0 < abs(_number(text)) < SMALL]
        if bare:
            raise MappingError("unit_mixed", name=given.column, own=own[0], bare=bare[0])
        if name == "amount" and texts and not own and _is_tiny(given, mapping.fields["currency"], texts):
            raise MappingError("amount_open", name=given.column, value=texts[0])
    term = mapping.fields.get("term_months")
    if term is None or term.how != "column":
        return
    if span_of(term.column) == "open":
        raise MappingError("unit_unknown", name=term.column)


def _is_unknown(name: str, given: Given, currency: Given) -> bool:
    """Whether the header of a column of money says a scale of which nothing is known, (mil), (A$'000), or a currency
    that nothing else names."""
    unit = unit_of(given.column) or currency_behind(given.column)
    if not unit or not (name == "amount" or is_money(given.column)):
        return False
    if given.scale is None and (is_scale(unit) or leaves_unit_open(given.column)):
        return True
    if currency.how != "default" or "¥" in unit:
        return False
    is_known = currency_in(given.column) or unit in SPELLINGS or unit.upper() in KNOWN or _is_scaled_sign(given.column)
    return says_currency(unit) and not is_known


def _is_tiny(given: Given, currency: Given, texts: Sequence[str]) -> bool:
    """Whether bare amounts of a book in yuan that states no unit are what loans are in 万元: 5, 12.5, 20."""
    if currency.how == "column" or currency.value != "CNY" or unit_of(given.column) or currency_behind(given.column):
        return False
    numbers = [number for text in texts if (number := abs(_number(text)))]
    return len(numbers) >= _ENOUGH and median(numbers) < _TINY


def _is_scaled_sign(column: str) -> bool:
    """Whether a header says a factor beside a bare sign: $M, ¥千."""
    return money_scale(column) is not None and unit_of(column)[:1] in SPELLINGS


def _texts(column: str, sample: Sequence[SampleRow]) -> list[str]:
    return known_numbers([shown_with_unit(row.get(column), cell_text(row.get(column))) for row in sample])


def _number(text: str) -> Decimal:
    """Nought for what is no bare number, as 3年: it names its unit."""
    try:
        return read_number(text)
    except CellError:
        return Decimal(0)
