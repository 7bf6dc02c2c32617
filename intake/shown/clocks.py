"""A day and the time of that day that stand in two columns: 20260901 and 140010, 2026/9/1 and 下午2:00."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import Final

from intake.header_words.stated_zones import OPEN_ZONE
from intake.values.cell_dates import read_moment, utc_offset
from intake.values.cells import MISSING_NUMBER, CellError, cell_text
from intake.values.traditional import simplified

# How many figures a time has that is written as a number; those of its first noughts may be lost.
PACKED_CLOCKS: Final = {"%H%M%S": 6, "%H%M": 4}
_NONE: Final = timezone(timedelta(0), "none")
_SOME_DAY: Final = "2000-01-01"
# The days that programs write before a time that has none: those from which SQL Server, spreadsheets and Unix count.
_NO_DAYS: Final = frozenset({date(1900, 1, 1), date(1899, 12, 30), date(1899, 12, 31), date(1970, 1, 1)})
_WRITTEN: Final = re.compile(r"\d\s*[:时点]|\d\s*[AP]\.?M", re.ASCII | re.IGNORECASE)
_WITH_DAY: Final = re.compile(r"\d{1,4}[-/.年]\d{1,2}[-/.月]\d", re.ASCII)
_FRACTION: Final = re.compile(r"0?\.\d+", re.ASCII)
_DAY_SECONDS: Final = 86_400


def moment_of(cells: Sequence[object], options: Mapping[str, object]) -> datetime | None:
    """The moment of the day in the first cell at the time in the second: without its zone, unless the option
    `utc_offset` or the time names one; the day alone where the time is missing, None where the day is.

    Raises CellError where the second is no time of a day, or where the first has a time of its own."""
    if cell_text(cells[0]).casefold() in MISSING_NUMBER:
        return None
    day = read_moment(cells[0], _NONE, str(options.get("format", ""))).replace(tzinfo=None)
    if day.time() != time.min:
        raise CellError("not_a_clock")
    if cell_text(cells[1]).casefold() in MISSING_NUMBER:
        return day
    clock = read_clock(cells[1], str(options.get("clock", "")))
    moment = datetime.combine(day.date(), clock)
    stated = str(options.get("utc_offset", ""))
    if not stated or clock.tzinfo:
        return moment
    if stated == OPEN_ZONE:
        raise CellError("zone_not_certain")
    return moment.replace(tzinfo=utc_offset(stated))


def read_clock(cell: object, form: str = "") -> time:
    """The time of a day that a cell tells: 14:00, 2:00 PM, 14时00分, 0.5 of a day, 1900-01-01 14:00 as programs write
    a time without its day; and by a form of `PACKED_CLOCKS` 90010. Aware where it names its zone. Raises CellError for
    everything else."""
    text = simplified(unicodedata.normalize("NFKC", cell_text(cell))).strip()
    if form and text.isdecimal() and len(text) <= PACKED_CLOCKS[form]:
        padded = text.zfill(PACKED_CLOCKS[form])
        text = ":".join(padded[at : at + 2] for at in range(0, len(padded), 2))
    if _FRACTION.fullmatch(text):
        seconds = round(float(text) * _DAY_SECONDS) % _DAY_SECONDS
        return time(seconds // 3600, seconds // 60 % 60, seconds % 60)
    if not _WRITTEN.search(text):
        raise CellError("not_a_clock")
    try:
        moment = read_moment(text if _WITH_DAY.match(text) else f"{_SOME_DAY} {text}", _NONE)
    except CellError as problem:
        raise CellError("not_a_clock") from problem
    if _WITH_DAY.match(text) and moment.date() not in _NO_DAYS:
        raise CellError("not_a_clock")
    return moment.time() if moment.tzinfo is _NONE else moment.timetz()
