"""Whole numbers into which a number format writes signs: 1 in a cell of the form "JJ"000000 is the JJ000001 that
everybody sees, and a text file of the same loans holds. As that text it is read.

A format beside whose number a currency, a scale, a time, a thing that is counted or the name of a usual feature stands
shows an amount of something and no identifier. What is not surely an identifier ("2026-"0000, "LN "0) stays the number
of the cell where a number is read, and is what it shows where a text is read, as the number of a loan.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from intake.header_words.feature_names import FEATURE_NAMES
from intake.header_words.header_units import is_money, says_scale, squeeze
from intake.header_words.headers import field_matches
from intake.header_words.term_words import unit_of_time
from intake.shown.currency_cells import foreign_sign, sign_of
from intake.shown.shown_numbers import ShownNumber
from intake.values.cells import CellError, read_number
from intake.values.currency_signs import currencies_named
from intake.values.currency_words import says_currency
from intake.values.durations import read_months

# From here on a spreadsheet knows no digit for sure.
_MOST: Final = 1e15
# No program writes a longer format.
_LONGEST: Final = 255
# Colours and languages before it, places as wide as a sign on both of its sides.
_EDGE: Final = r"(?:_.|\*.|\s)*"
_SECTION: Final = re.compile(
    rf"(?:\[(?:\$-[^\]]*|[A-Za-z]+)\])*{_EDGE}(?P<shown>(?!\s)(?:\"[^\"]*\"|\\.|[^;\"\\_*])*?){_EDGE}(?P<others>;.*)?"
)
_PARTS: Final = re.compile(
    r"\"(?P<quoted>[^\"]*)\"|\\(?P<one>.)|(?P<places>#*0+|#(?![0#,.]))|(?P<general>General|G/通用格式)"
    r"|(?P<bare>[- ()]|[^\W\d_a-zA-Z])|(?P<other>.)",
    re.IGNORECASE,
)
_SIGNS: Final = re.compile(r"[\w\s./#&:：()（）〔〕【】\[\]№–—-]+")
_LETTER: Final = re.compile(r"[^\W\d_]")
# Between digits a blank or a point may be a mark of thousands.
_PARTING: Final = re.compile(r"[^\W\d]|[_/()（）–—-]")
# Two capitals at least, or any letters and a dash, as nobody writes before an amount: KH1, HT-1, No.1.
_NUMBERED: Final = re.compile(r"[A-Z]{2,}[A-Z0-9]*[-_/#.]?|[A-Za-z]+[A-Za-z0-9]*[-_#]|No\.?")
_ABOUT: Final = re.compile(r"大?约|共计?|[合总小]?计|近|逾|超过?|满|不足|至[少多]")
# Nobody fills an amount up to so many places behind a letter that elsewhere is a scale or money: M001, CR-001, R001.
_SURELY_FILLED: Final = 3
_LATIN: Final = re.compile(r"[A-Za-z]+[A-Za-z0-9]*[-_/#.]?")


class WrittenNumber(str):
    """The text that a cell shows of a whole number, and the number that stands in it."""

    number: float

    @classmethod
    def of(cls, shown: str, number: float) -> WrittenNumber:
        """The text beside its number."""
        made = cls(shown)
        made.number = number
        return made


class NumberInSigns(ShownNumber):
    """A whole number and what its cell shows of it, which may be an identifier. As a number it is what stands there."""

    told: str

    @classmethod
    def of(cls, shown: str, number: float) -> NumberInSigns:
        """The number beside its text."""
        made = cls(number)
        made.told = shown
        return made

    @property
    def shown(self) -> str:
        """What everybody sees: "2026-0101"."""
        return self.told


class _Form(NamedTuple):
    """What stands before the places of a number, between them and behind them (one sign more than places), how many
    zeros each fills up, and whether nought has a form of its own."""

    signs: tuple[str, ...]
    places: tuple[int, ...]
    is_without_nought: bool


@lru_cache(maxsize=1_024)
def is_written_out(form: str) -> bool:
    """Whether a number format writes signs into a whole number such that it is, or may be, an identifier."""
    return (_identifier(form) or _in_signs(form)) is not None


def written_out(number: float, form: str) -> float | WrittenNumber:
    """The number as a cell of such a format shows it; as it is where it is negative, no whole number or too long."""
    sure = _identifier(form)
    found = sure or _in_signs(form)
    if found is None or not 0 <= number < _MOST or not float(number).is_integer():
        return number
    if number == 0 and found.is_without_nought:
        return number
    digits, shown = f"{int(number):0{sum(found.places)}d}", found.signs[-1]
    for sign, places in zip(found.signs[-2:0:-1], found.places[:0:-1], strict=True):
        digits, shown = digits[:-places], f"{sign}{digits[-places:]}{shown}"
    told = f"{found.signs[0]}{digits}{shown}".strip()
    return WrittenNumber.of(told, number) if sure else NumberInSigns.of(told, number)


def bare(cell: object) -> object:
    """The cell as it was read when nothing but its number was."""
    if isinstance(cell, NumberInSigns):
        return float(cell)
    return cell.number if isinstance(cell, WrittenNumber) else cell


@lru_cache(maxsize=1_024)
def _in_signs(form: str) -> _Form | None:
    """Where the column says what a number is: no currency, scale or time stands beside it, and more than blanks, or
    between filled up places."""
    found = _parsed(form)
    if found is None:
        return None
    before, *between, behind = found.signs
    is_parted = len(found.places) > 1 and min(found.places) > 1 and all(between)
    is_beside = any(map(str.isalnum, before + behind))
    is_amount = bool(sign_of(form)) or _is_currency(before) or any(map(_says_unit, (before, behind)))
    return found if (is_parted or is_beside) and not is_amount else None


@lru_cache(maxsize=1_024)
def _identifier(form: str) -> _Form | None:
    found = _parsed(form)
    if found is None:
        return None
    before, *between, behind = found.signs
    if between:
        is_one = all(_PARTING.search(sign) and not _says_unit(sign) for sign in between)
        return found if is_one and not _is_amount(form, before, behind) else None
    (zeros,) = found.places
    if zeros >= _SURELY_FILLED and _LATIN.fullmatch(before) and not behind and not _is_currency(before):
        return found
    if not _LETTER.search(before):
        is_one = zeros >= _SURELY_FILLED and _LETTER.search(behind) is not None
    else:
        is_one = zeros > 1 or (_NUMBERED.fullmatch(before) is not None and not behind)
    return found if is_one and not _is_amount(form, before, behind) else None


def _parsed(form: str) -> _Form | None:
    """None where a format shows anything but the digits of a whole number and signs."""
    section = _SECTION.fullmatch(form.strip()) if len(form) <= _LONGEST else None
    if section is None:
        return None
    signs, places = [""], list[int]()
    for part in _PARTS.finditer(section["shown"]):
        if part["other"]:
            return None
        if part["places"] or part["general"]:
            if part["general"] and places:
                return None
            # A # behind other places shows fewer digits of a short number.
            if places and (signs[-1] == "" or "#" in part["places"]):
                return None
            places.append((part["places"] or "0").count("0") or 1)
            signs.append("")
        else:
            signs[-1] += part["quoted"] or part["one"] or part["bare"] or ""
    is_plain = all(_SIGNS.fullmatch(sign) for sign in signs if sign)
    return _Form(tuple(signs), tuple(places), (section["others"] or "").count(";") > 1) if places and is_plain else None


def _is_amount(form: str, before: str, behind: str) -> bool:
    """Whether a number between such signs is one of something: $, 万元, 个月, 岁, 约."""
    if sign_of(form) or _is_currency(before) or _ABOUT.fullmatch(before.strip()):
        return True
    if _says_unit(before) or _says_unit(behind) or _names_number(before):
        return True
    return any(_is_read(text) for text in (f"{before}1{behind}", f"1{behind}") if text != "1")


def _is_currency(sign: str) -> bool:
    named = currencies_named(f"{sign}1") or foreign_sign(sign.strip())
    return bool(named) or says_currency(sign.casefold())


def _says_unit(sign: str) -> bool:
    return says_scale(sign) or bool(unit_of_time(sign)) or bool(currencies_named(f"1{sign}", in_money=True))


def _names_number(before: str) -> bool:
    """Whether what stands before a number is the name of an amount, a term or a usual feature: 期限, LTV."""
    is_field = any(field_matches(field, before) is not None for field in ("amount", "term_months"))
    return is_field or is_money(before) or squeeze(before) in FEATURE_NAMES


def _is_read(text: str) -> bool:
    """Whether a text is read as a number or a time."""
    for read in (read_number, read_months):
        try:
            read(text)
        except CellError:
            continue
        return True
    return False
