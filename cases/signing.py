"""The second person: confirming a decision, putting its reasons right, or sending it back to whoever made it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.deciding import check_decision, decided_now
from cases.errors import BadDecision, CaseMoved, NotAllowed, StaleCase
from cases.freezing import refuse_changed
from cases.models import Case, Review, Signature, User
from cases.move import lock_case, move_case
from cases.notices import notify
from cases.returning import back_to
from cases.signers import Pen, Signers, pen_for, pens_of
from cases.signoff import asked_are_missing
from cases.states import Outcome, State

SIGNED_STEP_OF_OUTCOME: Final = {Outcome.APPROVE: "sign_approval", Outcome.DECLINE: "sign_decline"}


def lock_awaiting(case_id: int, *, by: User, seen_version: int, as_decided: bool) -> tuple[Case, Review]:
    """Lock a case that waits for signatures, with the decision to be signed. `as_decided`: nothing of what the decision
    stands on may have changed since; that is told before the mere news that the page is old.

    Raises:
        NotAllowed: reviews nothing. PacketChanged, StaleCase, CaseMoved: what was read is not what is there.
    """
    case = lock_case(case_id)
    if not rules.may_review(case, by):
        raise NotAllowed
    review = case.reviews.order_by("seen_version").last() if case.state == State.AWAITING_SIGNOFF else None
    if review is not None and as_decided:
        refuse_changed(case, review)
    if case.version != seen_version:
        raise StaleCase
    if review is None:
        raise CaseMoved
    return case, review


def sign_case(
    case_id: int,
    *,
    by: User,
    verdict: str,
    note: str,
    seen_version: int,
    reason_codes: Sequence[str] | None = None,
) -> Signature:
    """Confirm a reviewer's decision, or send it back to the same reviewer with a reason. The last confirmation that
    the review needs decides the case; one before it leaves the case waiting for another person. `reason_codes` are
    those that the signer finds right for the same decision. Who holds another's pen signs on behalf of its giver.

    Two signers at once, a document or the end of the waiting at the same moment: the row of the case is locked before
    its version and its packet are looked at, so the second is told that the first was faster.

    Raises:
        FourEyes: `by` decided, entered, routed or signed the case. ConflictOfInterest: with its applicant, stated for
            `by` or for whose pen it is. BeyondAuthority: more than the pen is good for.
        NotAllowed: no pen. PacketChanged: the case is not the one that was decided. CaseMoved, StaleCase: somebody
            was faster. BadDecision: unknown verdict, reasons that do not fit, or sent back without a reason.
    """
    if verdict not in Signature.Verdict.values:
        raise BadDecision("verdict", _("Confirm the decision or send it back."))
    confirms = verdict == Signature.Verdict.CONFIRM
    note = rules.checked_note(note, least=0 if confirms else rules.NOTE_LEAST)
    with transaction.atomic(durable=True):
        case, review = lock_awaiting(case_id, by=by, seen_version=seen_version, as_decided=confirms)
        pen = pen_for(pens_of(by), Signers.read(case, review), confirms=confirms)
        corrected = _corrected(case, review, reason_codes) if confirms else None
        signature = Signature.objects.create(
            review=review,
            reviewer_id=review.reviewer_id,
            signer=by,
            on_behalf_of=pen.giver,
            verdict=verdict,
            note=note,
            corrected_codes=corrected,
            packet_sha256=review.packet_sha256,
        )
        _move_signed(case, signature, pen)
        return signature


def _corrected(case: Case, review: Review, reason_codes: Sequence[str] | None) -> list[str] | None:
    """The reasons in place of the reviewer's; None where they are the same. Raises BadDecision as a decision would."""
    if reason_codes is None or set(reason_codes) == set(review.reason_codes):
        return None
    check_decision(case, outcome=review.outcome, reason_codes=reason_codes, note=review.note)
    return list(reason_codes)


def signed_on_behalf(pen: Pen) -> dict[str, Any]:
    """What the event of an act with another's pen tells of it."""
    return {"on_behalf_of": pen.giver.display_name, "on_behalf_of_id": pen.giver.pk} if pen.giver else {}


def _move_signed(case: Case, signature: Signature, pen: Pen) -> None:
    """The move that a new signature makes: back, on to the next signer, or the decision."""
    review, by = signature.review, signature.signer
    facts: dict[str, Any] = {"review": review.pk, "signature": signature.pk, "note": signature.note}
    facts |= signed_on_behalf(pen)
    if signature.corrected_codes is not None:
        facts["corrected_codes"] = signature.corrected_codes
    if signature.verdict == Signature.Verdict.SEND_BACK:
        place = back_to(review.reviewer, "sent_back_because", person=by.display_name, reason=signature.note)
        move_case(case, "send_back", by=by, facts=facts, **place)
        notify([review.reviewer], "sent_back", case, {"reason": signature.note}, caused_by=by)
        return
    signed = review.signatures.count()
    if signed < review.signatures_needed or asked_are_missing(review):
        progress = {"signed": signed, "signatures_needed": review.signatures_needed}
        move_case(case, "countersign", by=by, facts={**facts, **progress})
        return
    step = SIGNED_STEP_OF_OUTCOME.get(Outcome(review.outcome), "sign_resolution")
    move_case(case, step, by=by, facts=facts, **decided_now(review.outcome))
