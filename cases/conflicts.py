"""Conflicts of interest: a person says that they may not look at an applicant's cases, and who ends that."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.claiming import end_claim
from cases.errors import BadDecision, CaseNotFound, NotAllowed
from cases.models import AskedSigner, Case, Claim, Conflict, Review, User
from cases.move import lock_case, move_case
from cases.states import Role, State


def state_conflict(case_id: int, *, by: User, reason: str) -> Conflict:
    """State that `by` has a conflict of interest with the applicant of a case. A case they hold goes back to its place,
    one that was kept for them or handed to them is free for others, and a decision on it is not theirs to sign. Where
    they were asked by name to sign a decision on this applicant, nobody waits for them any more.

    Said twice at once: the open conflict is unique, so both find the same one. Cases are locked in the order of their
    keys, as two persons may be asked to sign the same ones.

    Raises:
        NotAllowed: `by` does not look at cases. CaseNotFound. BadDecision: no reason of ten characters.
    """
    if not rules.may_review(None, by):
        raise NotAllowed
    lacking = _("Say what the conflict of interest is, in ten characters or more.")
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=lacking, field="reason")
    with transaction.atomic(durable=True):
        cases = [lock_case(each) for each in sorted({case_id, *_asked_to_sign(case_id, by)})]
        case = next(each for each in cases if each.pk == case_id)
        conflict, _made = Conflict.objects.get_or_create(
            person=by, applicant=case.applicant, ended_at=None, defaults={"reason": why, "stated_by": by}
        )
        _let_go(case, by=by, reason=why)
        for each in cases:
            _excuse(each, by=by, reason=why)
        return conflict


def _asked_to_sign(case_id: int, by: User) -> list[int]:
    """The cases of the same applicant that wait for signatures and on which `by` was ever asked for one."""
    waiting = Case.objects.filter(state=State.AWAITING_SIGNOFF, applicant__cases=case_id)
    return list(waiting.filter(reviews__asked_signers__signer=by).values_list("pk", flat=True))


def _excuse(case: Case, *, by: User, reason: str) -> None:
    """Tell in the history that nobody waits for the signature of `by`, where the decision of the case asks for it."""
    if case.state != State.AWAITING_SIGNOFF:
        return
    review: Review = case.reviews.latest("seen_version")
    signed = review.signatures.filter(signer=by)
    told = case.events.filter(name="excuse_signer", facts__review=review.pk, facts__excused_signer_id=by.pk)
    if not AskedSigner.objects.filter(review=review, signer=by).exists() or signed.exists() or told.exists():
        return
    facts = {"review": review.pk, "excused_signer": by.display_name, "excused_signer_id": by.pk, "reason": reason}
    move_case(case, "excuse_signer", by=by, facts={**facts, "conflict_of_interest": True})


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
