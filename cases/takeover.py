"""Taking a case over: a supervisor gets what another holds or what is kept for another, and says why."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.claiming import claim_locked, end_claim
from cases.errors import CaseMoved, FourEyes, NotAllowed
from cases.locks import hold
from cases.models import Case, Claim, User
from cases.move import lock_case, move_case
from cases.notices import notify
from cases.states import State


def can_take_over(case: Case, *, holder_id: int | None, by: User) -> bool:
    """Whether `by` may take this case from somebody: from its holder, or from whom it is kept for in the queue."""
    if not rules.may_take_over(case, by) or case.entered_by_id == by.pk:
        return False
    if case.state == State.IN_REVIEW:
        return holder_id is not None and holder_id != by.pk
    return case.state == State.QUEUED and not rules.may_claim_reserved(case.reserved_for, by)


def take_over_case(case_id: int, *, by: User, reason: str) -> Case:
    """Claim for `by` a case that another holds or that is kept for another; the reason stands in the history.

    Both moves of a case in review are one transaction: at no moment is it free for a third person. A case taken over
    is kept for nobody any more. What its holder sends afterwards is refused as by somebody who lost the claim.

    Raises:
        NotAllowed: not a supervisor. BadDecision: no `reason` of ten characters. FourEyes: `by` entered the case, or
        decided it before.
        ConflictOfInterest, HandsFull: as `claim_locked`.
        CaseMoved: nobody else has it; one's own, or free for all, or further on its way.
    """
    if not rules.may_take_over(None, by):
        raise NotAllowed
    lacking = _("Say why you take the case over, in ten characters or more.")
    facts = {"reason": rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=lacking, field="reason")}
    with transaction.atomic(durable=True):
        # As in claim_next: claims of one person are made one after the other.
        hold(f"claims of {by.pk}")
        case = lock_case(case_id)
        claim = Claim.objects.filter(case=case, ended_at__isnull=True).first()
        if case.entered_by_id == by.pk:
            raise FourEyes
        if not can_take_over(case, holder_id=claim.holder_id if claim else None, by=by):
            raise CaseMoved
        if claim is not None:
            end_claim(claim)
            move_case(case, "release", by=by, facts={**facts, "by_lease": False, "taken_from": claim.holder_id})
            notify([claim.holder], "taken_over", case, facts, caused_by=by)
        return claim_locked(case, by=by, facts={**facts, "taken_over": True}, reserved_for=None)
