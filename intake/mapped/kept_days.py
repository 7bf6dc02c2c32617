"""Days of features in one form, whether a text file writes them or a workbook has them as dates. No database.

What is no day stays the text it is: 长期 beside the days until which papers hold is no slip.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timezone
from typing import Final

from intake.header_words.stated_zones import read_in_zone
from intake.values.cell_dates import MONTH, read_moment, span_of_text
from intake.values.cells import CellError
from intake.values.shown_months import span_of_cell

_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_DAY: Final = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?", re.ASCII)


def read_day_or_keep(cell: object, text: str, zone: timezone, form: str = "", stated: str = "") -> datetime | str:
    """The moment that a cell tells, a time in the `stated` zone; the month of one that tells no more, 2025-12; the text
    of one that tells none."""
    try:
        moment = read_in_zone(cell, zone, form, stated)
    except CellError:
        return text
    is_month = MONTH in (span_of_cell(cell), span_of_text(text) if isinstance(cell, str) else "")
    return f"{moment:%Y-%m}" if is_month else moment


def as_exported(kept: str) -> str:
    """A day as a spreadsheet program writes it into a text file, 2026-01-05 as 2026/1/5, and a month as it is kept; ""
    for anything else."""
    found = _DAY.fullmatch(kept)
    if found is None:
        return ""
    year, month, day = found.groups()
    return f"{year}/{int(month)}/{int(day)}" if day else kept


def is_same_day(cell: object, text: str, kept: str) -> bool:
    """Whether a cell, whose text is `text`, and the text that a case holds tell the same day or moment: 2020/3/1 and
    2020年3月1日 0:00 do. A month is its first day, as which workbooks were read once; a time without a zone is of that
    of the other one; two numbers are two codes."""
    if _NUMBER.fullmatch(text) and _NUMBER.fullmatch(kept):
        return False
    try:
        now = read_moment(cell, _zone_of(read_moment(kept, UTC)))
        then = read_moment(kept, _zone_of(now))
    except CellError:
        return False
    return _plain(now) == _plain(then)


def _zone_of(moment: datetime) -> timezone:
    return moment.tzinfo if isinstance(moment.tzinfo, timezone) else UTC


def _plain(moment: datetime) -> datetime | date:
    return moment.date() if moment.time() == time.min else moment
