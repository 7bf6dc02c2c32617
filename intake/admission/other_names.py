"""Rows under the number of an applicant that stands under somebody else's name, on record or further up: a number that
was copied down a column, or a source that puts one on everybody. Whose loan it is a person says; until then nobody's
name changes, and what hangs on it (exposure, earlier loans, the name that earlier cases show) stays theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cases.models import Applicant
from intake.mapped.submission import Submission
from intake.reading.rows import ReadRow
from intake.values.near_names import are_others
from intake.values.outliers import NAMED_OTHERWISE, Note


def named_otherwise(slug: str, rows: Sequence[ReadRow]) -> list[ReadRow]:
    """The rows of a chunk, with a note on those whose applicant is surely called otherwise. Two chunks at once that
    bring the same new applicant may both see nothing of each other; the next row of theirs does."""
    told = {at: case for at, row in enumerate(rows) if (case := row.submission) and _is_named(case)}
    if not told:
        return list(rows)
    numbers = {case.applicant.external_id for case in told.values()}
    people = Applicant.objects.filter(source=slug, external_id__in=numbers)
    names = dict(people.exclude(name="").values_list("external_id", "name"))
    noted = list(rows)
    for at, case in told.items():
        if are_others(names.setdefault(case.applicant.external_id, case.applicant.name), case.applicant.name):
            noted[at] = replace(rows[at], notes=(*rows[at].notes, Note("applicant", NAMED_OTHERWISE, {})))
    return noted


def _is_named(case: Submission) -> bool:
    """Whether the lender told both who it is and what they are called."""
    return bool(case.applicant.name) and not {"applicant.id", "applicant.name"}.intersection(case.derived)
