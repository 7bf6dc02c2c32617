"""One spelling for each value of a cell, by which a row without a number is told in whatever format it comes.

1,200.00 and 4.35% in a text file are 1200 and 0.0435 in a workbook, 2026/1/5 is a date there, N/A a cell without value.
"""

from __future__ import annotations

from datetime import date, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Final

from intake.cell_dates import read_moment
from intake.cells import MISSING_ANYWHERE, CellError, cell_text, lookup_key, read_number, read_percent
from intake.given import Given

# A spreadsheet counts with so many digits; what stands behind them in its binary fractions is noise.
_DIGITS: Final = 15
_SHARE_SIGNS: Final = ("%", "％", "‰")


def plain_text(cell: object, text: str, given: Given | None, zone: timezone) -> str:
    """The value of a cell in its plainest spelling; `text` is the cell as text, `given` how a mapping reads it as a
    date or with a decimal mark, where one does. What is neither a number nor a date is compared as a listed value is.
    """
    if given is not None and given.type == "date":
        return _as_date(cell, text, given.format, zone)
    if isinstance(cell, str):
        return _plain(text, given.decimal if given is not None else "", zone)
    if isinstance(cell, bool) or cell is None or not text:
        return text
    if isinstance(cell, float):
        return _number(Decimal(f"{cell:.{_DIGITS}g}"))
    if isinstance(cell, int | Decimal):
        return _number(Decimal(cell))
    return _as_date(cell, text, "", zone) if isinstance(cell, date) else lookup_key(text)


def _as_date(cell: object, text: str, form: str, zone: timezone) -> str:
    try:
        return cell_text(read_moment(cell, zone, form).astimezone(zone).replace(tzinfo=None))
    except (CellError, OverflowError):
        return _plain(text, "", zone)


# Most cells of a table hold what many others do.
@lru_cache(maxsize=8_192)
def _plain(text: str, decimal_mark: str, zone: timezone) -> str:
    key = lookup_key(text)
    if key in MISSING_ANYWHERE:
        return ""
    try:
        if text.endswith(_SHARE_SIGNS):
            return _number(read_percent(text, decimal_mark) / 100)
        return _number(read_number(text, decimal_mark))
    except CellError:
        pass
    try:
        return cell_text(read_moment(text, zone).astimezone(zone).replace(tzinfo=None))
    except (CellError, OverflowError):
        return key


def _number(number: Decimal) -> str:
    """Every digit of it, without zeros at its end and without an exponent: "1200", "0.0435"."""
    whole, point, decimals = f"{number:f}".partition(".")
    plain = whole + (point + decimals).rstrip("0").rstrip(".")
    return "0" if plain == "-0" else plain
