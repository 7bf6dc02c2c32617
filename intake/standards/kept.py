"""Standards by which a column is read that nobody mapped: what is none of them stays the text it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from intake.standards.industries import read_industry
from intake.standards.regions import is_short_county, read_region, says_which
from intake.values.cells import CellError

_ENOUGH: Final = 0.9
_HALF: Final = 0.5
# So many different ones are no chance.
_DIFFERENT: Final = 3
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
# 52 may be of any list of industries, NAICS and one's own, and 12 of any of regions: they are read where others speak.
_INDUSTRY_CODE: Final = re.compile(r"[A-T]\d{2,4}", re.ASCII | re.IGNORECASE)


def read_or_keep(kind: str, text: str) -> str:
    """A region or industry in its one form; a text that is none, or of which it is open which is meant, as it stands.

    城东 is a district of 西宁 and a branch in any town: districts and counties need what kind they are, or their city.
    """
    try:
        if kind == "region":
            return text if is_short_county(text) else read_region(text)
        return read_industry(text)
    except CellError:
        return text


def is_of_standard(kind: str, header: str, texts: Sequence[str]) -> bool:
    """Whether nearly all texts of a column are regions or industries, and several different ones can be nothing else:
    Chinese names, codes of six digits of regions, and in a Chinese table letters with digits of industries. Of regions
    one is enough where most rows say which it is (浙江省杭州市): a branch lends in one city."""
    found = {text: code for text in set(texts) if (code := read_or_keep(kind, text)) != text or _is_code(kind, text)}
    if sum(text in found for text in texts) < _ENOUGH * len(texts):
        return False
    if kind == "region" and found and sum(text in found and says_which(text) for text in texts) >= _HALF * len(texts):
        return True
    has_han = bool(_HAN.search(header))
    return len({code for text, code in found.items() if _speaks(kind, text, has_han)}) >= _DIFFERENT


def _is_code(kind: str, text: str) -> bool:
    """Whether a text that is read as itself is a code: 440305, F52."""
    try:
        return (read_region if kind == "region" else read_industry)(text) == text
    except CellError:
        return False


def _speaks(kind: str, text: str, has_han: bool) -> bool:
    if _HAN.search(text):
        return True
    if kind == "region":
        return says_which(text)
    return has_han and bool(_INDUSTRY_CODE.fullmatch(text))
