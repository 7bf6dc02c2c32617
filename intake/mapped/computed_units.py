"""In which unit a column counts that nothing reads as a number, beside one that is read: both in one unit.

12.5 of 贷款金额(万元) with its scale are 125,000; beside them 25 of 评估价值(万元), which nothing else reads, count as
250,000. Where neither a header nor the mapping tells the unit, whoever writes the mapping is asked: 负债 beside 年收入
with a scale of 10,000 may be in 万元, too, and 员工人数 is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from intake.header_words.amount_units import cents_scale
from intake.header_words.header_units import (
    is_scale,
    money_scale,
    months_scale,
    says_no_months,
    says_unit_of_money,
    span_of,
    unit_of,
)
from intake.header_words.rate_periods import rate_scale
from intake.mapped.given import Given, scaled
from intake.values.cells import as_feature, cell_text, is_in_single, read_number

_ONE: Final = Decimal(1)
_THOUSAND: Final = 1_000


@dataclass(frozen=True)
class Unit:
    """The unit of a column: the factor to the base unit by its header or, where it says none, as that of its partner,
    and the factor by which the partner's values stand in another unit than the base. What is not known counts as it
    stands."""

    given: Given
    is_stated: bool
    times: Decimal = _ONE
    is_known: bool = True

    def value_of(self, cell: object, mark: str) -> object:
        """The number of a cell in the unit of the partner. Raises CellError where it cannot be read."""
        text = cell_text(cell)
        number = read_number(text, mark if isinstance(cell, str) else "")
        # A header that says 万元 makes 12.5元 doubtful; a unit that is only assumed does not.
        if self.is_stated or not is_in_single(text):
            number = scaled(number, self.given, text)
        return as_feature(number * self.times)


def units_of(
    columns: Sequence[str], read: Sequence[tuple[str, Decimal | None] | None], said: Mapping[str, Decimal]
) -> tuple[Unit | None, ...]:
    """The units of two columns that are computed with as numbers; None for one that counts as it is.

    `read` tells of each by which kind and scale it is read as a number, or None where its cell counts; `said` are
    factors to the base unit by the mapping.
    """
    first, second = read
    if first and second:
        return None, None
    if first:
        return None, _beside(columns[1], columns[0], *first, said)
    if second:
        return _beside(columns[0], columns[1], *second, said), None
    stated = [said.get(column, _stated(column)) for column in columns]
    is_told = None not in stated or _ONE in stated
    return tuple(
        _unit(column, scale or _ONE, scale is not None, is_known=is_told or scale is not None) if any(stated) else None
        for column, scale in zip(columns, stated, strict=True)
    )


def _beside(column: str, partner: str, kind: str, scale: Decimal | None, said: Mapping[str, Decimal]) -> Unit | None:
    """The unit of a column whose partner is read with a scale."""
    read_by = scale or _ONE
    own, partners = said.get(column, _stated(column, kind)), _stated(partner, kind)
    if partners is None and read_by * _THOUSAND <= 1:
        # It makes 万元 of yuan.
        partners = _ONE
    # A mapping that leaves 万元 off, or makes it of yuan, counts in another unit than the base.
    is_other = partners is not None and (read_by == 1 or read_by < partners)
    times = read_by / partners if partners is not None and is_other else _ONE
    if own is not None:
        return _unit(column, own, True, times)
    # Nobody says of it what is said of its partner, by a header or by the mapping alone. 12 makes years of months,
    # which of money is no unit.
    is_unit = read_by >= _THOUSAND or read_by < 1 or (kind == "months" and read_by != 1)
    is_told = partners == 1 if partners is not None else not is_unit
    is_in_days = kind == "months" and says_no_months(column)
    return _unit(column, _ONE, False, times, is_known=is_told and not is_in_days)


def _unit(column: str, scale: Decimal, is_stated: bool, times: Decimal = _ONE, *, is_known: bool = True) -> Unit | None:
    if not is_known:
        return Unit(Given("column", column=column), False, is_known=False)
    return None if scale == times == 1 else Unit(Given("column", column=column, scale=scale), is_stated, times)


def _stated(header: str, kind: str = "") -> Decimal | None:
    """The factor to the base unit that a header states, 1 for 元; None where it states none that is known."""
    if kind == "months":
        return {"months": _ONE, "years": months_scale(header)}.get(span_of(header))
    found = money_scale(header) or rate_scale(header) or cents_scale(header)
    is_base = says_unit_of_money(header) and not is_scale(unit_of(header))
    return found or (_ONE if is_base else None)
