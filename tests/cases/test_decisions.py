"""Deciding: what is recorded, what goes on to a second person, and every refusal, which leaves no trace."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from cases import actions
from cases.errors import BadDecision, CaseMoved, CaseNotFound, ClaimLost, NotAllowed, StaleCase
from cases.models import Case, Claim, Review, User
from cases.reason_codes import ReasonCode
from cases.states import RESOLUTIONS, Outcome, Role
from tests import make
from tests.cases.history import everything, steps
from tests.together import at_once

pytestmark = pytest.mark.django_db
NOTE = "checked the pay slips"


def taken(by: User, external_ref: str = "A-1", **changes: Any) -> Case:
    """A case that `by` holds, without an advice: no model is in force."""
    return make.claimed_case(by, external_ref, **{"key_customer": False, **changes})


def decide(case: Case, by: User, outcome: str = "decline", *codes: str, note: str = "", **seen: int) -> Review:
    reasons = codes or {"approve": ("stable_income",), "decline": ("high_debt",)}.get(outcome, ())
    return actions.decide_case(
        case.pk, by=by, outcome=outcome, reason_codes=reasons, note=note, seen_version=seen.get("seen", case.version)
    )


@pytest.mark.parametrize(("outcome", "state"), [("approve", "approved"), ("decline", "declined")])
def test_a_decision_within_the_authority_is_final(outcome: str, state: str, reviewer: User) -> None:
    case = taken(reviewer)
    review = decide(case, reviewer, outcome, note=f"  {NOTE} ")
    ended = make.reread(case)
    assert (ended.state, ended.outcome, ended.decided_by, ended.reserved_for) == (state, outcome, "person", None)
    assert ended.decided_at is not None
    assert timezone.now() - ended.decided_at < timedelta(minutes=1)
    assert steps(case) == ["receive", "park", "claim", outcome]
    stored, claim = Review.objects.get(), Claim.objects.get()
    assert stored == review
    assert (stored.reviewer, stored.outcome, stored.advice, stored.is_override, stored.note) == (
        reviewer, outcome, "", False, NOTE,
    )  # fmt: skip
    assert (stored.seen_version, stored.claimed_at, stored.signature_reasons) == (3, claim.claimed_at, [])
    assert claim.ended_at is not None
    event = ended.events.latest("seq")
    assert (event.actor, event.facts) == (
        reviewer,
        {
            "review": review.pk, "outcome": outcome, "advice": "", "override": False,
            "reason_codes": review.reason_codes, "note": NOTE,
        },
    )  # fmt: skip


def test_an_approval_without_an_advice_needs_no_reason(reviewer: User) -> None:
    case = taken(reviewer)
    actions.decide_case(case.pk, by=reviewer, outcome="approve", reason_codes=[], note="", seen_version=3)
    assert make.reread(case).state == "approved"


@pytest.mark.usefixtures("champion", "policy")
def test_a_decision_against_the_advice_is_recorded_as_an_override(reviewer: User) -> None:
    case = make.claimed_case(reviewer)
    assert case.advice == "approve"
    review = decide(case, reviewer, "decline", "policy_breach", note=NOTE)
    assert (review.is_override, review.advice, review.outcome) == (True, "approve", "decline")
    event = case.events.latest("seq")
    assert (event.facts["override"], event.facts["advice"]) == (True, "approve")
    agreed = make.claimed_case(reviewer, "A-2")
    assert decide(agreed, reviewer, "approve").is_override is False


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"key_customer": True}, ["key_customer"]),
        ({"amount": Decimal("25000.01")}, ["above_authority"]),
        ({"currency": "EUR", "amount": Decimal(1)}, ["above_authority"]),
        ({"amount": Decimal(40000), "key_customer": True}, ["above_authority", "key_customer"]),
    ],
)
def test_what_needs_a_second_person_waits_for_one(changes: dict[str, Any], reasons: list[str], reviewer: User) -> None:
    case = taken(reviewer, **changes)
    review = decide(case, reviewer, "approve")
    waiting = make.reread(case)
    assert (waiting.state, waiting.outcome, waiting.decided_by) == ("awaiting_signoff", "", "")
    assert waiting.decided_at is None
    assert review.signature_reasons == reasons
    assert case.events.latest("seq").facts["signature_reasons"] == reasons
    assert Claim.objects.get().ended_at is not None


@pytest.mark.usefixtures("champion", "policy")
def test_an_approval_against_the_advice_waits_for_a_second_person(reviewer: User) -> None:
    risky = {
        "interest_rate": 30.0, "sub_grade": 34, "annual_income": 60_000, "credit_utilisation": 150.0,
        "delinquencies_2y": 9, "inquiries_12m": 12, "income_verified": "not_verified",
    }  # fmt: skip
    case = make.claimed_case(reviewer, features={**make.CLEAR_FEATURES, **risky})
    assert case.advice == "decline"
    review = decide(case, reviewer, "approve", "strong_support", note=NOTE)
    assert review.is_override
    assert review.signature_reasons == ["approves_against_advice", "key_customer"]


@pytest.mark.parametrize("outcome", RESOLUTIONS)
def test_a_warning_is_resolved_with_one_of_its_own_outcomes(outcome: Outcome, reviewer: User) -> None:
    case = taken(reviewer, kind="monitoring", key_customer=True)
    decide(case, reviewer, outcome)
    ended = make.reread(case)
    assert (ended.state, ended.outcome, ended.decided_by) == ("resolved", outcome, "person")
    assert steps(case) == ["receive", "park", "claim", "resolve"]


@pytest.mark.parametrize(
    ("kind", "outcome", "codes", "note", "field"),
    [
        ("application", "", [], "", "outcome"),
        ("application", "maybe", [], "", "outcome"),
        ("application", "watch", [], "", "outcome"),
        ("monitoring", "approve", [], "", "outcome"),
        ("monitoring", "decline", ["high_debt"], "", "outcome"),
        ("application", "decline", [], NOTE, "reason_codes"),
        ("application", "decline", ["stable_income"], NOTE, "reason_codes"),
        ("application", "approve", ["high_debt"], NOTE, "reason_codes"),
        ("application", "approve", ["stable_income", "no_such_reason"], NOTE, "reason_codes"),
        ("application", "decline", ["other"], "  too short ", "note"),
        ("application", "approve", ["other"], "", "note"),
        ("monitoring", "watch", ["other"], "", "note"),
        ("monitoring", "watch", ["nonsense"], NOTE, "reason_codes"),
    ],
)
def test_an_incomplete_decision_names_its_field_and_changes_nothing(
    kind: str, outcome: str, codes: list[str], note: str, field: str, reviewer: User
) -> None:
    case = taken(reviewer, kind=kind)
    before = everything()
    with pytest.raises(BadDecision) as refusal:
        actions.decide_case(case.pk, by=reviewer, outcome=outcome, reason_codes=codes, note=note, seen_version=3)
    assert refusal.value.field == field
    assert refusal.value.status == 422
    assert everything() == before


@pytest.mark.usefixtures("champion", "policy")
@pytest.mark.parametrize(("codes", "note", "field"), [([], NOTE, "reason_codes"), (["high_debt"], "so", "note")])
def test_an_override_needs_a_reason_and_a_note(codes: list[str], note: str, field: str, reviewer: User) -> None:
    case = make.claimed_case(reviewer)
    before = everything()
    with pytest.raises(BadDecision) as refusal:
        actions.decide_case(
            case.pk, by=reviewer, outcome="decline", reason_codes=codes, note=note, seen_version=case.version
        )
    assert refusal.value.field == field
    assert everything() == before


def test_only_who_holds_the_case_decides_it(reviewer: User, second_reviewer: User, supervisor: User) -> None:
    case = taken(reviewer)
    before = everything()
    for person in (second_reviewer, supervisor):
        with pytest.raises(ClaimLost):
            decide(case, person)
    with pytest.raises(StaleCase):
        decide(case, reviewer, seen=2)
    with pytest.raises(StaleCase):
        decide(case, reviewer, seen=-1)
    with pytest.raises(CaseNotFound):
        actions.decide_case(case.pk + 1, by=reviewer, outcome="approve", reason_codes=[], note="", seen_version=3)
    assert everything() == before


def test_a_case_that_nobody_holds_is_not_decided(reviewer: User) -> None:
    case = make.queued_case()
    before = everything()
    with pytest.raises(CaseMoved):
        decide(case, reviewer)
    assert everything() == before


@pytest.mark.parametrize("change", [{"role": Role.AUDITOR}, {"role": Role.ADMIN}, {"is_active": False}])
def test_who_lost_the_right_meanwhile_decides_nothing(change: dict[str, Any], reviewer: User) -> None:
    case = taken(reviewer)
    for name, value in change.items():
        setattr(reviewer, name, value)
    reviewer.save(update_fields=list(change))
    before = everything()
    with pytest.raises(NotAllowed):
        decide(case, reviewer)
    assert everything() == before


def test_pressing_twice_is_one_decision(reviewer: User) -> None:
    case = taken(reviewer)
    decide(case, reviewer)
    before = everything()
    with pytest.raises(StaleCase):
        decide(case, reviewer)
    with pytest.raises(CaseMoved):
        decide(case, reviewer, seen=4)
    assert everything() == before
    assert Review.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_pressing_twice_at_the_same_moment_is_one_decision(reviewer: User) -> None:
    case = taken(reviewer)
    answers = at_once(lambda: decide(case, reviewer), lambda: decide(case, reviewer))
    assert sorted(type(answer).__name__ for answer in answers) == ["Review", "StaleCase"]
    assert Review.objects.count() == 1
    assert steps(case) == ["receive", "park", "claim", "decline"]


@pytest.mark.django_db(transaction=True)
def test_deciding_and_the_lease_ending_at_once_is_one_of_the_two(reviewer: User) -> None:
    case = taken(reviewer)
    Claim.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    _swept, answer = at_once(actions.expire_claims, lambda: decide(case, reviewer))
    state = make.reread(case).state
    if isinstance(answer, Review):
        assert state == "declined"
    else:
        assert isinstance(answer, StaleCase)
        assert state == "queued"
    assert Review.objects.count() == int(state == "declined")
    assert Claim.objects.get().ended_at is not None


def test_every_reason_can_be_stored(reviewer: User) -> None:
    case = taken(reviewer, kind="monitoring")
    assert decide(case, reviewer, "legal", *ReasonCode.values, note=NOTE).reason_codes == list(ReasonCode.values)
