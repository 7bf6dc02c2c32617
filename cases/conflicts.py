"""Conflicts of interest: a person says that they may not look at an applicant's cases, and who ends that."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.claiming import end_claim
from cases.errors import BadDecision, CaseNotFound, NotAllowed
from cases.models import Case, Claim, Conflict, User
from cases.move import lock_case, move_case
from cases.states import Role, State


def state_conflict(case_id: int, *, by: User, reason: str) -> Conflict:
    """State that `by` has a conflict of interest with the applicant of a case. A case they hold goes back to its place,
    one that was kept for them or handed to them is free for others, and a decision on it is not theirs to sign.

    Said twice at once: the open conflict is unique, so both find the same one.

    Raises:
        NotAllowed: `by` does not look at cases. CaseNotFound. BadDecision: no reason of ten characters.
    """
    if not rules.may_review(None, by):
        raise NotAllowed
    lacking = _("Say what the conflict of interest is, in ten characters or more.")
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=lacking, field="reason")
    with transaction.atomic(durable=True):
        case = lock_case(case_id)
        conflict, _made = Conflict.objects.get_or_create(
            person=by, applicant=case.applicant, ended_at=None, defaults={"reason": why, "stated_by": by}
        )
        _let_go(case, by=by, reason=why)
        return conflict


def _let_go(case: Case, *, by: User, reason: str) -> None:
    facts = {"by_lease": False, "conflict_of_interest": True, "reason": reason}
    free = {"reserved_for": None, "assigned_to": None, "assigned_at": None}
    claim = Claim.objects.filter(case=case, holder=by, ended_at__isnull=True).first()
    if case.state == State.IN_REVIEW and claim is not None:
        end_claim(claim)
        move_case(case, "release", by=by, facts=facts, **free)
    elif case.state == State.QUEUED and by.pk in (case.reserved_for_id, case.assigned_to_id):
        move_case(case, "place", by=by, facts=facts, **free)


def end_conflict(conflict_id: int, *, by: User) -> Conflict:
    """A supervisor ends a conflict of interest; it stays on record. Raises NotAllowed, CaseNotFound; BadDecision for
    one's own."""
    if not by.is_active or by.role != Role.SUPERVISOR:
        raise NotAllowed
    with transaction.atomic(durable=True):
        conflict = Conflict.objects.select_for_update().filter(pk=conflict_id, ended_at=None).first()
        if conflict is None:
            raise CaseNotFound(_("There is no such conflict of interest any more."))
        if conflict.person_id == by.pk:
            raise BadDecision("conflict", _("Another supervisor ends your own conflict of interest."))
        conflict.ended_at = timezone.now()
        conflict.save(update_fields=["ended_at"])
        return conflict
