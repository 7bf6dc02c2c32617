"""Taking a decision back: by its maker, before its release, unless something has followed; and never half of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cases import actions
from cases.allowance import MOST_HELD
from cases.desk_rules import set_desk_rules
from cases.errors import CaseError, CaseMoved, NotAllowed, StaleCase
from cases.models import Case, Claim, Review, User
from cases.move import lock_case, move_case
from cases.standing import settled, standing
from cases.states import State
from cases.taking_back import DecisionReleased, GoingOn, take_back
from tests import make
from tests.cases.history import everything, steps
from tests.together import at_once, locked_elsewhere, started_until_it_waits

pytestmark = pytest.mark.django_db


def held_by(by: User, external_ref: str = "A-1", **changes: Any) -> Case:
    """A case that `by` holds, without an advice: no model is in force."""
    return make.claimed_case(by, external_ref, **{"key_customer": False, **changes})


def decided_by(by: User, outcome: str = "decline", **changes: Any) -> Case:
    held = held_by(by, **changes)
    make.decide(held, by, outcome=outcome)
    return make.reread(held)


def asked_by(by: User) -> Case:
    held = held_by(by)
    actions.ask_information(held.pk, by=by, note="three pay slips", seen_version=held.version)
    return make.reread(held)


def hold_of(admin: User, seconds: int) -> None:
    set_desk_rules(by=admin, reason="For this very test.", changes={"release_hold_seconds": seconds})


def past_the_action(case: Case, *, by: User) -> None:
    """The bare move, with what is checked at the commit checked at its end."""
    with transaction.atomic():
        undone = {"outcome": "", "decided_by": "", "decided_at": None, "released_at": None}
        move_case(lock_case(case.pk), "take_back", by=by, facts={}, **undone)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


MADE: list[tuple[str, Callable[[User], Case]]] = [
    ("approve", lambda by: decided_by(by, "approve")),
    ("decline", decided_by),
    ("resolve", lambda by: decided_by(by, "watch", kind="monitoring")),
    ("ask_signature", lambda by: decided_by(by, "approve", key_customer=True)),
    ("ask_information", asked_by),
]


@pytest.mark.parametrize(("step", "made"), MADE, ids=[step for step, _made in MADE])
def test_a_decision_is_held_for_half_a_minute_and_taken_back_by_its_maker(
    step: str, made: Callable[[User], Case], reviewer: User
) -> None:
    case = made(reviewer)
    assert case.released_at is not None
    assert timedelta(seconds=25) < case.released_at - timezone.now() <= timedelta(seconds=30)
    back = take_back(case.pk, by=reviewer, seen_version=case.version)
    stored = make.reread(case)
    assert (stored.state, stored.version) == (State.IN_REVIEW, case.version + 1) == (back.state, back.version)
    assert (stored.outcome, stored.decided_by, stored.decided_at, stored.released_at, stored.reserved_for) == (
        "", "", None, None, None,
    )  # fmt: skip
    assert steps(case)[-2:] == [step, "take_back"]
    event = case.events.latest("seq")
    assert (event.actor, event.facts["taken_back"]) == (reviewer, step)
    claim = Claim.objects.get(case=case, ended_at=None)
    assert claim.holder == reviewer
    assert timedelta(minutes=14) < claim.lease_until - timezone.now() <= timedelta(minutes=15)
    assert standing(Review.objects.all()).count() == 0


def test_what_was_taken_back_is_decided_otherwise(reviewer: User) -> None:
    case = decided_by(reviewer)
    back = take_back(case.pk, by=reviewer, seen_version=case.version)
    review = make.decide(back, reviewer, outcome="approve")
    assert make.reread(case).state == State.APPROVED
    assert list(standing(Review.objects.all())) == [review]
    assert list(settled(Review.objects.all())) == []


def test_a_case_that_was_kept_for_its_reviewer_is_kept_for_them_again(reviewer: User, supervisor: User) -> None:
    case, _review = make.awaiting_case(reviewer)
    actions.sign_case(
        case.pk, by=supervisor, verdict="send_back", note="Please add the slips.", seen_version=case.version
    )
    again = actions.claim_case(case.pk, by=reviewer)
    make.decide(again, reviewer, outcome="decline")
    take_back(case.pk, by=reviewer, seen_version=again.version + 1)
    assert make.reread(case).reserved_for == reviewer


def test_only_its_maker_takes_a_decision_back(reviewer: User, supervisor: User) -> None:
    case = decided_by(reviewer)
    before = everything()
    with pytest.raises(NotAllowed, match="Only whoever decided"):
        take_back(case.pk, by=supervisor, seen_version=case.version)
    for version in (case.version - 1, case.version + 1, -1):
        with pytest.raises(StaleCase):
            take_back(case.pk, by=reviewer, seen_version=version)
    assert everything() == before


def test_a_released_decision_stays(reviewer: User, admin: User) -> None:
    make.released_at_once(admin)
    case = decided_by(reviewer)
    before = everything()
    with pytest.raises(DecisionReleased):
        take_back(case.pk, by=reviewer, seen_version=case.version)
    assert everything() == before


def test_what_followed_is_told(reviewer: User, second_reviewer: User, supervisor: User) -> None:
    signed = decided_by(reviewer, "approve", external_ref="A-1", key_customer=True)
    actions.sign_case(signed.pk, by=supervisor, verdict="confirm", note="", seen_version=signed.version)
    twice = decided_by(reviewer, external_ref="A-2")
    take_back(twice.pk, by=reviewer, seen_version=twice.version)
    before = everything()
    for case, sentence in ((signed, "Somebody has signed"), (twice, "is taken back already")):
        with pytest.raises(CaseMoved, match=sentence):
            take_back(case.pk, by=reviewer, seen_version=case.version)
    assert everything() == before
    assert make.reread(signed).released_at <= timezone.now()  # type: ignore[operator]


def test_the_case_that_came_for_going_on_goes_back_to_its_place(reviewer: User) -> None:
    case = decided_by(reviewer)
    place = make.queued_case("B-1", key_customer=False)
    following = actions.claim_next(by=reviewer)
    take_back(case.pk, by=reviewer, seen_version=case.version, following=GoingOn(following.pk, following.version))
    back = make.reread(following)
    assert (back.state, back.queue_tier, back.queue_rank) == (State.QUEUED, place.queue_tier, place.queue_rank)
    assert [claim.case_id for claim in Claim.objects.filter(ended_at=None)] == [case.pk]


def test_a_case_that_was_touched_or_held_before_stays_in_hand(reviewer: User) -> None:
    before = held_by(reviewer, "B-1")
    case = decided_by(reviewer)
    take_back(case.pk, by=reviewer, seen_version=case.version, following=GoingOn(before.pk, before.version))
    assert make.reread(before).state == State.IN_REVIEW
    again = make.reread(case)
    make.decide(again, reviewer)
    other = held_by(reviewer, "B-2")
    take_back(case.pk, by=reviewer, seen_version=again.version + 1, following=GoingOn(other.pk, other.version - 1))
    assert make.reread(other).state == State.IN_REVIEW
    assert Claim.objects.filter(holder=reviewer, ended_at=None).count() == 3


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_to_take_back_what_is_released(reviewer: User, admin: User) -> None:
    make.released_at_once(admin)
    case = decided_by(reviewer)
    before = everything()
    with pytest.raises(IntegrityError, match="taken back after its release"):
        past_the_action(case, by=reviewer)
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_taking_back_and_a_signature_at_once_leave_one_of_them(reviewer: User, supervisor: User) -> None:
    # What was taken back is held, and nobody may hold more than so many.
    for number in range(MOST_HELD):
        case = decided_by(reviewer, "approve", external_ref=f"A-{number}", key_customer=True)
        calls: list[Callable[[], Any]] = [
            partial(take_back, case.pk, by=reviewer, seen_version=case.version),
            partial(actions.sign_case, case.pk, by=supervisor, verdict="confirm", note="", seen_version=case.version),
        ]
        answers = at_once(*calls)
        assert [isinstance(answer, CaseError) for answer in answers].count(True) == 1
        assert make.reread(case).state == (State.APPROVED if isinstance(answers[0], CaseError) else State.IN_REVIEW)
        steps(case)


@pytest.mark.django_db(transaction=True)
def test_two_tabs_take_one_decision_back_once(reviewer: User) -> None:
    case = decided_by(reviewer)
    answers = at_once(*[lambda: take_back(case.pk, by=reviewer, seen_version=case.version)] * 2)
    assert sorted(type(answer).__name__ for answer in answers) == ["Case", "CaseMoved"]
    assert Claim.objects.filter(ended_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_asked_in_time_but_was_served_after_the_release_is_too_late(reviewer: User, admin: User) -> None:
    """The clock is looked at under the lock: labels and other systems may have read the decision by then."""
    hold_of(admin, 2)
    case = decided_by(reviewer)
    assert case.released_at is not None
    with ThreadPoolExecutor(1) as pool:
        with locked_elsewhere(case.pk):
            late = started_until_it_waits(pool, lambda: take_back(case.pk, by=reviewer, seen_version=case.version))
            assert not late.done()
            while timezone.now() <= case.released_at:
                pass
        with pytest.raises(DecisionReleased):
            late.result(30)
    assert make.reread(case).state == State.DECLINED
