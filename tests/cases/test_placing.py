"""Handing waiting cases over, freeing them and letting them rest: each its own event, refusals by the case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.utils import timezone

from cases import actions, placing
from cases.errors import BadDecision, NotAllowed
from cases.models import Conflict, User
from cases.placing import Placed
from cases.states import Role
from tests import make
from tests.cases.history import everything

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("champion", "policy")]
WHY = "she is on holiday"
UNPLACED = {
    "assigned_to_id": None, "assigned_at": None, "assigned_at_random": False, "reserved_for_id": None,
    "snoozed_until": None,
}  # fmt: skip


@pytest.fixture
def other() -> User:
    return make.user("other", Role.REVIEWER)


def test_a_supervisor_hands_waiting_cases_over_and_frees_them(reviewer: User, supervisor: User, other: User) -> None:
    first, second = make.queued_case("A-1"), make.queued_case("A-2")
    keys = [first.pk, second.pk, first.pk]
    assert placing.hand_over_cases(keys, by=supervisor, to=other, reason=f" {WHY} ") == [
        Placed(first.pk, version=first.version + 1),
        Placed(second.pk, version=second.version + 1),
    ]
    moved = make.reread(first)
    assert (moved.state, moved.version, moved.assigned_to, moved.assigned_at_random) == (
        "queued", first.version + 1, other, False,
    )  # fmt: skip
    event = moved.events.latest("seq")
    assert (event.name, event.actor, event.facts) == (
        "place", supervisor, {"to": other.pk, "to_name": "other", "reason": WHY, "was": UNPLACED},
    )  # fmt: skip
    assert actions.claim_next(by=other).pk == first.pk
    assert placing.free_cases([second.pk], by=supervisor, reason=WHY) == [Placed(second.pk, version=second.version + 2)]
    assert make.reread(second).assigned_to is None


def test_a_case_that_cannot_be_placed_says_why_and_costs_the_others_nothing(
    reviewer: User, supervisor: User, other: User
) -> None:
    entered, held = make.queued_case("A-1", entered_by=other), make.claimed_case(reviewer, "A-2")
    apart, free = make.queued_case("A-3"), make.queued_case("A-4")
    Conflict.objects.create(person=other, applicant=apart.applicant, reason="cousin", stated_by=other)
    found = placing.hand_over_cases([entered.pk, held.pk, apart.pk, free.pk], by=supervisor, to=other, reason=WHY)
    assert [each.refusal for each in found] == [
        "This person entered the case.",
        "Someone was faster: the case is no longer where this step could be made.",
        "This person has a conflict of interest with the applicant.",
        "",
    ]
    assert [make.reread(case).version - case.version for case in (entered, held, apart, free)] == [0, 0, 0, 1]


def test_resting_cases_are_placed_until_a_moment(supervisor: User) -> None:
    case, until = make.queued_case(), timezone.now() + timedelta(days=2)
    assert placing.rest_cases([case.pk], by=supervisor, until=until, reason=WHY) == [
        Placed(case.pk, version=case.version + 1)
    ]
    resting = make.reread(case)
    assert (resting.snoozed_until, resting.events.latest("seq").facts) == (
        until, {"until": until.isoformat(), "reason": WHY, "was": UNPLACED},
    )  # fmt: skip


def test_a_placing_is_taken_back_by_who_made_it_as_long_as_nothing_followed(supervisor: User, other: User) -> None:
    handed, taken = make.queued_case("A-1"), make.queued_case("A-2")
    placing.hand_over_cases([handed.pk, taken.pk], by=supervisor, to=other, reason=WHY)
    since = make.reread(handed).assigned_at
    until = timezone.now() + timedelta(days=2)
    rested = placing.rest_cases([handed.pk], by=supervisor, until=until, reason=WHY)
    seen = {each.case_id: each.version for each in rested} | {taken.pk: taken.version + 1}
    assert [each.refusal for each in placing.put_back(seen, by=make.user("deputy", Role.SUPERVISOR))] == [
        "You did not place the case."
    ] * 2
    assert actions.claim_next(by=other).pk == taken.pk
    back, refused = placing.put_back(seen, by=supervisor)
    assert (back.refusal, bool(refused.refusal)) == ("", True)
    case = make.reread(handed)
    assert (case.snoozed_until, case.assigned_to, case.assigned_at) == (None, other, since)
    assert (case.version, case.events.latest("seq").facts) == (back.version, {"put_back": True})


@pytest.mark.parametrize(
    ("keys", "reason", "field"), [([], WHY, "refs"), (range(101), WHY, "refs"), ([1], "short", "reason")]
)
def test_an_incomplete_act_is_refused_and_changes_nothing(
    keys: Sequence[int], reason: str, field: str, supervisor: User, other: User
) -> None:
    make.queued_case()
    before = everything()
    with pytest.raises(BadDecision) as refusal:
        placing.hand_over_cases(keys, by=supervisor, to=other, reason=reason)
    assert refusal.value.field == field
    assert everything() == before


def test_only_supervisors_place_and_only_for_who_looks_at_cases(
    reviewer: User, supervisor: User, admin: User, other: User
) -> None:
    case = make.queued_case()
    before = everything()
    for person in (reviewer, admin):
        with pytest.raises(NotAllowed):
            placing.hand_over_cases([case.pk], by=person, to=other, reason=WHY)
    with pytest.raises(BadDecision, match=r"^This person does not look at cases\.$"):
        placing.hand_over_cases([case.pk], by=supervisor, to=admin, reason=WHY)
    for until in (timezone.now(), timezone.now() + timedelta(days=31)):
        with pytest.raises(BadDecision, match=r"^Choose a moment within the next 30 days\.$"):
            placing.rest_cases([case.pk], by=supervisor, until=until, reason=WHY)
    assert everything() == before
