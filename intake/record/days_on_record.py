"""Days of features as the cases on record hold them: 2020/3/1 as the file of then wrote it, and 2020-03-01 here.

What came first is known by its hash alone. A row is that case where it has the very hash once its days are spelt as the
case holds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cases.models import Case
from intake.gate.held import is_returned
from intake.mapped.earlier_readings import EarlierReading
from intake.mapped.kept_days import is_same_day
from intake.mapped.submission import Submission
from intake.reading.rows import ReadRow
from intake.values.cells import cell_text


def with_days_on_record(slug: str, rows: list[ReadRow]) -> list[ReadRow]:
    """The rows, known by what is on record in this source under their references, with the same days in any spelling.
    What was returned is left: it waits for what its sender tells now."""
    names = set()
    for row in rows:
        if row.submission is not None and row.submission.days:
            names |= {row.submission.external_ref, *(each.external_ref for each in row.earlier)}
    if not names:
        return rows
    hashes = [each for row in rows if row.submission is not None for each in row.submission.hashes]
    others = Case.objects.filter(source=slug, external_ref__in=names).exclude(content_hash__in=hashes)
    told = others.values_list("external_ref", "content_hash", "features", "findings")
    stored = {ref: (known, features) for ref, known, features, findings in told if not is_returned(findings)}
    return [_as_stored(row, row.submission, stored) if row.submission is not None else row for row in rows]


def _as_stored(row: ReadRow, case: Submission, stored: Mapping[str, tuple[str, Mapping[str, object]]]) -> ReadRow:
    if case.external_ref in stored:
        content_hash, held = stored[case.external_ref]
        days = {name: kept for name in case.days if (kept := _spelt(case.features.get(name), held.get(name)))}
        if days and case.is_with(days, content_hash):
            case = replace(case, earlier_hashes=(*case.earlier_hashes, content_hash))
    earlier = tuple(
        _spelt_as(each, stored[each.external_ref][1]) if each.external_ref in stored else each for each in row.earlier
    )
    return replace(row, submission=case, earlier=earlier)


def _spelt_as(reading: EarlierReading, held: Mapping[str, object]) -> EarlierReading:
    """The reading of a row whose days stand in its cells as the case holds them. By a form nothing else is read."""
    days: dict[str, object] = {}
    for name, given in reading.then.mapping.features.items():
        is_free = given.how == "column" and given.type in ("date", "text") and not given.format
        if is_free and (kept := _spelt(reading.row.get(given.column), held.get(name))):
            days[given.column] = kept
    return replace(reading, row={**reading.row, **days}) if days else reading


def _spelt(cell: object, kept: object) -> str:
    """The text that a case holds where a cell tells the same day in another spelling, else ""."""
    text = cell_text(cell)
    return kept if isinstance(kept, str) and text and text != kept and is_same_day(cell, text, kept) else ""
