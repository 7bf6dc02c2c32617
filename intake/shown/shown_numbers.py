"""Numbers that a spreadsheet shows beside a unit that counts for some columns alone: 3 in a cell of the form 0"年" is a
term of three years, and nothing but 3 in a column of ages."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Self

from intake.header_words.header_units import is_money, says_scale
from intake.header_words.rate_periods import is_usual_rate, told_in
from intake.values.cells import DIGITS

# Years and months are what such a term is read by; by any other factor people have said what the column means.
_OF_YEARS: Final = 12
_BASIS_POINT: Final = Decimal("0.01")


class ShownNumber(float):
    """A number and the unit that its cell shows behind it. As a number it is what stands in the cell."""

    unit: str

    def __new__(cls, number: float, unit: str = "") -> Self:
        """The number with its unit; without one it is being copied, and gets its unit after."""
        made = super().__new__(cls, number)
        made.unit = unit
        return made

    @property
    def shown(self) -> str:
        """What everybody sees, without the noise of binary fractions: "3年"."""
        return f"{float(self):.{DIGITS}g}{self.unit}"


def shown_with_unit(cell: object, text: str) -> str:
    """The text of a cell with the unit that it shows, for a person to read."""
    return cell.shown if isinstance(cell, ShownNumber) else text


def term_text(cell: object, text: str, scale: Decimal | None) -> str:
    """The text of a cell as that of a term, with the unit that it shows."""
    return cell.shown if isinstance(cell, ShownNumber) and cell.unit and scale in (None, _OF_YEARS) else text


def hides_scale(cell: object, column: str, kind: str, scale: Decimal | None) -> bool:
    """Whether a cell of money shows a scale, or one of a rate of interest basis points, that nobody has said how to
    read: its bare number would be wrong."""
    if scale is not None or not isinstance(cell, ShownNumber):
        return False
    if says_points(cell.unit):
        return is_usual_rate(column)
    return says_scale(cell.unit) and (kind == "money" or is_money(column))


def says_points(unit: str) -> bool:
    """Whether a unit behind a number is the basis point: bp, 基点."""
    told = told_in(unit)
    return told is not None and told.scale == _BASIS_POINT
