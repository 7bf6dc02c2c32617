"""New rows of a table that is known by its whole rows, and in which a column numbers each of them by a name that nobody
knows: "Application Label". A row that was corrected is no longer the row of then, and its number says that it is.

Whether it is the same loan a person is asked: the column may number something else, of which a loan may have several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.conf import settings

from cases.models import Case
from intake.mapped.left_out import digests_of
from intake.models import Batch
from intake.reading.rows import ReadRow
from intake.record.known_numbers import cases_by_digest
from intake.values.outliers import ASKED, NUMBER_ON_RECORD, Note


def numbered_on_record(batch: Batch, rows: Sequence[ReadRow]) -> list[ReadRow]:
    """The rows of a chunk, with a note on those that are new and hold the number of a case of an earlier batch in a
    column that is left out as an identifier. Two imports at once may both see nothing of each other: it is a question,
    and the next list asks it again."""
    drop = batch.mapping.content.get("drop", {}) if batch.mapping else {}
    told = {at: each for at, row in enumerate(rows) if (each := _numbers(row, drop))}
    wanted = {digest for each in told.values() for digest in each.values()}
    found = cases_by_digest(batch.source.slug, wanted)
    earlier = {digest: [case for case in cases if case.batch != batch.pk] for digest, cases in found.items()}
    if not any(earlier.values()):
        return list(rows)
    own = {row.submission.external_ref for row in rows if row.submission is not None}
    stored = set(
        Case.objects.filter(source=batch.source.slug, external_ref__in=own).values_list("external_ref", flat=True)
    )
    noted = list(rows)
    for at, numbers in told.items():
        on_record = [(column, earlier[digest][0]) for column, digest in numbers.items() if earlier.get(digest)]
        if on_record and _reference(rows[at]) not in stored:
            column, case = on_record[0]
            params = {"column": column, "value": case.external_ref}
            noted[at] = replace(rows[at], notes=(*rows[at].notes, Note("applicant", NUMBER_ON_RECORD, params)))
    return noted


def _numbers(row: ReadRow, drop: Mapping[str, str]) -> dict[str, int]:
    """By column the digests of the numbers by which a row without a reference of its own may be known."""
    if row.submission is None or row.numbered_by or not ASKED.isdisjoint(note.code for note in row.notes):
        return {}
    columns = [each for each in row.telling if drop.get(each) == "identifier" and row.raw.get(each, "").strip("0")]
    return digests_of(settings.SECRET_KEY, row.raw, columns) if columns else {}


def _reference(row: ReadRow) -> str:
    return row.submission.external_ref if row.submission is not None else ""
