"""A file that comes again under another mapping while nobody has looked at how it was read: its rows read anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cases.arrivals import NewCase, keep_applicants
from cases.models import Case
from cases.move import Move
from cases.states import State
from intake.first_look import waits_for_look
from intake.held import NOT_LOOKED_AT
from intake.mending import resent, resubmit
from intake.models import Batch, CaseOrigin, Way


def cases_to_read_anew(batch: Batch, numbers: Sequence[int]) -> dict[int, Case]:
    """By number of the row: the cases that came of the same rows of this file by a reading that nobody has looked at,
    where the one of now needs no look."""
    if batch.kind != Way.FILE or waits_for_look(batch):
        return {}
    before = Batch.objects.filter(source=batch.source_id, sha256=batch.sha256, kind=Way.FILE)
    before = before.filter(mapping__look__isnull=False, mapping__look__looked_at=None).exclude(pk=batch.pk)
    if not before.exists():
        return {}
    origins = CaseOrigin.objects.select_related("case__applicant").filter(
        batch__in=before,
        row_number__in=numbers,
        case__state=State.NEEDS_DATA,
        case__findings__contains=[{"code": NOT_LOOKED_AT}],
    )
    return {origin.row_number: origin.case for origin in origins if origin.row_number is not None}


def read_anew(source: str, rows: Sequence[tuple[int, Case, NewCase]], *, facts: Mapping[str, Any]) -> dict[int, int]:
    """Put what rows are read as now in the place of what their cases hold; number of the row to key of the case.

    What was misread may be whose loan it is and what it is called, so that these change, too; what stood there is told
    in the event. Runs inside the caller's transaction. A case that somebody moves at this moment is left to them, and a
    row whose reference is that of another case is not taken: both are then compared with what is on record.
    """
    names = [arrival.external_ref for _number, _case, arrival in rows]
    known = dict(Case.objects.filter(source=source, external_ref__in=names).values_list("external_ref", "pk"))
    fresh: dict[str, tuple[int, Case, NewCase]] = {}
    for number, case, arrival in rows:
        # The first of two rows that have one reference now counts, as of new cases.
        if known.get(arrival.external_ref, case.pk) == case.pk and arrival.external_ref not in fresh:
            fresh[arrival.external_ref] = number, case, arrival
    if not fresh:
        return {}
    applicants = keep_applicants(source, [arrival for _number, _case, arrival in fresh.values()])
    moves = [
        _renamed(case, arrival, applicants[arrival.applicant_ref], {**facts, "row": number})
        for number, case, arrival in fresh.values()
    ]
    by_key = {case.pk: number for number, case, _arrival in fresh.values()}
    return {by_key[key]: key for key in resubmit(moves)}


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
