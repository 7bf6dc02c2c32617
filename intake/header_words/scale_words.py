"""The scale that a line beside a table says its money to be in: 单位：万元, "in thousands of USD", "amounts in k"."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Final

from intake.header_words import header_units
from intake.values.traditional import simplified

# Not "50万元以下小额贷款" or "壹佰贰拾万元整", where it is a size, nor 万元户 and 万元支行, which are names.
_YUAN: Final = (
    r"(?<![\d〇零一二两三四五六七八九十百千万壹贰叁肆伍陆柒捌玖拾佰仟几数.])(百万|千万|十万|万|千|亿)(?:人民币|美|港|欧|日)?元"
    r"(?!以[上下内]|户|店|支行|分行)"
)
# 万 for 万元: where the line calls it the unit, or says nothing else.
_CALLED_UNIT: Final = (
    r"(?:单位|金额|数额)(?:均|都)?[\s:为是以按用(\[]*(?:人民币)?(百万|千万|十万|万|千|亿)(?=计|\s*(?:$|[)\]】,;.。、]))"
)
_COUNTED_BY: Final = r"(?<!数)[以按](?:人民币)?(百万|千万|十万|万|千|亿)(?:计|为单位)"
_ALONE: Final = r"^(?:(百万|千万|十万|万|千|亿|thousand|million)s?|['’](000)s?)$"

_CURRENCY: Final = rf"(?:{header_units.CODES}|yuan|us\$|hk\$|rs\.?|[$€£¥]|人民币|美元|港[元币]|欧元|日元)"
_WORDS: Final = (
    r"(?:hundred|ten|10{1,2})\s*(?:thousand|million)|thousand|million|billion|1,?000,?000|100,?000|10,?000|1,?000|000"
)
# What stands for a scale wherever amounts are said to be in it, and what may be metres, weeks or a place elsewhere.
_SIGNS: Final = r"(?:10k|100k|k|mn|mln|mio|bn|lakh|lac|crore|wan)"
_LETTERS: Final = r"mm|m|mil|w|cr|hundred"
# Behind a sign or letter: "Unit: W Branch", 单位：K市分行, "M = male".
_NO_NAME: Final = (
    r"(?!\s*(?:=|(?:branch|street|road|series|format|department|retail|cities|fees)\b|公司|支行)"
    r"|[\u4e00-\u9fff]{1,4}(?:支行|分行|公司|银行))"
)
_END: Final = r"(?![a-z0-9]|[/-]\w|,\d)(?!\s*(?:loans|cases|rows|records|customers|borrowers|branches)\b)"
# Not "amounts above 1,000,000 need two signatures", nor "in multiples of 1,000".
_IN_WORDS: Final = (
    rf"\b(?:in|units?|amounts?)\b(?:(?!over|above|below|under|exceed|than|up to|least|most|multiple).){{0,24}}?"
    rf"(?<![a-z0-9,.])({_WORDS})s?{_END}"
)
_OF: Final = rf"(?:\s+(?:is|are|in|as|of|all))*[\s:=(\[]*(?:{_CURRENCY}[\s/,(]*)?['’]?"
# Not 填报单位 and "Business unit", which are offices.
_CALLS_UNIT: Final = (
    r"\b(?:(?<!business )units?|amounts?|figures|values|currency)\b|(?<!填报)(?<!编制)(?<!报送)单位|金额"
)
_IN_SIGNS: Final = rf"(?:\bin\b|{_CALLS_UNIT}){_OF}({_SIGNS})s?{_END}{_NO_NAME}"
_IN_LETTERS: Final = rf"(?:{_CALLS_UNIT}){_OF}({_LETTERS})s?{_END}{_NO_NAME}"
_BEHIND_CURRENCY: Final = (
    rf"(?<![a-z]){_CURRENCY}\s*['’]?((?:hundred|ten)\s*(?:thousand|million)|thousand|million|billion|000"
    rf"|(?!10){_SIGNS}|{_LETTERS})s?{_END}{_NO_NAME}"
)
# A title: 贷款台账（万）. Within a line it may be of one column alone: 注册资本（万）以执照为准.
_BEHIND_TITLE: Final = rf"[(\[【]\s*(百万|千万|十万|万|千|亿|{_SIGNS}|thousand|million)s?\s*[)\]】]$"
_BEFORE_CURRENCY: Final = rf"(?<![a-z0-9.])(?:in\s+)?({_SIGNS})\s?{_CURRENCY}(?![a-z])"
_LINES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        _YUAN, _CALLED_UNIT, _COUNTED_BY, _ALONE, _IN_WORDS, _IN_SIGNS, _IN_LETTERS, _BEHIND_CURRENCY, _BEFORE_CURRENCY,
        _BEHIND_TITLE,
    )
)  # fmt: skip
_CELL: Final = re.compile(
    rf"[(\[【]?(?:in\s+)?(?:{_CURRENCY}\s*)?['’]?({_WORDS}|{_SIGNS}|w)s?(?:\s*(?:of\s+)?{_CURRENCY})?[)\]】]?",
    re.IGNORECASE,
)
_SCALES: Final = {
    "百万": 10**6, "千万": 10**7, "十万": 10**5, "万": 10**4, "千": 10**3, "亿": 10**8,
    "hundred": 100, "thousand": 10**3, "000": 10**3, "1000": 10**3, "k": 10**3,
    "tenthousand": 10**4, "10thousand": 10**4, "10000": 10**4, "10k": 10**4, "wan": 10**4, "w": 10**4,
    "hundredthousand": 10**5, "100thousand": 10**5, "100000": 10**5, "100k": 10**5, "lakh": 10**5, "lac": 10**5,
    "million": 10**6, "1000000": 10**6, "mn": 10**6, "mln": 10**6, "mio": 10**6, "mm": 10**6, "m": 10**6, "mil": 10**6,
    "tenmillion": 10**7, "10million": 10**7, "crore": 10**7, "cr": 10**7,
    "hundredmillion": 10**8, "100million": 10**8, "billion": 10**9, "bn": 10**9,
}  # fmt: skip


def plain_line(text: str) -> str:
    """A line in plain width and, of the known terms, in simplified signs."""
    return simplified(unicodedata.normalize("NFKC", text)).strip()


def scale_in(text: str) -> Decimal | None:
    """The factor that a line says its amounts to be in, None where it says none: 10,000 for 单位：万元."""
    plain = plain_line(text)
    return _factor(next(filter(None, (line.search(plain) for line in _LINES)), None))


def scale_of_cell(text: str) -> Decimal | None:
    """The factor that a cell for a unit says, and nothing else: of k, 1,000, USD'000, (in thousands), 万元."""
    return _factor(_CELL.fullmatch(plain_line(text))) or scale_in(text)


def _factor(found: re.Match[str] | None) -> Decimal | None:
    return Decimal(_SCALES[re.sub(r"[\s,]", "", next(filter(None, found.groups())).lower())]) if found else None
