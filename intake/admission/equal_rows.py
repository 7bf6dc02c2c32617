"""Rows that may be loans of before or new ones: tables that hold no number of a loan and no day.

Somebody's name or number tells the person and not the loan, who may borrow the same again; a month alone is no day. The
reference of such a row is made of its values, so that a new loan of the same amount, term and rate as one of an
earlier file has its reference. Where a file holds most rows of an earlier one, or that one most of its rows, it is that
file again, whole, longer or in part, and these rows are known; so are those of a list of somebody's loans most of whose
rows came in any files before. Where only a few are equal nobody can tell: they are refused, and a person gives them a
number or leaves them out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from intake.mapped.case_mapping import CaseMapping
from intake.mapped.earlier_readings import EarlierMapping
from intake.models import Batch, CaseOrigin
from intake.reading.rows import ReadRow
from intake.record.on_record import EQUAL_MOST, as_on_record
from intake.tabular.returned import ROW, added_columns
from intake.values.cell_dates import span_of_text
from intake.values.cells import cell_text
from intake.values.samples import SampleRow
from intake.values.shown_months import span_of_cell
from intake.wording.field_errors import FieldError
from intake.wording.sentences import IntakeError

MOST: Final = 0.5
# Of a table with many equal rows, as of three amounts and two terms, most rows of any other file are equal to some.
NEARLY_ALL: Final = 0.99
# A part of an earlier file has so many rows; all of one or two are soon equal to some by chance.
ROWS_LEAST: Final = 10
ASKED_AT_ONCE: Final = 1_000
_LATER_OF_EQUALS: Final = re.compile(r"[0-9A-F]{16}-[0-9]+")


@dataclass(frozen=True)
class EqualRows:
    """What of the rows of a file that is read by `mapping` is known: those that came in one of the batches `same`.
    `vague` are the columns of its days that name no day."""

    mapping: CaseMapping
    same: frozenset[int]
    vague: frozenset[str] = frozenset()

    def refused(self, batch: Batch, read: Sequence[ReadRow], stored: Sequence[ReadRow]) -> list[ReadRow]:
        """The rows of a chunk as they are on record, of which those are refused that are equal to one of any other
        batch; `read` are the same rows by the references that they are read under."""
        names = [_repeatable(self.mapping, self.vague, *pair) for pair in zip(read, stored, strict=True)]
        found = _came_in(batch, filter(None, names))
        doubtful = {name: told for name, (key, told) in found.items() if key not in self.same}
        return [
            _asked(row, name, doubtful[name]) if name in doubtful else row
            for name, row in zip(names, stored, strict=True)
        ]


def may_repeat(mapping: CaseMapping, earlier: Sequence[EarlierMapping], vague: frozenset[str] = frozenset()) -> bool:
    """Whether rows of a table may be taken for those of before by their values alone."""
    return any(_repeats(each, vague) for each in (mapping, *(each.mapping for each in earlier)))


def vague_days(mappings: Iterable[CaseMapping], sample: Sequence[SampleRow]) -> frozenset[str]:
    """The columns that these mappings read as days of a loan and of which no row names a day: 2026-01 is a month."""
    columns = {column for mapping in mappings for column in mapping.loan_days}
    return frozenset(each for each in columns if not any(_names_day(row.get(each)) for row in sample))


def _names_day(cell: object) -> bool:
    text = cell_text(cell)
    return bool(text) and not (span_of_cell(cell) or span_of_text(text))


def _repeats(mapping: CaseMapping, vague: frozenset[str]) -> bool:
    return mapping.may_repeat and vague.issuperset(mapping.loan_days)


def equal_rows(
    batch: Batch, mapping: CaseMapping, rows: Iterator[ReadRow], vague: frozenset[str] = frozenset()
) -> EqualRows:
    """Which earlier batches `rows`, all that the table has, are rows of. The same whenever it is asked of a file that
    was broken off: what came of the batch itself does not count."""
    count, later, known = 0, 0, Counter[int]()
    for chunk in _readable(rows):
        stored = as_on_record(batch.source, chunk)
        names = [_repeatable(mapping, vague, *pair) for pair in zip(chunk, stored, strict=True)]
        made = [name or _made(row, vague) for name, row in zip(names, chunk, strict=True)]
        count += sum(row.submission is not None for row in chunk)
        later += sum(bool(_LATER_OF_EQUALS.search(name)) for name in made)
        known.update(key for key, _name in _came_in(batch, filter(None, names)).values())
    share = NEARLY_ALL if later > EQUAL_MOST * count else MOST
    # What was refused and comes back mended was in no file before: that its rows are equal to some says nothing.
    is_part = count >= ROWS_LEAST and ROW not in mapping.columns
    accepted = dict(Batch.objects.filter(pk__in=known).values_list("pk", "accepted"))
    # Of a list of what is owed now, the loans of its first file are paid one by one.
    is_list = is_part and mapping.tells_whose and known.total() > share * count
    same = (
        key
        for key, part in known.items()
        if is_list or part > share * accepted[key] or (is_part and part > share * count)
    )
    return EqualRows(mapping, frozenset(same), vague)


def without_answered(
    mapping: CaseMapping, earlier: Sequence[EarlierMapping], vague: frozenset[str]
) -> list[EarlierMapping]:
    """The earlier mappings, but of a table of refused rows to which a person has added what tells its loans those by
    which they would be taken for others again."""
    if ROW not in mapping.columns:
        return list(earlier)
    own = set(mapping.columns) - set(added_columns(mapping.columns))
    return [each for each in earlier if not _repeats(each.mapping, vague) or own <= set(each.mapping.columns)]


def _readable(rows: Iterator[ReadRow]) -> Iterator[list[ReadRow]]:
    """By chunks, up to where the table cannot be read: that is told where its rows are taken in."""
    try:
        while chunk := list(islice(rows, ASKED_AT_ONCE)):
            yield chunk
    except IntakeError:
        return


def _repeatable(mapping: CaseMapping, vague: frozenset[str], read: ReadRow, stored: ReadRow) -> str:
    """The reference of a row where it was made of its values and they may be those of another loan, else ""."""
    if read.submission is None or stored.submission is None:
        return ""
    name = stored.submission.external_ref
    if name == read.submission.external_ref:
        return name if _repeats(mapping, vague) else ""
    then = (each.then.mapping for each in read.earlier if each.external_ref == name)
    return name if any(_repeats(each, vague) for each in then) else ""


def _made(read: ReadRow, vague: frozenset[str]) -> str:
    """The first reference that an earlier mapping makes of the values of a row that has its own."""
    if read.submission is None:
        return ""
    return next((each.external_ref for each in read.earlier if _repeats(each.then.mapping, vague)), "")


def _came_in(batch: Batch, names: Iterable[str]) -> Mapping[str, tuple[int, str]]:
    """The other batches (key, name) in which cases of these references came."""
    asked = set(names)
    if not asked:
        return {}
    found = CaseOrigin.objects.filter(case__source=batch.source.slug, case__external_ref__in=asked).exclude(batch=batch)
    told = found.values_list("case__external_ref", "batch", "batch__name")
    return {reference: (key, name) for reference, key, name in told}


def _asked(row: ReadRow, name: str, file: str) -> ReadRow:
    error = FieldError("external_ref", name, "equal_row_before", {"file": file})
    return replace(row, submission=None, errors=[error])
