"""What a value is computed from: of each of its columns the value as the mapping reads it, or else the cell.

-1 that means "not known" where an income is read is no income for a share of it either, and 12.5 of 万元 are 125,000.
A number is computed from the number as read, days from the day as read; of every other kind of reading only
counts that it found nothing: a name or an identity number is no less what its cell says. Beside a number as read a
cell counts in the unit of its column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from intake.mapped.computed_units import Unit, units_of
from intake.mapped.derive import COMPUTATIONS, OF_DAYS, OF_NUMBERS
from intake.mapped.given import NUMBERS, Given
from intake.mapped.readings import Readings
from intake.values.cells import (
    MISSING_NUMBER,
    PERCENT_SIGNS,
    CellError,
    as_feature,
    by_digits_that_tell,
    cell_text,
    lookup_key,
    read_percent,
)
from intake.values.outliers import within
from intake.values.percent_cells import shown_text

_NUMBERS: Final = frozenset({*NUMBERS, "money", "months"})
_DAYS: Final = frozenset({"date"})
_PERCENTS: Final = frozenset({"percent", "rate"})


@dataclass(frozen=True)
class Reading:
    """A field ("amount") or feature ("features.x") that is read from one column, and as what."""

    name: str
    given: Given
    kind: str


def inputs_of(computed: Given, readings: Sequence[Reading]) -> tuple[Reading | None, ...]:
    """By which reading each column of a computed value counts; None for a column that nothing reads.

    Of several one of the kind that is computed with comes first, then a field before a feature, then the name that
    is first in the alphabet: a stored mapping keeps no other order.
    """

    def rank(reading: Reading) -> tuple[bool, bool, str]:
        return not fits(computed, reading), reading.name.startswith("features."), reading.name

    return tuple(
        min((each for each in readings if each.given.column == column), key=rank, default=None)
        for column in computed.sources
    )


def fits(computed: Given, reading: Reading) -> bool:
    """Whether what is read so is of the kind that is computed with."""
    return reading.kind in (_NUMBERS if computed.name in OF_NUMBERS else _DAYS if computed.name in OF_DAYS else ())


def units_beside(computed: Given, inputs: Sequence[Reading | None]) -> tuple[Unit | None, ...]:
    """The units in which those columns count of which nothing is read as a number; None for all others."""
    if computed.name not in OF_NUMBERS:
        return tuple(None for _column in computed.sources)
    read = [(each.kind, each.given.scale) if each and fits(computed, each) else None for each in inputs]
    return units_of(computed.sources, read, scales_of(computed))


def scales_of(computed: Given) -> dict[str, Decimal]:
    """The factors to the base unit that a mapping states of columns which nothing else reads."""
    stated = computed.options.get("scales")
    return {column: Decimal(str(scale)) for column, scale in stated.items()} if isinstance(stated, dict) else {}


def in_one_unit(
    computed: Given, units: Sequence[Unit | None], values: Sequence[object], cells: Sequence[object]
) -> list[object]:
    """The values that are computed with, those that are the bare cells in the units of their columns. Raises CellError
    where such a cell is no number; where one is missing nothing is computed, and the others are not read."""
    if not any(units) or any(cell_text(value).casefold() in MISSING_NUMBER for value in values):
        return list(values)
    mark = str(computed.options.get("decimal", ""))
    return [
        unit.value_of(cell, mark) if unit and value is cell else value
        for unit, value, cell in zip(units, values, cells, strict=True)
    ]


def counted_as(computed: Given, value: object, cell: object) -> object:
    """What is computed with where a column was read as `value` and holds `cell`; None where it is missing."""
    if value is None:
        return None
    if computed.name in OF_NUMBERS and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return as_feature(value) if isinstance(value, Decimal) else value
    return value if computed.name in OF_DAYS and isinstance(value, datetime) else cell


def compute(
    computed: Given,
    inputs: Sequence[Reading | None],
    units: Sequence[Unit | None],
    cells: Sequence[object],
    texts: Mapping[str, str],
    readings: Readings,
) -> tuple[object, object, object]:
    """The computed value of a row, and what it was when it followed from the cells as they stand, and from numbers with
    the noise of binary fractions: by these a row is known when it comes again. Raises CellError where something of it
    cannot be read."""
    read = [
        _as_read(computed, reading, cell, texts.get(column, ""), readings)
        for column, reading, cell in zip(computed.sources, inputs, cells, strict=True)
    ]
    if computed.name in OF_NUMBERS:
        read = in_one_unit(computed, units, _in_percent(computed, inputs, read, cells), cells)
    plain = [*map(by_digits_that_tell, read)] if computed.name in OF_NUMBERS else read
    value = COMPUTATIONS[computed.name][0](plain, computed.options)
    once, noisy = (_computed_once(computed, each, plain, value) for each in (cells, read))
    return value, once, noisy


def _computed_once(computed: Given, values: Sequence[object], plain: Sequence[object], value: object) -> object:
    """What was computed from other values; the same where they are the same, or nothing is computed from them."""
    if list(values) == list(plain):
        return value
    try:
        return COMPUTATIONS[computed.name][0](values, computed.options)
    except CellError:
        return value


def _in_percent(
    computed: Given, inputs: Sequence[Reading | None], values: Sequence[object], cells: Sequence[object]
) -> list[object]:
    """The values, those that are bare cells with a percent sign in percent, as all shares are kept; beside a plain
    number such a cell is the share that stands in it."""
    kinds = {each.kind for each in inputs if each and fits(computed, each)}
    if not kinds <= _PERCENTS:
        return list(values)
    mark = str(computed.options.get("decimal", ""))
    return [
        as_feature(read_percent(text, mark if isinstance(cell, str) else ""))
        if value is cell and (text := shown_text(cell)).endswith(PERCENT_SIGNS)
        else value
        for value, cell in zip(values, cells, strict=True)
    ]


def _as_read(computed: Given, reading: Reading | None, cell: object, text: str, readings: Readings) -> object:
    if lookup_key(text) in computed.missing:
        return None
    if reading is None:
        return cell
    value = readings.read(reading.name, reading.given, cell, text, reading.kind)
    if reading.given.limits is not None:
        # The note on it is that of the value itself.
        value, _note = within(value, reading.given.limits, reading.name)
    return counted_as(computed, value, cell)
