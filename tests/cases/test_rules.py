"""Who may do what, what counts as an override, and when a second person must sign: pure rules, no database."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest

from cases import rules
from cases.models import Review
from cases.reason_codes import ADVERSE, FAVOURABLE, ReasonCode, reasons_for_outcome
from cases.states import FINAL_STATES, MACHINE_STATES, OWNERS, RESOLUTIONS, Outcome, Owner, State
from routing.models import Route


@dataclass
class Somebody:
    role: str = "reviewer"
    is_active: bool = True
    authority_amount: Decimal = Decimal("25000.00")
    authority_currency: str = "USD"
    pk: int = 1
    signs_for_id: int | None = None


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


def test_a_reviewer_signs_with_the_pen_of_a_supervisor() -> None:
    assert rules.may_sign(None, Somebody(signs_for_id=7)) is True
    assert rules.may_sign(None, Somebody("admin", signs_for_id=7)) is False
    assert rules.may_sign(None, Somebody(is_active=False, signs_for_id=7)) is False


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


BOTH = {
    "approve": {
        "signatures": 2,
        "rows": [{"row": "S4", "en": "large", "zh": "大额"}, {"row": "S7", "en": "x", "zh": "x"}],
    },
    "decline": {"signatures": 1, "rows": [{"row": "S9", "en": "key", "zh": "重点"}]},
}


def test_the_rows_of_the_policy_come_after_the_fixed_reasons_and_for_their_outcome_only() -> None:
    assert needed(signing=BOTH) == ["policy:S4", "policy:S7"]
    assert needed(signing=BOTH, key_customer=True) == ["key_customer", "policy:S4", "policy:S7"]
    assert needed("decline", signing=BOTH) == ["policy:S9"]
    assert needed("watch", signing=BOTH) == []


def test_a_policy_that_asks_for_nobody_gives_no_reason_and_one_that_asks_by_its_default_says_so() -> None:
    rows = [{"row": "S1", "en": "x", "zh": "x"}]
    assert needed(signing={"approve": {"signatures": 0, "rows": rows}}) == []
    assert needed(signing={"approve": {"signatures": 1, "rows": []}}) == ["policy:default"]
    assert needed(signing={}) == []


@pytest.mark.parametrize(
    ("outcome", "changes", "signing", "number"),
    [
        ("approve", {}, {}, 0),
        ("approve", {"key_customer": True}, {}, 1),
        ("approve", {"amount": "30000.00", "advice": "decline", "key_customer": True}, {}, 1),
        ("approve", {}, BOTH, 2),
        ("approve", {"key_customer": True}, BOTH, 2),
        ("decline", {}, BOTH, 1),
        ("decline", {"key_customer": True}, {"decline": {"signatures": 0, "rows": []}}, 1),
        ("watch", {"key_customer": True}, BOTH, 0),
    ],
)
def test_as_many_sign_as_the_policy_asks_for_and_one_where_a_fixed_reason_holds(
    outcome: str, changes: dict[str, object], signing: dict[str, object], number: int
) -> None:
    reasons = needed(outcome, signing=signing, **changes)  # type: ignore[arg-type]
    assert rules.signatures_needed(outcome, reasons=reasons, signing=signing) == number
    assert bool(reasons) is bool(number)


def test_the_longest_name_of_a_row_fits_where_reasons_are_kept() -> None:
    row = Route._meta.get_field("row").max_length
    kept = Review._meta.get_field("signature_reasons").base_field.max_length
    assert (row, kept) == (20, 30)
    assert len(rules.POLICY_ROW) + 20 <= 30


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
