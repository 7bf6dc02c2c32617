"""Terms that one column alone does not tell: its unit stands in another one, or its years and months in
two."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from intake.header_words import headers
from intake.header_words.header_units import months_scale, span_of, squeeze, unit_of
from intake.header_words.term_words import unit_of_time
from intake.mapped.given import Given
from intake.recognition.date_orders import MONTHS
from intake.values.cells import CellError, read_number
from intake.values.durations import read_months
from intake.values.samples import known, known_numbers, share

_LOAN: Final = r"(?:loan|credit|contract|facility|repayment)?"
_LOAN_ZH: Final = r"(?:贷款|借款|借据|合同|申请|还款|授信)*"
_TERM: Final = r"(?:terms?|tenors?|tenures?|durations?)"
# What is so called is the unit of the term, whatever stands in it.
_UNIT: Final = re.compile(
    rf"{_LOAN_ZH}(?:期限|期数)(?:的)?(?:计量)?单位(?:代码|编码|名称|类型)?|{_LOAN}{_TERM}(?:in)?(?:units?|uom|unitofmeasure)(?:code|type|name)?"
    rf"|(?:units?|uom)of{_LOAN}{_TERM}"
)
# What is so called is it only where units of time stand in it: of 短期 and 中长期 it is a kind of loan.
_MAY_BE_UNIT: Final = re.compile(
    rf"{_LOAN_ZH}期限(?:类型|种类|类别|周期|标志|标识|代码|方式)|{_LOAN}{_TERM}(?:type|period|periodtype|basis|code|kind|flag|(?:period)?frequency(?:type)?)"
)
# Directly beside the term, and only where it can be of nothing else.
_ANY_UNIT: Final = re.compile(r"单位|时间单位|(?:time)?units?|uom")
_LETTERS: Final = re.compile(r"[a-z]", re.IGNORECASE)
_REPAID: Final = re.compile(r"(?:re)?payment(?:frequency|period)(?:type)?|还款(?:频率|周期)(?:类型)?")
# 12 of them: of a single "month" it is how often somebody pays.
_SEVERAL: Final = frozenset({"days", "weeks", "months", "years"})
_MOST: Final = 0.9

_OF_SPAN: Final = re.compile(
    r"(?P<name>.*?)(?:in)?(?:(?P<years>年数?|years?|yrs?|y)|(?P<months>个?月数?|months?|mths?|mons?|m)|(?P<days>天数?|日数?|days?|d))"
)
_NAME_OF_TERM: Final = re.compile(r"(?:期限?|年限|terms?|tenors?|tenures?|durations?)$")

Texts = Mapping[str, Sequence[str]]


def term_of_two(fields: Mapping[str, Given], free: Sequence[str], samples: Texts) -> dict[str, Given]:
    """The term of each row in its own unit, or of its years and months, where a column of units or one of the other
    part stands among the `free` ones; nothing where the column of the term tells it alone."""
    term = fields.get("term_months")
    if term is None or term.how != "column":
        return {}
    if other := _other_part(term.column, free, samples):
        years, months = sorted((term.column, other), key=lambda each: _part(each)[1] == "months")
        return {"term_months": Given("compute", name="months_of_parts", sources=(years, months))}
    unit = unit_column(term.column, free, samples) if not span_of(term.column) else ""
    return {"term_months": Given("compute", name="months_in_unit", sources=(term.column, unit))} if unit else {}


def unit_column(term: str, columns: Sequence[str], samples: Texts) -> str:
    """The column that says the unit of the column of the term, "" for none."""
    order = list(samples)
    beside = [order[at] for at in (order.index(term) - 1, order.index(term) + 1) if 0 <= at < len(order)]
    # Of 申请期限单位 and 审批期限单位 each is of its own.
    nearest = sorted(columns, key=lambda each: (not squeeze(each).startswith(squeeze(term)), each not in beside))
    return next((each for each in nearest if _says_unit(each, known(samples[each]), each in beside)), "")


def _says_unit(column: str, texts: Sequence[str], is_beside: bool) -> bool:
    name = squeeze(column)
    if texts and _MAY_BE_UNIT.fullmatch(name):
        return share(texts, unit_of_time) >= _MOST
    return bool(texts) and bool(_UNIT.fullmatch(name) or (is_beside and _is_any_unit(column, texts)))


def _is_any_unit(column: str, texts: Sequence[str]) -> bool:
    """Whether a column is called a unit and holds nothing but units of time; an M may be a million."""
    is_called = bool(texts) and bool(_ANY_UNIT.fullmatch(squeeze(column)))
    return is_called and all(unit_of_time(text) and not _LETTERS.fullmatch(text) for text in texts)


def other_unit(term: str, columns: Sequence[str], samples: Texts) -> tuple[str, str] | None:
    """The column that says another unit than the term is read in, and its first such value. A frequency of repayment
    may be what the terms are counted in, 12 Weeks, and so may a unit that stands far from them."""
    span = span_of(term) or "months"
    texts = {unit: known(samples[unit]) for unit in [unit_column(term, columns, samples)] if unit}
    if not texts and not span_of(term):
        repaid = {each: known(samples[each]) for each in columns if _REPAID.fullmatch(squeeze(each))}
        texts = {each: said for each, said in repaid.items() if {text.casefold() for text in said} <= _SEVERAL}
        texts |= {each: said for each in columns if _is_any_unit(each, said := known(samples[each]))}
    others = ((unit, text) for unit, said in texts.items() for text in said if unit_of_time(text) != span)
    return next(others, None)


def _part(column: str) -> tuple[str, str]:
    """What a header calls the term without its unit, and the unit: 贷款期限(年), 期限月, "Term (Years)"."""
    found = _OF_SPAN.fullmatch(squeeze(column) + re.sub(r"[\W_]+", "", unit_of(column)))
    if found is None or not (headers.names_term(column) or headers.names_term(found["name"])):
        return "", ""
    return _NAME_OF_TERM.sub("", found["name"]), found.lastgroup or ""


def parts_beside(term: str, columns: Sequence[str], samples: Texts) -> dict[str, str]:
    """The columns that are called as that of the term is and are in another unit, by the unit."""
    name, span = _part(term)
    parts = {part[1]: each for each in columns if each != term and (part := _part(each))[0] == name and part[1]}
    return {kind: each for kind, each in parts.items() if span and kind != span and known_numbers(samples[each])}


def _other_part(term: str, free: Sequence[str], samples: Texts) -> str:
    """The column of the years beside that of the months, or of the months beside that of the years, unless it says the
    same in every row."""
    beside = parts_beside(term, free, samples)
    other = beside.get("months" if _part(term)[1] == "years" else "years", "")
    if not other or _part(term)[1] == "days":
        return ""
    told = zip(_months_of(term, samples), _months_of(other, samples), strict=True)
    return "" if all(_is_same(one, two) for one, two in told) else other


def differing_parts(given: Given, columns: Sequence[str], samples: Texts) -> tuple[str, str, str] | None:
    """Two columns of the term, and values of a row in which they contradict each other; None where they do not.

    1 year and 15 months are neither parts nor the same, and where 1 and 12 are the same 1 and 6 are no parts. Days are
    nought or the same: no term has months and days here."""
    if given.how == "compute" and given.name == "months_of_parts":
        years, months = given.sources
        texts = [" | ".join(pair) for pair in zip(samples[years], samples[months], strict=True)]
        told = zip(_months_of(years, samples), _months_of(months, samples), texts, strict=True)
        both = [(one, two, text) for one, two, text in told if one and two]
        same = [text for one, two, text in both if _is_same(one, two)]
        unlike = {text: two for one, two, text in both if not _is_same(one, two)}
        wrong = [text for one, two, text in both if text in unlike and two >= MONTHS]
        # A slip of the pen refuses its own row.
        if len(wrong) * 10 > len(both) or (same and len(unlike) > len(wrong)):
            return years, months, (wrong or list(unlike))[0]
    for term in given.columns[:1]:
        days = parts_beside(term, columns, samples).get("days", "")
        told_twice = zip(_all_months(given, samples), samples.get(days, ()), strict=False)
        for total, text in told_twice:
            days_told = _number(text)
            # A bank may count 30 days a month.
            by_days = (days_told * MONTHS / 365, days_told / 30)
            if total and days_told and all(abs(each - total) > 1 for each in by_days):
                return term, days, f"{total:f} | {text}"
    return None


def _all_months(given: Given, samples: Texts) -> list[Decimal]:
    """The terms of the rows in months, of all the columns that tell them."""
    return [
        sum(parts, Decimal(0)) for parts in zip(*(_months_of(each, samples) for each in given.columns), strict=True)
    ]


def _months_of(column: str, samples: Texts) -> list[Decimal]:
    """The cells of a column in months by its header; nought for what is none."""
    scale = months_scale(column)
    return [_in_months(text, scale) for text in samples[column]]


def _in_months(text: str, scale: Decimal | None) -> Decimal:
    try:
        return Decimal(read_months(text, scale=scale))
    except CellError:
        # 0.67 of a year
        return _number(text) * (scale or 1)


def _number(text: str) -> Decimal:
    try:
        return read_number(text)
    except CellError:
        return Decimal(0)


def _is_same(one: Decimal, two: Decimal) -> bool:
    return abs(one - two) < 1
