"""Out of a reviewer's hands without a decision: to a supervisor, to somebody by name, until later, or not to me."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.claimable import has_confirmed
from cases.claiming import end_claim, lock_held
from cases.errors import BadDecision
from cases.models import Case, Conflict, Review, Skip, User
from cases.move import move_case
from cases.notices import notify
from cases.returning import TOP_TIER
from cases.standing import standing
from cases.states import Role

SNOOZE_MOST: Final = timedelta(days=30)
FREE: Final[Mapping[str, Any]] = {"reserved_for": None, "assigned_to": None, "assigned_at": None}


def people_for(case: Case, *, by: User) -> QuerySet[User]:
    """Who else may look at this case: they review, did not enter it, have no conflict with its applicant, and neither
    decided it before nor signed that or let it be opened again."""
    conflicts = Conflict.objects.filter(applicant=case.applicant_id, person=OuterRef("pk"), ended_at__isnull=True)
    decided = standing(Review.objects.filter(case=case, reviewer=OuterRef("pk")))
    people = User.objects.filter(is_active=True, role__in=[Role.REVIEWER, Role.SUPERVISOR])
    people = people.filter(~Exists(conflicts), ~Exists(decided), ~has_confirmed(OuterRef("pk"), case))
    return people.exclude(pk__in=[by.pk, *([case.entered_by_id] if case.entered_by_id else [])]).order_by("username")


def escalate_case(case_id: int, *, by: User, note: str, seen_version: int) -> Case:
    """Put a case one holds on top of the queue of the supervisors, who alone may take it then.

    Raises:
        BadDecision: a supervisor escalates to nobody, or no note. Otherwise as `lock_held`.
    """
    if by.role == Role.SUPERVISOR:
        raise BadDecision("", _("You are a supervisor: transfer the case to another person instead."))
    note = _why(note)
    place = _on_top({"code": "escalated", "params": {"person": by.display_name, "note": note}})
    return _pass_on(case_id, "escalate", by, seen_version, {"note": note}, {**place, **FREE, "for_supervisor": True})


def transfer_case(case_id: int, *, by: User, to_id: int | None, note: str, seen_version: int) -> Case:
    """Keep a case one holds for somebody else, on top of what they see.

    Raises:
        BadDecision: nobody chosen, somebody who may not look at it (`to`), or no note. Otherwise as `lock_held`.
    """
    note = _why(note)
    with transaction.atomic(durable=True):
        case, claim = lock_held(case_id, by=by, seen_version=seen_version)
        to = people_for(case, by=by).filter(pk=to_id or 0).first()
        if to is None:
            raise BadDecision("to", _("Choose a person who may review this case."))
        end_claim(claim)
        place = _on_top({"code": "transferred", "params": {"person": by.display_name, "note": note}})
        facts = {"note": note, "to": to.pk, "to_name": to.display_name}
        changes = {**place, **FREE, "reserved_for": to, "for_supervisor": False}
        move_case(case, "transfer", by=by, facts=facts, **changes)
        notify([to], "assigned", case, {}, caused_by=by)
        return case


def snooze_case(case_id: int, *, by: User, until: datetime, note: str, seen_version: int) -> Case:
    """Set a case one holds aside until a time; then it comes back to oneself, at its place in the queue.

    Raises:
        BadDecision: a time that is past or too far away (`until`), or no note. Otherwise as `lock_held`.
    """
    now = timezone.now()
    if not now < until <= now + SNOOZE_MOST:
        raise BadDecision("until", _("Choose a time within the next 30 days."))
    note = _why(note)
    facts = {"note": note, "until": until.isoformat()}
    return _pass_on(case_id, "snooze", by, seen_version, facts, {"reserved_for": by, "snoozed_until": until})


def skip_case(case_id: int, *, by: User, why: str, note: str, seen_version: int) -> Case:
    """Give a case one holds back to its place, for somebody else: it is not offered to `by` again for a while.

    Raises:
        BadDecision: no reason chosen (`why`), or the other reason without a note. Otherwise as `lock_held`.
    """
    if why not in Skip.Why.values:
        raise BadDecision("why", _("Choose a reason."))
    note = rules.checked_note(note, least=rules.NOTE_LEAST if why == Skip.Why.OTHER else 0)
    with transaction.atomic(durable=True):
        case, claim = lock_held(case_id, by=by, seen_version=seen_version)
        end_claim(claim)
        Skip.objects.create(case=case, person=by, why=why, note=note)
        # What was kept for whoever skips it would wait for nobody.
        kept = FREE if by.pk in (case.reserved_for_id, case.assigned_to_id) else {}
        move_case(case, "skip", by=by, facts={"why_skipped": why, "note": note}, **kept)
        return case


def _why(note: str) -> str:
    return rules.checked_note(note, least=rules.NOTE_LEAST)


def _on_top(why: Mapping[str, Any]) -> dict[str, Any]:
    return {"queue_tier": TOP_TIER, "queue_rank": 0.0, "queued_at": timezone.now(), "why": [why]}


def _pass_on(
    case_id: int, step: str, by: User, seen_version: int, facts: Mapping[str, Any], changes: Mapping[str, Any]
) -> Case:
    with transaction.atomic(durable=True):
        case, claim = lock_held(case_id, by=by, seen_version=seen_version)
        end_claim(claim)
        move_case(case, step, by=by, facts=facts, **changes)
        return case
