"""The currency that a header names, and columns of money that are in another one than their cases."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from intake.header_words.header_units import currency_behind, currency_of_scaled, is_money, money_scale, unit_of
from intake.header_words.headers import names_amount
from intake.mapped.case_mapping import CaseMapping, MappingError
from intake.values.currencies import ALONE, IN_TEXT, KNOWN, SPELLINGS, WORDS
from intake.values.currency_signs import CODES
from intake.values.currency_words import currency_named, says_currency
from intake.values.traditional import simplified

# In the header of an amount every code is a currency; sar_count need not be one of riyals.
_ANYWHERE_IN_HEADERS: Final = (*CODES, "INR", "THB", "VND", "IDR", "MYR", "PHP", "RUB")
_CODE, _CODE_OF_MONEY = (
    re.compile(rf"(?:^|[^a-z])({'|'.join(('RMB', *codes))})(?:[^a-z]|$)", re.IGNORECASE)
    for codes in (_ANYWHERE_IN_HEADERS, IN_TEXT)
)
# Each stands for more than one currency, or says nothing of which.
_OPEN: Final = frozenset({"", "元", "$", "¥", "dollar", "dollars", "yuan"})
_NAMES: Final = [name for name in SPELLINGS if len(name) > 1 and not name.isascii()]
_ONE: Final = "|".join(sorted(_NAMES, key=len, reverse=True))
_AT_END: Final = re.compile(rf"({_ONE})$")
_ANYWHERE: Final = re.compile(rf"({_ONE})")
_DOLLARS: Final = ("$", "dollar", "dollars")
_IN: Final = re.compile(r"^(?:(?:all|amounts?|figures|values|expressed|stated|given|are|is)\s+)*in\s+")
_CLAUSES: Final = re.compile(r"[;:；，、,|]")
# Beside a scale without a blank: HK$'000, NT$万, US$M.
_SIGN: Final = re.compile(r"(?<![a-z])(?:us|hk|nt)\$|[€£]")
_FOREIGN: Final = r"(外币|foreign[\s_-]*currency)"


@lru_cache(maxsize=1_024)
def currency_in(header: str) -> str:
    """The currency that a header names: 月收入(美元), income_usd, "Income (USD thousands)"; "" where it names none.

    A bare 元 or $ is none: it may stand for any unit so called.
    """
    unit = simplified(unit_of(header))
    codes = KNOWN - WORDS if is_money(header) else _ANYWHERE_IN_HEADERS
    for word in (unit, *unit.split()):
        code = SPELLINGS.get(word, word.upper())
        if word not in _OPEN and (word in SPELLINGS or code in codes):
            return code
    if (is_money(header) or names_amount(header)) and (code := _by_name(unit or currency_behind(header))):
        return code
    if (sign := _SIGN.search(unit)) and money_scale(header):
        return SPELLINGS[sign[0]]
    if code := currency_of_scaled(unit):
        return SPELLINGS.get(code, code.upper())
    plain = simplified(header.strip())
    # Of a unit of money every word is of it: 万美元, 美元/万.
    in_unit = _ANYWHERE if money_scale(header) else _AT_END
    code_in = _CODE_OF_MONEY if is_money(header) else _CODE
    found = code_in.search(plain) or _AT_END.search(plain) or in_unit.search(unit)
    return SPELLINGS.get(found[1].casefold(), found[1].upper()) if found else ""


def _by_name(unit: str) -> str:
    """The currency that a unit or one of its clauses or words names for sure: naira, "in Naira, gross"."""
    for said in (_IN.sub("", unit), *(_IN.sub("", each).strip() for each in _CLAUSES.split(unit)), *unit.split()):
        is_open = said in _OPEN or said.upper() in WORDS or re.search(r"\d", said)
        if not is_open and (code := currency_named(said)):
            return code
    return ""


def _foreign_in(header: str) -> str:
    """What a header says that only tells that it is in another currency than yuan: 外币, "foreign currency", $."""
    unit = simplified(unit_of(header))
    if unit in _DOLLARS:
        return unit
    found = re.search(_FOREIGN, unit) or re.search(rf"{_FOREIGN}$", simplified(header).strip().casefold())
    return found[1] if found else ""


def currency_of_amount(header: str) -> str:
    """The currency that the header of the amount of the loan names; "" where it names none. A bare 元 is CNY there."""
    unit = unit_of(header)
    # "USD thousands" names both; any other unit of several words is no currency.
    words = [*unit.split(), unit[:1]] if money_scale(header) else [unit]
    if named := next((code for word in words if (code := SPELLINGS.get(word, word.upper())) in ALONE), ""):
        return named
    # 万元 names the yuan as 元 does, 万美元 the dollar; "Loan Amount USD (thousands)" names it beside its unit.
    return currency_in(header) or ("CNY" if unit.endswith("元") and not says_currency(unit) else "")


def in_other_currency(mapping: CaseMapping) -> dict[str, str]:
    """The columns that are read as numbers and whose header names another currency than that of all cases, with what it
    names. Where each row names its own currency none can be told: no column is right for all of them."""
    stated = mapping.fields.get("currency")
    if stated is None or stated.how not in ("constant", "default"):
        return {}
    named = {given.column: currency_in(given.column) for _name, given in mapping.numbers}
    if stated.value == "CNY":
        named = {column: code or _foreign_in(column) for column, code in named.items()}
    return {column: code for column, code in named.items() if code not in ("", stated.value)}


def refuse_other_currencies(mapping: CaseMapping) -> None:
    """Raises MappingError for the first such column: nobody has said by which factor it is read, or that it is not."""
    for column, named in in_other_currency(mapping).items():
        currency = str(mapping.fields["currency"].value)
        raise MappingError("column_other_currency", name=column, named=named, currency=currency)
