"""What comes again under another mapping while nobody has looked at how it was read: its rows read anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db.models.query import QuerySet

from cases.arrivals import APPLICANT_SAID, NewCase, keep_applicants, move_on
from cases.models import Case
from cases.move import Move
from cases.states import State
from intake.gate.held import NOT_LOOKED_AT
from intake.mending.mending import resent
from intake.models import NUMBERED, Batch, CaseOrigin, Way
from intake.reading.rows import ReadRow
from intake.signing.first_look import waits_for_look
from intake.sources.database_rows import MESSAGE_MOST

# Of a reference that makes room for another so much stays as fits beside the key.
REFERENCE_MOST: Final = 70


@dataclass(frozen=True)
class RowAnew:
    """A row by its number, the case that came of it, what it is read as now, and where it stood, for the event."""

    number: int
    case: Case
    arrival: NewCase
    place: Mapping[str, Any]


def cases_to_read_anew(batch: Batch, rows: Sequence[ReadRow]) -> dict[int, Case]:
    """By number of the row: the cases that came of the same rows of this file or database by a reading that nobody has
    looked at, where the one of now needs no look. Rows of a database are the same by their key."""
    if batch.kind not in NUMBERED or waits_for_look(batch):
        return {}
    waiting = _waiting(batch)
    if waiting is None:
        return {}
    if batch.kind == Way.FILE:
        found = waiting.filter(row_number__in=[row.row_number for row in rows])
        return {origin.row_number: origin.case for origin in found if origin.row_number is not None}
    # A key that was cut off may be that of several rows.
    numbers = {row.message: row.row_number for row in rows if 0 < len(row.message) < MESSAGE_MOST}
    return {numbers[origin.message]: origin.case for origin in waiting.filter(message__in=list(numbers))}


def read_anew(batch: Batch, rows: Sequence[RowAnew], *, facts: Mapping[str, Any]) -> dict[int, tuple[int, int]]:
    """Put what rows are read as now in the place of what their cases hold; number of the row to key and version of the
    case, as it is where nothing holds it any more.

    What was misread may be whose loan it is and what it is called, so that these change, too; what stood there is told
    in the event. Runs inside the caller's transaction. A case that somebody moves at this moment is left to them, and a
    row whose reference is that of a case outside is not taken: both are then compared with what is on record.
    """
    names = {row.case.pk: row.arrival.external_ref for row in rows}
    versions = _free_names(batch, names)
    source = batch.source.slug
    known = Case.objects.filter(source=source, external_ref__in=names.values())
    owners = dict(known.values_list("external_ref", "pk"))
    fresh: dict[str, RowAnew] = {}
    for row in rows:
        # The first of two rows that have one reference now counts, as of new cases.
        if owners.get(row.arrival.external_ref, row.case.pk) == row.case.pk:
            fresh.setdefault(row.arrival.external_ref, row)
    if not fresh:
        return {}
    applicants = keep_applicants(source, _told_anew(source, fresh.values(), names))
    moves = []
    for row in fresh.values():
        move = _renamed(row.case, row.arrival, applicants[row.arrival.applicant_ref], {**facts, **row.place})
        moves.append(replace(move, version=versions.get(row.case.pk, move.version)))
    by_key = {row.case.pk: row.number for row in fresh.values()}
    after = {move.case_id: move.version + 1 for move in moves}
    return {by_key[key]: (key, after[key]) for key in move_on("resubmit", moves)}


def _told_anew(source: str, rows: Collection[RowAnew], keys: Collection[int]) -> list[NewCase]:
    """The arrivals; of a person of whom there is no other case nothing stays of what was misread, as a guarantor's
    name where no column tells the name now."""
    people = {row.arrival.applicant_ref for row in rows}
    others = Case.objects.filter(source=source, applicant__external_id__in=people).exclude(pk__in=keys)
    known = set(others.values_list("applicant__external_id", flat=True))
    return [
        row.arrival if row.arrival.applicant_ref in known else replace(row.arrival, applicant_told=APPLICANT_SAID)
        for row in rows
    ]


def unseen_readings(batch: Batch) -> list[int]:
    """The versions (keys) by which this file or database was read before and at which nobody has looked, where the
    version of now needs no look: what they made of a row says nothing about it."""
    return (
        []
        if batch.kind not in NUMBERED or waits_for_look(batch)
        else list(_before(batch).values_list("mapping", flat=True))
    )


def _before(batch: Batch) -> QuerySet[Batch]:
    before = Batch.objects.filter(source=batch.source_id, kind=batch.kind, sha256=batch.sha256)
    before = before.filter(mapping__look__isnull=False, mapping__look__looked_at=None).exclude(pk=batch.pk)
    return before.filter(name=batch.name) if batch.kind == Way.SQL else before


def _waiting(batch: Batch) -> QuerySet[CaseOrigin] | None:
    """Where the cases stood that came of this file or database by readings that nobody has looked at; None where there
    are no such readings, which is asked of every chunk."""
    before = _before(batch)
    if not before.exists():
        return None
    held = {"case__state": State.NEEDS_DATA, "case__findings__contains": [{"code": NOT_LOOKED_AT}]}
    return CaseOrigin.objects.select_related("case__applicant").filter(batch__in=before, **held)


def _free_names(batch: Batch, names: Mapping[int, str]) -> dict[int, int]:
    """Take the new references of rows (by key of their case) from other misread cases of the same file, which get
    theirs in their turn: the numbers of a wrong column run beside the right ones. Versions of those, by key."""
    waiting = _waiting(batch)
    found = waiting.filter(case__external_ref__in=names.values()) if waiting is not None else ()
    cases = [origin.case for origin in found if names.get(origin.case.pk) != origin.case.external_ref]
    moved = move_on(
        "resubmit",
        [
            Move(
                case.pk,
                case.version,
                {"external_ref": f"{case.external_ref[:REFERENCE_MOST]}~{case.pk}", "findings": case.findings},
                {"reference_of_another": case.external_ref},
            )
            for case in cases
        ],
    )
    # Moved, and held again at once.
    return {case.pk: case.version + 2 for case in cases if case.pk in moved}


def _renamed(case: Case, arrival: NewCase, applicant: int, facts: Mapping[str, Any]) -> Move:
    move = resent(case, arrival, facts)
    before, after = dict(move.facts["before"]), dict(move.facts["after"])
    told = {
        "external_ref": (case.external_ref, arrival.external_ref),
        "applicant.id": (case.applicant.external_id, arrival.applicant_ref),
    }
    for name, (stood, stands) in told.items():
        if stood != stands:
            before[name], after[name] = stood, stands
    changes = {**move.changes, "external_ref": arrival.external_ref, "kind": arrival.kind, "applicant": applicant}
    return Move(case.pk, move.version, changes, {**move.facts, "before": before, "after": after})
