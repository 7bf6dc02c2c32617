"""Who may do what with a case: permissions of the machine's transitions, four-eyes, and when a signature is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.errors import BadDecision
from cases.states import APPLICATION_OUTCOMES, Outcome, Role

NOTE_LEAST: Final = 10
NOTE_MOST: Final = 4000
# Before the name of a row of the policy, as a reason for a signature: 7 + 20 characters at most.
POLICY_ROW: Final = "policy:"
POLICY_DEFAULT: Final = "default"
NO_SIGNING: Final[Mapping[str, Any]] = {}


class Person(Protocol):
    pk: int
    role: str
    is_active: bool
    authority_amount: Decimal
    authority_currency: str

    @property
    def signs_for_id(self) -> int | None: ...


def may_read(person: Person) -> bool:
    return person.is_active and person.role in Role.values


def may_review(case: object, person: Any) -> bool:
    return bool(person.is_active and person.role in (Role.REVIEWER, Role.SUPERVISOR))


def may_claim_reserved(reserved_for: Any | None, person: Any) -> bool:
    """A case that is kept for somebody is theirs alone, until they work here no more."""
    return reserved_for is None or reserved_for.pk == person.pk or not reserved_for.is_active


def assignments_lapse_at() -> datetime:
    """A case that was handed to somebody before this moment and still waits is free for others."""
    return timezone.now() - timedelta(hours=settings.ASSIGNMENT_HOURS)


def may_sign(case: object, person: Any) -> bool:
    """Supervisors sign, and a reviewer to whom a supervisor has given the pen for these days."""
    if not person.is_active:
        return False
    return bool(person.role == Role.SUPERVISOR or (person.role == Role.REVIEWER and person.signs_for_id is not None))


def may_ask_signer(case: object, person: Any) -> bool:
    """Asking one more person to sign; the reviewer of the decision may, and every signer."""
    return may_review(case, person)


def may_place(case: object, person: Any) -> bool:
    """Routing a waiting case: to whom, or until when it rests. For others than oneself a supervisor only."""
    return may_review(case, person)


def may_attach(case: object, person: Any) -> bool:
    return may_review(case, person)


def may_reopen(case: object, person: Any) -> bool:
    """Letting a decided case be opened again; asking for it is open to reviewers."""
    return bool(person.is_active and person.role == Role.SUPERVISOR)


def may_withdraw(case: object, person: Any) -> bool:
    return bool(person.is_active and person.role in (Role.SUPERVISOR, Role.ADMIN))


def may_take_over(case: object, person: Any) -> bool:
    """Taking a case from whoever holds it, or from whom it is kept for."""
    return bool(person.is_active and person.role == Role.SUPERVISOR)


def checked_note(note: str, *, least: int = 0, lacking: str | Promise = "", field: str = "note") -> str:
    """The note without the space around it.

    Raises:
        BadDecision: shorter than `least` characters, which `lacking` says, or longer than NOTE_MOST; names `field`.
    """
    text = note.strip()
    # A Chinese character says as much as two letters at the very least: 出差期间代签 is a whole reason.
    if len(text) + sum("\u4e00" <= sign <= "\u9fff" for sign in text) < least:
        raise BadDecision(field, lacking or _("Say why in the note, in ten characters or more."))
    if len(text) > NOTE_MOST:
        raise BadDecision(field, _("Keep the note to 4,000 characters or fewer."))
    return text


def is_override(outcome: str, advice: str) -> bool:
    """A person decided against the advice. A case without advice cannot be overridden."""
    return advice in (Outcome.APPROVE, Outcome.DECLINE) and outcome != advice


def signature_reasons(
    outcome: str,
    *,
    amount: Decimal,
    currency: str,
    advice: str,
    key_customer: bool,
    person: Person,
    asked: bool = False,
    revised: bool = False,
    signing: Mapping[str, Any] = NO_SIGNING,
) -> list[str]:
    """Why a second person must sign this decision; empty when the reviewer may decide alone.

    What holds under every policy comes first, then the rows of the policy (`signing` as in `Case`) for this outcome.
    `revised`: a signer decides otherwise than the reviewer, so that a third person must agree. A decline binds the
    lender to nothing, so only a key customer's decline needs a signature by itself. An amount in another currency than
    the reviewer's authority cannot be compared and therefore counts as above it.
    """
    reasons = []
    if outcome == Outcome.APPROVE:
        if currency != person.authority_currency or amount > person.authority_amount:
            reasons.append("above_authority")
        if is_override(outcome, advice):
            reasons.append("approves_against_advice")
    if outcome in APPLICATION_OUTCOMES and key_customer:
        reasons.append("key_customer")
    if asked:
        reasons.append("asked_by_reviewer")
    if revised:
        reasons.append("revised")
    if _asked_by_policy(outcome, signing):
        rows = [row["row"] for row in signing[outcome].get("rows", ())] or [POLICY_DEFAULT]
        reasons += [f"{POLICY_ROW}{row}" for row in rows]
    return reasons


def signatures_needed(outcome: str, *, reasons: Sequence[str], signing: Mapping[str, Any] = NO_SIGNING) -> int:
    """How many second persons must sign (0 to 2), given the `signature_reasons` of the same decision."""
    floor = any(not reason.startswith(POLICY_ROW) for reason in reasons)
    return max(int(floor), _asked_by_policy(outcome, signing))


def _asked_by_policy(outcome: str, signing: Mapping[str, Any]) -> int:
    return int(signing.get(outcome, {}).get("signatures", 0))
