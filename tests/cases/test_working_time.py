"""Working time by the calendar of China: weekends, holidays, make-up days, the edges of a day and of the year."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from cases.working_time import (
    WorkingHours,
    add_working_hours,
    is_soon,
    is_working_day,
    next_working_day,
    soon_until,
    working_seconds,
)

ZONE = ZoneInfo("Asia/Shanghai")
DESK = WorkingHours(time(9), time(18), "CN", ZONE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 11, 27), True),  # Friday
        (date(2026, 11, 28), False),  # Saturday
        (date(2026, 10, 1), False),  # National Day
        (date(2026, 10, 10), True),  # the Saturday that makes up for it
        (date(2026, 2, 28), True),  # the Saturday after the Spring Festival
        (date(2026, 2, 17), False),
        (date(2026, 1, 1), False),
    ],
)
def test_the_calendar_knows_holidays_and_make_up_days(day: date, worked: bool) -> None:
    assert is_working_day(day, "CN") is worked


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-25T10:00", 2, "2026-11-25T12:00"),
        ("2026-11-25T10:00", 0, "2026-11-25T10:00"),
        ("2026-11-25T10:00", 8, "2026-11-25T18:00"),
        ("2026-11-25T10:00", 8.5, "2026-11-26T09:30"),
        ("2026-11-25T07:00", 1, "2026-11-25T10:00"),
        ("2026-11-25T19:00", 1, "2026-11-26T10:00"),
        ("2026-11-27T17:00", 2, "2026-11-30T10:00"),  # over a weekend
        ("2026-11-28T12:00", 0, "2026-11-30T09:00"),
        ("2026-09-30T17:00", 2, "2026-10-08T10:00"),  # over National Day
        ("2026-10-09T17:00", 2, "2026-10-10T10:00"),  # onto the make-up Saturday
        ("2026-12-31T17:00", 2, "2027-01-04T10:00"),  # over New Year's Day and the weekend
        ("2026-11-23T09:00", 45, "2026-11-27T18:00"),
    ],
)
def test_hours_are_added_where_the_desk_works(start: str, hours: float, due: str) -> None:
    assert add_working_hours(at(start), hours, DESK) == at(due)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-25T10:00", "2026-11-25T12:30", 2.5),
        ("2026-11-25T20:00", "2026-11-26T08:00", 0),
        ("2026-11-27T17:00", "2026-11-30T10:00", 2),
        ("2026-09-30T17:00", "2026-10-08T10:00", 2),
        ("2026-10-09T17:00", "2026-10-10T10:00", 2),
        ("2026-11-23T00:00", "2026-11-29T23:59", 45),
        ("2026-11-25T12:30", "2026-11-25T10:00", -2.5),
    ],
)
def test_only_working_time_counts_between_two_moments(start: str, end: str, hours: float) -> None:
    assert working_seconds(at(start), at(end), DESK) == hours * 3600


def test_adding_and_counting_agree_in_another_zone_too() -> None:
    utc = at("2026-11-25T10:00").astimezone(ZoneInfo("UTC"))
    for hours in (0.25, 3, 9, 27.5, 200):
        due = add_working_hours(utc, hours, DESK)
        assert working_seconds(utc, due, DESK) == pytest.approx(hours * 3600)


@pytest.mark.parametrize(
    ("day", "coming"),
    [
        (date(2026, 11, 26), date(2026, 11, 27)),
        (date(2026, 11, 28), date(2026, 11, 30)),  # Saturday: not the Sunday behind it
        (date(2026, 9, 30), date(2026, 10, 8)),  # before the week of the National Day
        (date(2026, 10, 9), date(2026, 10, 10)),  # Friday before a make-up Saturday
    ],
)
def test_the_next_working_day_is_one_on_which_people_work(day: date, coming: date) -> None:
    assert next_working_day(day, "CN") == coming


def test_what_no_calendar_holds_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^working hours cannot be taken away$"):
        add_working_hours(at("2026-11-25T10:00"), -1, DESK)
    never = WorkingHours(time(9), time(9), "CN", ZONE)
    with pytest.raises(ValueError, match=r"^no calendar reaches that far$"):
        add_working_hours(at("2026-11-25T10:00"), 1, never)
    assert DESK.day_seconds == timedelta(hours=9).total_seconds()


@pytest.mark.parametrize(
    ("now", "bound"),
    [
        ("2026-11-25T10:00", "2026-11-25T14:00"),
        ("2026-11-27T17:00", "2026-11-30T12:00"),  # over a weekend: what is due on Monday morning is due soon
        ("2026-11-28T12:00", "2026-11-30T13:00"),
        ("2026-11-25T14:00", "2026-11-25T18:00"),
    ],
)
def test_the_bound_of_what_is_due_soon_is_the_first_moment_with_four_working_hours_left(now: str, bound: str) -> None:
    until = soon_until(at(now), DESK)
    assert until == at(bound)
    assert not is_soon(working_seconds(at(now), until, DESK))
    assert is_soon(working_seconds(at(now), until - timedelta(seconds=1), DESK))
