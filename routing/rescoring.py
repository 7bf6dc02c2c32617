"""Waiting cases scored again by the model that came into force: a choice of people, with a look at it before.

Every open case keeps its assessment unless somebody asks for another. Then only cases that wait in the queue exactly as
they were routed go back to the machine; whatever a person has touched (claimed, handed over, added a document to,
opened again, sent for a signature) is left alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from cases.errors import CaseMoved
from cases.models import Case, User
from cases.move import Move, move_cases
from cases.states import Kind, State
from intake.models import Source
from routing.actions import active_policy, terms_of
from routing.case_facts import facts_of
from routing.models import Route
from routing.policy import route as route_by
from routing.record import records_of
from scoring.actions import model_row
from scoring.assessed import ASSESSMENT_FIELDS, assessment_rows
from scoring.life import PROPOSERS, Status, Step, find_model, lock_model, require_reason, require_role, tell
from scoring.models import Assessment, ModelVersion
from scoring.registry import load_version

# So many are scored and routed while the reader waits: about two seconds.
LOOKED_AT: Final = 500
# What the queue knew of a case goes with it, and it gets a place of its own when it is routed again. When it is due
# stays: nobody who applied waits longer because the lender has another model.
OUT_OF_THE_QUEUE: Final = {
    "attempts": 0, "taken_until": None, "last_error": "", "queue_tier": None, "queue_rank": None, "queued_at": None,
    "assigned_to": None, "assigned_at": None,
}  # fmt: skip


@dataclass(frozen=True)
class Preview:
    """`waiting` cases could be scored again, `looked_at` of them were. `changes` counts (advice now, way then, advice
    then); advice is "" where there is none, ways are approve, decline and review."""

    waiting: int
    looked_at: int
    changes: Counter[tuple[str, str, str]]


def waiting_untouched(version: ModelVersion) -> QuerySet[Route]:
    """The routes of cases that wait as they were routed, on a score of another model than this one; the oldest first.

    Each move of a case raises its version by one: a case that stands one above its route was not touched since.
    """
    return (
        Route.objects.filter(
            case__state=State.QUEUED,
            case__kind=Kind.APPLICATION,
            case__product=version.product,
            case__version=F("case_version") + 1,
            assessment__isnull=False,
        )
        .exclude(assessment__model=version)
        # What a source sent that turned bad stays with people; the machine would only hold it.
        .exclude(case__source__in=Source.objects.filter(state=Source.State.QUARANTINED).values("slug"))
        .order_by("case_id")
    )


def preview_rescoring(version: ModelVersion) -> Preview:
    """Where the first of these cases would go by the whole policy in force, capacity and budgets aside.

    Raises ArtefactError: the model cannot be loaded; ValueError: the policy's terms cannot be read.
    """
    routes = waiting_untouched(version)
    waiting = routes.count()
    some = list(routes.select_related("case__applicant")[:LOOKED_AT])
    policy = active_policy(version.product)
    if not some or policy is None:
        return Preview(waiting, 0, Counter())
    cases, terms = [each.case for each in some], terms_of(policy)
    facts = facts_of(terms, cases, _assessed(version, cases), secret=policy.audit_secret, budget_left=0.0)
    records = records_of(terms, facts, route_by(terms, facts))
    changes = Counter((each.advice, record.way, record.advice) for each, record in zip(some, records, strict=True))
    return Preview(waiting, len(some), changes)


def rescore_waiting(version_id: int, *, by: User, reason: str) -> int:
    """Send the waiting cases that nobody touched back to the machine, chunk by chunk. Returns how many went.

    A case that somebody claims meanwhile is left with them: its version is compared under its lock.

    Raises:
        NotAllowed: `by` is no admin. BadDecision: no reason. CaseMoved: the model is not in force.
    """
    require_role(by, PROPOSERS)
    reason = require_reason(reason)
    with transaction.atomic(durable=True):
        version = lock_model(version_id)
        if version.status != Status.CHAMPION:
            raise CaseMoved(_("This model is not in force."))
        chosen = list(waiting_untouched(version).values_list("case_id", "case__version"))
        tell(version, Step.RESCORE, by=by, note=reason, facts={"cases": len(chosen)})
    told = {"by": by.username, "reason": reason, "model": str(version), "model_sha256": version.sha256}
    moved = 0
    for start in range(0, len(chosen), settings.MACHINE_CHUNK):
        chunk = chosen[start : start + settings.MACHINE_CHUNK]
        with transaction.atomic(durable=True):
            moved += len(move_cases("rescore", [Move(key, at, OUT_OF_THE_QUEUE, told) for key, at in chunk]))
    return moved


def champion_of(version_id: int) -> ModelVersion:
    """The model, which must be in force. Raises CaseNotFound, CaseMoved."""
    version = find_model(version_id)
    if version.status != Status.CHAMPION:
        raise CaseMoved(_("This model is not in force."))
    return version


def _assessed(version: ModelVersion, cases: Sequence[Case]) -> dict[int, Assessment]:
    """What the model would say of each case, stored nowhere."""
    champion = load_version(version)
    scored = champion.score([model_row(case) for case in cases])
    found = {}
    for row in assessment_rows(version, champion, scored, cases):
        fields: dict[str, Any] = dict(zip(ASSESSMENT_FIELDS, row, strict=True))
        key, _model = fields.pop("case"), fields.pop("model")
        found[key] = Assessment(case_id=key, model=version, **fields)
    return found
