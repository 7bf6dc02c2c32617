"""What people do with cases: claim, decide, ask, sign, send back, withdraw. Each is one durable transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.errors import BadDecision, CaseMoved, ClaimLost, FourEyes, NotAllowed, NothingToClaim, StaleCase
from cases.locks import hold
from cases.models import Case, Claim, Review, Signature, User
from cases.move import Move, lock_case, move_case, move_cases
from cases.reason_codes import reasons_for_outcome
from cases.signoff import signing_of
from cases.states import APPLICATION_OUTCOMES, RESOLUTIONS, DecidedBy, Kind, Outcome, State

TOP_TIER: Final = 0
EMPTY: Final[Mapping[str, Any]] = {}
STEP_OF_OUTCOME: Final = {Outcome.APPROVE: "approve", Outcome.DECLINE: "decline"}
SIGNED_STEP_OF_OUTCOME: Final = {Outcome.APPROVE: "sign_approval", Outcome.DECLINE: "sign_decline"}


def claim_next(*, by: User) -> Case:
    """Give `by` the case they hold already, or the first waiting one they may take, under a lease.

    Two reviewers pressing at once: SKIP LOCKED gives each their own row, the unique open claim is the second wall.

    Raises:
        NothingToClaim: nothing waits that this person may take.
        NotAllowed: the role does not review.
    """
    if not rules.may_review(None, by):
        raise NotAllowed
    with transaction.atomic(durable=True):
        # One person pressing twice at once: the second press waits and finds what the first one claimed.
        hold(f"claims of {by.pk}")
        held: Case | None = Case.objects.held_by(by).order_by("id").first()
        if held is not None:
            return held
        waiting = Case.objects.claimable_by(by).select_related("applicant")
        free = waiting.select_for_update(of=("self",), skip_locked=True)
        found: Case | None = free.filter(reserved_for=by).first() or free.first()
        if found is None:
            raise NothingToClaim
        return claim_locked(found, by=by)


def claim_case(case_id: int, *, by: User) -> Case:
    """Claim this very case.

    Raises:
        CaseMoved: it is not waiting any more. FourEyes: `by` entered it. NotAllowed: reserved for somebody else.
    """
    with transaction.atomic(durable=True):
        case = lock_case(case_id)
        if case.state != State.QUEUED:
            raise CaseMoved
        if not rules.may_claim_reserved(case.reserved_for, by):
            raise NotAllowed(_("This case was sent back to another reviewer."))
        return claim_locked(case, by=by)


def claim_locked(case: Case, *, by: User, facts: Mapping[str, Any] = EMPTY, **changes: Any) -> Case:
    """Claim a case that `lock_case` returned; the event tells `facts` too. Raises FourEyes, and as `move_case`."""
    if case.entered_by_id == by.pk:
        raise FourEyes
    lease_until = timezone.now() + timedelta(minutes=settings.CLAIM_LEASE_MINUTES)
    move_case(case, "claim", by=by, facts={"lease_until": lease_until.isoformat(), "why": case.why, **facts}, **changes)
    Claim.objects.create(case=case, holder=by, lease_until=lease_until)
    return case


def _open_claim(case: Case, *, by: User) -> Claim:
    """The claim under which `by` holds this locked case. A lease that ran out still counts until somebody ends it.

    Raises:
        CaseMoved: the case is not in review. ClaimLost: somebody else holds it.
    """
    if case.state != State.IN_REVIEW:
        raise CaseMoved
    claim = Claim.objects.filter(case=case, ended_at__isnull=True).first()
    if claim is None or claim.holder_id != by.pk:
        raise ClaimLost
    return claim


def _lock_held(case_id: int, *, by: User, seen_version: int) -> tuple[Case, Claim]:
    """Lock a case one holds. Who lost it to somebody else is told so, rather than that it has changed.

    Raises:
        StaleCase: the case is not at `seen_version` any more. CaseMoved, ClaimLost: as `_open_claim`.
    """
    case = lock_case(case_id)
    if case.state != State.IN_REVIEW and case.version != seen_version:
        raise StaleCase
    claim = _open_claim(case, by=by)
    if case.version != seen_version:
        raise StaleCase
    return case, claim


def end_claim(claim: Claim) -> None:
    claim.ended_at = timezone.now()
    claim.save(update_fields=["ended_at"])


def extend_claim(case_id: int, *, by: User) -> Claim:
    """Renew the lease of a case one holds. Raises as `_open_claim`."""
    with transaction.atomic(durable=True):
        claim = _open_claim(lock_case(case_id), by=by)
        claim.lease_until = timezone.now() + timedelta(minutes=settings.CLAIM_LEASE_MINUTES)
        claim.save(update_fields=["lease_until"])
        return claim


def release_case(case_id: int, *, by: User) -> Case:
    """Give a case one holds back to the queue, at the place it had. Raises as `_open_claim`."""
    with transaction.atomic(durable=True):
        case = lock_case(case_id)
        end_claim(_open_claim(case, by=by))
        move_case(case, "release", by=by, facts={"by_lease": False})
        return case


def expire_claims(*, limit: int = 500) -> int:
    """Put cases whose lease ran out back into the queue. Returns how many.

    A reviewer who extends at the same moment: the claim is locked, so the new lease counts or the reviewer is too late.
    """
    with transaction.atomic(durable=True):
        open_claims = Claim.objects.filter(ended_at__isnull=True, lease_until__lt=Now()).select_related("case")
        stale = open_claims.order_by("pk").select_for_update(of=("self",), skip_locked=True)[:limit]
        moves = [Move(claim.case_id, claim.case.version, facts={"by_lease": True}) for claim in stale]
        released = move_cases("release", moves)
        Claim.objects.filter(case_id__in=released, ended_at__isnull=True).update(ended_at=Now())
        return len(released)


def check_decision(case: Case, *, outcome: str, reason_codes: Sequence[str], note: str) -> None:
    """Refuse an incomplete decision. Raises BadDecision naming the field: `outcome`, `reason_codes` or `note`."""
    allowed = APPLICATION_OUTCOMES if case.kind == Kind.APPLICATION else RESOLUTIONS
    if outcome not in allowed:
        raise BadDecision("outcome", _("Choose a decision."))
    if set(reason_codes) - set(reasons_for_outcome(outcome)):
        raise BadDecision("reason_codes", _("These reasons do not fit the decision."))
    override = rules.is_override(outcome, case.advice)
    if (override or outcome == Outcome.DECLINE) and not reason_codes:
        raise BadDecision("reason_codes", _("Choose at least one reason."))
    rules.checked_note(note, least=rules.NOTE_LEAST if override or "other" in reason_codes else 0)


def decide_case(
    case_id: int, *, by: User, outcome: str, reason_codes: Sequence[str], note: str, seen_version: int
) -> Review:
    """Record a reviewer's decision: final within their authority, else on its way to a second person.

    Raises:
        StaleCase: the case changed since the reviewer's page was made; a double press finds the version moved on.
        CaseMoved, ClaimLost: as `_open_claim`. BadDecision: the form is incomplete. NotAllowed: wrong role.
    """
    with transaction.atomic(durable=True):
        case, claim = _lock_held(case_id, by=by, seen_version=seen_version)
        check_decision(case, outcome=outcome, reason_codes=reason_codes, note=note)
        signing = signing_of(case, outcome, person=by)
        review = Review.objects.create(
            case=case,
            reviewer=by,
            outcome=outcome,
            advice=case.advice,
            is_override=rules.is_override(outcome, case.advice),
            reason_codes=list(reason_codes),
            note=note.strip(),
            signature_reasons=signing.reasons,
            signatures_needed=signing.needed,
            seen_version=seen_version,
            claimed_at=claim.claimed_at,
        )
        end_claim(claim)
        facts = {
            "review": review.pk,
            "outcome": outcome,
            "advice": case.advice,
            "override": review.is_override,
            "reason_codes": list(reason_codes),
            "note": review.note,
        }
        if signing.needed:
            asked = {"signature_reasons": signing.reasons, "signatures_needed": signing.needed}
            move_case(case, "ask_signature", by=by, facts={**facts, **asked})
        else:
            step = STEP_OF_OUTCOME.get(Outcome(outcome), "resolve")
            move_case(case, step, by=by, facts=facts, **_decided(outcome))
        return review


def _decided(outcome: str) -> dict[str, Any]:
    return {"outcome": outcome, "decided_by": DecidedBy.PERSON, "decided_at": timezone.now(), "reserved_for": None}


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
        move_case(case, "send_back", by=by, facts=facts, **_back_to(review.reviewer, "sent_back"))
        return
    signed = review.signatures.count()
    if signed < review.signatures_needed:
        progress = {"signed": signed, "signatures_needed": review.signatures_needed}
        move_case(case, "countersign", by=by, facts={**facts, **progress})
        return
    step = SIGNED_STEP_OF_OUTCOME.get(Outcome(review.outcome), "sign_resolution")
    move_case(case, step, by=by, facts=facts, **_decided(review.outcome))


def _back_to(reviewer: User, why: str) -> dict[str, Any]:
    """The place of a case that returns to somebody: on top, with the reason."""
    return {
        "reserved_for": reviewer,
        "queue_tier": TOP_TIER,
        "queue_rank": 0.0,
        "queued_at": timezone.now(),
        "why": [{"code": why, "params": {}}],
    }


def ask_information(case_id: int, *, by: User, note: str, seen_version: int) -> Case:
    """Stop the clock and wait for the applicant or the branch. The note says what was asked for."""
    lacking = _("Say in the note what is needed, in ten characters or more.")
    note = rules.checked_note(note, least=rules.NOTE_LEAST, lacking=lacking)
    with transaction.atomic(durable=True):
        case, claim = _lock_held(case_id, by=by, seen_version=seen_version)
        end_claim(claim)
        move_case(case, "ask_information", by=by, facts={"note": note}, reserved_for=by)
        return case


def receive_information(case_id: int, *, by: User, note: str) -> Case:
    """The answer is here: back on top of the queue of whoever asked; the time waited is added to the due time."""
    note = rules.checked_note(note)
    with transaction.atomic(durable=True):
        case = lock_case(case_id)
        if case.state != State.WAITING_INFO:
            raise CaseMoved
        asked = case.events.latest("seq")
        waited = timezone.now() - asked.at
        place = _back_to(case.reserved_for or by, "information_arrived")
        due_at = (case.due_at or timezone.now()) + waited
        facts = {"note": note, "waited_seconds": int(waited.total_seconds())}
        move_case(case, "receive_information", by=by, facts=facts, **place, due_at=due_at)
        return case


def withdraw_case(case_id: int, *, by: User, note: str) -> Case:
    """Take a case back for the lender. Raises CaseMoved or NotAllowed; BadDecision without a reason."""
    note = rules.checked_note(note, least=rules.NOTE_LEAST)
    with transaction.atomic(durable=True):
        case = lock_case(case_id)
        move_case(case, "withdraw", by=by, facts={"note": note}, reserved_for=None)
        return case
