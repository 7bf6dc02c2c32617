"""In which unit a column counts that nothing reads as a number, beside one that is read: both in one unit.

12.5 of 贷款金额(万元) with its scale are 125,000; beside them 25 of 评估价值(万元), which nothing else reads, count as
250,000.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from intake.amount_units import cents_scale
from intake.cells import as_feature, cell_text, is_in_single, read_number
from intake.given import Given, scaled
from intake.header_units import is_scale, money_scale, months_scale, says_unit_of_money, unit_of
from intake.rate_periods import rate_scale

# What is counted or measured and no money: 户数, 员工人数(人), 建筑面积(㎡), Number of vehicles.
_COUNT: Final = re.compile(
    r"(?:(?<!基)数|(?<!流)量|人口|面积|台套|笔数)\s*(?:[(（].{0,6}[)）])?\s*$|[(（](?:人|户|台|辆|笔|套|件|㎡|平方米?|年|月|个月|岁)[)）]"
    r"|\b(?:count|number|quantity|qty|units?|employees|headcount|households|persons|members|area|sqm|years?|months?|age)\b",
    re.IGNORECASE,
)
_ONE: Final = Decimal(1)
_THOUSAND: Final = 1_000


@dataclass(frozen=True)
class Unit:
    """The unit of a column: the factor to the base unit by its header or, where it says none, as that of its partner,
    and the factor by which the partner's values stand in another unit than the base."""

    given: Given
    is_stated: bool
    times: Decimal = _ONE

    def value_of(self, cell: object, mark: str) -> object:
        """The number of a cell in the unit of the partner. Raises CellError where it cannot be read."""
        text = cell_text(cell)
        number = read_number(text, mark if isinstance(cell, str) else "")
        # A header that says 万元 makes 12.5元 doubtful; a unit that is only assumed does not.
        if self.is_stated or not is_in_single(text):
            number = scaled(number, self.given, text)
        return as_feature(number * self.times)


def units_of(columns: Sequence[str], read: Sequence[tuple[str, Decimal | None] | None]) -> tuple[Unit | None, ...]:
    """The units of two columns that are computed with as numbers; None for one that counts as it is.

    `read` tells of each by which kind and scale it is read as a number, or None where its cell counts.
    """
    first, second = read
    if first and second:
        return None, None
    if first:
        return None, _beside(columns[1], columns[0], *first)
    if second:
        return _beside(columns[0], columns[1], *second), None
    stated = [_stated(column) for column in columns]
    if None in stated or stated[0] == stated[1]:
        return None, None
    return tuple(_unit(column, scale, True) for column, scale in zip(columns, stated, strict=True))


def _beside(column: str, partner: str, kind: str, scale: Decimal | None) -> Unit | None:
    """The unit of a column whose partner is read with a scale."""
    read_by = scale or _ONE
    own, partners = _stated(column, kind), _stated(partner, kind)
    if read_by == 1 and partners is None:
        is_alike = not (money_scale(column) and _COUNT.search(partner))
        return _unit(column, own, True) if is_alike else None
    if read_by == 1 and partners != 1:
        # The mapping leaves the partner's unit off.
        return None
    if partners is None and read_by * _THOUSAND <= 1:
        partners = _ONE
    # 0.0001 for 年收入(元) makes 万元 of it.
    unit = partners if partners is not None and read_by < partners else read_by
    if own is not None:
        return _unit(column, own, True, read_by / unit)
    if partners is not None:
        return _unit(column, _ONE, False, read_by / unit)
    # The mapping alone says in what the partner is, and nobody says otherwise of this one, which is no count. 12
    # makes years of months.
    is_unit = not _COUNT.search(column) and (read_by >= _THOUSAND or read_by < 1)
    return _unit(column, read_by if is_unit else _ONE, False)


def _unit(column: str, scale: Decimal | None, is_stated: bool, times: Decimal = _ONE) -> Unit | None:
    if scale is None or scale == times == 1:
        return None
    return Unit(Given("column", column=column, scale=scale), is_stated, times)


def _stated(header: str, kind: str = "") -> Decimal | None:
    """The factor to the base unit that a header states, 1 for 元; None where it states none that is known."""
    if kind == "months":
        return months_scale(header)
    found = money_scale(header) or rate_scale(header) or cents_scale(header)
    is_base = says_unit_of_money(header) and not is_scale(unit_of(header))
    return found or (_ONE if is_base else None)
