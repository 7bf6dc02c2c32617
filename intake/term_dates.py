"""The term of a loan of which a table tells only the days on which it begins and ends."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from intake.date_orders import form_of, is_date, order_of
from intake.given import Given
from intake.header_units import squeeze
from intake.samples import known, share

_OF: Final = r"(?P<of>(?:贷款|借款|借据|合同|还款|授信)*)"
_OF_EN: Final = r"(?P<of>(?:loan|credit|contract|facility)?)"
_DAY: Final = r"(?:日期|时间|日)"
# The surest first: of 起息日 and 签订日期 the loan begins on the first.
_STARTS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_OF}(?:起始|起息|开始|起){_DAY}",
        rf"{_OF_EN}(?:start|value)date",
        rf"{_OF}(?:实际)?(?:放款|发放|生效|借款){_DAY}",
        rf"{_OF_EN}(?:disbursement|disbursal|disbursed|drawdown|funding|origination|effective)date",
    )
)
# A bare "expiry date" may be that of an identity card.
_ENDS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_OF}(?:到期|届满){_DAY}",
        rf"{_OF_EN}maturity(?:date)?|dateofmaturity",
        rf"{_OF}(?:终止|截止|结束){_DAY}",
        rf"{_OF_EN}enddate",
        r"(?P<of>loan|credit|contract|facility)(?:expiry|expiration)(?:date)?",
    )
)
# Where fewer of the rows have both days, they tell something else than the term.
_MOST: Final = 0.9


def term_of_dates(columns: Sequence[str], samples: Mapping[str, Sequence[str]]) -> Given | None:
    """The term as the months between the first and the last day of the loan, None where the table has not both."""
    days = [each for each in columns if _are_days(samples[each])]
    pairs = [(start, end) for end in _named(_ENDS, days) for start in _named(_STARTS, days)]
    # 授信起始日 is no beginning of what ends at a 借据到期日.
    fitting = [pair for pair in pairs if len({*map(_whose, pair)} - {""}) < 2]
    if not fitting:
        return None
    start, end = min(fitting, key=lambda pair: _whose(pair[0]) != _whose(pair[1]))
    order = order_of([*samples[start], *samples[end]])
    form = form_of([*samples[start], *samples[end]], order)
    return Given("compute", name="months_between", sources=(start, end), options={"format": form} if form else {})


def _named(patterns: Sequence[re.Pattern[str]], columns: Sequence[str]) -> list[str]:
    return [each for pattern in patterns for each in columns if pattern.fullmatch(squeeze(each))]


def _whose(column: str) -> str:
    found = next(filter(None, (pattern.fullmatch(squeeze(column)) for pattern in (*_STARTS, *_ENDS))), None)
    return (found.groupdict().get("of") or "") if found else ""


def _are_days(texts: Sequence[str]) -> bool:
    said = known(texts)
    return len(said) >= len(texts) * _MOST and share(said, is_date) >= _MOST
