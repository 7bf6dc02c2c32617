"""New rows of a table that is known by its whole rows, and in which a column numbers each of them by a name that nobody
knows: 融资申请号, "LOS Key". A row that was corrected is no longer the row of then, and its number says that it is.

Whether it is the same loan a person is asked: the column may number something else, of which a loan may have several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.conf import settings

from cases.models import Case
from intake.mapped.left_out import digests_of
from intake.models import Batch, CaseNumber
from intake.reading.rows import ReadRow
from intake.values.outliers import ASKED, NUMBER_ON_RECORD, Note


def numbered_on_record(batch: Batch, rows: Sequence[ReadRow]) -> list[ReadRow]:
    """The rows of a chunk, with a note on those that are new and hold the number of a case of an earlier batch in a
    column that is left out as an identifier. Two imports at once may both see nothing of each other: it is a question,
    and the next list asks it again."""
    drop = batch.mapping.content.get("drop", {}) if batch.mapping else {}
    told = {at: each for at, row in enumerate(rows) if (each := _numbers(row, drop))}
    wanted = {digest for each in told.values() for digest in each.values()}
    found = list(CaseNumber.objects.filter(digest__in=wanted).values_list("digest", "case")) if wanted else []
    if not found:
        return list(rows)
    mine = Case.objects.filter(source=batch.source.slug, pk__in={case for _digest, case in found})
    refs = dict(mine.exclude(origin__batch=batch).values_list("pk", "external_ref"))
    by_digest = {digest: refs[case] for digest, case in sorted(found, reverse=True) if case in refs}
    own = {row.submission.external_ref for row in rows if row.submission is not None}
    stored = set(
        Case.objects.filter(source=batch.source.slug, external_ref__in=own).values_list("external_ref", flat=True)
    )
    noted = list(rows)
    for at, numbers in told.items():
        on_record = {column: by_digest[digest] for column, digest in numbers.items() if digest in by_digest}
        if on_record and _reference(rows[at]) not in stored:
            column, ref = next(iter(on_record.items()))
            params = {"column": column, "value": ref}
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
