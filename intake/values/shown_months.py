"""Days that a spreadsheet shows as their month or year alone: 2026-01-01 in a cell of the form mmm-yy is the Jan-26
that everybody sees, and what stands beside it was known at the end of that month.

The reader gives out the bare day; which cells are shown so stands in the workbook's styles.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from functools import lru_cache
from typing import Final

from intake.values.cell_dates import MONTH, YEAR

# What stands in a form as it is written, takes place only, or says a language, a colour or a condition; [h] is an hour.
_NO_CODE: Final = re.compile(r'"[^"]*"|[\\_*].|\[(?!(?:h+|m+|s+)\])[^\]]*\]', re.DOTALL | re.IGNORECASE)
# Codes of years (of the Republic or an emperor with e, of the Buddha with b) and of months; that of eras tells nothing
# alone, as in G/通用格式. With any other letter it is a day, a time, whose minutes are an m, too, or no date at all.
_TELLING: Final = frozenset("yebm")
_WITHOUT_DAY: Final = _TELLING | {"g"}
_PLACES: Final = frozenset("0#?@")


class OfMonth(date):
    """The first day of a month, in a cell that shows no day."""


class OfYear(date):
    """The first day of a year, in a cell that shows neither day nor month."""


@lru_cache(maxsize=1_024)
def span_of_form(form: str) -> str:
    """MONTH or YEAR where a number format shows no less of a day than that, "" for every other format."""
    first = _NO_CODE.sub("", form).split(";")[0].casefold()
    codes = {sign for sign in first if sign.isascii() and sign.isalpha()}
    if not codes & _TELLING or codes - _WITHOUT_DAY or _PLACES & set(first):
        return ""
    return MONTH if "m" in codes else YEAR


def as_shown(cell: object, span: str) -> object:
    """A cell that shows no less than a span, as the first day of it. One of another day, or with a time, tells that."""
    if not isinstance(cell, date) or cell.day != 1 or (isinstance(cell, datetime) and cell.time() != time.min):
        return cell
    if span == MONTH:
        return OfMonth(cell.year, cell.month, cell.day)
    return OfYear(cell.year, cell.month, cell.day) if cell.month == 1 else cell


def span_of_cell(cell: object) -> str:
    """MONTH or YEAR where a cell tells of no less, "" for every other one."""
    return MONTH if isinstance(cell, OfMonth) else YEAR if isinstance(cell, OfYear) else ""
