"""What a mapping makes of sample rows: values, cells that cannot be read and why, good and bad counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from intake.mapped.case_mapping import CaseMapping
from intake.mapped.given import Given
from intake.mapped.joined import KeptRow, LookUp, cells_of
from intake.mapped.readings import Occurrences
from intake.mapped.row_reader import map_row
from intake.reading.rows import bind_mapping, joined_rows, read_row, texts_of
from intake.tabular.tables import BadRow, Table
from intake.values.cells import by_digits_that_tell, cell_text
from intake.wording.field_errors import FieldError

SHOWN: Final = 12
ERRORS_SHOWN: Final = 8


@dataclass(frozen=True)
class PreviewCell:
    """What stood in the columns, what is read from it, and why it cannot be."""

    raw: str
    value: str
    error: FieldError | None = None


@dataclass(frozen=True)
class PreviewRow:
    """One row: its cells in the order of the preview's names, and the errors that belong to none of them."""

    number: int
    cells: tuple[PreviewCell, ...]
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True)
class Preview:
    """`names` are fields, then features; `rows` the bad ones first. `problems` are errors with their rows."""

    names: tuple[str, ...]
    rows: tuple[PreviewRow, ...]
    good: int
    bad: int
    problems: tuple[tuple[FieldError, int], ...] = field(default_factory=tuple)


def preview(table: Table, mapping: CaseMapping, *, now: datetime, look_up: LookUp | None) -> Preview:
    """Read every row of a small table. Raises MappingError where the mapping does not fit it."""
    bound = bind_mapping(mapping, table)
    named = _named(bound)
    rows: list[tuple[bool, PreviewRow]] = []
    counted: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], FieldError] = {}
    judged, read = Occurrences(), Occurrences()
    for number, row, joined in joined_rows(table, bound, now, 0, look_up):
        if isinstance(row, BadRow):
            errors: Sequence[FieldError] = [row.error()]
            cells: tuple[PreviewCell, ...] = ()
        else:
            errors = read_row(number, row, joined, table.columns, bound, now, judged, texts_of(row)).errors
            cells = _cells(bound, named, row, joined, errors, now, read)
        in_cells = {id(cell.error) for cell in cells}
        rows.append(
            (bool(errors), PreviewRow(number, cells, tuple(each for each in errors if id(each) not in in_cells)))
        )
        for error in errors:
            counted[(error.field, error.code)] += 1
            examples.setdefault((error.field, error.code), error)
    bad = sum(is_bad for is_bad, _row in rows)
    shown = [row for _bad, row in sorted(rows, key=lambda each: not each[0])]
    # Half of what is shown is bad, where there is both.
    worst = shown[: min(bad, max(SHOWN // 2, SHOWN - (len(rows) - bad)))]
    problems = tuple((examples[key], count) for key, count in counted.most_common(ERRORS_SHOWN))
    return Preview(
        names=tuple(name for name, _given in named),
        rows=(*worst, *shown[bad : bad + SHOWN - len(worst)]),
        good=len(rows) - bad,
        bad=bad,
        problems=problems,
    )


def _named(mapping: CaseMapping) -> list[tuple[str, Given]]:
    """What is read, in the order in which it is shown."""
    spec = mapping.reference
    kept = [("reference.key", spec.key), ("reference.as_of", spec.as_of)] if spec else []
    return [*kept, *mapping.fields.items(), *((f"features.{name}", given) for name, given in mapping.features.items())]


def _cells(
    mapping: CaseMapping,
    named: Sequence[tuple[str, Given]],
    row: Mapping[str, object],
    joined: Mapping[str, KeptRow],
    errors: Sequence[FieldError],
    now: datetime,
    occurrences: Occurrences,
) -> tuple[PreviewCell, ...]:
    whole = {**row, **cells_of(joined)}
    mapped, _errors = map_row(mapping, whole, now=now, occurrences=occurrences)
    applicant, features = mapped.raw["applicant"], mapped.raw["features"]
    values = dict(mapped.raw)
    for part, told in (("applicant", applicant), ("features", features)):
        if isinstance(told, dict):
            values |= {f"{part}.{name}": by_digits_that_tell(value) for name, value in told.items()}
    if mapped.reference:
        values |= {"reference.key": mapped.reference[0], "reference.as_of": mapped.reference[1].isoformat()}
    by_column = {error.field: error for error in errors}
    cells = []
    for name, given in named:
        raw = " | ".join(cell_text(whole.get(column)) for column in given.columns)
        error = by_column.get(", ".join(given.columns) or name)
        value = values.get(name)
        cells.append(PreviewCell(raw, "" if value is None else str(value), error))
    return tuple(cells)
