"""Rates of a table beside that of its loans, by the month or of what is overdue: in the unit of that one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from statistics import median
from typing import Final

from intake.header_words.header_units import says_percent, squeeze
from intake.header_words.rate_periods import spelled_out
from intake.mapped import shares
from intake.mapped.given import Given
from intake.values.outliers import OF_INTEREST

# 毛利率 is of a profit.
_RATE: Final = re.compile(
    r".*(?<![毛净纯红获盈让])利率|[年月日]息|lpr|.*interestrate"
    r"|(penalty|penal|overdue|base|benchmark|reference)rate"
)
_PERIODS: Final = ((12, re.compile("月|month")), (360, re.compile("日|天|daily|day")), (52, re.compile("周|week")),
                   (4, re.compile("季|quarter")))  # fmt: skip
# A rate is hardly so many times as dear as that of the loan: then it stood in percent.
_TIMES: Final = 10


def is_other_rate(name: str, given: Given) -> bool:
    """Whether a feature in bare numbers is a rate of interest by its header, and none that is known by its name."""
    is_bare = given.how == "column" and given.type == "number" and given.scale in (None, 100)
    is_known = shares.is_kept_in_percent(re.sub(r"_\d+$", "", name)) or says_percent(given.column)
    return is_bare and not is_known and bool(_RATE.fullmatch(_key(given)))


def in_one_unit(features: Mapping[str, Given], texts: Mapping[str, Sequence[str]]) -> dict[str, Given]:
    """With the other rates in percent where those of the loans are shares: beside 0.12 a year 0.18 of what is overdue
    is 18 %, and 0.01 a month 1 %. Not what would be far dearer so, as 0.96 a month would."""
    loan = next((each for each in features.values() if each.limits == OF_INTEREST and each.column in texts), None)
    if loan is None:
        return dict(features)
    usual = _usual(loan, texts) * 100
    return {
        name: shares.in_percent("interest_rate", given)
        if is_other_rate(name, given) and given.scale is None and _may_be_share(given, texts, usual)
        else given
        for name, given in features.items()
    }


def _may_be_share(given: Given, texts: Mapping[str, Sequence[str]], usual: Decimal) -> bool:
    numbers = shares.numbers_of(texts.get(given.column, ()), given.decimal)
    if not any(numbers) or max(map(abs, numbers)) >= 1:
        return False
    times = next((times for times, words in _PERIODS if words.search(_key(given))), 1)
    return _usual(given, texts) * 100 * times <= usual * _TIMES


def _usual(given: Given, texts: Mapping[str, Sequence[str]]) -> Decimal:
    return median(abs(each) for each in shares.numbers_of(texts[given.column], given.decimal) if each)


def _key(given: Given) -> str:
    return squeeze(spelled_out(given.column))
