"""Industries by GB/T 4754-2017: section and division, such as F52; found by code or by name."""

import csv
import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Final

from intake.values.cells import CellError

_CODE: Final = re.compile(r"([A-T])?(\d{2})(\d{0,2})", re.ASCII)
_SECTION: Final = re.compile(r"[A-T]", re.ASCII)
# A program that reads a column with gaps as numbers writes 5211.0.
_WHOLE: Final = re.compile(r"([A-T]?\d+)\.0+", re.ASCII)
# C13-农副食品加工业, F52零售业, "F Retail trade".
_CODE_AND_NAME: Final = re.compile(r"([A-T]\d{0,4}|\d{2,4})(?:[\s:|/.·—–_-]+|(?=[(\u3400-\u9fff]))(\D+)", re.ASCII)


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

    F, F52, 52, 5211 and F5211 are codes; 零售业, 零售 and "Retail trade" are names; F52零售业 is both.
    Raises CellError for what is none, a code and a name that differ, and 311, which is C311 or A0311 without its 0.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    bare = _WHOLE.sub(r"\1", plain.upper()).replace(".", "")
    if code := _coded(bare):
        return code
    if found := _CODE_AND_NAME.fullmatch(plain.upper()):
        return _of_both(_coded(found[1]), _folded(found[2].strip("() ")))
    named = _by_name().get(_folded(plain))
    if named is None:
        raise CellError("not_an_industry")
    return named


def _of_both(code: str, name: str) -> str:
    """The industry that a code and a name tell. Raises CellError where they differ or the name is not known."""
    named = _by_name().get(name)
    if named is None:
        raise CellError("not_an_industry")
    if name in map(_folded, _names().get(code, ())):
        return code
    # "C 农副食品加工业" names a division of the section, "C13 制造业" the section of the division.
    if not (code.startswith(named) or named.startswith(code)):
        raise CellError("industry_differs", first=code, second=named)
    return max(code, named, key=len)


def _coded(bare: str) -> str:
    """The industry of a code, "" where the text is none."""
    if _SECTION.fullmatch(bare):
        return bare
    if not (found := _CODE.fullmatch(bare)):
        return ""
    section, division, further = found.groups()
    if not section and len(further) == 1 and division[0] != "0":
        raise CellError("industry_open")
    code = _by_division().get(division, "")
    if not code or (section and code[0] != section):
        raise CellError("not_an_industry")
    return code + further


def industry_name(code: str, language: str) -> str:
    """The name of an industry in `en` or `zh-hans`; the code itself where none has it."""
    names = _names().get(code[:3]) or _names().get(code[:1])
    return code if names is None else names[1 if language == "en" else 0]
