"""Opinions before the model is seen: for whom a case is blind, recorded once, and no decision without one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cases import actions
from cases.blindness import is_blind
from cases.errors import BadDecision, ClaimLost, OpinionFirst, OpinionTooLate, StaleCase
from cases.models import Case, Opinion, Review, User
from cases.opinions import record_opinion
from cases.states import State
from routing.models import Policy
from tests import make
from tests.together import at_once


@pytest.fixture
def blind_desk(champion: object, policy: Policy, admin: User) -> None:
    make.desk_rules(admin, opinion_share=1.0)


def says(case: Case, by: User, *, lean: str = "decline", band: int = 3, version: int | None = None) -> Opinion:
    seen = case.version if version is None else version
    return record_opinion(case.pk, by=by, lean=lean, band=band, seen_version=seen)


def decided(case: Case, by: User) -> Review:
    return make.decide(make.reread(case), by)


def test_a_case_is_blind_for_who_could_decide_it_until_they_have_said_what_they_think(
    blind_desk: None, reviewer: User, second_reviewer: User, supervisor: User, admin: User, auditor: User
) -> None:
    people = (reviewer, second_reviewer, supervisor, admin, auditor)

    def blind() -> list[bool]:
        return [is_blind(make.reread(case), person) for person in people]

    case = make.queued_case()
    assert blind() == [True, True, True, False, False]
    held = actions.claim_case(case.pk, by=reviewer)
    assert blind() == [True, True, True, False, False]
    says(held, reviewer)
    assert blind() == [False, True, True, False, False]
    actions.ask_information(held.pk, by=reviewer, note="Please send pay slips.", seen_version=held.version)
    assert blind() == [False, True, True, False, False]
    actions.receive_information(held.pk, by=reviewer, note="")
    held = actions.claim_case(case.pk, by=reviewer)
    decided(held, reviewer)
    assert make.reread(case).state == State.AWAITING_SIGNOFF
    assert blind() == [False] * 5


def test_nothing_is_decided_before_and_nothing_changes_by_the_attempt(blind_desk: None, reviewer: User) -> None:
    held = make.claimed_case(reviewer)
    with pytest.raises(OpinionFirst, match="Say what you think first"):
        decided(held, reviewer)
    assert (make.reread(held).state, make.reread(held).version) == (State.IN_REVIEW, held.version)
    assert not Review.objects.exists()
    opinion = says(held, reviewer)
    assert (opinion.lean, opinion.band, opinion.seen_version, opinion.person) == ("decline", 3, held.version, reviewer)
    assert opinion.claim == held.claims.get()
    assert make.reread(held).version == held.version
    decided(held, reviewer)


def test_the_first_opinion_stays_whatever_is_pressed_afterwards(blind_desk: None, reviewer: User) -> None:
    held = make.claimed_case(reviewer)
    first = says(held, reviewer, lean="decline", band=3)
    assert says(held, reviewer, lean="approve", band=1) == first
    actions.release_case(held.pk, by=reviewer)
    again = actions.claim_case(held.pk, by=reviewer)
    assert says(again, reviewer, lean="approve", band=1) == first
    assert Opinion.objects.values_list("lean", "band").get() == ("decline", 3)
    decided(again, reviewer)


def test_who_comes_next_is_asked_anew(blind_desk: None, reviewer: User, second_reviewer: User) -> None:
    held = make.claimed_case(reviewer)
    says(held, reviewer)
    actions.release_case(held.pk, by=reviewer)
    taken = actions.claim_case(held.pk, by=second_reviewer)
    with pytest.raises(OpinionFirst):
        decided(taken, second_reviewer)
    with pytest.raises(ClaimLost):
        says(taken, reviewer)
    says(taken, second_reviewer, lean="unsure", band=5)
    decided(taken, second_reviewer)
    assert list(Opinion.objects.values_list("person", "lean")) == [
        (reviewer.pk, "decline"),
        (second_reviewer.pk, "unsure"),
    ]


@pytest.mark.parametrize(
    ("given", "field"), [({"lean": "maybe"}, "lean"), ({"lean": ""}, "lean"), ({"band": 6}, "band")]
)
def test_an_opinion_has_a_lean_and_a_band(blind_desk: None, reviewer: User, given: dict[str, str], field: str) -> None:
    held = make.claimed_case(reviewer)
    with pytest.raises(BadDecision) as refusal:
        record_opinion(held.pk, by=reviewer, seen_version=held.version, **{"lean": "unsure", "band": 1, **given})  # type: ignore[arg-type]
    assert refusal.value.field == field
    assert not Opinion.objects.exists()


def test_an_opinion_counts_on_the_case_as_it_is_and_only_where_something_was_hidden(
    champion: object, policy: Policy, admin: User, reviewer: User
) -> None:
    open_case = make.claimed_case(reviewer)
    with pytest.raises(OpinionTooLate):
        says(open_case, reviewer)
    actions.release_case(open_case.pk, by=reviewer)
    make.desk_rules(admin, opinion_share=1.0)
    held = make.claimed_case(reviewer, "A-2")
    with pytest.raises(StaleCase):
        says(held, reviewer, version=held.version - 1)
    assert not Opinion.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_keep_one_opinion(blind_desk: None, reviewer: User) -> None:
    held = make.claimed_case(reviewer)
    press: Callable[[], Opinion] = lambda: says(held, reviewer)  # noqa: E731
    first, second = at_once(press, press)
    assert first == second == Opinion.objects.get()
