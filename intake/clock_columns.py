"""The time of the application in two columns, 申请日期 and 申请时间: one is the clock of the other's day (140010), or
the whole moment (2026-09-01 14:00:10)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from intake import headers
from intake.case_mapping import CHINA
from intake.cell_dates import read_moment
from intake.cells import CellError
from intake.clocks import PACKED_CLOCKS, read_clock
from intake.date_orders import form_of, order_of
from intake.given import Given
from intake.number_signs import key_of
from intake.samples import enough, known_numbers, share
from intake.stated_zones import has_time, stated_zone, zone_in
from intake.unix_times import is_unix_form

_SAYS_TIME: Final = re.compile(r"时间|时刻|时分|time|clock|tm$")
_SAYS_DAY: Final = re.compile(r"日期|年月日|date")
_OF_DAY_OR_TIME: Final = re.compile(r"日期|时间|时刻|时分秒?|date|time|clock|(?:日|day|dt|tm|at|on)$")
# Some moments may lie behind midnight, or were typed by another hand.
_SAME_LEAST: Final = 0.9
# Months (202601) and years are no times, though they could be some.
_MONTH_OR_YEAR: Final = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])?", re.ASCII)


def with_clock(
    fields: Mapping[str, Given], drop: Mapping[str, str], samples: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Given], dict[str, str]]:
    """The fields with the time of the application as its column states it: in the zone that the header names, or put
    together with the column that has its clock, or of the column that has both of it. Beside a column that has its own
    clock another one is left out."""
    given = fields.get("applied_at")
    if given is None or given.how != "column":
        return dict(fields), dict(drop)
    said = known_numbers(samples[given.column])
    stated = replace(given, utc_offset=stated_zone(given.column, said, given.format))
    if whole := _moment_of(given, fields, samples):
        return {**fields, "applied_at": whole}, {**_without(drop, whole.column), given.column: "duplicate"}
    has_times = any(has_time(text, given.format) for text in said)
    drop = {**drop, **(_days_of(stated, fields, samples) if has_times else {})}
    clock = _clock_of(given.column, fields, samples)
    if not clock or is_unix_form(given.format):
        return {**fields, "applied_at": stated}, dict(drop)
    if has_times:
        return {**fields, "applied_at": stated}, {**drop, clock: "duplicate"}
    zone = zone_in(clock) or zone_in(given.column)
    options = {"format": given.format, "clock": clock_form(samples[clock]), "utc_offset": zone}
    together = Given(
        "compute",
        name="moment_of",
        sources=(given.column, clock),
        options={name: value for name, value in options.items() if value},
    )
    return {**fields, "applied_at": together}, _without(drop, clock)


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


def _without(drop: Mapping[str, str], read: str) -> dict[str, str]:
    return {column: why for column, why in drop.items() if column != read}


def _moment_of(day: Given, fields: Mapping[str, Given], samples: Mapping[str, Sequence[str]]) -> Given | None:
    """How the column is read that tells the same event as one of mere days, and its time of these days; None where
    there is none."""
    if is_unix_form(day.format) or any(has_time(text, day.format) for text in known_numbers(samples[day.column])):
        return None
    for column in _beside(day.column, fields, samples):
        said = known_numbers(samples[column])
        form = form_of(said, order_of(said))
        if any(has_time(text, form) for text in said) and _are_days_of(
            samples, (day.column, day.format), (column, form)
        ):
            return replace(day, column=column, format=form, utc_offset=stated_zone(column, said, form))
    return None


def _days_of(moment: Given, fields: Mapping[str, Given], samples: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Why the columns are left out that tell no more than the days of this one."""
    left_out = {}
    for column in _beside(moment.column, fields, samples):
        said = known_numbers(samples[column])
        form = form_of(said, order_of(said))
        if not any(has_time(text, form) for text in said) and _are_days_of(
            samples, (column, form), (moment.column, moment.format)
        ):
            left_out[column] = "duplicate"
    return left_out


def _beside(told: str, fields: Mapping[str, Given], samples: Mapping[str, Sequence[str]]) -> list[str]:
    """The columns of no field whose header names the event of this one."""
    taken = {column for given in fields.values() for column in given.columns}
    return [column for column in samples if column not in taken and _is_of(column, told)]


def _are_days_of(samples: Mapping[str, Sequence[str]], days: tuple[str, str], moments: tuple[str, str]) -> bool:
    """Whether one column holds the days of the moments in another, each told with its form of dates."""
    pairs = [pair for pair in zip(samples[days[0]], samples[moments[0]], strict=True) if known_numbers(pair[:1])]
    return bool(pairs) and sum(_is_day_of(*pair, days[1], moments[1]) for pair in pairs) >= _SAME_LEAST * len(pairs)


def _is_day_of(day: str, moment: str, day_form: str, form: str) -> bool:
    try:
        return read_moment(day, CHINA, day_form).date() == read_moment(moment, CHINA, form).date()
    except CellError:
        return False


def _clock_of(day: str, fields: Mapping[str, Given], samples: Mapping[str, Sequence[str]]) -> str:
    """The column with the times of the days in another one: the same event by its header; "" for none."""
    taken = {column for given in fields.values() for column in given.columns}
    clocks = [each for each in samples if each not in taken and is_clock_column(each, samples[each])]
    of_day = [each for each in clocks if _event(each) == _event(day)]
    return next(iter([*of_day, *(each for each in clocks if _is_of(each, day))]), "")


def _is_of(column: str, day: str) -> bool:
    """Whether two headers name one event, or both the application."""
    return _event(column) == _event(day) or (headers.names_application(column) and headers.names_application(day))


def _event(header: str) -> str:
    """What a header says without its words for day and time: application of "Application Time"."""
    return _OF_DAY_OR_TIME.sub("", key_of(header))
