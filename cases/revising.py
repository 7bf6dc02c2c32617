"""A signer who cannot sign as it is: decides anew, or asks one more person by name."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.claimable import has_confirmed
from cases.claiming import CONFIRMED_BEFORE
from cases.deciding import check_decision, facts_of_decision, frozen_review
from cases.errors import BadDecision, FourEyes, NotAllowed
from cases.models import AskedSigner, Case, Review, User
from cases.move import move_case
from cases.notices import notify
from cases.signers import Signers, pen_for, pens_of, signers_for
from cases.signing import lock_awaiting
from cases.signoff import signing_of


def revise_decision(
    case_id: int, *, by: User, outcome: str, reason_codes: Sequence[str], note: str, seen_version: int
) -> Review:
    """Decide otherwise than the reviewer did. The signer is the reviewer of the new decision, which at least one other
    person must sign; signatures on the old one do not count, and nobody who ever decided the case signs it. Also with
    another's pen it is the signer's own decision, within their own authority.

    Raises:
        FourEyes, NotAllowed: as `sign_case`; FourEyes also for who signed an earlier decision or let the case be opened
        again. BadDecision: incomplete, or the same outcome. PacketChanged, CaseMoved,
        StaleCase: as `sign_case`.
    """
    with transaction.atomic(durable=True):
        case, old = lock_awaiting(case_id, by=by, seen_version=seen_version, as_decided=True)
        pen_for(pens_of(by), Signers.read(case, old), confirms=False)
        if Case.objects.filter(has_confirmed(by), pk=case.pk).exists():
            raise FourEyes(CONFIRMED_BEFORE)
        check_decision(case, outcome=outcome, reason_codes=reason_codes, note=note)
        if outcome == old.outcome:
            raise BadDecision(
                "outcome", _("That is what the reviewer decided: sign it, with other reasons if need be.")
            )
        note = rules.checked_note(note, least=rules.NOTE_LEAST)
        review = frozen_review(
            case,
            by=by,
            outcome=outcome,
            reason_codes=reason_codes,
            note=note,
            signing=signing_of(case, outcome, person=by, revised=True),
            began=timezone.now(),
        )
        facts = {**facts_of_decision(review), "instead_of": old.pk}
        move_case(case, "revise", by=by, facts=facts)
        return review


def ask_signer(case_id: int, *, by: User, signer_id: int, reason: str, seen_version: int) -> AskedSigner:
    """Ask one more person by name to sign: the case is decided with their confirmation only. The reviewer of the
    decision may ask, and whoever signs, also beyond their own authority.

    Raises:
        NotAllowed: has no part in it. BadDecision: no `reason`, or a `signer` who may not sign this decision.
        PacketChanged, CaseMoved, StaleCase: as `sign_case`.
    """
    lacking = _("Say why this person should sign, in ten characters or more.")
    reason = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=lacking, field="reason")
    with transaction.atomic(durable=True):
        case, review = lock_awaiting(case_id, by=by, seen_version=seen_version, as_decided=True)
        if by.pk != review.reviewer_id and not rules.may_sign(case, by):
            raise NotAllowed(_("Whoever decided, and whoever signs, may ask for one more signature."))
        already = set(review.asked_signers.values_list("signer", flat=True))
        may = {person.pk: person for person in signers_for(Signers.read(case, review), by=by, asked=already)}
        if signer_id not in may:
            raise BadDecision("signer", _("Choose somebody who may sign this case."))
        asked = AskedSigner.objects.create(
            review=review, reviewer_id=review.reviewer_id, signer=may[signer_id], asked_by=by, reason=reason
        )
        facts = {
            "review": review.pk,
            "asked_signer": asked.signer.display_name,
            "asked_signer_id": signer_id,
            "reason": reason,
        }
        move_case(case, "ask_signer", by=by, facts=facts)
        notify([asked.signer], "asked_to_sign", case, {}, caused_by=by)
        return asked
