"""How often loans are paid, where a column beside the term says so, by its header or by its cells alone: 26 instalments
that are paid weekly are no 26 months."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from intake.header_words.header_units import names_in, span_of, unit_of
from intake.values.cells import read_number
from intake.values.samples import known, share
from intake.values.traditional import simplified

_OFTEN: Final = r"(?:frequency|freq|cycle|interval|periodicity|periodunit|periodtype|periodfrequency)"
_PAID: Final = r"(?:re)?(?:payments?|pymnt|pmts?)|instal?lments?|emis?|rentals?|rent|repay|billing|bill"
_PAID_ZH: Final = r"(?:还款|付款|还本(?:付息)?|租金|[付还收交缴]租|支付|偿还|缴款|供款|扣款|分期|账单)"
# Not how often somebody is paid (pay frequency), nor how often interest is: 付息频率.
_FREQUENCY: Final = re.compile(
    rf"(?:loan|credit|lease|contract)*(?:(?:{_PAID}){_OFTEN}|frequency|freq|periodicity)(?:type|code|unit|name|desc|description)?"
    rf"|(?:frequency|freq)of(?:the)?(?:loan)?(?:{_PAID})"
    rf"|(?:贷款|借款|合同|租赁|客户)*{_PAID_ZH}*(?:频率|频次|频度|周期|间隔)(?:类型|代码|单位|名称)?"
)
# What is so called may say it, too, or how each payment is made up: only what speaks of time counts.
_MODE: Final = re.compile(
    rf"(?:loan|credit|lease)*(?:collection{_OFTEN}|(?:{_PAID})(?:mode|type|schedule|terms?|method)|repaidevery)"
    rf"|(?:贷款|借款|合同|租赁)*(?:还款|还本|付息|还本付息|租金|租金支付|[付还收交缴]租)(?:方式|类型|方法)"
)
_EVERY: Final = re.compile(
    rf"(?:loan)?(?:{_PAID})(?:every|periodcount|(?:frequency)?interval)|(?:贷款|借款|合同|租赁)*{_PAID_ZH}+间隔(?:月数|天数)?"
)
# By its cells alone a column tells it that holds nothing but such words as these: 3 years may be of anything.
_SURELY: Final = re.compile(r"ly(?![a-z])|annual|every|each|[按每付还缴交供]")
# Of what else happens so often: earning, interest, reports, visits.
_OF_OTHERS: Final = re.compile(
    r"income|earn|salar|wage|employ|pay(?!ment|able|back|ing)|interest|compound|accru|rate|statement|report|review|visit"
    r"|contact|monitor|inspect|audit|saving|deposit|premium|insur|tax|cash|sales|turnover|fee|charge|stock"
    r"|[利息率]|收入|薪|工资|报|对账|检|查|访|审|保费|保险|存|储|税|经营|营业|销售|费|流水|回款|结算|周转"
)
# Headers that count payments, and those of them that say that there is one a month.
_COUNTS: Final = re.compile(r"期[数次]|instal?lments?|emis?(?![a-z])|payments|periods")
_BY_MONTH: Final = re.compile(r"月|month|mth")
_COUNTED_IN_CELL: Final = re.compile(r"期|instal|emi")
_UNIT_IN_CELL: Final = re.compile(r"[年月]|(?<![a-z])(?:months?|mths?|mons?|mos?|m|years?|yrs?|y)(?![a-z])")

_LETTERS: Final = {
    "m": "monthly", "w": "more", "d": "more", "b": "more", "f": "more", "q": "less", "h": "less", "s": "less",
    "y": "less", "a": "less",
}  # fmt: skip
# "Paid every 2 weeks" is 2weeks, EVERY_MONTH month.
_AROUND: Final = re.compile(
    r"(?<![a-z])(?:every|each|per|once|an?|in|the|paid|basis|(?:re)?payments?|instal?lments?|frequency)(?![a-z])|[\W_]"
)
_ZH: Final = re.compile(
    r"[按每]?(?P<count>[一二两三双半隔\d]{0,2})个?(?P<unit>[日天周旬月季年]|星期)度?"
    r"(?:付|还|缴|交|期|[先后前](?=付)|支付|还款|付款|付租|偿还|租金|[一1][次付期])*"
)
# 按季等额本金, 双周供; 按日计息 is how interest is reckoned.
_BEGINS: Final = re.compile(r"(?:[按每](?P<rare>季|半年|年)|[按每]?(?:双周|两周|周))(?!计)")
_EN: Final = re.compile(
    r"(?P<count>\d{0,2}|two|four|three|six|bi|semi|half|twice)(?P<unit>days?|daily|weeks?|weekly|wkly|wks?|fortnights?"
    r"|fortnightly|months?|monthly|mthly|mths?|quarters?|quarterly|qtrly|qtrs?|years?|yearly|annual|annually|[dwmqy])"
)
_ONE: Final = frozenset({"", "1", "一"})
# Every so many of the unit that the header says is once a month; of weeks no number is.
_ONCE: Final = {
    "": frozenset({1}), "months": frozenset({1}), "days": frozenset({30, 31}), "years": frozenset[int](),
    "others": frozenset[int](), "open": frozenset[int](),
}  # fmt: skip
_ENOUGH: Final = 0.9
_PART: Final = frozenset({"半", "semi", "half", "twice"})
_MONTHS_IN_DAYS: Final = frozenset({"30", "31"})


def is_frequency(column: str) -> bool:
    """Whether a header says that its column tells how often loans are paid."""
    return any(map(_FREQUENCY.fullmatch, names_in(column)))


def counts_payments(column: str) -> bool:
    """Whether the header of a term counts payments, of which it does not say that there is one a month."""
    names = "".join(names_in(column))
    is_counted = bool(_COUNTS.search(names)) or unit_of(column) in ("期", "期数")
    return is_counted and not _BY_MONTH.search(names + unit_of(column))


def other_frequency(term: str, columns: Sequence[str], samples: Mapping[str, Sequence[str]]) -> tuple[str, str] | None:
    """The column and its first cell by which a term that would be read in months is paid otherwise: of a header that
    counts payments any other frequency, of one that says no unit only those of less than a month. A loan of 36 months
    may well be paid by the quarter, and by the week hardly one counts months."""
    counts = counts_payments(term)
    if not counts and span_of(term):
        return None
    for column in columns:
        is_named = is_frequency(column) or any(map(_MODE.fullmatch, names_in(column)))
        if not is_named and not (counts and _tells_by_cells(column, known(samples[column]))):
            continue
        is_letter = _are_letters(samples[column])
        for text, length in zip(samples[column], samples[term], strict=True):
            others = ("more", "less") if counts or _COUNTED_IN_CELL.search(length.casefold()) else ("more",)
            if length and _paid(text, is_letter) in others and not _UNIT_IN_CELL.search(length.casefold()):
                return column, text
    for column in columns if counts else ():
        if several := _several(column, known(samples[column])):
            return column, several
    return None


def says_monthly(columns: Sequence[str], samples: Mapping[str, Sequence[str]]) -> bool:
    """Whether the table has a column of frequencies, and all of its rows say that they are paid once a month."""
    told = [column for column in columns if is_frequency(column) and known(samples[column])]
    is_monthly = all(
        _paid(text, _are_letters(samples[column])) == "monthly" for column in told for text in samples[column]
    )
    return bool(told) and is_monthly and not any(_several(each, known(samples[each])) for each in columns)


def _tells_by_cells(column: str, texts: Sequence[str]) -> bool:
    """Whether a column, whatever it is called, holds words of how often something is done, and says of nothing else
    that it is done so often."""
    if any(map(_OF_OTHERS.search, names_in(column))):
        return False
    return share(texts, lambda text: _SURELY.search(_plain(text)) and _paid(text, is_letter=False)) >= _ENOUGH


def _several(column: str, texts: Sequence[str]) -> str:
    """The first number by which a column says that payments are not made every single month; "" for none."""
    names = names_in(column)
    if not any(map(_EVERY.fullmatch, names)) and not (is_frequency(column) and span_of(column)):
        return ""
    once = _ONCE[span_of(column)]
    return next((text for text in texts if share([text], lambda each: read_number(each) not in once)), "")


def _are_letters(texts: Sequence[str]) -> bool:
    said = known(texts)
    return bool(said) and all(text.strip().casefold() in _LETTERS for text in said)


def _plain(text: str) -> str:
    return simplified(unicodedata.normalize("NFKC", text)).strip().casefold()


def _paid(text: str, is_letter: bool) -> str:
    """How often a cell says that a loan is paid: "monthly", "more" or "less" often, "" where it says none."""
    plain = _plain(text)
    if is_letter:
        return _LETTERS.get(plain, "")
    bare = _AROUND.sub("", plain)
    found = _ZH.fullmatch(bare) or _EN.fullmatch(bare)
    if found is None:
        begun = _BEGINS.match(plain)
        return "" if begun is None else "less" if begun["rare"] else "more"
    count, unit = found["count"], found["unit"]
    if unit[0] in "日天d" and count in _MONTHS_IN_DAYS:
        return "monthly"
    if unit[0] in "日天周旬星dwf" or (unit[0] in "月m" and count in _PART):
        return "more"
    return "monthly" if unit[0] in "月m" and count in _ONE else "less"
