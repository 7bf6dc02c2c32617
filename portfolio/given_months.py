"""Repayment as a sender gives it, row by row: read, with every bad field named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from intake.mapped.fields import EARLIEST, shown
from intake.wording.field_errors import FieldError
from intake.wording.sentences import storable

KEYS: Final = {"loan_ref", "source", "as_of", "dpd", "balance"}
MOST_DPD: Final = 36_500
MOST_BALANCE: Final = Decimal(10) ** 13


@dataclass(frozen=True)
class GivenMonth:
    """A row that is right in itself. `loan_ref` is the reference of the case or the sender's own."""

    loan_ref: str
    source: str
    as_of: date
    dpd: int
    balance: Decimal | None


def read_month(row: object, *, today: date) -> GivenMonth | list[FieldError]:
    """One row, or every field of it that is wrong."""
    if not isinstance(row, Mapping):
        return [FieldError("", shown(row), "not_an_object")]
    errors = [FieldError(str(name), shown(row[name]), "unknown_field") for name in row if name not in KEYS]
    names = {name: row.get(name) or "" for name in ("loan_ref", "source")}
    errors += [FieldError(name, shown(text), "not_text") for name, text in names.items() if not isinstance(text, str)]
    errors += [
        FieldError(name, shown(text), "forbidden_character")
        for name, text in names.items()
        if isinstance(text, str) and storable(text) != text
    ]
    if not names["loan_ref"]:
        errors.append(FieldError("loan_ref", "", "required"))
    as_of = _day(row.get("as_of"), today, errors)
    dpd = _days_past_due(row.get("dpd"), errors)
    balance = _balance(row.get("balance"), errors)
    if errors or as_of is None or dpd is None:
        return errors
    return GivenMonth(str(names["loan_ref"]), str(names["source"]), as_of, dpd, balance)


def _day(given: object, today: date, errors: list[FieldError]) -> date | None:
    if given in (None, ""):
        errors.append(FieldError("as_of", "", "required"))
        return None
    try:
        day = datetime.fromisoformat(given).date() if isinstance(given, str) else None
    except ValueError:
        day = None
    code = "not_a_date" if day is None else ""
    if day is not None and day < EARLIEST.date():
        code = "too_early"
    if day is not None and day > today + timedelta(days=1):
        code = "in_the_future"
    if code:
        errors.append(FieldError("as_of", shown(given), code))
    return None if code else day


def _days_past_due(given: object, errors: list[FieldError]) -> int | None:
    if given is None or isinstance(given, bool) or not isinstance(given, int):
        errors.append(FieldError("dpd", shown(given), "required" if given is None else "not_an_integer"))
        return None
    if not 0 <= given <= MOST_DPD:
        errors.append(_out_of_range("dpd", given, MOST_DPD))
        return None
    return given


def _balance(given: object, errors: list[FieldError]) -> Decimal | None:
    if given in (None, ""):
        return None
    try:
        number = Decimal(str(given)) if isinstance(given, int | float | str) and not isinstance(given, bool) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        errors.append(FieldError("balance", shown(given), "not_a_number"))
        return None
    if not 0 <= number < MOST_BALANCE:
        errors.append(_out_of_range("balance", given, int(MOST_BALANCE)))
        return None
    return number.quantize(Decimal("0.01"))


def _out_of_range(name: str, given: object, most: int) -> FieldError:
    return FieldError(name, shown(given), "out_of_range", {"minimum": "0", "maximum": str(most)})
