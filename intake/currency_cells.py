"""Numbers that a spreadsheet shows with a currency: 1000 in a cell of the form [$$-409]#,##0.00 is the $1,000.00 that
everybody sees, and no 1,000 yuan.

Signs of the yuan are passed over: what says nothing else is in yuan anyway.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from intake.cells import DIGITS
from intake.currencies import KNOWN
from intake.currency_signs import currencies_named
from intake.styled_cells import StyledCells

# Colours and conditions, places as wide as a sign, and what fills a cell.
_NO_SIGN: Final = re.compile(r"\[(?!\$)[^\]]*\]|_.|\*.")
_WITH_PLACE: Final = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")
_WRITTEN: Final = re.compile(r'"([^"]*)"|\\(.)')
_NUMBER: Final = re.compile(r"[#0?][#0?,.\s]*")
# 0.00"万元": the cell holds 12.5 and shows 12.5万元.
_UNITS: Final = ("百", "千", "万", "亿")
_UNIT: Final = re.compile(r"([#0?.,!\s]*[#0?][#0?.,\s]*)((?:百万|千万|万|亿|千|百)元?)\s*")
_YUAN: Final = ("CNH", "人民币元")
# Three decimals could be thousands.
_OPEN_DECIMALS: Final = 3


def currency_cells(styled: StyledCells) -> dict[str, dict[int, str]]:
    """The sign of the currency that cells of a sheet show, by the letters of their column and their row from 1."""
    found: dict[str, dict[int, str]] = {}
    for letters, number, form in styled.in_forms(sign_of):
        found.setdefault(letters, {})[number] = sign_of(form)
    return found


@lru_cache(maxsize=1_024)
def sign_of(form: str) -> str:
    """The sign of the foreign currency, or the unit, that a number format shows beside a number; "" where it shows
    neither. What stands where a currency's sign does is one, also of a currency that is not known: no yuan."""
    first = _NO_SIGN.sub("", form.split(";")[0])
    bare = _WRITTEN.sub(lambda found: found[1] or found[2] or "", _WITH_PLACE.sub(r"\1", first))
    if unit := _UNIT.fullmatch(bare):
        # Behind a comma the number is shown as a thousandth: then the cell holds it in full.
        return "" if unit[1].rstrip().endswith(",") else unit[2]
    placed = (sign.strip() for sign in _WITH_PLACE.findall(first))
    unknown = (sign for sign in placed if sign and _named(sign) is None and sign not in _YUAN)
    return next(filter(None, (*map(foreign_sign, _NUMBER.split(bare)), *unknown)), "")


def foreign_sign(text: str) -> str:
    """The sign or code of a currency, "" where it may stand for yuan or for none."""
    sign = text.strip()
    named = _named(sign) or (frozenset({sign}) if sign in KNOWN else None)
    return sign if named is not None and "CNY" not in named else ""


def _named(sign: str) -> frozenset[str] | None:
    return currencies_named(f"{sign}1") if sign else None


def shown_in(sign: str, number: float) -> str:
    """The number as text beside the sign, with no doubt about its point: "$1000.5", "12.5万元"."""
    text = f"{number:.{DIGITS}g}"
    if sign.startswith(_UNITS):
        return f"{text}{sign}"
    return f"{sign}{text}0" if len(text.partition(".")[2]) == _OPEN_DECIMALS else f"{sign}{text}"
