"""Where the policy asks for it, two others sign: each once, none of them whose case it is, the last one decides."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from cases import actions
from cases.errors import CaseMoved, FourEyes, StaleCase
from cases.models import Case, Signature, User
from cases.signoff import awaiting_signature
from cases.states import Role
from tests import make
from tests.cases.history import everything, steps
from tests.together import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("champion", "policy")]
TWO = make.signing(approve=2, decline=1)
NOTE = "look at the income again"


@pytest.fixture
def second_supervisor() -> User:
    return make.user("second_supervisor", Role.SUPERVISOR, authority=100_000)


def sign(case: Case, by: User, verdict: str = "confirm", note: str = "") -> Signature:
    return actions.sign_case(case.pk, by=by, verdict=verdict, note=note, seen_version=make.reread(case).version)


def test_the_first_of_two_leaves_the_case_waiting_and_the_second_decides(
    reviewer: User, supervisor: User, second_supervisor: User
) -> None:
    case, review = make.awaiting_case(reviewer, signing=TWO)
    assert (review.signature_reasons, review.signatures_needed) == (["key_customer", "policy:S2"], 2)
    asked = case.events.latest("seq").facts
    assert (asked["signature_reasons"], asked["signatures_needed"]) == (["key_customer", "policy:S2"], 2)
    first = sign(case, supervisor, note="agreed")
    waiting = make.reread(case)
    assert (waiting.state, waiting.version, waiting.outcome, waiting.decided_by, waiting.decided_at) == (
        "awaiting_signoff", case.version + 1, "", "", None,
    )  # fmt: skip
    event = waiting.events.latest("seq")
    assert (event.name, event.from_state, event.to_state, event.actor, event.facts) == (
        "countersign",
        "awaiting_signoff",
        "awaiting_signoff",
        supervisor,
        {"review": review.pk, "signature": first.pk, "note": "agreed", "signed": 1, "signatures_needed": 2},
    )
    second = sign(case, second_supervisor)
    ended = make.reread(case)
    assert (ended.state, ended.outcome, ended.decided_by, ended.version) == (
        "approved", "approve", "person", case.version + 2,
    )  # fmt: skip
    assert ended.events.latest("seq").facts == {"review": review.pk, "signature": second.pk, "note": ""}
    assert steps(case)[3:] == ["claim", "ask_signature", "countersign", "sign_approval"]
    assert [(each.signer, each.verdict) for each in review.signatures.all()] == [
        (supervisor, "confirm"), (second_supervisor, "confirm"),
    ]  # fmt: skip


def test_the_policy_speaks_of_the_decided_outcome_only(reviewer: User, supervisor: User) -> None:
    case, review = make.awaiting_case(reviewer, outcome="decline", signing=TWO)
    assert (review.signature_reasons, review.signatures_needed) == (["key_customer", "policy:S1"], 1)
    sign(case, supervisor)
    assert make.reread(case).state == "declined"


def test_where_the_policy_says_nobody_the_fixed_rules_still_hold(reviewer: User) -> None:
    _case, review = make.awaiting_case(reviewer, signing=make.signing())
    assert (review.signature_reasons, review.signatures_needed) == (["key_customer"], 1)


def test_a_large_loan_that_the_policy_advises_against_needs_two(
    reviewer: User, supervisor: User, second_supervisor: User
) -> None:
    risky = {"interest_rate": 30.0, "sub_grade": 34, "annual_income": 16_000, "credit_utilisation": 110.0}
    features = {**make.CLEAR_FEATURES, **risky}
    case, review = make.awaiting_case(reviewer, amount=Decimal(40_000), features=features, key_customer=False)
    assert (case.advice, case.signing["approve"]["signatures"], case.signing["decline"]["signatures"]) == (
        "decline", 2, 0,
    )  # fmt: skip
    assert review.signatures_needed == 2
    assert review.signature_reasons == ["above_authority", "approves_against_advice", "policy:S1", "policy:S2"]
    sign(case, supervisor)
    sign(case, second_supervisor)
    assert make.reread(case).state == "approved"


def test_nobody_signs_twice(reviewer: User, supervisor: User) -> None:
    case, _review = make.awaiting_case(reviewer, signing=TWO)
    sign(case, supervisor)
    before = everything()
    for verdict in ("confirm", "send_back"):
        with pytest.raises(FourEyes, match=r"^You have signed this decision: another person must sign it too\.$"):
            sign(case, supervisor, verdict, NOTE)
    assert everything() == before


def test_neither_the_reviewer_nor_who_entered_the_case_is_one_of_the_two(
    supervisor: User, second_supervisor: User
) -> None:
    third = make.user("third", Role.SUPERVISOR, authority=100_000)
    case, _review = make.awaiting_case(supervisor, signing=TWO, entered_by=second_supervisor)
    sign(case, third)
    before = everything()
    for person in (supervisor, second_supervisor):
        with pytest.raises(FourEyes, match=r"^A second person must sign"):
            sign(case, person)
    assert everything() == before
    sign(case, make.user("fourth", Role.SUPERVISOR, authority=100_000))
    assert make.reread(case).state == "approved"


def test_the_second_may_send_back_and_both_sign_the_new_decision(
    reviewer: User, supervisor: User, second_supervisor: User
) -> None:
    case, first = make.awaiting_case(reviewer, signing=TWO)
    sign(case, supervisor)
    sign(case, second_supervisor, "send_back", NOTE)
    back = make.reread(case)
    assert (back.state, back.reserved_for, back.signing) == ("queued", reviewer, TWO)
    held = actions.claim_next(by=reviewer)
    second = actions.decide_case(
        held.pk, by=reviewer, outcome="approve", reason_codes=["low_burden"], note="", seen_version=held.version
    )
    assert second.signatures_needed == 2
    assert list(awaiting_signature(supervisor)) == [case]
    sign(case, supervisor)
    sign(case, second_supervisor)
    assert make.reread(case).state == "approved"
    assert (first.signatures.count(), second.signatures.count()) == (2, 2)
    assert steps(case)[3:] == [
        "claim", "ask_signature", "countersign", "send_back", "claim", "ask_signature", "countersign", "sign_approval",
    ]  # fmt: skip


def test_who_has_signed_is_asked_no_more_and_the_others_are(
    reviewer: User, supervisor: User, second_supervisor: User, auditor: User, admin: User
) -> None:
    case, review = make.awaiting_case(reviewer, signing=TWO)
    everybody = (supervisor, second_supervisor, auditor)
    assert [[each.review_id for each in awaiting_signature(who)] for who in everybody] == [[review.pk]] * 3
    sign(case, supervisor)
    assert [list(awaiting_signature(who)) for who in everybody] == [[], [case], [case]]
    sign(case, second_supervisor)
    assert [list(awaiting_signature(who)) for who in everybody] == [[], [], []]


Sign = Callable[[], Signature]


@pytest.mark.django_db(transaction=True)
def test_two_supervisors_at_once_sign_one_after_the_other(
    reviewer: User, supervisor: User, second_supervisor: User
) -> None:
    case, review = make.awaiting_case(reviewer, signing=TWO)

    def by(person: User) -> Sign:
        return lambda: actions.sign_case(case.pk, by=person, verdict="confirm", note="", seen_version=case.version)

    answers = at_once(by(supervisor), by(second_supervisor))
    assert sorted(type(answer).__name__ for answer in answers) == ["Signature", "StaleCase"]
    assert (make.reread(case).state, review.signatures.count()) == ("awaiting_signoff", 1)
    late = second_supervisor if isinstance(answers[1], StaleCase) else supervisor
    sign(case, late)
    assert (make.reread(case).state, review.signatures.count()) == ("approved", 2)


@pytest.mark.django_db(transaction=True)
def test_one_supervisor_pressing_twice_at_once_signs_once(reviewer: User, supervisor: User) -> None:
    case, review = make.awaiting_case(reviewer, signing=TWO)
    answers = at_once(
        *[lambda: actions.sign_case(case.pk, by=supervisor, verdict="confirm", note="", seen_version=case.version)] * 3
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Signature", "StaleCase", "StaleCase"]
    assert (make.reread(case).state, review.signatures.count()) == ("awaiting_signoff", 1)
    assert steps(case)[-1] == "countersign"


@pytest.mark.django_db(transaction=True)
def test_the_last_two_at_once_decide_once(reviewer: User, supervisor: User, second_supervisor: User) -> None:
    third = make.user("third", Role.SUPERVISOR, authority=100_000)
    case, review = make.awaiting_case(reviewer, signing=TWO)
    sign(case, supervisor)
    seen = make.reread(case).version
    answers = at_once(
        *[
            lambda who=who: actions.sign_case(case.pk, by=who, verdict="confirm", note="", seen_version=seen)
            for who in (second_supervisor, third)
        ]
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Signature", "StaleCase"]
    assert (make.reread(case).state, review.signatures.count()) == ("approved", 2)
    with pytest.raises(CaseMoved):
        sign(case, third)
