"""Amounts as people write them by hand: 50k, 5.5K, 5w, 1万5, as the numbers with Chinese units that are read anyway."""

import re
from typing import Final

# A k behind more digits or marks of thousands (250,000K) may be a careless sign or a currency; M may be thousands, too.
_WITH_LETTER: Final = re.compile(
    r"(?P<before>\D*)(?P<number>\d{1,4}(?:[.,]\d{1,2})?)\s?(?P<letter>[kw])(?P<behind>(?![a-z])\D*)",
    re.IGNORECASE | re.ASCII,
)
_UNITS: Final = {"k": "千", "w": "万"}
# 1万5 and 1万5千 are 15,000; 1万5百 is another number.
_SHORTENED: Final = re.compile(
    r"(?P<before>\D*)(?P<whole>\d{1,4})\s?(?P<unit>[万萬千])(?P<next>\d)(?P<lower>[千百])?(?P<behind>[元圆圓]?)"
)
_LOWER: Final = {"万": "千", "萬": "千", "千": "百"}


def in_chinese_units(text: str) -> str:
    """The text with 千 for k and 万 for w behind its number, and 1.5万 for 1万5; any other text as it is."""
    if found := _WITH_LETTER.fullmatch(text):
        return f"{found['before']}{found['number']}{_UNITS[found['letter'].lower()]}{found['behind']}"
    if (found := _SHORTENED.fullmatch(text)) and found["lower"] in (None, _LOWER[found["unit"]]):
        return f"{found['before']}{found['whole']}.{found['next']}{found['unit']}{found['behind']}"
    return text


def is_shortened(text: str) -> bool:
    """Whether a text between two digits is such an amount: 1万5."""
    return _SHORTENED.fullmatch(text) is not None
