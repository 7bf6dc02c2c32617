"""What a table lacks, made up in a repeatable way (and recorded as such), and what follows from its cells.

A *derivation* invents a value from the reference of the row alone, so the same row always gets the same one; the field
is named in `derived`. A *computation* follows from cells of the row and counts as given.
"""

import hashlib
import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal

from intake.header_words.term_words import unit_of_time
from intake.shown.clocks import moment_of
from intake.shown.shown_numbers import term_text
from intake.standards.identity import birth_date, read_identity_number
from intake.values.cell_dates import read_moment, utc_offset
from intake.values.cells import MISSING_NUMBER, CellError, as_feature, cell_text, read_number
from intake.values.durations import read_months

Options = Mapping[str, object]
# Draws of a day before a weekend is taken: periods of a Saturday and a Sunday hold nothing else.
_ATTEMPTS = 30
_OF_YEARS = Decimal(12)
_GRADE = re.compile(r"[A-G][1-5]")
_DAYS = re.compile(r"(?<=\d)\s*(?:天|日|days?)\s*$", re.IGNORECASE)

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡"
    "余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾"
)
_FIRST = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂建文志国海雪玉婷晓春红永家俊嘉思雨子梓浩宇欣怡佳凯晨鹏飞慧颖"
_SECOND = "华英玲兰辉萍鑫波斌莉宁健林峰云龙琳生成东彬丹轩涵妍博瑞泽然航悦琪源诚豪睿宸阳"


def _draw(seed: str, size: int) -> int:
    """A number from 0 to size - 1 that depends on the seed alone."""
    return int.from_bytes(hashlib.sha256(seed.encode("utf-8", "surrogatepass")).digest()[:8]) % size


def applicant_reference(seed: str, _cells: Sequence[object], options: Options) -> str:
    """An applicant's number of ten digits after the option `prefix` ("P")."""
    return f"{options.get('prefix', 'P')}{_draw(seed, 10**10):010d}"


def chinese_name(seed: str, _cells: Sequence[object], _options: Options) -> str:
    """A name of common characters: a surname and one or two further ones."""
    surname = _SURNAMES[_draw(seed + "/surname", len(_SURNAMES))]
    second = _SECOND[_draw(seed + "/second", len(_SECOND))] if _draw(seed + "/length", 10) < 7 else ""
    return surname + _FIRST[_draw(seed + "/first", len(_FIRST))] + second


def share(seed: str, _cells: Sequence[object], options: Options) -> bool:
    """True for the share of rows that the option `share` (0 to 1) names."""
    return _draw(seed, 10**6) < float(str(options["share"])) * 10**6


def choice(seed: str, _cells: Sequence[object], options: Options) -> object:
    """One of the option `choices`, each as likely as the others."""
    choices = options["choices"]
    if not isinstance(choices, list) or not choices:
        raise ValueError("choices must be a list of some values")
    value: object = choices[_draw(seed, len(choices))]
    return value


def moment_in_period(seed: str, _cells: Sequence[object], options: Options) -> datetime:
    """A working hour (Monday to Friday, 9 to 18) from the day `start` to the day `end`, in `utc_offset`."""
    zone = utc_offset(str(options.get("utc_offset", "+08:00")))
    start, end = (read_moment(str(options[name]), zone) for name in ("start", "end"))
    if end < start:
        raise ValueError("end lies before start")
    return _working_moment(seed, start, (end - start).days + 1)


def moment_in_month(seed: str, cells: Sequence[object], options: Options) -> datetime:
    """A working hour in the month that the one cell names, in `utc_offset`."""
    zone = utc_offset(str(options.get("utc_offset", "+08:00")))
    month = read_moment(cells[0], zone, str(options.get("format", "")))
    start = month.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return _working_moment(seed, start, monthrange(start.year, start.month)[1])


def _working_moment(seed: str, start: datetime, days: int) -> datetime:
    day = start
    for attempt in range(_ATTEMPTS):
        day = start + timedelta(days=_draw(f"{seed}/day/{attempt}", days))
        if day.weekday() < 5:
            break
    return day + timedelta(seconds=9 * 3600 + _draw(seed + "/second", 9 * 3600))


def percent_of(cells: Sequence[object], options: Options) -> object:
    """The first cell in percent of the second, two decimals; None where one is missing or the second is zero."""
    numbers = _numbers(cells, options)
    if numbers is None or not numbers[1]:
        return None
    return as_feature((numbers[0] * 100 / numbers[1]).quantize(Decimal("0.01")))


def ratio_of(cells: Sequence[object], options: Options) -> object:
    """The first cell as a multiple of the second, four decimals; None where one is missing or the second is zero."""
    numbers = _numbers(cells, options)
    if numbers is None or not numbers[1]:
        return None
    return as_feature((numbers[0] / numbers[1]).quantize(Decimal("0.0001")))


def difference_of(cells: Sequence[object], options: Options) -> object:
    """The first cell less the second; None where one is missing."""
    numbers = _numbers(cells, options)
    return None if numbers is None else as_feature(numbers[0] - numbers[1])


def years_between(cells: Sequence[object], options: Options) -> object:
    """Whole years from the first date to the second, as ages are counted; None where one is missing.

    Raises CellError where the first lies after the second."""
    return _whole_years(_day(cells[0], options), _day(cells[1], options))


def age_by_identity(cells: Sequence[object], options: Options) -> object:
    """The age at the date in the second cell of the resident whose identity number stands in the first."""
    text = cell_text(cells[0])
    if text.casefold() in MISSING_NUMBER:
        return None
    return _whole_years(birth_date(read_identity_number(text)), _day(cells[1], options))


def region_by_identity(cells: Sequence[object], _options: Options) -> object:
    """The six digits of the region that a resident's identity number begins with; None for organisations."""
    text = cell_text(cells[0])
    if text.casefold() in MISSING_NUMBER:
        return None
    number = read_identity_number(text)
    return number[:6] if birth_date(number) else None


def months_of_days(cells: Sequence[object], options: Options) -> object:
    """A term in days as months of a year of 365 days, to the nearest, one at least: 90 are 3, "7天" is 1; None where it
    is missing.

    Raises CellError where it is not above zero."""
    numbers = _numbers([_DAYS.sub("", cell) if isinstance(cell, str) else cell for cell in cells], options)
    if numbers is None:
        return None
    if numbers[0] <= 0:
        raise CellError("not_positive")
    return max(1, int((numbers[0] * 12 / 365).to_integral_value(ROUND_HALF_UP)))


def months_in_unit(cells: Sequence[object], options: Options) -> object:
    """A term in months whose unit stands in the second cell: 2 and 年 are 24, "3年" is 36 without it; None where it is
    missing.

    Raises CellError for days, weeks and what is no unit of time: 90 of them are no 90 months."""
    text = cell_text(cells[0])
    if text.casefold() in MISSING_NUMBER:
        return None
    unit = cell_text(cells[1])
    kind = "" if unit.casefold() in MISSING_NUMBER else unit_of_time(unit)
    if kind in ("months", "years"):
        return _months(cells[0], options, _OF_YEARS if kind == "years" else None)
    if unit.casefold() not in MISSING_NUMBER:
        raise CellError("not_a_duration")
    months = _months(cells[0], options, None)
    if months != _months(cells[0], options, _OF_YEARS):
        raise CellError("not_a_duration")
    return months


def months_of_parts(cells: Sequence[object], options: Options) -> object:
    """A term whose years and further months stand in two cells: 1 and 6 are 18; None where both are missing.

    Raises CellError where the second may be all of its months, or a part of them: 1 and 15."""
    missing = [cell_text(cell).casefold() in MISSING_NUMBER for cell in cells]
    if all(missing):
        return None
    years, months = (
        0 if is_missing else _months(cell, options, scale)
        for cell, is_missing, scale in zip(cells, missing, (_OF_YEARS, None), strict=True)
    )
    if years == months:
        return months
    if years and (months >= _OF_YEARS or years % _OF_YEARS):
        raise CellError("not_a_duration")
    return years + months


def months_between(cells: Sequence[object], options: Options) -> object:
    """Months from the first date to the second, each of 30 days and to the nearest, one at least: from 15 January to 14
    July are 6; None where one is missing.

    Raises CellError where the first does not lie before the second."""
    start, end = (_day(cell, options) for cell in cells)
    if start is None or end is None:
        return None
    if start >= end:
        raise CellError("dates_reversed")
    days = Decimal(((end.year - start.year) * 12 + end.month - start.month) * 30 + end.day - start.day)
    return max(1, int((days / 30).to_integral_value(ROUND_HALF_UP)))


def _months(cell: object, options: Options, scale: Decimal | None) -> int:
    mark = str(options.get("decimal", "")) if isinstance(cell, str) else ""
    return read_months(term_text(cell, cell_text(cell), scale), mark, scale)


def _numbers(cells: Sequence[object], options: Options) -> list[Decimal] | None:
    """The cells as numbers; None where one of them is missing."""
    texts = [cell_text(cell) for cell in cells]
    if any(text.casefold() in MISSING_NUMBER for text in texts):
        return None
    mark = str(options.get("decimal", ""))
    return [read_number(text, mark if isinstance(cell, str) else "") for cell, text in zip(cells, texts, strict=True)]


def _whole_years(start: date | None, end: date | None) -> int | None:
    if start is None or end is None:
        return None
    if start > end:
        raise CellError("dates_reversed")
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def _day(cell: object, options: Options) -> date | None:
    if cell_text(cell).casefold() in MISSING_NUMBER:
        return None
    return read_moment(cell, timezone.utc, str(options.get("format", ""))).date()  # noqa: UP017


def grade_rank(cells: Sequence[object], _options: Options) -> object:
    """A pricing grade as a rank: A1 = 1, A2 = 2, … G5 = 35; None where it is missing."""
    text = cell_text(cells[0]).upper()
    if text.casefold() in MISSING_NUMBER:
        return None
    if not _GRADE.fullmatch(text):
        raise CellError("not_a_grade")
    return (ord(text[0]) - ord("A")) * 5 + int(text[1])


# `scales` are factors to the base unit of columns that nothing else reads.
_IN_UNITS = frozenset({"decimal", "scales"})
# name -> (function, how many columns it reads, options it must have, options it may have)
DERIVATIONS: dict[
    str, tuple[Callable[[str, Sequence[object], Options], object], int, frozenset[str], frozenset[str]]
] = {
    "applicant_reference": (applicant_reference, 0, frozenset(), frozenset({"prefix"})),
    "chinese_name": (chinese_name, 0, frozenset(), frozenset()),
    "share": (share, 0, frozenset({"share"}), frozenset()),
    "choice": (choice, 0, frozenset({"choices"}), frozenset()),
    "moment_in_period": (moment_in_period, 0, frozenset({"start", "end"}), frozenset({"utc_offset"})),
    "moment_in_month": (moment_in_month, 1, frozenset(), frozenset({"utc_offset", "format"})),
}
COMPUTATIONS: dict[str, tuple[Callable[[Sequence[object], Options], object], int, frozenset[str], frozenset[str]]] = {
    "percent_of": (percent_of, 2, frozenset(), _IN_UNITS),
    "ratio_of": (ratio_of, 2, frozenset(), _IN_UNITS),
    "difference_of": (difference_of, 2, frozenset(), _IN_UNITS),
    "years_between": (years_between, 2, frozenset(), frozenset({"format"})),
    "age_by_identity": (age_by_identity, 2, frozenset(), frozenset({"format"})),
    "region_by_identity": (region_by_identity, 1, frozenset(), frozenset()),
    "grade_rank": (grade_rank, 1, frozenset(), frozenset()),
    "months_of_days": (months_of_days, 1, frozenset(), frozenset({"decimal"})),
    "months_in_unit": (months_in_unit, 2, frozenset(), frozenset({"decimal"})),
    "months_of_parts": (months_of_parts, 2, frozenset(), frozenset({"decimal"})),
    "months_between": (months_between, 2, frozenset(), frozenset({"format"})),
    "moment_of": (moment_of, 2, frozenset(), frozenset({"format", "clock", "utc_offset"})),
}
# What is computed with numbers, and with days.
OF_NUMBERS = frozenset({"percent_of", "ratio_of", "difference_of"})
OF_DAYS = frozenset({"years_between", "age_by_identity", "months_between", "moment_of"})
# Every computation but these gives a number.
OF_TEXT = frozenset({"region_by_identity"})
OF_MOMENTS = frozenset({"moment_of"})
