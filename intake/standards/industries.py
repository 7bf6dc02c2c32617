"""Industries by GB/T 4754-2017: section and division, such as F52; found by code or by name."""

import csv
import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Final

from intake.cells import CellError

_CODE: Final = re.compile(r"([A-T])?(\d{2})(\d{0,2})", re.ASCII)
_SECTION: Final = re.compile(r"[A-T]", re.ASCII)


@cache
def _names() -> dict[str, tuple[str, str]]:
    """Chinese and English name by code, sections before their divisions."""
    text = files("intake.standards").joinpath("industries.csv").read_text("utf-8")
    return {row["code"]: (row["zh"], row["en"]) for row in csv.DictReader(text.splitlines())}


@cache
def _by_division() -> dict[str, str]:
    return {code[1:]: code for code in _names() if len(code) > 1}


@cache
def _by_name() -> dict[str, str]:
    """Codes by folded name; a division of the same name as its section (房地产业) is the more exact answer."""
    return {_folded(name): code for code, names in _names().items() for name in names}


def _folded(name: str) -> str:
    return re.sub(r"[\s、，,;和及]|业$", "", name).casefold()


def read_industry(text: str) -> str:
    """The code of an industry: its section, or section and division, with a class's further digits kept.

    F, F52, 52, 5211 and F5211 are codes; 零售业, 零售 and "Retail trade" are names. Raises CellError.
    """
    bare = unicodedata.normalize("NFKC", text).strip().upper().replace(".", "")
    if _SECTION.fullmatch(bare):
        return bare
    if found := _CODE.fullmatch(bare):
        section, division, further = found.groups()
        code = _by_division().get(division, "")
        if not code or (section and code[0] != section):
            raise CellError("not_an_industry")
        return code + further
    named = _by_name().get(_folded(text))
    if named is None:
        raise CellError("not_an_industry")
    return named


def industry_name(code: str, language: str) -> str:
    """The name of an industry in `en` or `zh-hans`; the code itself where none has it."""
    names = _names().get(code[:3]) or _names().get(code[:1])
    return code if names is None else names[1 if language == "en" else 0]
