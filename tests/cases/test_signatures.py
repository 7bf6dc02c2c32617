"""The second pair of eyes: confirming, sending back, and that nobody ever signs their own."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cases import actions
from cases.errors import BadDecision, CaseMoved, FourEyes, NotAllowed, StaleCase
from cases.models import Case, Signature, User
from cases.states import Role
from tests import make
from tests.cases.history import everything, steps
from tests.together import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("champion", "policy")]
NOTE = "look at the income again"


def sign(case: Case, by: User, verdict: str = "confirm", note: str = "", seen: int | None = None) -> Signature:
    return actions.sign_case(
        case.pk, by=by, verdict=verdict, note=note, seen_version=case.version if seen is None else seen
    )


@pytest.mark.parametrize(
    ("outcome", "state", "step"), [("approve", "approved", "sign_approval"), ("decline", "declined", "sign_decline")]
)
def test_a_confirmed_decision_is_final(outcome: str, state: str, step: str, reviewer: User, supervisor: User) -> None:
    case, review = make.awaiting_case(reviewer, outcome=outcome)
    signature = sign(case, supervisor, note=" agreed ")
    ended = make.reread(case)
    assert (ended.state, ended.outcome, ended.decided_by, ended.reserved_for) == (state, outcome, "person", None)
    assert ended.decided_at is not None
    assert steps(case) == ["receive", "score", "send_to_people", "claim", "ask_signature", step]
    assert (signature.review, signature.reviewer, signature.signer) == (review, reviewer, supervisor)
    assert (signature.verdict, signature.note) == ("confirm", "agreed")
    event = ended.events.latest("seq")
    assert (event.actor, event.facts) == (
        supervisor,
        {"review": review.pk, "signature": signature.pk, "note": "agreed"},
    )


def test_a_decision_sent_back_returns_to_its_reviewer_on_top_and_can_be_decided_anew(
    reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    case, first = make.awaiting_case(reviewer)
    signature = sign(case, supervisor, "send_back", NOTE)
    back = make.reread(case)
    assert (back.state, back.reserved_for, back.queue_tier, back.queue_rank) == ("queued", reviewer, 0, 0.0)
    why = {"code": "sent_back_because", "params": {"person": supervisor.display_name, "reason": NOTE}}
    assert (back.why, back.outcome, back.decided_by) == ([why], "", "")
    assert back.queued_at is not None
    assert case.queued_at is not None
    assert back.queued_at > case.queued_at
    assert back.due_at == case.due_at
    assert signature.note == NOTE
    with pytest.raises(NotAllowed):
        actions.claim_case(case.pk, by=second_reviewer)
    held = actions.claim_next(by=reviewer)
    assert held == case
    second = actions.decide_case(
        held.pk, by=reviewer, outcome="approve", reason_codes=["low_burden"], note="", seen_version=held.version
    )
    sign(make.reread(held), supervisor)
    ended = make.reread(case)
    assert (ended.state, ended.reserved_for) == ("approved", None)
    assert {signed.review for signed in Signature.objects.all()} == {first, second}
    assert steps(case)[3:] == ["claim", "ask_signature", "send_back", "claim", "ask_signature", "sign_approval"]


def test_nobody_signs_their_own_decision(supervisor: User) -> None:
    case, _review = make.awaiting_case(supervisor)
    before = everything()
    for verdict in ("confirm", "send_back"):
        with pytest.raises(FourEyes):
            sign(case, supervisor, verdict, NOTE)
    assert everything() == before
    sign(case, make.user("another", Role.SUPERVISOR, authority=100_000))
    assert make.reread(case).state == "approved"


def test_nobody_signs_a_case_they_entered(reviewer: User, supervisor: User) -> None:
    case, _review = make.awaiting_case(reviewer, entered_by=supervisor)
    before = everything()
    with pytest.raises(FourEyes):
        sign(case, supervisor)
    assert everything() == before


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMIN, Role.AUDITOR])
def test_only_supervisors_sign(role: Role, reviewer: User) -> None:
    case, _review = make.awaiting_case(reviewer)
    person = make.user("somebody", role, authority=1_000_000)
    before = everything()
    with pytest.raises(NotAllowed):
        sign(case, person)
    assert everything() == before


def test_a_signature_that_is_incomplete_late_or_stale_changes_nothing(reviewer: User, supervisor: User) -> None:
    case, _review = make.awaiting_case(reviewer)
    before = everything()
    for verdict, note, field in (("", "", "verdict"), ("maybe", NOTE, "verdict"), ("send_back", "no", "note")):
        with pytest.raises(BadDecision) as refusal:
            sign(case, supervisor, verdict, note)
        assert refusal.value.field == field
    with pytest.raises(StaleCase):
        sign(case, supervisor, seen=case.version - 1)
    assert everything() == before
    sign(case, supervisor)
    before = everything()
    with pytest.raises(StaleCase):
        sign(case, supervisor)
    with pytest.raises(CaseMoved):
        sign(case, supervisor, seen=case.version + 1)
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_two_supervisors_at_once_sign_once(reviewer: User, supervisor: User) -> None:
    case, _review = make.awaiting_case(reviewer)
    another = make.user("another", Role.SUPERVISOR, authority=100_000)
    answers = at_once(lambda: sign(case, supervisor), lambda: sign(case, another, "send_back", NOTE))
    assert sorted(type(answer).__name__ for answer in answers) == ["Signature", "StaleCase"]
    assert Signature.objects.count() == 1


def test_a_supervisors_own_large_approval_waits_for_another_supervisor(supervisor: User) -> None:
    case, review = make.awaiting_case(supervisor, amount=Decimal(100_001), key_customer=True)
    assert review.signature_reasons == ["above_authority", "key_customer", "policy:S1"]
    assert case.state == "awaiting_signoff"
