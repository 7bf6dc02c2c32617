"""Numbers that a spreadsheet shows with a currency or a unit: 1000 in a cell of the form [$$-409]#,##0.00 is the
$1,000.00 that everybody sees, and no 1,000 yuan; 12.5 in one of the form 0.0"k" is 12,500.

Signs of the yuan are passed over: what says nothing else is in yuan anyway.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from intake.header_words.header_units import says_scale
from intake.shown.shown_numbers import ShownNumber, says_points
from intake.values.cells import DIGITS
from intake.values.currencies import KNOWN
from intake.values.currency_signs import currencies_named
from intake.values.traditional import simplified

# Colours and conditions, places as wide as a sign, and what fills a cell.
_NO_SIGN: Final = re.compile(r"\[(?!\$)[^\]]*\]|_.|\*.")
_WITH_PLACE: Final = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")
_WRITTEN: Final = re.compile(r'"([^"]*)"|\\(.)')
_NUMBER: Final = re.compile(r"[#0?][#0?,.\s]*")
_GENERAL: Final = re.compile(r"general|g/通用格式", re.IGNORECASE)
_SHOWN: Final = re.compile(r"([^#0?]*?)([#0?.,!\s]*[#0?][#0?.,!\s]*)([^#0?]*)")
# 0.00"万元": the cell holds 12.5 and shows 12.5万元. M alone may be many things.
_UNIT: Final = re.compile(
    r"(百万|千万|万|亿|千|百|(?:k|w|wan|mn|mln|millions?|thousands?)(?![a-z]))\s*(元|块|rmb|cny|yuan|人民币|人民币元)?(.*)"
)
_UNITS: Final = ("百", "千", "万", "亿")
_AS_CHINESE: Final = {
    "k": "千", "thousand": "千", "thousands": "千", "w": "万", "wan": "万",
    "mn": "百万", "mln": "百万", "million": "百万", "millions": "百万",
}  # fmt: skip
_OTHER_SIGNS: Final = str.maketrans({"仟": "千", "佰": "百", "圆": "元", "圓": "元"})
_TIME: Final = re.compile(
    r"年|年期|个?月|天|日|[双半]?周|季度?|旬|(?:years?|yrs?|months?|mths?|mos?|days?|weeks?|wks?|quarters?|qtrs?)\.?"
)
# Where the number stands in a sign that is on both of its sides.
_PLACE: Final = "#"
# Written behind a number it counts as in a text: no format divides by a thousand.
_PER_MILLE: Final = "‰"
_YUAN: Final = ("CNH", "人民币元")
# Three decimals could be thousands.
_OPEN_DECIMALS: Final = 3


@lru_cache(maxsize=1_024)
def sign_of(form: str) -> str:
    """The sign of the foreign currency, or the unit, that a number format shows beside a number; "" where it shows
    neither. What stands where a currency's sign does is one, also of a currency that is not known: no yuan."""
    first = _GENERAL.sub("0", _NO_SIGN.sub("", form.split(";")[0]))
    # A digit that is written out, as in "x1000", is no place of the number.
    written = _WRITTEN.sub(lambda found: (found[1] or found[2] or "").replace("0", "０"), _WITH_PLACE.sub(r"\1", first))
    bare = written
    if shown := _SHOWN.fullmatch(written):
        before, number, behind = (part.strip() for part in shown.groups())
        # Behind a comma the number is shown as a thousandth: then the cell holds it in full.
        unit, currency = ("", _without_scale(behind)) if number.endswith(",") else _unit(behind)
        if unit:
            sides = (foreign_sign(before), unit + foreign_sign(currency))
            return _PLACE.join(sides) if sides[0] else sides[1]
        if not number.endswith(",") and (_TIME.fullmatch(_plain(behind)) or says_scale(behind) or _wrote_scale(first)):
            return unicodedata.normalize("NFKC", behind or before)
        if behind == _PER_MILLE or says_points(behind):
            return behind
        bare = f"{before}0{currency}"
    placed = (sign.strip() for sign in _WITH_PLACE.findall(first))
    unknown = (sign for sign in placed if sign and _named(sign) is None and sign not in _YUAN)
    return next(filter(None, (*map(foreign_sign, _NUMBER.split(bare)), *unknown)), "")


def beside(code: str, unit: str) -> str:
    """The sign of a number beside the code of a currency that has a unit of `sign_of` behind it: 12.5 in USD and 万."""
    return f"{code}{_PLACE}{unit}" if code and unit and _PLACE not in unit else code or unit


def _plain(text: str) -> str:
    return simplified(unicodedata.normalize("NFKC", text)).strip().casefold().translate(_OTHER_SIGNS)


def _unit(behind: str) -> tuple[str, str]:
    """The unit behind a number in the signs that a number is read with, 千 for k, and the currency behind it; no unit
    where what else stands there is no currency, as in 万人."""
    found = _UNIT.fullmatch(_plain(behind))
    rest = found[3].strip() if found else ""
    if found is None or (rest and not foreign_sign(rest)):
        return "", behind
    return _AS_CHINESE.get(found[1], found[1]) + ("元" if found[2] else ""), rest


def _without_scale(behind: str) -> str:
    found = _UNIT.fullmatch(_plain(behind))
    return found[3].strip() if found else behind


def _wrote_scale(form: str) -> bool:
    """Whether what a form writes out says a scale, wherever it stands: "RMB mn "0.0."""
    return any(says_scale(quoted) for quoted, _one in _WRITTEN.findall(form))


def foreign_sign(text: str) -> str:
    """The sign or code of a currency, "" where it may stand for yuan or for none."""
    sign = text.strip()
    named = _named(sign) or (frozenset({sign}) if sign in KNOWN else None)
    return sign if named is not None and "CNY" not in named else ""


def _named(sign: str) -> frozenset[str] | None:
    return currencies_named(f"{sign}1") if sign else None


def shown_in(sign: str, number: float) -> str | ShownNumber:
    """The number as text beside the sign, with no doubt about its point: "$1000.5", "12.5万元"; beside a unit that is
    no sign of money, or a scale that is not understood, the number that shows it."""
    text = f"{number:.{DIGITS}g}"
    if _PLACE in sign:
        return sign.replace(_PLACE, text)
    if sign == _PER_MILLE or (sign.startswith(_UNITS) and _unit(sign)[0]):
        return f"{text}{sign}"
    if _TIME.fullmatch(_plain(sign)) or says_scale(sign) or says_points(sign):
        return ShownNumber(number, sign)
    return f"{sign}{text}0" if len(text.partition(".")[2]) == _OPEN_DECIMALS else f"{sign}{text}"
