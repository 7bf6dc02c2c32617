"""Whole numbers that a spreadsheet shows with zeros before them: 7702 in a cell of the form 00000 is the 07702 that
everybody sees, and as the number of a loan or a customer another one than 7702."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from intake.shown.shown_numbers import ShownNumber
from intake.shown.written_numbers import NumberInSigns, WrittenNumber, bare

# A colour or a language before it and places as wide as a sign behind it; under a condition not every cell is shown so.
_OF_ZEROS: Final = re.compile(r"\s*(?:\[(?:\$-[^\]]*|[A-Za-z]+)\])*#*(0{2,})(?:_.|\*.|\s)*")
# From here on a spreadsheet knows no digit for sure.
_MOST: Final = 1e15


class PaddedNumber(ShownNumber):
    """A whole number and to how many digits its cell fills it up. As a number it is what stands in the cell."""

    digits: int

    @classmethod
    def of(cls, number: float, digits: int) -> PaddedNumber:
        """The number, filled up to so many digits."""
        made = cls(number)
        made.digits = digits
        return made

    @property
    def shown(self) -> str:
        """What everybody sees: "07702"."""
        return f"{int(self):0{self.digits}d}"


_SHOWN_OTHERWISE: Final = {PaddedNumber, NumberInSigns, WrittenNumber}


@lru_cache(maxsize=1_024)
def digits_of_form(form: str) -> int:
    """To how many digits a number format fills up whole numbers, 0 for every format that does not."""
    found = _OF_ZEROS.fullmatch(form.split(";")[0])
    return len(found[1]) if found else 0


def padded(number: float, digits: int) -> float:
    """The number as a cell shows it that fills it up; as it is where nothing is filled up."""
    is_filled = 0 <= number < _MOST and float(number).is_integer() and len(str(int(number))) < digits
    return PaddedNumber.of(number, digits) if is_filled else number


def without_zeros(row: Mapping[str, object]) -> dict[str, object] | None:
    """The row as it was read when such cells, or those of an identifier, lost what is shown around their number; None
    where it has none."""
    if _SHOWN_OTHERWISE.isdisjoint(map(type, row.values())):
        return None
    return {column: bare(float(cell) if isinstance(cell, PaddedNumber) else cell) for column, cell in row.items()}
