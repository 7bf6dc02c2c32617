"""The term of a loan of which a table tells only the days on which it begins and ends."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Final

from intake.header_words.header_units import squeeze
from intake.header_words.headers import names_loan_note
from intake.mapped.derive import months_between
from intake.mapped.fields import MAX_TERM_MONTHS
from intake.mapped.given import Given
from intake.recognition.date_orders import form_of, order_of
from intake.values.cells import CellError
from intake.values.samples import enough

# Not 授信 and facility: within a line of credit loans begin and end.
_OF: Final = r"(?P<of>(?:贷款|借款|借据|合同|租赁)*)"
_LOAN: Final = r"(?P<of>(?:贷款|借款|借据|合同|租赁)+)"
_OF_EN: Final = r"(?P<of>(?:loan|credit|contract)?)"
_LOAN_EN: Final = r"(?P<of>loan|contract)"
_DAY: Final = r"(?:日期|时间|日)"
_DAY_EN: Final = r"(?:date|dt|day)"
# The surest first: of 起息日 and 签订日期 the loan begins on the first.
_STARTS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_OF}(?:起始|起息|起租|开始|起){_DAY}",
        rf"{_LOAN}起期",
        rf"{_OF_EN}(?:start|value){_DAY_EN}",
        rf"{_OF}(?:实际)?(?:放款|放贷|发放|生效|借款|贷款){_DAY}",
        rf"{_OF_EN}(?:(?:disbursement|disbursal|disbursed|disb|drawdown|funding|origination|effective|commencement){_DAY_EN}"
        r"|(?:disbursed|funded)on)",
        # Of the account of the loan, as core systems have it.
        rf"{_OF_EN}(?:open|opened|opening){_DAY_EN}",
    )
)
# A 还款到期日 is that of the next instalment, a bare 截止日期 that of the report, an "expiry date" that of a card.
_ENDS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_OF}到期(?:日期|日)",
        rf"{_OF_EN}(?:final|fin)?(?:maturity{_DAY_EN}?|mat{_DAY_EN})|dateofmaturity",
        rf"{_OF}止息{_DAY}",
        rf"{_LOAN}(?:届满|终止|截止|结束|止){_DAY}",
        rf"{_LOAN}止期",
        rf"{_LOAN_EN}(?:end|expiry|expiration)(?:date)?",
    )
)
# What begins and ends in the same words, in a row for each loan note, is the note.
_BOTH: Final = re.compile(r"(?:起始|开始|起)(日期|时间|日) (?:终止|结束|止)\1|start(date|dt|day) end\2")


def term_of_dates(columns: Sequence[str], samples: Mapping[str, Sequence[str]]) -> Given | None:
    """The term as the months between the first and the last day of the loan, None where the table has not both, or
    where those of too many of its first rows are no term; the few others are refused by row."""
    pairs = [(start, end) for end in _named(_ENDS, columns) for start in _named(_STARTS, columns)]
    fitting = [pair for pair in pairs if _fit(*map(_whose, pair))]
    if any(map(names_loan_note, columns)):
        fitting += [pair for pair in permutations(columns, 2) if _BOTH.fullmatch(" ".join(map(squeeze, pair)))]
    told = (months_of_days(start, end, samples) for start, end in sorted(fitting, key=_place))
    return next(filter(None, told), None)


def months_of_days(start: str, end: str, samples: Mapping[str, Sequence[str]]) -> Given | None:
    """The months between the days of two columns, None where those of too many rows are no term."""
    order = order_of([*samples[start], *samples[end]])
    form = form_of([*samples[start], *samples[end]], order)
    options = {"format": form} if form else {}
    if not _are_terms(samples[start], samples[end], options):
        return None
    return Given("compute", name="months_between", sources=(start, end), options=options)


def _named(patterns: Sequence[re.Pattern[str]], columns: Sequence[str]) -> list[str]:
    return [each for pattern in patterns for each in columns if pattern.fullmatch(squeeze(each))]


def _fit(start: str, end: str) -> bool:
    """Whether two days may be of the same: 合同起始日 is no beginning of what ends at a 借据到期日."""
    return start == end or "" in (start, end)


def _place(pair: tuple[str, str]) -> tuple[bool, bool]:
    """Those that are called alike first, and of these those of a loan note (借据): under a contract may be several."""
    start, end = map(_whose, pair)
    return start != end, "借据" not in start + end


def _whose(column: str) -> str:
    found = next(filter(None, (pattern.fullmatch(squeeze(column)) for pattern in (*_STARTS, *_ENDS))), None)
    return (found.groupdict().get("of") or "") if found else ""


def _are_terms(starts: Sequence[str], ends: Sequence[str], options: Mapping[str, object]) -> bool:
    """Whether nearly all rows have both days and a possible term between them. Loans that all end on one day hardly do:
    it is the day of the report."""
    if len(ends) > 1 and len(set(ends)) == 1:
        return False
    terms = [_is_term(pair, options) for pair in zip(starts, ends, strict=True)]
    return bool(terms) and sum(terms) >= enough(ends) * len(terms)


def _is_term(days: tuple[str, str], options: Mapping[str, object]) -> bool:
    try:
        months = months_between(days, options)
    except CellError:
        return False
    return isinstance(months, int) and 1 <= months <= MAX_TERM_MONTHS
