"""Headers that say the same twice, in Chinese and English: 申请日期 / Application Date."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_CHINESE: Final = r"[^a-z]*[\u4e00-\u9fff][^a-z]*?"
_ENGLISH: Final = r"\*?[a-z][\x00-\x7f]*?(?:\([^()]*\))?"
_FIRST: Final = re.compile(rf"(?P<zh>{_CHINESE})\s*[/|\\\s]\s*(?P<en>{_ENGLISH})", re.IGNORECASE)
_LAST: Final = re.compile(rf"(?P<en>{_ENGLISH})\s*[/|\\\s]\s*(?P<zh>{_CHINESE})", re.IGNORECASE)
# 贷款金额 USD and 期限 months have a unit behind their name.
_UNIT: Final = re.compile(
    r"(?:\W|in|of|per|rmb|cny|usd|yuan|euros?|dollars?|ten|hundred|thousands?|millions?|months?|years?|days?|weeks?"
    r"|percent(?:age)?|pct)+",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[a-z]{3,}", re.IGNORECASE)
# Words that make something else of a name, and how Chinese says them: 贷款金额 Currency is no amount.
_MEANINGS: Final = tuple(
    (re.compile(rf"(?<![a-z])(?:{english})(?![a-z])", re.IGNORECASE), re.compile(chinese))
    for english, chinese in (
        ("currency|ccy", "币"), ("type|kind|category|class", "类|型|种|方式"), ("units?|uom", "单位"),
        ("code", "码|代|编|号"), ("date|time", "日|时|期"), ("status|state", "状态|情况|省|区"), ("rates?", "率|息|费"),
        ("ratio", "率|比"), ("count|number of|num of", "数|次|笔"), ("flag|indicator", "是否|标"),
        ("approved|granted|sanctioned", "批|核准|授|审"), ("monthly", "月"), ("default|overdue", "违约|逾期|坏"),
        ("income|salary", "收入|工资|薪"), ("amount", "额|金|款|本"), ("name", "名|称|人|户"),
    )
)  # fmt: skip
_BRACKETS: Final = re.compile(r"\s*(\([^()]*\))\s*$")
_OF_RATE: Final = re.compile("率|息")


@lru_cache(maxsize=4_096)
def both_names(header: str) -> tuple[str, ...]:
    """The Chinese and the English name of a header that has both, in plain width, else none; none, too, where the
    English one says more: 贷款金额 Currency."""
    plain = unicodedata.normalize("NFKC", header).strip()
    found = _FIRST.fullmatch(plain) or _LAST.fullmatch(plain)
    if found is None:
        return ()
    chinese, english = found["zh"].strip(), found["en"].strip()
    if not _WORD.search(english) or _UNIT.fullmatch(english):
        return ()
    name = _BRACKETS.sub("", english)
    says_more = any(more.search(name) and not same.search(chinese) for more, same in _MEANINGS)
    return () if says_more else (chinese, english)


@lru_cache(maxsize=4_096)
def in_one_language(header: str) -> str:
    """A header in two languages as its Chinese name, with the unit of the English one where it has none itself; of a
    rate with both, as one may say the period that the other leaves out. Any other header as it is."""
    names = both_names(header)
    if not names:
        return header
    chinese, _english = names
    (own, of_other) = (found[1] if (found := _BRACKETS.search(name)) else "" for name in names)
    if not of_other or own == of_other or (own and not _OF_RATE.search(chinese)):
        return chinese
    return f"{_BRACKETS.sub('', chinese)}({own.strip('()')} {of_other.strip('()')})".replace("( ", "(")
