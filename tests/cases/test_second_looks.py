"""Blind second looks: who may take one, that each is taken once, what is kept of it, and who settles a dispute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from cases import actions
from cases.conflicts import state_conflict
from cases.errors import (
    BadDecision,
    CaseError,
    CaseMoved,
    ClaimLost,
    ConflictOfInterest,
    FourEyes,
    NotAllowed,
    NothingToClaim,
)
from cases.models import Adjudication, Case, Conflict, SecondLook, User
from cases.second_looks import (
    adjudicate,
    disputes_for,
    look_in_hand_of,
    looks_for,
    record_second_look,
    take_second_look,
)
from cases.states import Role
from routing.models import Policy
from tests import make
from tests.cases.history import everything
from tests.cases.refusals import ALL, refusal_of
from tests.together import at_once

pytestmark = pytest.mark.usefixtures("released_at_once")


def in_hand(person: User) -> list[int | None]:
    """By case the second look that this person has taken and not answered."""
    return list(Case.objects.annotate(look=look_in_hand_of(person)).values_list("look", flat=True))


@pytest.fixture
def drawn(champion: object, admin: User, supervisor: User) -> Policy:
    make.desk_rules(admin, second_look_share=1.0)
    return make.policy(admin, supervisor, audit_share=1.0)


def answered(look: SecondLook, by: User, *, outcome: str = "decline") -> SecondLook:
    codes = ["high_debt"] if outcome == "decline" else []
    return record_second_look(look.pk, by=by, outcome=outcome, band=4, reason_codes=codes, note="")


def kept(look: SecondLook) -> tuple[object, ...]:
    found = SecondLook.objects.get(pk=look.pk)
    return found.looker, found.outcome, found.band, found.reason_codes, found.note, found.done_at is not None


def test_another_person_takes_the_look_for_as_long_as_a_claim_lasts(
    drawn: Policy, reviewer: User, second_reviewer: User, supervisor: User, auditor: User
) -> None:
    look = make.second_look(reviewer)
    with pytest.raises(NothingToClaim):
        take_second_look(by=reviewer)
    with pytest.raises(NotAllowed):
        take_second_look(by=auditor)
    assert take_second_look(by=second_reviewer) == take_second_look(by=second_reviewer) == look
    assert in_hand(second_reviewer) == [look.pk]
    with pytest.raises(NothingToClaim):
        take_second_look(by=supervisor)
    SecondLook.objects.update(taken_at=timezone.now() - timedelta(minutes=16))
    assert take_second_look(by=supervisor) == look
    with pytest.raises(ClaimLost):
        answered(look, second_reviewer)
    assert kept(look) == (supervisor, "", None, [], "", False)


def test_nobody_looks_who_had_a_part_in_the_case_or_a_tie_to_the_applicant(
    drawn: Policy, reviewer: User, second_reviewer: User, supervisor: User, admin: User
) -> None:
    def may_look(user: User) -> bool:
        return looks_for(user).filter(pk=look.pk).exists()

    look = make.second_look(reviewer, "A-1")
    assert [may_look(user) for user in (reviewer, second_reviewer, supervisor)] == [False, True, True]
    applicant = look.case.applicant
    tie = Conflict.objects.create(person=second_reviewer, applicant=applicant, reason="cousin", stated_by=admin)
    assert not may_look(second_reviewer)
    tie.ended_at = timezone.now()
    tie.save()
    assert may_look(second_reviewer)
    look = make.second_look(reviewer, "A-3", entered_by=second_reviewer)
    assert [may_look(user) for user in (second_reviewer, supervisor)] == [False, True]
    waiting, review = make.awaiting_case(reviewer, "A-2")
    actions.sign_case(waiting.pk, by=supervisor, verdict="confirm", note="", seen_version=make.reread(waiting).version)
    look = SecondLook.objects.create(case=waiting, review=review, reviewer=reviewer, probability=1.0)
    assert [may_look(user) for user in (reviewer, second_reviewer, supervisor)] == [False, True, False]


def test_a_view_is_complete_kept_once_and_never_changed(drawn: Policy, reviewer: User, second_reviewer: User) -> None:
    look = make.second_look(reviewer)
    take_second_look(by=second_reviewer)
    complete = {"outcome": "decline", "band": 4, "reason_codes": ["high_debt"], "note": ""}
    refused = [
        ({"outcome": ""}, "outcome"), ({"outcome": "watch"}, "outcome"), ({"band": 0}, "band"),
        ({"reason_codes": []}, "reason_codes"), ({"reason_codes": ["stable_income"]}, "reason_codes"),
        ({"reason_codes": ["other"]}, "note"),
    ]  # fmt: skip
    for changed, field in refused:
        with pytest.raises(BadDecision) as refusal:
            record_second_look(look.pk, by=second_reviewer, **{**complete, **changed})  # type: ignore[arg-type, dict-item]
        assert refusal.value.field == field
        assert kept(look) == (second_reviewer, "", None, [], "", False)
    answered(look, second_reviewer)
    once = (second_reviewer, "decline", 4, ["high_debt"], "", True)
    assert kept(look) == once
    answered(look, second_reviewer, outcome="approve")
    assert kept(look) == once
    assert in_hand(second_reviewer) == [None]
    assert make.reread(look.case).state == "approved"


def test_a_third_person_settles_a_dispute_once(
    drawn: Policy, reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    look = make.second_look(reviewer)
    looking = make.user("looks", Role.SUPERVISOR)
    assert take_second_look(by=looking) == look
    with pytest.raises(CaseMoved):
        adjudicate(look.pk, by=supervisor, outcome="decline", note="The debts are too high.")
    answered(look, looking)
    assert [disputes_for(user).exists() for user in (reviewer, looking, supervisor)] == [False, False, True]
    refusals: list[tuple[User, str, type[CaseError]]] = [
        (second_reviewer, "The debts are too high.", NotAllowed),
        (looking, "The debts are too high.", FourEyes),
        (supervisor, "too short", BadDecision),
    ]
    for person, note, refusal in refusals:
        with pytest.raises(refusal):
            adjudicate(look.pk, by=person, outcome="decline", note=note)
    assert not Adjudication.objects.exists()
    made = adjudicate(look.pk, by=supervisor, outcome="decline", note="The debts are too high.")
    assert (made.reviewer, made.looker, made.judge, made.outcome) == (reviewer, looking, supervisor, "decline")
    with pytest.raises(CaseMoved):
        adjudicate(look.pk, by=supervisor, outcome="approve", note="I have changed my mind.")
    assert Adjudication.objects.get() == made
    assert make.reread(look.case).state == "approved"


def test_a_conflict_of_interest_keeps_a_person_from_settling_a_dispute(
    drawn: Policy, reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    look = make.second_look(reviewer)
    take_second_look(by=second_reviewer)
    answered(look, second_reviewer)
    state_conflict(look.case_id, by=supervisor, reason="the applicant is my cousin")
    before = everything(*ALL)
    with pytest.raises(ConflictOfInterest, match=r"^A conflict of interest with this applicant is stated for you"):
        adjudicate(look.pk, by=supervisor, outcome="decline", note="The debts are too high.")
    settles = """INSERT INTO cases_adjudication (second_look_id, reviewer_id, looker_id, judge_id, outcome, note)
        VALUES (%(look)s, %(reviewer)s, %(looker)s, %(judge)s, 'decline', 'n')"""
    refused = refusal_of(settles, look=look.pk, reviewer=reviewer.pk, looker=second_reviewer.pk, judge=supervisor.pk)
    assert refused == (None, f"case {look.case_id} is judged by somebody with a conflict of interest")
    assert everything(*ALL) == before
    other = make.user("other", Role.SUPERVISOR)
    assert [disputes_for(user).exists() for user in (supervisor, other)] == [False, True]
    assert adjudicate(look.pk, by=other, outcome="decline", note="The debts are too high.").judge == other


def test_who_agrees_opens_no_dispute(drawn: Policy, reviewer: User, second_reviewer: User, supervisor: User) -> None:
    look = make.second_look(reviewer)
    take_second_look(by=second_reviewer)
    answered(look, second_reviewer, outcome="approve")
    assert not disputes_for(supervisor).exists()


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_take_two_looks(
    drawn: Policy, reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    looks = {make.second_look(reviewer, f"A-{number}").pk for number in (1, 2)}
    first: Callable[[], SecondLook] = lambda: take_second_look(by=second_reviewer)  # noqa: E731
    second: Callable[[], SecondLook] = lambda: take_second_look(by=supervisor)  # noqa: E731
    taken = at_once(first, second, first, second)
    assert {look.pk for look in taken if isinstance(look, SecondLook)} == looks
    assert SecondLook.objects.filter(looker=second_reviewer).count() == 1
    assert SecondLook.objects.filter(looker=supervisor).count() == 1
