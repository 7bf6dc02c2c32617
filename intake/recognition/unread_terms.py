"""Columns that may tell the term of a loan in a table where none is read as the term: "Maturity (months)", "No. of
Payments", 期数(周), or the days on which something begins and ends. Nobody would look for it behind a default."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from intake.header_words.asked_and_granted import is_granted_day
from intake.header_words.header_units import names_in, span_of
from intake.header_words.payment_frequencies import counts_payments, says_monthly
from intake.header_words.term_headers import is_length, is_of_time, is_plain_length
from intake.mapped.case_mapping import CaseMapping, MappingError
from intake.mapped.fields import MAX_TERM_MONTHS
from intake.mapped.given import Given
from intake.recognition.date_orders import is_date
from intake.recognition.term_columns import unit_column
from intake.recognition.term_dates import months_of_days
from intake.values.cells import cell_text
from intake.values.durations import read_months
from intake.values.samples import SampleRow, known, share

_OF: Final = r"(?:original|loan|credit|contract|facility|financing|lease|leasing|repayment|payment)"
_OF_ZH: Final = r"(?:申请|贷款|借款|借据|合同|还款|授信|分期|融资|租赁|用款|用信)"
# Of the loan, of a line of credit, or of whatever: who has both knows more of the term than a default does.
_STARTS: Final = re.compile(
    rf"{_OF_ZH}*(?:起始|开始|起)(?:日期|时间|日)|{_OF}*(?:start|begin|from|effective|commencement)(?:date|day)?"
)
_ENDS: Final = re.compile(
    rf"{_OF_ZH}*(?:到期|终止|截止|结束|止)(?:日期|时间|日)|{_OF}*(?:end|to|expiry|expiration)(?:date|day)?"
)
# These are of the loan, beside whatever.
_OF_THE_LOAN: Final = re.compile(
    rf"(?:贷款|借款|借据|合同|融资|租赁)*到期(?:日期|日)|(?:贷款|借款|借据|合同|融资)+止(?:期|日)|止息(?:日期|日)"
    rf"|{_OF}*(?:final|fin)?maturity(?:date|dt|day)?|(?:final|fin|loan)*mat(?:date|dt)|dateofmaturity"
    r"|(?:loan|contract)(?:end|expiry)date|(?:final|last)due(?:date|dt)"
)
# Of the loan where they lie behind the day on which its money is paid out or its interest begins; of what else ends, an
# instalment, a card, a report or a line of credit, nobody could say so.
_PAID_OUT: Final = re.compile(
    rf"(?:实际)?{_OF_ZH}*(?:放款|发放|起息|起租|支用|提款)(?:日期|时间|日)"
    rf"|{_OF}*(?:value|disbursement|disbursal|disbursed|drawdown|funding|commencement)(?:date|dt|day|on)"
)
_ENDS_THERE: Final = re.compile(
    rf"{_OF_ZH}*(?:终止|结束|止)(?:日期|时间|日)|{_OF}*(?:end|expiry|expiration|exp)(?:date|dt|day)|(?:final|last)(?:payment|instal?lment|emi)(?:date|dt)"
    r"|(?:综合|最高)?(?:授信|额度|协议)+(?:到期|届满|终止|截止|结束)(?:日期|时间|日)"
)
# Both days in one cell: 2026.08.03-2028.07.23.
_DAY: Final = r"(?:\d{4}\s?[-./年]\s?\d{1,2}\s?[-./月]\s?\d{1,2}\s?日?|\d{8})"
_SPAN: Final = re.compile(rf"{_DAY}\s*(?:[-‐‑–—―－~～∼至到]+|to|until|bis)\s*{_DAY}", re.IGNORECASE)
_SPANS: Final = re.compile(
    rf"(?:{_OF_ZH}|业务|项目)*(?:期限|期间|起止|存续期)+(?:起止)?(?:日期|时间|日)?"
    rf"|{_OF}*(?:period|term|tenor|tenure|duration|validity|fromto|startend)(?:dates?)?"
)
_ENOUGH: Final = 0.9
# Thirty years in days.
_MOST: Final = 11_000
# 90天 and 13 weeks are terms, too.
_IN_A_UNIT: Final = re.compile(r"(\d{1,5})\s*(?:天|日|周|个?季度?|days?|weeks?|wks?|quarters?|qtrs?)")
# What terms are in months, in years, in weeks and in days.
_USUAL: Final = frozenset(
    {*range(1, 13), *range(18, 361, 6), 15, 20, 25, 35, 40, 13, 26, 39, 50, 52, 104, 156, 14, 21, 28, 45, 91, 100, 182}
    | {200, 365, 366, 730, 1095, 1460, 1825}
)


def term_by_other_name(columns: Sequence[str], samples: Mapping[str, Sequence[str]]) -> Given | None:
    """The term from the one of these columns that may tell it and says to be in months or years, or else can be nothing
    but the term, or else has its unit beside it or counts payments that are all made monthly; None where there is no
    such column or several."""
    named = [each for each in columns if is_length(each)]
    stated = [each for each in named if span_of(each) in ("months", "years")]
    open_ones = [each for each in named if not span_of(each)]
    # Beside termFrequency and its unit stands numberOfRepayments, which has a frequency and no unit.
    lengths = [each for each in open_ones if not counts_payments(each)]
    units = {each: unit_column(each, [other for other in samples if other != each], samples) for each in lengths}
    found = stated or [each for each in lengths if units[each]] or [each for each in open_ones if is_plain_length(each)]
    if not found and says_monthly([*samples], samples):
        found = [each for each in open_ones if counts_payments(each)]
    if len(found) != 1:
        return None
    if unit := units.get(found[0], ""):
        return Given("compute", name="months_in_unit", sources=(found[0], unit))
    scale = Decimal(12) if span_of(found[0]) == "years" else None
    readable = share(known(samples[found[0]]), lambda text: 1 <= read_months(text, scale=scale) <= MAX_TERM_MONTHS)
    return Given("column", column=found[0], scale=scale) if readable >= _ENOUGH else None


def refuse_unread_term(mapping: CaseMapping, columns: Sequence[str], sample: Sequence[SampleRow]) -> None:
    """Raises MappingError for the first column that may tell the term where the mapping has but a default."""
    term = mapping.fields.get("term_months")
    if term is None or term.how != "default":
        return
    # 用款时间 is dropped as the day of a granted loan, which 12 and 24 are none of.
    read = {
        *filter(is_of_time, columns),
        *(given.column for given in mapping.features.values()),
        *mapping.fields["applied_at"].columns,
    }
    texts = {each: [cell_text(row.get(each)) for row in sample] for each in columns}
    applied = mapping.fields["applied_at"].column
    for column in _telling([each for each in columns if each in read], texts, applied):
        raise MappingError("term_unread", name=column)


def _telling(columns: Sequence[str], texts: Mapping[str, Sequence[str]], applied: str) -> list[str]:
    lengths = [
        each
        for each in columns
        if (is_length(each) and share(known(texts[each]), _may_be_time) >= _ENOUGH)
        or (is_of_time(each) and share(known(texts[each]), _is_usual) >= _ENOUGH)
    ]
    # The day on which a loan is paid out is dropped beside that of its application.
    days = [each for each in texts if share(known(texts[each]), is_date) >= _ENOUGH]
    starts = [each for each in days if _named(_STARTS, each)]
    # An "issue date" is that of a card, too, unless it is read as the day.
    paid_out = [each for each in days if _named(_PAID_OUT, each) or (each == applied and is_granted_day(each))]
    ends = [
        each
        for each in columns
        if each in days
        and (
            _named(_OF_THE_LOAN, each)
            or (starts and _named(_ENDS, each))
            or (_named(_ENDS_THERE, each) and any(months_of_days(start, each, texts) for start in paid_out))
        )
    ]
    spans = [each for each in columns if _named(_SPANS, each) and share(known(texts[each]), _is_span) >= _ENOUGH]
    return lengths + ends + spans


def _named(pattern: re.Pattern[str], column: str) -> bool:
    return any(map(pattern.fullmatch, names_in(column)))


def _is_span(text: str) -> bool:
    return _SPAN.fullmatch(text.strip()) is not None


def _may_be_time(text: str) -> bool:
    return 1 <= _number_of(text) <= _MOST


def _is_usual(text: str) -> bool:
    return _number_of(text) in _USUAL


def _number_of(text: str) -> int:
    """The number of a duration in whatever unit of time."""
    found = _IN_A_UNIT.fullmatch(unicodedata.normalize("NFKC", text).strip().casefold())
    return int(found[1]) if found else read_months(text)
