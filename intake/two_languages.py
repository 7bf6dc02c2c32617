"""Headers that say the same twice, in Chinese and English: 申请日期 / Application Date."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_CHINESE_FIRST: Final = re.compile(
    r"([^a-z]*[\u4e00-\u9fff][^a-z]*?)\s*[/|\\\s]\s*(\*?[a-z][\x00-\x7f]*)", re.IGNORECASE
)
_ENGLISH_FIRST: Final = re.compile(r"(\*?[a-z][\x00-\x7f]*?)\s*[/|\\\s]\s*([\u4e00-\u9fff][^a-z]*)", re.IGNORECASE)
# 贷款金额 USD and 期限 months have a unit behind their name.
_UNIT: Final = re.compile(
    r"(?:\W|in|of|per|rmb|cny|usd|yuan|euros?|dollars?|ten|hundred|thousands?|millions?|months?|years?|days?|weeks?"
    r"|percent(?:age)?|pct)+",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[a-z]{3,}", re.IGNORECASE)


@lru_cache(maxsize=4_096)
def both_names(header: str) -> tuple[str, ...]:
    """The Chinese and the English name of a header that has both, else none."""
    for pattern, places in ((_CHINESE_FIRST, (1, 2)), (_ENGLISH_FIRST, (2, 1))):
        found = pattern.fullmatch(header.strip())
        if found:
            chinese, english = (found[place].strip() for place in places)
            is_name = _WORD.search(english) and not _UNIT.fullmatch(english)
            return (chinese, english) if is_name else ()
    return ()
