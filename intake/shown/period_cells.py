"""What the cells of a column of periods say, one by one: 月, "per annum", M beside Y, 月薪."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from intake.header_words.rate_periods import OPEN, YEAR, told_in
from intake.values.cells import cell_text
from intake.values.samples import SampleRow, known
from intake.values.traditional import simplified

CALLED_UNIT: Final = re.compile(r"(单位|units?|uom)$")
# Only of codes: a rate type M beside F is no period.
_CODES: Final = {"y": YEAR, "a": YEAR, "m": "month", "d": "day", "w": "week", "q": "quarter"}
# More periods of an income, of which none has a name.
_MORE: Final = re.compile(
    r"(bi|semi)-?\s?(weekly|monthly|annual(ly)?)|fortnight(ly)?|hour(ly)?|每?(小时|半年|双周|两周)"
)
# 月薪 is 月收入.
NAME_OF_INCOME: Final = re.compile(r"收入|工资|薪资?|income|salary")


def known_texts(column: str, sample: Sequence[SampleRow]) -> list[str]:
    """The cells of a column that say something."""
    return known([cell_text(row.get(column)) for row in sample])


def plain_cell(text: str) -> str:
    """A cell in plain width, simplified signs and small letters."""
    return simplified(unicodedata.normalize("NFKC", text)).strip().casefold()


def periods_in(texts: Sequence[str]) -> list[str]:
    """The periods that the cells of a column say, each different cell once."""
    return [period for text in dict.fromkeys(texts) if (period := period_in(text, texts))]


def period_in(text: str, texts: Sequence[str]) -> str:
    """The period that a cell says, "" for none; one letter says one only where all are such letters."""
    plain = plain_cell(text)
    if are_codes(texts):
        return _CODES[plain]
    if _MORE.fullmatch(plain):
        return OPEN
    told = told_in(NAME_OF_INCOME.sub("", plain))
    return told.period if told else ""


def are_codes(texts: Sequence[str]) -> bool:
    """Whether all cells are single letters that stand for periods: M, Y."""
    return bool(texts) and all(text.strip().casefold() in _CODES for text in texts)
