"""Who may do what with a case: permissions of the machine's transitions, four-eyes, and when a signature is needed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Protocol

from cases.states import Outcome, Role


class Person(Protocol):
    pk: int
    role: str
    is_active: bool
    authority_amount: Decimal
    authority_currency: str


def may_read(person: Person) -> bool:
    return person.is_active and person.role in Role.values


def may_review(case: object, person: Any) -> bool:
    return bool(person.is_active and person.role in (Role.REVIEWER, Role.SUPERVISOR))


def may_claim_reserved(reserved_for: Any | None, person: Any) -> bool:
    """A case that is kept for somebody is theirs alone, until they work here no more."""
    return reserved_for is None or reserved_for.pk == person.pk or not reserved_for.is_active


def may_sign(case: object, person: Any) -> bool:
    return bool(person.is_active and person.role == Role.SUPERVISOR)


def may_withdraw(case: object, person: Any) -> bool:
    return bool(person.is_active and person.role in (Role.SUPERVISOR, Role.ADMIN))


def is_override(outcome: str, advice: str) -> bool:
    """A person decided against the advice. A case without advice cannot be overridden."""
    return advice in (Outcome.APPROVE, Outcome.DECLINE) and outcome != advice


def signature_reasons(
    outcome: str, *, amount: Decimal, currency: str, advice: str, key_customer: bool, person: Person
) -> list[str]:
    """Why a second person must sign this decision; empty when the reviewer may decide alone.

    A decline binds the lender to nothing, so only a key customer's decline needs a signature. An amount in another
    currency than the reviewer's authority cannot be compared and therefore counts as above it.
    """
    if outcome == Outcome.DECLINE:
        return ["key_customer"] if key_customer else []
    if outcome != Outcome.APPROVE:
        return []
    reasons = []
    if currency != person.authority_currency or amount > person.authority_amount:
        reasons.append("above_authority")
    if is_override(outcome, advice):
        reasons.append("approves_against_advice")
    if key_customer:
        reasons.append("key_customer")
    return reasons
