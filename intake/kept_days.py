"""Days of features in one form, whether a text file writes them or a workbook has them as dates. No database.

What is no day stays the text it is: 长期 beside the days until which papers hold is no slip.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Final

from intake.cell_dates import MONTH, read_moment, span_of_text
from intake.cells import CellError
from intake.shown_months import span_of_cell

_DAY: Final = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?", re.ASCII)


def read_day_or_keep(cell: object, text: str, zone: timezone) -> datetime | str:
    """The moment that a cell tells; the month of one that tells no more, 2025-12; the text of one that tells none."""
    try:
        moment = read_moment(cell, zone)
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
