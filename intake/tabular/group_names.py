"""What the upper line of a header says of the columns below it: 金额（万元） over 贷款金额, 他行贷款 over 金额."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from intake.header_words.feature_names import FEATURE_NAMES, NUMBERS
from intake.header_words.header_units import is_money, money_scale, says_unit_of_money, span_of, squeeze
from intake.header_words.headers import FIELD_PATTERNS, field_matches, names_term
from intake.header_words.rate_periods import told_in
from intake.header_words.scale_words import scale_in
from intake.mapped.header_currencies import currency_in
from intake.tabular.tables import clean_name
from intake.values.currency_words import FOREIGN, says_currency

_BRACKETS: Final = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]$")
# Whose it is, when it was, and in what: a loan elsewhere is not the one that is asked for.
_OF_ANOTHER: Final = re.compile(
    r"他行|外行|同业|其[他它](?!信息|情况|资料|内容|$)|担保|保证(?!金)|抵押|质押|配偶|共同|联系人|关联|历史|上[期年月]|去年|前次|现有"
    r"|已有|存量|审批|批复|核定|approved|granted|spouse|guarant|co-?(?:borrower|applicant)|joint|previous|prior\b|existing|collateral|contact"
    r"|\bother\b(?!\s*(?:info|detail|data|$))",
    re.IGNORECASE,
)
_PERIOD: Final = re.compile(
    r"[月日周季]利率|[月日]息|年限|\b(?:monthly|daily|weekly|quarterly|years?|days?|weeks?)\b", re.IGNORECASE
)
_UNIT_ALONE: Final = re.compile(r"个?月|年|天|日|元|万元?|千元|%|‰|months?|years?|days?", re.IGNORECASE)
_OWN_UNIT: Final = re.compile(rf"{_UNIT_ALONE.pattern}|%|百分比|bps?|[笔个户人次家期岁股]", re.IGNORECASE)
_YEAR: Final = re.compile(r"(?:FY\s?)?(?:19|20)\d\d(?:\.0)?(?:年度?末?|A|E)?", re.ASCII)
# What a name does not say of itself but the group above it does: the year, or whose of a household it is.
_OF_WHAT: Final = re.compile(
    rf"{_YEAR.pattern}|本人|配偶|夫妻|父母|子女|家庭|主借款?人|申请人|借款人|共同?借款?人|担保人|合计"
    r"|self|spouse|applicant|co-?(?:applicant|borrower)|borrower|household|joint|total",
    re.IGNORECASE,
)
_NO_SPAN: Final = re.compile(r"日期|时间|年龄|[日号名]$|\b(?:date|age|id|no|name)\b", re.IGNORECASE)
_COUNT: Final = re.compile(r"年龄|工龄|[次笔个期月天年]数|\b(?:age|counts?|number|years|months|days)\b", re.IGNORECASE)
# 日均余额 and 名下资产 are money.
_NO_MONEY: Final = re.compile(
    rf"率|比$|比例|占比|期限|年限|日(?!均)|号|名(?![下义])|日期|时间|评分|等级|{_COUNT.pattern}"
    r"|\b(?:rate|ratio|apr|dti|ltv|percent|terms?|tenor|tenure|duration|date|id|no|name|score|grade|margin|spread)\b",
    re.IGNORECASE,
)


def name_in_group(group: str, name: str) -> str:
    """The name of a column with what the group above it says of its values, and the group itself does not repeat: its
    unit in brackets, and before a name by which it would be read as the applicant's or the loan's own whose it is."""
    plain = unicodedata.normalize("NFKC", group).strip()
    if not plain or group == name:
        return name
    if _OF_WHAT.fullmatch(unicodedata.normalize("NFKC", name).strip()):
        return name_with_group(group, name)
    unit = _BRACKETS.search(plain)
    if _UNIT_ALONE.fullmatch(unicodedata.normalize("NFKC", name).strip()):
        # 期限 over 月, 利率（‰） over 月
        return f"{_BRACKETS.sub('', plain)}({name}{unit[1] if unit else ''})"
    if unit and _has_unit(name, unit[1]) and not _has_own_unit(name, unit[1]):
        name = f"{name}({unit[1]})"
    if field_matches("currency", name) is not None and FOREIGN.search(plain):
        return f"{group} {name}"
    says_unit = not unit and (scale_in(plain) or money_scale(plain) or currency_in(plain) or _PERIOD.search(plain))
    is_read = FEATURE_NAMES.get(squeeze(name)) in NUMBERS or any(
        field_matches(each, name) is not None for each in FIELD_PATTERNS
    )
    return f"{group} {name}" if is_read and (says_unit or _OF_ANOTHER.search(plain)) else name


def name_with_group(group: str, name: str) -> str:
    """The name of a column with the words of the group before it and its unit behind: 本行授信 余额(万元)."""
    plain = unicodedata.normalize("NFKC", group).strip()
    # A workbook has the year as a number.
    name = name.removesuffix(".0")
    unit = _BRACKETS.search(plain)
    if unit is None or _has_own_unit(name, unit[1]) or not (_OF_WHAT.fullmatch(name) or _has_unit(name, unit[1])):
        return f"{group} {name}".strip()
    return f"{_BRACKETS.sub('', plain).strip()} {name}({unit[1]})"


def is_year(cell: object) -> bool:
    """Whether a cell names a year and nothing else, as below the group of what was earned in it: 2024, 2024年."""
    return isinstance(cell, str | int | float) and _YEAR.fullmatch(clean_name(cell)) is not None


def tells_unit(group: str) -> bool:
    """Whether a group says in what all amounts below it are, in brackets, so that their names take it over."""
    unit = _BRACKETS.search(unicodedata.normalize("NFKC", group).strip())
    return unit is not None and _is_of_money(unit[1])


def _has_own_unit(name: str, unit: str) -> bool:
    """Whether a column says itself in what it is: 收入(元), 收入_元. Below a unit of money a remark such as (含税) is
    none; below any other whatever stands in brackets counts."""
    plain = unicodedata.normalize("NFKC", name).strip()
    own = _BRACKETS.search(plain)
    if not _is_of_money(unit) or not is_money(name):
        return own is not None
    return says_unit_of_money(plain) or (own is not None and _OWN_UNIT.fullmatch(own[1].strip()) is not None)


def _is_of_money(unit: str) -> bool:
    header = f"x({unit})"
    return bool(
        money_scale(header)
        or says_unit_of_money(header)
        or currency_in(f"amount({unit})")
        or says_currency(unit.casefold())
    )


def _has_unit(name: str, unit: str) -> bool:
    """Whether a unit above several columns is that of this one: 万元 of all but rates, terms, ages and counts, ‰ of all
    but money, 年 of all but days and ages."""
    header = f"x({unit})"
    if _is_of_money(unit):
        return not _NO_MONEY.search(name)
    if span_of(header):
        return not _NO_SPAN.search(name)
    return told_in(unit) is not None and not (is_money(name) or names_term(name) or _COUNT.search(name))
