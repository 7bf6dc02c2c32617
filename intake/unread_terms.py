"""Columns that may tell the term of a loan in a table where none is read as the term: "Maturity (months)", "No. of
Payments", 期数(周), or the days on which something begins and ends. Nobody would look for it behind a default."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from intake.case_mapping import CaseMapping, MappingError
from intake.cells import cell_text
from intake.date_orders import is_date
from intake.durations import read_months
from intake.fields import MAX_TERM_MONTHS
from intake.given import Given
from intake.header_units import names_in, span_of
from intake.samples import SampleRow, known, share

_OF: Final = r"(?:original|loan|credit|contract|facility|financing|repayment|payment)"
_OF_ZH: Final = r"(?:申请|贷款|借款|借据|合同|还款|授信|分期|融资|租赁|用款)"
_SPAN: Final = r"(?:in|of)?(?:months?|mths?|mon|m|years?|yrs?|y|days?|d|weeks?|wks?|w|quarters?|qtrs?|q)"
_COUNTED: Final = r"(?:instal?lments|emis|payments|repayments|weeks|months|years|quarters|periods)"
# An "instalment" and an EMI are what is paid each time.
_LENGTH: Final = re.compile(
    rf"{_OF}*(?:maturity|tenors?|tenures?|terms?|durations?|length|period)(?:{_SPAN})?|{_OF}*(?:weeks|instal?lments)"
    rf"|{_OF}+(?:months|quarters|years)"
    rf"|(?:total|planned|scheduled|agreed)?(?:n|num|nr|number|no|count)(?:of)?(?:the)?(?:total|monthly|weekly|loan)*{_COUNTED}"
    rf"|{_OF_ZH}*(?:总?期限|总?期数|期次|还款期)(?:周|双周|季度?|旬|日|半年)?|{_OF_ZH}+(?:季数|周数|月数|年数|天数|年限|时长)"
)
# Of the loan, of a line of credit, or of whatever: who has both knows more of the term than a default does.
_STARTS: Final = re.compile(
    rf"{_OF_ZH}*(?:起始|开始|起)(?:日期|时间|日)|{_OF}*(?:start|begin|from|effective)(?:date|day)?"
)
_ENDS: Final = re.compile(
    rf"{_OF_ZH}*(?:到期|终止|截止|结束|止)(?:日期|时间|日)|{_OF}*(?:end|to|expiry|expiration)(?:date|day)?"
)
# These are of the loan, beside whatever.
_OF_THE_LOAN: Final = re.compile(
    rf"(?:贷款|借款|借据|合同|融资)*到期(?:日期|日)|{_OF}*maturity(?:date)?|dateofmaturity|(?:loan|contract)(?:end|expiry)date"
)
_ENOUGH: Final = 0.9
# Thirty years in days.
_MOST: Final = 11_000


def term_in_stated_unit(columns: Sequence[str], samples: Mapping[str, Sequence[str]]) -> Given | None:
    """The term from the one column that may tell it and says to be in months or years, None where there is no such
    column or several."""
    named = [each for each in columns if _is_length(each) and span_of(each) in ("months", "years")]
    if len(named) != 1:
        return None
    scale = Decimal(12) if span_of(named[0]) == "years" else None
    texts = known(samples[named[0]])
    readable = share(texts, lambda text: 1 <= read_months(text, scale=scale) <= MAX_TERM_MONTHS)
    return Given("column", column=named[0], scale=scale) if readable >= _ENOUGH else None


def refuse_unread_term(mapping: CaseMapping, columns: Sequence[str], sample: Sequence[SampleRow]) -> None:
    """Raises MappingError for the first column that may tell the term where the mapping has but a default."""
    term = mapping.fields.get("term_months")
    if term is None or term.how != "default":
        return
    read = {*(given.column for given in mapping.features.values()), *mapping.fields["applied_at"].columns}
    texts = {each: known([cell_text(row.get(each)) for row in sample]) for each in columns if each in read}
    for column in _telling(texts):
        raise MappingError("term_unread", name=column)


def _telling(texts: Mapping[str, Sequence[str]]) -> list[str]:
    lengths = [each for each in texts if _is_length(each) and share(texts[each], _may_be_time) >= _ENOUGH]
    days = [each for each in texts if share(texts[each], is_date) >= _ENOUGH]
    starts = [each for each in days if _named(_STARTS, each)]
    ends = [each for each in days if _named(_OF_THE_LOAN, each) or (starts and _named(_ENDS, each))]
    return lengths + ends


def _is_length(column: str) -> bool:
    return _named(_LENGTH, column)


def _named(pattern: re.Pattern[str], column: str) -> bool:
    return any(map(pattern.fullmatch, names_in(column)))


def _may_be_time(text: str) -> bool:
    return 1 <= read_months(text) <= _MOST
