"""Who may do what, what counts as an override, and when a second person must sign: pure rules, no database."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest

from cases import rules
from cases.reason_codes import ADVERSE, FAVOURABLE, ReasonCode, reasons_for_outcome
from cases.states import FINAL_STATES, MACHINE_STATES, OWNERS, RESOLUTIONS, Outcome, Owner, State


@dataclass
class Somebody:
    role: str = "reviewer"
    is_active: bool = True
    authority_amount: Decimal = Decimal("25000.00")
    authority_currency: str = "USD"
    pk: int = 1


@pytest.mark.parametrize(
    ("role", "read", "review", "sign", "withdraw"),
    [
        ("reviewer", True, True, False, False),
        ("supervisor", True, True, True, True),
        ("admin", True, False, False, True),
        ("auditor", True, False, False, False),
        ("stranger", False, False, False, False),
    ],
)
def test_each_role_may_do_its_own_work(role: str, read: bool, review: bool, sign: bool, withdraw: bool) -> None:
    person, gone = Somebody(role), Somebody(role, is_active=False)
    permissions = (rules.may_review, rules.may_sign, rules.may_withdraw)
    assert rules.may_read(person) is read
    assert [rule(None, person) for rule in permissions] == [review, sign, withdraw]
    assert not rules.may_read(gone)
    assert [rule(None, gone) for rule in permissions] == [False, False, False]


@pytest.mark.parametrize(
    ("outcome", "advice", "override"),
    [
        ("approve", "approve", False),
        ("approve", "decline", True),
        ("decline", "approve", True),
        ("decline", "decline", False),
        ("approve", "", False),
        ("decline", "", False),
        ("watch", "", False),
    ],
)
def test_only_a_decision_against_an_advice_is_an_override(outcome: str, advice: str, override: bool) -> None:
    assert rules.is_override(outcome, advice) is override


def needed(outcome: str = "approve", amount: str = "8000.00", **changes: object) -> list[str]:
    given = {"currency": "USD", "advice": "approve", "key_customer": False, "person": Somebody(), **changes}
    return rules.signature_reasons(outcome, amount=Decimal(amount), **given)  # type: ignore[arg-type]


def test_an_approval_within_the_authority_and_the_advice_needs_nobody_else() -> None:
    assert needed() == []
    assert needed(amount="25000.00") == []
    assert needed(advice="") == []


def test_each_reason_for_a_signature_is_named() -> None:
    assert needed(amount="25000.01") == ["above_authority"]
    assert needed(currency="CNY", amount="1.00") == ["above_authority"]
    assert needed(person=Somebody(authority_amount=Decimal(0))) == ["above_authority"]
    assert needed(advice="decline") == ["approves_against_advice"]
    assert needed(key_customer=True) == ["key_customer"]
    assert needed(amount="30000.00", advice="decline", key_customer=True) == [
        "above_authority",
        "approves_against_advice",
        "key_customer",
    ]


def test_a_decline_needs_a_signature_for_key_customers_only() -> None:
    assert needed("decline", amount="9000000.00", advice="approve") == []
    assert needed("decline", key_customer=True) == ["key_customer"]


@pytest.mark.parametrize("outcome", RESOLUTIONS)
def test_resolving_a_warning_needs_no_signature(outcome: Outcome) -> None:
    assert needed(outcome, amount="9000000.00", key_customer=True) == []


def test_every_state_has_one_owner() -> None:
    assert set(OWNERS) == set(State)
    assert MACHINE_STATES == (State.RECEIVED, State.SCORED)
    assert FINAL_STATES == (State.APPROVED, State.DECLINED, State.RESOLVED, State.WITHDRAWN)
    assert [state for state, owner in OWNERS.items() if owner is Owner.OUTSIDE] == [State.WAITING_INFO]


def test_a_reason_speaks_for_or_against_and_two_for_both() -> None:
    assert set(ADVERSE) | set(FAVOURABLE) == set(ReasonCode)
    assert set(ADVERSE) & set(FAVOURABLE) == {ReasonCode.DATA_CORRECTED, ReasonCode.OTHER}
    assert reasons_for_outcome("approve") == FAVOURABLE
    assert reasons_for_outcome("decline") == ADVERSE
    assert reasons_for_outcome("watch") == tuple(ReasonCode)
