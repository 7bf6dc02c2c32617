"""Shares that are written in words: 千分之6 is 6‰, 百分之四点三五 4.35%, 万分之五 5‱, 百分之百 100%."""

import re
import unicodedata
from typing import Final

from intake.values.traditional import simplified

_DIGITS: Final = {sign: digit for digit, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_DIGIT: Final = f"[{''.join(_DIGITS)}]"
_SIGNS: Final = {"百": "%", "千": "‰", "万": "‱"}
# 一百五 is 150 to those who say it, and 105 to others: neither.
_IN_WORDS: Final = re.compile(
    rf"([百千万])分之\s*(?:(\d{{1,4}}(?:\.\d{{1,6}})?)"
    rf"|(?:({_DIGIT}?)(百)(?:零(?={_DIGIT})|(?={_DIGIT}?十|点|$)))?(?:({_DIGIT}?)(十))?({_DIGIT})?(?:点({_DIGIT}{{1,6}}))?)",
    re.ASCII,
)


def in_signs(text: str) -> str:
    """A share in words as a number before its sign; any other text as it is."""
    if "分之" not in text:
        return text
    found = _IN_WORDS.fullmatch(simplified(unicodedata.normalize("NFKC", text)).strip())
    if found is None:
        return text
    of, figures, hundreds, hundred, tens, ten, ones, decimals = found.groups()
    if figures:
        return f"{figures}{_SIGNS[of]}"
    if not (hundred or ten or ones):
        return text
    # 百分之百 is the whole, as 百分之十 is a tenth.
    full = _DIGITS.get(hundreds, 1) * 100 if hundred else 0
    whole = full + (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)
    return f"{whole}{'.' if decimals else ''}{''.join(str(_DIGITS[sign]) for sign in decimals or '')}{_SIGNS[of]}"
