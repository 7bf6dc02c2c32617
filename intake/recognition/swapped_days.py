"""Days that a spreadsheet program took for months: of 05/01/2026 and 13/01/2026 it makes 1 May and a text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from intake.mapped.case_mapping import FIELD_TYPES, CaseMapping, MappingError
from intake.mapped.derive import OF_MOMENTS
from intake.values.samples import SampleRow

# Points stand for day.month.year wherever they are in use.
_WRITTEN: Final = re.compile(r"(\d{1,2})(?:/(\d{1,2})/(?:\d{4}|\d{2})|-(\d{1,2})-\d{4})(?:[ T].*)?", re.ASCII)
_MONTHS: Final = 12
_DAYS: Final = 31


def refuse_swapped_days(mapping: CaseMapping, sample: Sequence[SampleRow]) -> None:
    """Raises MappingError for the first column of days in which a text could not be read by month and day (or by day
    and month), and every real date could be one that was read so: none of them has a day above 12."""
    for name, given in mapping.named.items():
        is_day = given.how == "column" and not given.unread and (given.type or FIELD_TYPES.get(name)) == "date"
        if not is_day and given.name not in OF_MOMENTS:
            # What may stay a text is nobody's day for sure.
            continue
        column = given.columns[0]
        cells = [row.get(column) for row in sample]
        dates = [cell for cell in cells if isinstance(cell, date)]
        text = next((cell for cell in cells if isinstance(cell, str) and _tells_order(cell)), "")
        if text and dates and all(day.day <= _MONTHS for day in dates):
            raise MappingError("days_swapped", name=column, text=text, value=f"{dates[0]:%Y-%m-%d}")


def _tells_order(text: str) -> bool:
    """Whether only one of a day's two numbers can be its month."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        return False
    first, second = int(found[1]), int(found[2] or found[3])
    return (first <= _MONTHS) != (second <= _MONTHS) and max(first, second) <= _DAYS
