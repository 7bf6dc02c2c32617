"""Working time: hours and days in which the desk works, with public holidays and the make-up days that pay for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays

ONE_DAY: Final = timedelta(days=1)
# Nobody promises more; a calendar without a single working day must not be walked for ever.
LONGEST_WALK: Final = 10_000
# What is due within so much working time is due soon.
SOON_HOURS: Final = 4


@dataclass(frozen=True)
class WorkingHours:
    """The hours of a working day, on the working days of a country (ISO 3166, two letters), by the clock of a zone."""

    start: time
    end: time
    country: str
    zone: ZoneInfo

    @property
    def day_seconds(self) -> int:
        """The length of a working day in seconds."""
        return _seconds(self.end) - _seconds(self.start)

    def on(self, day: date) -> tuple[datetime, datetime]:
        """When work begins and ends on a day that is worked."""
        return datetime.combine(day, self.start, self.zone), datetime.combine(day, self.end, self.zone)


def _seconds(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second


@cache
def _calendar(country: str, year: int) -> holidays.HolidayBase:
    return holidays.country_holidays(country, years=[year])


def is_working_day(day: date, country: str) -> bool:
    """Whether the country works on that day: a make-up Saturday counts, a public holiday does not."""
    return bool(_calendar(country, day.year).is_working_day(day))


def next_working_day(day: date, country: str) -> date:
    """The first day after this one on which the country works.

    Raises:
        ValueError: no calendar reaches there.
    """
    coming = (day + ONE_DAY * step for step in range(1, LONGEST_WALK))
    found = next((each for each in coming if is_working_day(each, country)), None)
    if found is None:
        raise ValueError("no calendar reaches that far")
    return found


def add_working_hours(moment: datetime, hours: float, desk: WorkingHours) -> datetime:
    """The moment so many working hours later. From outside working hours it counts from the next start of work.

    Raises:
        ValueError: fewer than no hours, or so many that no calendar reaches there.
    """
    if hours < 0:
        raise ValueError("working hours cannot be taken away")
    left = timedelta(hours=hours)
    day = moment.astimezone(desk.zone).date()
    for _step in range(LONGEST_WALK):
        if is_working_day(day, desk.country):
            start, end = desk.on(day)
            start = max(start, moment)
            if start < end and start + left <= end:
                return start + left
            left -= max(end - start, timedelta(0))
        day += ONE_DAY
    raise ValueError("no calendar reaches that far")


def working_seconds(start: datetime, end: datetime, desk: WorkingHours) -> float:
    """The working time from `start` to `end` in seconds; negative where `end` comes first."""
    if end < start:
        return -working_seconds(end, start, desk)
    total = timedelta(0)
    day, last = start.astimezone(desk.zone).date(), end.astimezone(desk.zone).date()
    while day <= last:
        if is_working_day(day, desk.country):
            opens, closes = desk.on(day)
            total += max(min(closes, end) - max(opens, start), timedelta(0))
        day += ONE_DAY
    return total.total_seconds()


def is_soon(left_seconds: float) -> bool:
    """Whether so much working time that is left is little."""
    return left_seconds < SOON_HOURS * 3600


def soon_until(now: datetime, desk: WorkingHours) -> datetime:
    """What is due before this moment is due soon: `is_soon` as a bound for the database. At the moment itself exactly
    SOON_HOURS of working time are left, and at none before it."""
    return add_working_hours(now, SOON_HOURS, desk)
