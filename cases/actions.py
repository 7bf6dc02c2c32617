"""What people do with cases: claim, decide, ask, sign, send back, withdraw. Each is one durable transaction."""

from __future__ import annotations

from django.db import transaction

from cases import rules
from cases.claiming import claim_case, claim_next, expire_claims, extend_claim, release_case
from cases.deciding import decide_case
from cases.expiring import expire_signoffs
from cases.information import ask_information, receive_information
from cases.models import Case, User
from cases.move import lock_case, move_case
from cases.revising import ask_signer, revise_decision
from cases.signing import sign_case

__all__ = [
    "ask_information",
    "ask_signer",
    "claim_case",
    "claim_next",
    "decide_case",
    "expire_claims",
    "expire_signoffs",
    "extend_claim",
    "receive_information",
    "release_case",
    "revise_decision",
    "sign_case",
    "withdraw_case",
]


def withdraw_case(case_id: int, *, by: User, note: str) -> Case:
    """Take a case back for the lender. Raises CaseMoved or NotAllowed; BadDecision without a reason."""
    note = rules.checked_note(note, least=rules.NOTE_LEAST)
    with transaction.atomic(durable=True):
        case = lock_case(case_id)
        move_case(case, "withdraw", by=by, facts={"note": note}, reserved_for=None)
        return case
