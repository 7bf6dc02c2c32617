"""For which period a rate of interest is, and in which part of the whole: 利率(月‰), "Interest Rate (% per month)", 月‰
in a column of units. Read as a rate by the year, 2.5 % a month is the cheapest of loans."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from intake.header_words.feature_names import FEATURE_NAMES
from intake.header_words.header_units import percent_scale, squeeze, unit_of
from intake.values.traditional import simplified

YEAR: Final = "year"
# Several periods at once, one in the name and another in the brackets, or what is not understood.
OPEN: Final = "open"
_WORDS: Final = {
    "year": ("年", "年度", "year", "years", "yearly", "yr", "pa", "annum", "annual", "annually", "annualised",
             "annualized", "apr"),
    "month": ("月", "个月", "月度", "month", "months", "monthly", "mth", "mthly", "mo", "pm", "pcm"),
    "day": ("日", "天", "day", "days", "daily", "pd", "diem"),
    "week": ("周", "week", "weeks", "weekly", "wk", "pw"),
    "quarter": ("季", "季度", "quarter", "quarters", "quarterly", "qtr", "pq"),
}  # fmt: skip
_KINDS: Final = {word: kind for kind, words in _WORDS.items() for word in words}
_FACTORS: Final = {
    "‰": Decimal("0.1"), "千分": Decimal("0.1"), "permille": Decimal("0.1"), "permil": Decimal("0.1"),
    "‱": Decimal("0.01"), "万分": Decimal("0.01"), "bp": Decimal("0.01"), "bps": Decimal("0.01"),
    "bp值": Decimal("0.01"), "基点": Decimal("0.01"), "basispoint": Decimal("0.01"), "basispoints": Decimal("0.01"),
}  # fmt: skip
# What says neither a period nor a part. Any other word may change what is meant: "compounded monthly", 按月付息.
_OTHERS: Final = (
    "percentage", "percent", "per cent", "pct", "%", "百分", "per", "by", "in", "the", "a", "of", "p", "rates", "rate",
    "interest", "flat", "nominal", "effective", "simple", "basis", "unit", "units", "every", "单位", "利率", "利息",
    "息", "率", "化", "之", "比", "几", "每", "按", "为",
)  # fmt: skip
_TOKENS: Final = tuple(sorted({*_KINDS, *_FACTORS, *_OTHERS}, key=len, reverse=True))
_TOKEN: Final = re.compile(
    "|".join(rf"(?<![a-z]){re.escape(each)}(?![a-z])" if each.isascii() and each.isalpha() else re.escape(each)
             for each in _TOKENS)
)  # fmt: skip
# p.m., p/m, per mille, basis points: one word each.
_IN_PARTS: Final = re.compile(r"\b(p)[./\s]{1,2}(a|m|d|w|q)\b\.?|\b(per) ?(mil(?:le)?)\b|\b(basis) (points?)\b")
_BY_A_LETTER: Final = re.compile(r"(?<=%)\s*/\s*([amdwq])\b")
# Of these brackets something is to be understood that is not: 厘 is 0.1 %, mostly by the month.
_NOT_UNDERSTOOD: Final = re.compile(r"[厘毫]|^分$|0/00|\bper (?:month|day|week|quarter|\d)|[月日]利率|[月日]息")
_BY_CUSTOM: Final = {Decimal("0.1"): "month", Decimal("0.01"): "day"}
_NAMES_YEAR: Final = re.compile(r"年|annual|yearly|apr")
# The headers that say the same without brackets, in Chinese and in English.
_SPELLED: Final = {
    "month": ("月利率", "Monthly Interest Rate"), "day": ("日利率", "Daily Interest Rate"),
    "week": ("周利率", "Weekly Interest Rate"), "quarter": ("季利率", "Quarterly Interest Rate"),
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What a text says of rates and nothing else: the period ("" for none, OPEN for several) and what brings them to
    percent, None for none."""

    period: str = ""
    scale: Decimal | None = None


def told_in(text: str) -> Told | None:
    """What a text such as 月‰, "% p.m." or 万分之 says of rates; None where it says something else, too."""
    # EVERY_MONTH
    plain = simplified(unicodedata.normalize("NFKC", text)).casefold().replace("_", " ")
    plain = _IN_PARTS.sub(lambda found: "".join(filter(None, found.groups())), _BY_A_LETTER.sub(r" p\1", plain))
    said = _TOKEN.findall(plain)
    if not said or re.search(r"\w", _TOKEN.sub(" ", plain)):
        return None
    kinds = {_KINDS[word] for word in said if word in _KINDS}
    factors = {_FACTORS[word] for word in said if word in _FACTORS}
    period = kinds.pop() if len(kinds) == 1 else OPEN if kinds else ""
    return Told(period, factors.pop() if len(factors) == 1 and not {"%", "百分"} & {*said} else None)


def is_usual_rate(header: str) -> bool:
    """Whether a header without its brackets is one of the rate of interest: 执行利率, "Interest Rate"."""
    return FEATURE_NAMES.get(squeeze(header)) == "interest_rate"


def period_of_rate(header: str) -> str:
    """The period that a header of the rate of interest says, "" where it says none: then it is the year.

    By the custom of Chinese banks a rate by the year is in percent, one by the month in ‰ and one by the day in 万分之.
    """
    if not is_usual_rate(header):
        return ""
    names_year = bool(_NAMES_YEAR.search(squeeze(header)))
    told = told_in(unit_of(header))
    if told is None and _NOT_UNDERSTOOD.search(unit_of(header)):
        return OPEN
    told = told or Told()
    if told.period:
        return OPEN if names_year and told.period != YEAR else told.period
    return YEAR if names_year else _by_custom(header, told)


def _by_custom(header: str, told: Told) -> str:
    # Basis points are by the year, by whatever name: of the sign only Chinese says it is the 万分之.
    unit = unit_of(header)
    is_in_points = told.scale == Decimal("0.01") and not (
        "万分" in unit or ("‱" in unit and not squeeze(header).isascii())
    )
    return "" if told.scale is None or is_in_points else _BY_CUSTOM[told.scale]


def spelled_out(header: str, texts: tuple[str, ...] = ()) -> str:
    """A header of the rate of interest by another period than the year as it is without brackets: 月利率 for 利率(月)
    and for a 利率 whose cells are in ‰, 日利率 for one whose cells are in 万分之. Any other header as it is."""
    period = period_of_rate(header)
    if not period and texts and is_usual_rate(header) and all(text.endswith("‰") for text in texts):
        period = "month"
    if not period and texts and is_usual_rate(header) and all(text.endswith("‱") for text in texts):
        # By an English name these are basis points, which are by the year.
        period = "" if squeeze(header).isascii() else "day"
    if period not in _SPELLED:
        return header
    chinese, english = _SPELLED[period]
    return english if squeeze(header).isascii() else chinese


def rate_scale(header: str) -> Decimal | None:
    """What brings a header's unit to percent, beside a period, too: 0.1 for 月‰; None for percent and any other."""
    told = told_in(unit_of(header))
    return percent_scale(header) or (told.scale if told else None)
