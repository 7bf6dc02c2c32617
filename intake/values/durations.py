"""Reads one cell of a table as a duration in months, in the spellings that real tables use."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Final

from intake.values.cells import CellError, read_number
from intake.values.traditional import simplified

# Only words of a term may stand before its number: "days 90" and "week 52" are no months.
_DURATION: Final = re.compile(
    r"(?:(?:terms?|tenors?|tenures?|durations?|periods?|length|loan|credit|plan|fixed|over|emi|instal?lments?)[_ ]"
    r"|共?分|共)?"
    r"(?:(months?|mths?|years?|yrs?)[_ ])?([\d.,'\s_()+-]+?)[\s-]*"
    r"(months?|mths?|mons?|mos?|m|instal?lments?|个月|月|期|years?|yrs?|y|年|monate?n?|mois|meses|mes[ei]?|bulan"
    r"|jahre?n?|ans?|a[nñ]os?|ann[io]|tahun)?\.?",
    re.IGNORECASE | re.ASCII,
)
_YEARS: Final = re.compile(r"y|年|jahr|an|añ|tahun")
_UNIT_IN_BRACKETS: Final = re.compile(r"\((月|个月|期|年|months?|years?)\)$", re.IGNORECASE)
# 期 behind a unit is a word for the term and no unit of its own: 1年期, 12个月期.
_WORD_BEHIND: Final = re.compile(r"(?<=[年月半])期$")
_OF_BOTH: Final = re.compile(r"(\d{1,2})\s*年\s*[零又]?\s*(?:(\d{1,2})\s*个?月|(半))", re.ASCII)
_WRITTEN: Final = re.compile(r"([一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])(?=年|个月|期)")
_DIGITS: Final = {sign: number for number, sign in enumerate("一二三四五六七八九", 1)} | {"两": 2}
_MONTHS_OF_A_YEAR: Final = 12
_HALF_A_YEAR: Final = "半年"
_LONGEST: Final = 60


def read_months(text: str, decimal_mark: str = "", scale: Decimal | None = None) -> int:
    """A duration in whole months: "36", "36 months", "24个月", "2年", "12期", "12M", "3年6个月", "1年期", "years 3".

    `scale` brings the unit of the column to months; a cell that says years or months itself is not scaled by it."""
    body = simplified(unicodedata.normalize("NFKC", text)).strip()
    body = _WORD_BEHIND.sub("", _UNIT_IN_BRACKETS.sub(r"\1", body))
    body = _WRITTEN.sub(_in_digits, body)
    if body == _HALF_A_YEAR:
        return 6
    if both := _OF_BOTH.fullmatch(body):
        years, months, half = both.groups()
        return int(years) * 12 + (6 if half else int(months))
    found = _DURATION.fullmatch(body) if len(body) <= _LONGEST else None
    try:
        number = read_number(found.group(2) if found else "", decimal_mark)
    except CellError as problem:
        raise CellError("not_a_duration") from problem
    before, _number, behind = found.groups() if found else ("", "", "")
    if before and behind:
        raise CellError("not_a_duration")
    months_exact = number * _factor((before or behind or "").lower(), scale)
    if months_exact != months_exact.to_integral_value():
        raise CellError("not_an_integer")
    return int(months_exact)


def _factor(unit: str, scale: Decimal | None) -> Decimal:
    if _YEARS.match(unit):
        return Decimal(_MONTHS_OF_A_YEAR)
    if unit == "期" and scale == _MONTHS_OF_A_YEAR:
        raise CellError("not_a_duration")  # Nobody pays once a year: 12期 are no twelve years.
    # Otherwise 期 may be a period of any length: the column says of which.
    return scale if scale is not None and unit in ("", "期") else Decimal(1)


def _in_digits(found: re.Match[str]) -> str:
    """三十六 as 36."""
    tens, ten, ones = found.group(1).rpartition("十")
    return str((_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0))
