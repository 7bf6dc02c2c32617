"""A reviewer's decision: final within their authority, else on its way to a second person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.claiming import end_claim, lock_held
from cases.errors import BadDecision
from cases.freezing import freeze
from cases.models import Case, Review, User
from cases.move import move_case
from cases.reason_codes import reasons_for_outcome
from cases.signoff import signing_of
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
    case_id: int, *, by: User, outcome: str, reason_codes: Sequence[str], note: str, seen_version: int
) -> Review:
    """Record a reviewer's decision: final within their authority, else on its way to a second person.

    Raises:
        StaleCase: the case changed since the reviewer's page was made; a double press finds the version moved on.
        CaseMoved, ClaimLost: as `open_claim`. BadDecision: the form is incomplete. NotAllowed: wrong role.
    """
    with transaction.atomic(durable=True):
        case, claim = lock_held(case_id, by=by, seen_version=seen_version)
        check_decision(case, outcome=outcome, reason_codes=reason_codes, note=note)
        signing = signing_of(case, outcome, person=by)
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
            seen_version=seen_version,
            claimed_at=claim.claimed_at,
        )
        freeze(case, review)
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
            move_case(case, step, by=by, facts=facts, **decided_now(outcome))
        return review


def decided_now(outcome: str) -> dict[str, Any]:
    """What a decision writes on the case."""
    return {"outcome": outcome, "decided_by": DecidedBy.PERSON, "decided_at": timezone.now(), "reserved_for": None}
