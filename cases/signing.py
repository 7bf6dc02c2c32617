"""The second person: confirming a decision, or sending it back to whoever made it."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.deciding import decided_now
from cases.errors import BadDecision, CaseMoved, FourEyes, NotAllowed
from cases.models import Case, Review, Signature, User
from cases.move import lock_case, move_case
from cases.returning import back_to
from cases.signoff import asked_are_missing
from cases.states import Outcome, State

SIGNED_STEP_OF_OUTCOME: Final = {Outcome.APPROVE: "sign_approval", Outcome.DECLINE: "sign_decline"}


def sign_case(case_id: int, *, by: User, verdict: str, note: str, seen_version: int) -> Signature:
    """Confirm a reviewer's decision, or send it back to the same reviewer with a reason. The last confirmation that
    the review needs decides the case; one before it leaves the case waiting for another person.

    Raises:
        FourEyes: `by` decided, entered or signed the case. NotAllowed: not a supervisor. CaseMoved, StaleCase: somebody
            was faster. BadDecision: unknown verdict, or sent back without a reason.
    """
    if verdict not in Signature.Verdict.values:
        raise BadDecision("verdict", _("Confirm the decision or send it back."))
    note = rules.checked_note(note, least=rules.NOTE_LEAST if verdict == Signature.Verdict.SEND_BACK else 0)
    with transaction.atomic(durable=True):
        case = lock_case(case_id, seen_version=seen_version)
        if case.state != State.AWAITING_SIGNOFF:
            raise CaseMoved
        if not rules.may_sign(case, by):
            raise NotAllowed
        review = Review.objects.filter(case=case).latest("at")
        if by.pk in (review.reviewer_id, case.entered_by_id):
            raise FourEyes
        if review.signatures.filter(signer=by).exists():
            raise FourEyes(_("You have signed this decision: another person must sign it too."))
        signature = Signature.objects.create(
            review=review, reviewer_id=review.reviewer_id, signer=by, verdict=verdict, note=note
        )
        _move_signed(case, signature, by=by)
        return signature


def _move_signed(case: Case, signature: Signature, *, by: User) -> None:
    """The move that a new signature makes: back, on to the next signer, or the decision."""
    review = signature.review
    facts = {"review": review.pk, "signature": signature.pk, "note": signature.note}
    if signature.verdict == Signature.Verdict.SEND_BACK:
        move_case(case, "send_back", by=by, facts=facts, **back_to(review.reviewer, "sent_back"))
        return
    signed = review.signatures.count()
    if signed < review.signatures_needed or asked_are_missing(review):
        progress = {"signed": signed, "signatures_needed": review.signatures_needed}
        move_case(case, "countersign", by=by, facts={**facts, **progress})
        return
    step = SIGNED_STEP_OF_OUTCOME.get(Outcome(review.outcome), "sign_resolution")
    move_case(case, step, by=by, facts=facts, **decided_now(review.outcome))
