"""The time of the application in two columns, 申请日期 and 申请时间 (140010): one is the clock of the other's day."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from intake.header_words import headers
from intake.header_words.number_signs import key_of
from intake.header_words.stated_zones import OPEN_ZONE, has_time, stated_zone, zone_in
from intake.mapped.case_mapping import CHINA
from intake.mapped.given import Given
from intake.recognition.date_orders import settle_orders
from intake.shown.clocks import PACKED_CLOCKS, read_clock
from intake.values.cell_dates import read_moment, utc_offset
from intake.values.cells import CellError
from intake.values.samples import enough, known_numbers, share
from intake.values.unix_times import is_unix_form

_SAYS_TIME: Final = re.compile(r"时间|时刻|时分|time|clock|tm$")
_SAYS_DAY: Final = re.compile(r"日期|年月日|date")
_OF_DAY_OR_TIME: Final = re.compile(r"日期|时间|时刻|时分秒?|date|time|clock|(?:日|day|dt|tm|at|on)$")
# Months (202601) and years are no times, though they could be some.
_MONTH_OR_YEAR: Final = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])?", re.ASCII)


def with_clock(
    fields: Mapping[str, Given], drop: Mapping[str, str], samples: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Given], dict[str, str]]:
    """The fields with the time of the application as its column states it: in the zone that the header names, or put
    together with the column that has its clock. Beside a column that has its own clock such a column is left out, and
    so is the day beside a column that tells it with its time."""
    fields, drop = _with_whole_moment(fields, drop, samples)
    given = fields.get("applied_at")
    if given is None or given.how != "column":
        return dict(fields), dict(drop)
    said = known_numbers(samples[given.column])
    stated = replace(given, utc_offset=stated_zone(given.column, said, given.format))
    clock = _clock_of(given.column, fields, samples)
    if not clock or is_unix_form(given.format):
        return {**fields, "applied_at": stated}, dict(drop)
    if any(has_time(text, given.format) for text in said):
        return {**fields, "applied_at": stated}, {**drop, clock: "duplicate"}
    zone = zone_in(clock) or zone_in(given.column)
    options = {"format": given.format, "clock": clock_form(samples[clock]), "utc_offset": zone}
    whole = Given(
        "compute",
        name="moment_of",
        sources=(given.column, clock),
        options={name: value for name, value in options.items() if value},
    )
    return {**fields, "applied_at": whole}, {column: why for column, why in drop.items() if column != clock}


def is_clock_column(header: str, texts: Sequence[str]) -> bool:
    """Whether a column holds times of a day, by its header and most of its cells."""
    key = key_of(header)
    return bool(_SAYS_TIME.search(key)) and not _SAYS_DAY.search(key) and clock_form(texts) is not None


def clock_form(texts: Sequence[str]) -> str | None:
    """How the texts of a column are read as times of a day: "" as they are written, or by one of `PACKED_CLOCKS`; None
    where they are no times."""
    said = known_numbers(texts)
    if not said:
        return None
    form = ""
    if share(said, str.isdecimal) >= enough(said):
        widest = max(map(len, said))
        form = next((form for form, most in PACKED_CLOCKS.items() if most - 1 <= widest <= most), "")
        if not form or all(map(_MONTH_OR_YEAR.fullmatch, said)):
            return None
    return form if share(said, lambda text: (read_clock(text, form), True)) >= enough(said) else None


def _with_whole_moment(
    fields: Mapping[str, Given], drop: Mapping[str, str], samples: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Given], dict[str, str]]:
    """Of 申请日期 2026-01-15 and 申请时间 2026-01-15 14:00:10 the second is read: the first tells nothing more."""
    given = fields.get("applied_at")
    if given is None or given.how != "column" or is_unix_form(given.format):
        return dict(fields), dict(drop)
    for column in _of_same_event(given.column, fields, samples):
        other = settle_orders({"applied_at": replace(given, column=column, format="")}, samples)["applied_at"]
        for day, whole in ((given, other), (other, given)):
            if column not in drop and _tells_day_and_time(day, whole, samples):
                return {**fields, "applied_at": whole}, {**drop, day.column: "duplicate"}
    return dict(fields), dict(drop)


def _tells_day_and_time(day: Given, whole: Given, samples: Mapping[str, Sequence[str]]) -> bool:
    """Whether a column has a moment of that very day for each day that another one has, and some time among them."""
    if any(has_time(text, day.format) for text in samples[day.column]):
        return False
    stated = zone_in(whole.column)
    zone = utc_offset(stated) if stated not in ("", OPEN_ZONE) else CHINA
    days = 0
    for one, other in zip(samples[day.column], samples[whole.column], strict=True):
        try:
            told = read_moment(one, CHINA, day.format).date()
        except CellError:
            continue
        try:
            moment = read_moment(other, zone, whole.format)
        except CellError:
            return False
        # A moment of another zone may be of the day before by its own clock, or by that of the office.
        if told not in (moment.date(), moment.astimezone(CHINA).date()):
            return False
        days += 1
    return days > 0 and any(has_time(text, whole.format) for text in samples[whole.column])


def _clock_of(day: str, fields: Mapping[str, Given], samples: Mapping[str, Sequence[str]]) -> str:
    """The column with the times of the days in another one: the same event by its header; "" for none."""
    clocks = (each for each in _of_same_event(day, fields, samples) if is_clock_column(each, samples[each]))
    return next(clocks, "")


def _of_same_event(day: str, fields: Mapping[str, Given], samples: Mapping[str, Sequence[str]]) -> list[str]:
    """The free columns whose headers name the event of a day, those first that say it in the same words."""
    taken = {column for given in fields.values() for column in given.columns}
    free = [each for each in samples if each not in taken]
    of_day = [each for each in free if _event(each) == _event(day)]
    told = [each for each in free if headers.names_application(each) and headers.names_application(day)]
    return list(dict.fromkeys([*of_day, *told]))


def _event(header: str) -> str:
    """What a header says without its words for day and time: application of "Application Time"."""
    return _OF_DAY_OR_TIME.sub("", key_of(header))
