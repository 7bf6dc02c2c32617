"""New rows that agree with a case on record in all that tells a loan but its number: whose it is, product, day, amount
and term.

A table without numbers of its loans knows each by its whole row: where a form of a column changes, or one of them tells
the day of the list, none is known any more. An export that has the contract where another had the application knows
none of the other's either. Whether such a row is news a person is asked; of two numbers in one column nobody asks.
Whose a loan is a table may tell by a name alone: it is compared, and who has another telephone is somebody else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from cases.models import Applicant, Case
from cases.office import OFFICE
from intake.gate.held import is_returned
from intake.mapped.left_out import alike
from intake.mapped.submission import Submission
from intake.models import Batch, CaseOrigin, MappingVersion
from intake.people.linking import number_digests
from intake.reading.rows import ReadRow
from intake.values.outliers import ALIKE_ON_RECORD, ASKED, Note

# Before a name in place of the number of an applicant, of which no number begins so.
_NAMED: Final = "\x1f"
# Whose, which product, how much, how long, and on which day of the office.
Loan = tuple[str, str, Decimal, int, date]


def asked_about(batch: Batch, rows: Sequence[ReadRow]) -> list[ReadRow]:
    """The rows of a chunk, with a note on those that may be a loan of an earlier batch. Two imports at once may both
    see nothing of each other: what is one loan for sure is told by its reference, and this is only a question."""
    numbered = _numbered_by(batch)
    asked = {at: case for at, row in enumerate(rows) if (case := row.submission) and _is_asked(row, case, numbered)}
    if not asked:
        return list(rows)
    references = {case.external_ref for case in asked.values()}
    on_record = Case.objects.filter(source=batch.source.slug, external_ref__in=references)
    stored = set(on_record.values_list("external_ref", flat=True))
    new = {at: case for at, case in asked.items() if case.external_ref not in stored}
    found = _on_record(batch, new.values()) if new else {}
    told = list(rows)
    for at, case in new.items():
        own, numbers = alike(rows[at].numbered_by), set(number_digests(case)) if _is_named(case) else set()
        others = [
            ref
            for ref, mapping, theirs in found.get(_loan(case), ())
            if (not own or numbered.get(mapping, own) != own)
            and not (numbers and theirs and numbers.isdisjoint(theirs))
        ]
        if others:
            told[at] = replace(
                rows[at], notes=(*rows[at].notes, Note("applicant", ALIKE_ON_RECORD, {"value": others[0]}))
            )
    return told


def _is_asked(row: ReadRow, case: Submission, numbered: Mapping[int | None, str]) -> bool:
    """Whether the reference of a row may not tell it from the cases of its source, and nothing is asked of it yet."""
    own = alike(row.numbered_by)
    is_other = bool(numbered) and (not own or any(each != own for each in numbered.values()))
    is_told = "applied_at" not in case.derived and ("applicant.id" not in case.derived or _is_named(case))
    return is_other and is_told and ASKED.isdisjoint(note.code for note in row.notes)


def _is_named(case: Submission) -> bool:
    """Whether only a name tells whose loan it is."""
    return "applicant.id" in case.derived and bool(case.applicant.name)


def _numbered_by(batch: Batch) -> dict[int | None, str]:
    """Of each mapping that has read tables of this source the column of its references, "" where these were made of the
    row; none for messages, which have theirs."""
    if batch.mapping_id is None:
        return {}
    past = MappingVersion.objects.filter(source=batch.source_id, content__fields__has_key="external_ref")
    return {key: alike(column or "") for key, column in past.values_list("pk", "content__fields__external_ref__column")}


def _on_record(batch: Batch, cases: Collection[Submission]) -> dict[Loan, list[tuple[str, int | None, list[int]]]]:
    """The references of the loans on record of these people that other batches brought, each with the mapping that read
    it and the numbers of the applicant that came with it; none of those that were sent back and are waited for."""
    refs = {case.applicant.external_id for case in cases if not _is_named(case)}
    names = {case.applicant.name for case in cases if _is_named(case)}
    known = Applicant.objects.filter(source=batch.source.slug)
    people = {each.pk: each for each in (*known.filter(external_id__in=refs), *known.filter(name__in=names))}
    stored = {case.pk: case for case in Case.objects.filter(source=batch.source.slug, applicant__in=people)}
    origins = CaseOrigin.objects.filter(case__in=stored).exclude(batch=batch).order_by("case")
    found: dict[Loan, list[tuple[str, int | None, list[int]]]] = {}
    for key, mapping, numbers in origins.values_list("case", "batch__mapping", "numbers"):
        case = stored[key]
        if not is_returned(case.findings):
            person = people[case.applicant_id]
            for told in (person.external_id, _NAMED + person.name):
                loan = (told, case.product, case.amount, case.term_months, _day(case))
                found.setdefault(loan, []).append((case.external_ref, mapping, numbers))
    return found


def _loan(case: Submission) -> Loan:
    whose = _NAMED + case.applicant.name if _is_named(case) else case.applicant.external_id
    return whose, case.product, case.amount, case.term_months, _day(case)


def _day(case: Case | Submission) -> date:
    return case.applied_at.astimezone(OFFICE).date()
