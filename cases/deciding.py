"""A reviewer's decision: final within their authority, else on its way to a second person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.blindness import is_blind
from cases.claiming import end_claim, lock_held
from cases.errors import BadDecision, OpinionFirst
from cases.freezing import freeze
from cases.models import AskedSigner, Case, Review, User
from cases.move import move_case
from cases.notices import notify
from cases.reason_codes import reasons_for_outcome
from cases.signers import Signers, conflicts_with, signers_for
from cases.signoff import Signing, signing_of
from cases.standing import release_hold
from cases.states import APPLICATION_OUTCOMES, RESOLUTIONS, DecidedBy, Kind, Outcome

STEP_OF_OUTCOME: Final = {Outcome.APPROVE: "approve", Outcome.DECLINE: "decline"}


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
    case_id: int,
    *,
    by: User,
    outcome: str,
    reason_codes: Sequence[str],
    note: str,
    seen_version: int,
    signer_id: int | None = None,
) -> Review:
    """Record a reviewer's decision: final within their authority once it is released, else on its way to a second
    person. `signer_id` is somebody whom the reviewer asks to sign too.

    Raises:
        StaleCase: the case changed since the reviewer's page was made; a double press finds the version moved on.
        CaseMoved, ClaimLost: as `open_claim`. BadDecision: the form is incomplete. NotAllowed: wrong role.
        OpinionFirst: `by` has not said what they think of a case that asks for it.
    """
    released_after = release_hold()
    with transaction.atomic(durable=True):
        case, claim = lock_held(case_id, by=by, seen_version=seen_version)
        if is_blind(case, by):
            raise OpinionFirst
        check_decision(case, outcome=outcome, reason_codes=reason_codes, note=note)
        signer = asked_signer(case, outcome, signer_id, by=by)
        signing = signing_of(case, outcome, person=by, asked=signer is not None)
        review = frozen_review(
            case, by=by, outcome=outcome, reason_codes=reason_codes, note=note, signing=signing, began=claim.claimed_at
        )
        if signer is not None:
            AskedSigner.objects.create(review=review, reviewer=by, signer=signer, asked_by=by, reason=review.note)
            notify([signer], "asked_to_sign", case, {}, caused_by=by)
        end_claim(claim)
        _move_decided(case, review, signer, held=released_after)
        return review


def frozen_review(
    case: Case,
    *,
    by: User,
    outcome: str,
    reason_codes: Sequence[str],
    note: str,
    signing: Signing,
    began: datetime,
) -> Review:
    """The decision of `by` on a locked case as it stands, kept with the packet of what it rests on; they `began`
    to look at it then."""
    review = Review(
        case=case,
        reviewer=by,
        outcome=outcome,
        advice=case.advice,
        is_override=rules.is_override(outcome, case.advice),
        reason_codes=list(reason_codes),
        note=note.strip(),
        signature_reasons=signing.reasons,
        signatures_needed=signing.needed,
        seen_version=case.version,
        claimed_at=began,
    )
    freeze(case, review)
    return review


def facts_of_decision(review: Review) -> dict[str, Any]:
    """What the event of a decision tells of it."""
    facts: dict[str, Any] = {
        "review": review.pk,
        "outcome": review.outcome,
        "advice": review.advice,
        "override": review.is_override,
        "reason_codes": review.reason_codes,
        "note": review.note,
    }
    if review.signatures_needed:
        facts |= {"signature_reasons": review.signature_reasons, "signatures_needed": review.signatures_needed}
    return facts


def _move_decided(case: Case, review: Review, signer: User | None, *, held: timedelta) -> None:
    """The move that a new decision makes: on to its signer, or into its end; released once `held` for so long."""
    by, facts = review.reviewer, {**facts_of_decision(review), **kept_for(case)}
    if not review.signatures_needed:
        step = STEP_OF_OUTCOME.get(Outcome(review.outcome), "resolve")
        move_case(case, step, by=by, facts=facts, **decided_now(review.outcome, held=held))
        return
    if signer is not None:
        facts |= {"asked_signer": signer.display_name, "asked_signer_id": signer.pk}
    move_case(case, "ask_signature", by=by, facts=facts, released_at=timezone.now() + held)


def decided_now(outcome: str, *, held: timedelta = timedelta(0)) -> dict[str, Any]:
    """What a decision writes on the case; it is released when it was `held` for so long."""
    now = timezone.now()
    return {
        "outcome": outcome,
        "decided_by": DecidedBy.PERSON,
        "decided_at": now,
        "released_at": now + held,
        "reserved_for": None,
    }


def kept_for(case: Case) -> dict[str, int]:
    """For whom the case was kept, as a fact of the move that ends it: taking the move back keeps it for them again."""
    return {"kept_for": case.reserved_for_id} if case.reserved_for_id else {}


def signers_for_decision(case: Case, outcome: str, *, by: User) -> list[User]:
    """Whom `by`, who is about to decide so, may ask to sign too."""
    # Who may not is asked here, not why: one query for both.
    barred = case.reviews.values_list("reviewer").union(conflicts_with(case).values_list("person"))
    around = Signers(case, Review(case=case, reviewer=by, outcome=outcome), {by.pk, *(pk for (pk,) in barred)}, (), ())
    return signers_for(around, by=by)


def asked_signer(case: Case, outcome: str, signer_id: int | None, *, by: User) -> User | None:
    """The person whom the reviewer asks to sign too. Raises BadDecision (`signer`) for one who may not sign it."""
    if signer_id is None:
        return None
    found = next((each for each in signers_for_decision(case, outcome, by=by) if each.pk == signer_id), None)
    if found is None:
        raise BadDecision("signer", _("Choose somebody who may sign this case."))
    return found
