"""Reads one cell of a table as a date or moment, in the spellings that real tables use."""

import re
import unicodedata
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

from intake.values.cells import KEPT_LONGEST, CellError, cell_text
from intake.values.traditional import simplified
from intake.values.unix_times import is_unix_form, unix_moment

_YEAR_FIRST = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[ T]*(\d{1,2})[:时点](\d{1,2})(?:[:分](\d{1,2})(?:\.(\d{1,6})\d*)?秒?|分)?\s*(Z|GMT|UTC|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)
# As DB2 and Oracle write a moment: 2026-01-05-09.30.00.000000, "05-JAN-26 09.30.00.000000 AM", 05-1月 -26 …上午.
_DB2 = re.compile(r"(\d{4}-\d{2}-\d{2})-(\d{2})\.(\d{2})\.(\d{2}(?:\.\d+)?)", re.ASCII)
_ORACLE = re.compile(
    r"(\d{1,2})-(?:([A-Z]{3})|(\d{1,2})月) ?-(\d{4}|\d{2}) (\d{1,2}\.\d{2}\.\d{2})(?:\.(\d{1,6})\d*)? "
    r"?(AM|PM|上午|下午)(?: ([+-]\d{2}:\d{2}))?",
    re.ASCII | re.IGNORECASE,
)
_UTC_BEHIND = re.compile(r"\d{4}.*\d\s*(?:GMT|UTC)", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[ T]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?", re.ASCII)
_YEAR_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?", re.ASCII)
# 2026.10 as a number is 2026.1, too.
_CUT_MONTH = re.compile(r"\d{4}\.1", re.ASCII)
_PACKED = re.compile(r"(\d{4})(\d{2})(?:(\d{2})(?:(\d{2})(\d{2})(\d{2}))?)?", re.ASCII)
_PACKED_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})[ T](\d{2}):?(\d{2})(?::?(\d{2}))?", re.ASCII)
_SERIAL = re.compile(r"[2-7]\d{4}(?:\.\d+)?", re.ASCII)
_NAMED = re.compile(
    r"(?:(\d{1,2})[- ])?([A-Za-z]{3,9})\.?[- ](?:(\d{1,2}),? )?(\d{4})"
    r"(?:,? (\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?(GMT|UTC|Z|[+-]\d{2}:?\d{2}))?)?",
    re.ASCII,
)
_NAMED_SHORT = re.compile(r"(\d{1,2})[- ]?([A-Za-z]{3})[- ]?(\d{4}|\d{2})", re.ASCII)
# Which of the three is the year of 01/02/03, and of which century, nothing tells.
_SHORT_YEAR = re.compile(r"\d{1,2}(?:([-/.])\d{1,2}\1\d{1,2}|年\d{1,2}月\d{1,2}日?)(?:[ T]+\d{1,2}:.*)?", re.ASCII)
# Of two digits of a year these are of this century, from 70 on they are of the last; between them nothing tells.
_THIS_CENTURY, _LAST_CENTURY = range(31), range(70, 100)
_SAID_BY_FORM = ("%p", "%a", "%A")
_OF_A_DAY = ("%d", "%j", "%x", "%c", "%D", "%e", "%F", "%w", "%u")
_OF_A_MONTH = ("%m", "%b", "%B")
# What a cell tells of where it names no day.
MONTH, YEAR = "month", "year"
_DAY_NAME = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_WEEKDAY = re.compile(
    rf"^{_DAY_NAME},? +|[ (,]+{_DAY_NAME}[ )]*$|[ (]*(?:星期|周)[一二三四五六日天][ )]*", re.IGNORECASE
)
# 3rd Jan 2024, January 3rd, 2024.
_ORDINAL = re.compile(r"(?<![\d.,])(\d{1,2})(?:st|nd|rd|th)(?=[ ,-])", re.ASCII | re.IGNORECASE)
_SINCE_1911 = re.compile(r"(?:中[华華])?民[国國]\s*(\d{2,3})\s*年", re.ASCII)
_CLOCK = r"(?<!\d)(\d{1,2})([:时点]\d{1,2}(?:[:分]\d{1,2}秒?|分)?)"
_HALF_DAY = re.compile(
    rf"(.*\d日?)[ T]*(上午|下午|中午|晚上|凌晨|(?<= )[AP]M)?[ T]*{_CLOCK}\s*([AP]\.?M\.?)?", re.ASCII | re.IGNORECASE
)
# The hours that each half of a day has; 12 in the evening may be either midnight.
_HOURS = {"晚上": range(5, 12), "中午": (11, 12, 1, 2), "凌晨": (12, 1, 2, 3, 4, 5, 6)}
_MONTHS = {
    name: index + 1
    for index, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split())  # noqa: SIM905
}


class From1904(float):
    """A bare number of a workbook that counts its days from 1904. As a day it may have been counted from there, or
    pasted from a workbook that counts from 1900."""


def may_be_day(number: float) -> bool:
    """Whether a bare number is read as the days of a spreadsheet where a date is expected."""
    return 20_000 <= number < 80_000


def read_moment(cell: object, zone: timezone, form: str = "") -> datetime:
    """The aware moment of a date cell; `zone` holds where the cell names none, a month alone is its first day.

    `form` is a strptime format, "unix" or "unix_ms", beside which dates that begin with their year are read too;
    without it year-first dates, Chinese dates, spreadsheet serial numbers, "Mar-2018", "5 Mar 2018 09:30 +0800" and
    5-Mar-18 are read, 5.3.2018 as day.month.year, day/month/year where only one order is possible, and what DB2 and
    Oracle write; 下午3:20 and 3:20 PM are 15:20, 民国115年 is the year 2026, and a day of the week is passed over.
    Raises CellError for impossible dates, and for 2026.1: as a number October has lost its nought; and for From1904.
    """
    if isinstance(cell, From1904):
        raise CellError("day_of_1904")
    if isinstance(cell, datetime):
        moment = cell
    elif isinstance(cell, date):
        moment = datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001
    else:
        text = cell_text(cell)
        if not isinstance(cell, str) and _CUT_MONTH.fullmatch(text):
            raise CellError("ambiguous_month")
        moment = (_kept_moment if len(text) <= KEPT_LONGEST else _told_moment)(text, form)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _told_moment(text: str, form: str) -> datetime:
    """The moment that a text tells, aware where it names its zone."""
    text = simplified(unicodedata.normalize("NFKC", text))
    text = text if any(part in form for part in _SAID_BY_FORM) else by_day_hours(text)
    try:
        return _formed_moment(text, form) if form else _free_moment(text)
    except (ValueError, OverflowError, KeyError) as problem:
        raise CellError("year_of_two_digits" if _SHORT_YEAR.fullmatch(text) else "not_a_date") from problem


# Most rows of a table are of the same days, and what a mapping says of all rows is the same for each.
_kept_moment = lru_cache(maxsize=4_096)(_told_moment)


def span_of_text(text: str, form: str = "") -> str:
    """MONTH where a text names a month and no day of it: 2026-01, 202601, 2026年1月, 民国115年1月, Jan-2026, or what a
    form without a day (`%b-%y`) reads; YEAR where its form reads nothing but a year; "" for every other text."""
    if form.startswith("%") and not any(part in form for part in _OF_A_DAY):
        return MONTH if any(part in form for part in _OF_A_MONTH) else YEAR
    plain = simplified(unicodedata.normalize("NFKC", text)).strip()
    plain = _SINCE_1911.sub(lambda found: f"{int(found.group(1)) + 1911}年", plain)
    packed, named = _PACKED.fullmatch(plain), _NAMED.fullmatch(plain)
    is_named = named is not None and named.group(1) is None and named.group(3) is None
    is_packed = packed is not None and packed.group(3) is None
    return MONTH if _YEAR_MONTH.fullmatch(plain) or is_named or is_packed else ""


def is_of_late(text: str) -> bool:
    """Whether a text has the form of a date that was not read when rows were first told by their values."""
    plain = simplified(unicodedata.normalize("NFKC", text))
    named = _NAMED.fullmatch(by_day_hours(plain))
    is_of_form = bool(named[5]) if named else _NAMED_SHORT.fullmatch(plain)
    forms = (_PACKED_DAY, _DB2, _ORACLE, _UTC_BEHIND)
    return bool(
        is_of_form or _WEEKDAY.search(plain) or _ORDINAL.search(plain) or any(form.fullmatch(plain) for form in forms)
    )


def by_day_hours(text: str) -> str:
    """A date whose hours count to twelve, or whose years count from 1911, as all others are written, without a day of
    the week: "1/5/2026 3:20 PM" is "1/5/2026 15:20", 3rd is 3. Any other text, and an hour above twelve, stays."""
    text = _ORDINAL.sub(r"\1", _WEEKDAY.sub(" ", text, count=1).strip())
    if found := _SINCE_1911.match(text):
        text = f"{int(found.group(1)) + 1911}年{text[found.end() :]}"
    found = _HALF_DAY.fullmatch(text)
    if found is None:
        return text
    day, before, hour, rest, after = found.groups()
    half, number = (before or after or "").casefold().replace(".", ""), int(hour)
    if bool(before) == bool(after) or number not in _HOURS.get(half, range(1, 13)):
        return text
    is_later = half in ("下午", "晚上", "pm") or (half == "中午" and number != 11)
    return f"{day} {number % 12 + (12 if is_later else 0)}{rest}"


def _formed_moment(text: str, form: str) -> datetime:
    try:
        return unix_moment(text, form) if is_unix_form(form) else datetime.strptime(text, form)  # noqa: DTZ007
    except ValueError:
        # A table that is put together of several has both; 2026-01-05 is the same day whatever the form.
        if form.startswith(("%Y", "%y")) or not (_YEAR_FIRST.fullmatch(text) or _DB2.fullmatch(text)):
            raise
    return _free_moment(text)


def _free_moment(text: str) -> datetime:
    text = _DB2.sub(r"\1 \2:\3:\4", text) if _DB2.fullmatch(text) else text
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day, hour, minute, second, fraction, zone = found.groups()
        moment = _moment(year, month, day, hour, minute, second)
        moment += timedelta(microseconds=int((fraction or "0").ljust(6, "0")))
        return moment if zone is None else moment.replace(tzinfo=_zone(zone))
    if _SERIAL.fullmatch(text):
        return datetime(1899, 12, 30) + timedelta(seconds=round(float(text) * 86400))  # noqa: DTZ001
    if found := _PACKED_DAY.fullmatch(text):
        return _moment(*found.groups())
    if found := _PACKED.fullmatch(text):
        year, month, *rest = found.groups()
        return _moment(year, month, rest[0] or "1", *rest[1:])
    if _CUT_MONTH.fullmatch(text):
        raise CellError("ambiguous_month")
    if found := _YEAR_MONTH.fullmatch(text):
        return _moment(found.group(1), found.group(2), "1")
    if found := _NAMED.fullmatch(text):
        before, name, after, year, *time, zone = found.groups()
        moment = _moment(year, str(_MONTHS[name[:3].lower()]), before or after or "1", *time)
        return moment if zone is None else moment.replace(tzinfo=_zone(zone))
    if found := _NAMED_SHORT.fullmatch(text):
        day, name, year = found.groups()
        return _moment(_four_digits(year), str(_MONTHS[name.lower()]), day)
    if found := _ORACLE.fullmatch(text):
        return _moment_of_oracle(found)
    if found := _YEAR_LAST.fullmatch(text):
        first, mark, second, year, *time = found.groups()
        if mark == ".":
            # Points stand for day.month.year wherever they are in use.
            return _moment(year, second, first, *time)
        if int(first) <= 12 and int(second) <= 12 and first != second:
            raise CellError("ambiguous_date")
        day, month = (first, second) if int(first) > 12 else (second, first)
        return _moment(year, month, day, *time)
    raise CellError("year_of_two_digits" if _SHORT_YEAR.fullmatch(text) else "not_a_date")


def _moment_of_oracle(found: re.Match[str]) -> datetime:
    day, name, month, year, clock, fraction, half, zone = found.groups()
    hour, minute, second = clock.split(".")
    if int(hour) not in range(1, 13):
        raise CellError("not_a_date")
    later = 12 if half.casefold() in ("pm", "下午") else 0
    number = month or str(_MONTHS[name.lower()])
    moment = _moment(_four_digits(year), number, day, str(int(hour) % 12 + later), minute, second)
    moment += timedelta(microseconds=int((fraction or "0").ljust(6, "0")))
    return moment if zone is None else moment.replace(tzinfo=_zone(zone))


def _four_digits(year: str) -> str:
    if len(year) == 2 and int(year) not in (*_THIS_CENTURY, *_LAST_CENTURY):
        raise CellError("not_a_date")
    return year if len(year) == 4 else str(int(year) + (2000 if int(year) in _THIS_CENTURY else 1900))


def _moment(year: str, month: str, day: str, *time: str | None) -> datetime:
    hour, minute, second = ([int(part or "0") for part in time] + [0, 0, 0])[:3]
    return datetime(int(year), int(month), int(day), hour, minute, second)  # noqa: DTZ001


def _zone(text: str) -> timezone:
    if text in ("Z", "GMT", "UTC"):
        return timezone.utc  # noqa: UP017
    return utc_offset(text[:3] + ":" + text[-2:])


@lru_cache(maxsize=128)
def utc_offset(text: str) -> timezone:
    """The zone of an offset such as "+08:00". Raises ValueError for anything else."""
    found = re.fullmatch(r"([+-])(\d{2}):(\d{2})", text, re.ASCII)
    if not found:
        raise ValueError(text)
    length = timedelta(hours=int(found.group(2)), minutes=int(found.group(3)))
    return timezone(-length if found.group(1) == "-" else length)
