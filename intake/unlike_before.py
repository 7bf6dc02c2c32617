"""Tables that nobody mapped and that are unlike those of before, so that their rows would be read wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from intake.case_mapping import CaseMapping, MappingError
from intake.cells import CellError, cell_text, read_number
from intake.given import Given
from intake.header_units import squeeze
from intake.on_record import past_mappings
from intake.samples import known_numbers

SHARES: Final = ("percent", "rate")


def refuse_unlike_before(slug: str, mapping: CaseMapping, sample: Sequence[Mapping[str, object]]) -> None:
    """What a person has mapped is not asked about; `sample` are first rows of the table.

    Raises:
        MappingError: names the columns that lack, or that no longer say what their numbers are.
    """
    past = [*past_mappings(slug)]
    _refuse_lost_columns(mapping, past)
    _refuse_lost_percent(mapping, past, sample)


def _refuse_lost_columns(mapping: CaseMapping, past: Sequence[CaseMapping]) -> None:
    """A table without numbers is told by its columns: where some are missing by which its rows were told before, all
    that came before would be new. One that has half of them or fewer is another table, and one that came without them
    before lacks nothing."""
    if not mapping.counts_equal_rows:
        return
    present = set(map(squeeze, mapping.columns))
    lacking: list[str] = []
    for then in past:
        told_by = [column for column in then.columns if column not in then.not_telling]
        lost = [column for column in told_by if squeeze(column) not in present]
        if then.counts_equal_rows and not lost:
            return
        if then.counts_equal_rows and len(lost) * 2 < len(told_by):
            lacking = lacking or lost
    if lacking:
        raise MappingError("columns_lacking", names=", ".join(lacking))


def _refuse_lost_percent(
    mapping: CaseMapping, past: Sequence[CaseMapping], sample: Sequence[Mapping[str, object]]
) -> None:
    """A column whose cells said 20% before and say 0.2 now: as a bare number it would be a hundredth of what it was."""
    before = _read_in(past)
    for given in mapping.features.values():
        was = before.get(squeeze(given.column))
        if given.how == "column" and given.type == "number" and was is not None and was.type in SHARES:
            numbers = [_number(cell_text(row.get(given.column)), given.decimal) for row in sample]
            found = [number for number in numbers if number]
            if found and max(map(abs, found)) <= 1:
                raise MappingError("percent_lost", name=given.column)


def _read_in(past: Sequence[CaseMapping]) -> dict[str, Given]:
    """How each column was read last, by its name without unit."""
    read: dict[str, Given] = {}
    for then in past:
        for given in then.features.values():
            if given.how == "column":
                read.setdefault(squeeze(given.column), given)
    return read


def _number(text: str, decimal_mark: str) -> float | None:
    try:
        return float(read_number(text, decimal_mark)) if known_numbers([text]) else None
    except CellError:
        return None
