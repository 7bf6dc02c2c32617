"""What people write into a field that they leave open: signs alone, 未填写, unknown. No database.

无 and none are no such: that there is no co-borrower is an answer.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from intake.standards.chinese_signs import in_simplified_signs
from intake.values.cells import MISSING_ANYWHERE

# √, × and + are answers.
_SIGNS: Final = re.compile(r"[-‐‑‒–—―_/\\|.。…?*#~、,;:!·\s]*")
_BRACKETS: Final = "()[]{}<>【】〔〕《》"
_WORDS: Final = MISSING_ANYWHERE | {
    "blank", "empty", "missing", "unknown", "tbc", "tbd", "tba", "to be confirmed", "to be determined", "to be advised",
    "to be completed", "not available", "not known", "not provided", "not specified", "not stated", "not given",
    "undefined", "xx", "xxx", "xxxx",
    "空", "空白", "空值", "缺失", "暂缺", "暂无", "不详", "不明", "不清楚", "不知道", "未知",
}  # fmt: skip
_NOT_YET: Final = re.compile(
    "[暂尚还]?未(?:填写?|填报|提供|录入|登记|采集|上报|申报|披露)|(?:待|[暂尚]待)(?:补充?|填写?|定|确认|核实|提供|完善|录入|登记)"
)
# N.A., N / A, n. a.
_SHORT: Final = re.compile(r"n[\s.]*[/.\\]?[\s.]*a[\s.]*")


def says_nothing(text: str) -> bool:
    """Whether a text stands where nobody has told anything yet: "/", "——", "(空)", 待补充, N/A."""
    plain = in_simplified_signs(unicodedata.normalize("NFKC", text)).strip().casefold()
    bare = plain.strip(_BRACKETS).strip()
    word = bare.strip(".…!。")
    is_form = any(pattern.fullmatch(word) for pattern in (_SIGNS, _NOT_YET, _SHORT))
    return is_form or plain in _WORDS or word in _WORDS
