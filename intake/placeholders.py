"""What people write into a field that they leave open: signs alone, 未填写, unknown. No database.

无 and none are no such: that there is no co-borrower is an answer.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from intake.cells import MISSING_ANYWHERE
from intake.standards.chinese_signs import in_simplified_signs

# √, × and + are answers.
_SIGNS: Final = re.compile(r"[-‐‑‒–—―_/\\|.。…?*#~、,;:!·\s]*")
_BRACKETS: Final = "()[]{}<>【】〔〕《》"
_WORDS: Final = MISSING_ANYWHERE | {
    "blank", "empty", "missing", "unknown", "tbc", "tbd", "tba", "to be confirmed", "to be determined", "to be advised",
    "to be completed", "not available", "not known", "not provided", "not specified", "not stated", "not given",
    "空", "空白", "空值", "缺失", "暂缺", "暂无", "不详", "不明", "不清楚", "不知道", "未知", "未填", "未填写",
    "未提供", "未录入", "待补", "待补充", "待填", "待填写", "待定", "待确认", "待核实", "待提供", "待完善",
}  # fmt: skip


def says_nothing(text: str) -> bool:
    """Whether a text stands where nobody has told anything yet: "/", "——", "(空)", 待补充, N/A."""
    plain = in_simplified_signs(unicodedata.normalize("NFKC", text)).strip().casefold()
    bare = plain.strip(_BRACKETS).strip()
    return bool(_SIGNS.fullmatch(bare)) or plain in _WORDS or bare.strip(".…!。") in _WORDS
