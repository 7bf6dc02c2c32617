"""Claiming what was handed out: kept for me, handed to me, free for all, and nothing that waits for somebody else."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from cases import actions
from cases.claimable import claimable_by
from cases.errors import NothingToClaim
from cases.models import Case, User
from cases.states import Role
from tests import make
from tests.cases.history import everything
from tests.cases.test_claims import waiting
from tests.together import at_once


def handed(case: Case, person: User, *, hours_ago: float = 0, **changes: Any) -> Case:
    """The case, handed to a person so long ago."""
    at = timezone.now() - timedelta(hours=hours_ago)
    Case.objects.filter(pk=case.pk).update(assigned_to=person, assigned_at=at, **changes)
    return make.reread(case)


@pytest.mark.django_db
def test_what_is_kept_for_me_comes_before_what_i_was_handed_and_that_before_what_is_free(
    reviewer: User, second_reviewer: User
) -> None:
    free = waiting("A-1", tier=0)
    later, sooner = (handed(waiting(ref, tier=tier), reviewer) for ref, tier in (("A-2", 3), ("A-3", 2)))
    others = handed(waiting("A-4", tier=0), second_reviewer)
    # What came back to me stays mine, whoever it was handed to before.
    kept = handed(waiting("A-5", tier=5), second_reviewer, reserved_for=reviewer)
    in_order = [free, others, sooner, later, kept]
    assert list(Case.objects.in_queue_order()) == in_order
    assert list(claimable_by(reviewer)) == [free, sooner, later, kept]
    given = []
    for _case in range(4):
        case = actions.claim_next(by=reviewer)
        given.append(case)
        actions.ask_information(case.pk, by=reviewer, note="pay slips, please", seen_version=case.version)
    assert given == [kept, sooner, later, free]
    before = everything()
    with pytest.raises(NothingToClaim):
        actions.claim_next(by=reviewer)
    assert everything() == before
    assert actions.claim_next(by=second_reviewer) == others


@pytest.mark.django_db
def test_what_nobody_took_in_time_or_whose_person_left_is_free_for_all(reviewer: User, second_reviewer: User) -> None:
    gone = make.user("gone", Role.REVIEWER)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    left_over = handed(waiting("A-1"), second_reviewer, hours_ago=settings.ASSIGNMENT_HOURS + 0.01)
    handed(waiting("A-2"), second_reviewer, hours_ago=settings.ASSIGNMENT_HOURS - 0.01)
    of_nobody = handed(waiting("A-3"), gone)
    assert list(claimable_by(reviewer)) == [left_over, of_nobody]
    assert [case.external_ref for case in Case.objects.assigned_to_somebody()] == ["A-2"]
    assert actions.claim_next(by=reviewer) == left_over
    # It was nobody else's any more, but the history says whom it was handed to.
    assert left_over.events.latest("seq").facts["assigned_to"] == second_reviewer.pk


@pytest.mark.django_db
def test_a_named_case_of_somebody_else_may_be_claimed_and_the_event_tells(
    reviewer: User, second_reviewer: User
) -> None:
    others, own = handed(waiting("A-1"), second_reviewer), handed(waiting("A-2"), reviewer)
    for case in (others, own):
        actions.claim_case(case.pk, by=reviewer)
    assert others.events.latest("seq").facts["assigned_to"] == second_reviewer.pk
    assert "assigned_to" not in own.events.latest("seq").facts
    assert make.reread(others).assigned_to == second_reviewer


@pytest.mark.django_db
def test_nobody_is_handed_what_they_entered_even_where_it_says_so(reviewer: User) -> None:
    handed(waiting("A-1", entered_by=reviewer), reviewer)
    with pytest.raises(NothingToClaim):
        actions.claim_next(by=reviewer)


@pytest.mark.django_db(transaction=True)
def test_eight_people_at_once_get_eight_cases_their_own_first() -> None:
    people = [make.user(f"person-{number}", Role.REVIEWER) for number in range(8)]
    cases = [waiting(f"A-{number}") for number in range(12)]
    own = {person: handed(case, person) for person, case in zip(people[:4], cases[8:], strict=True)}
    answers = at_once(*(partial(actions.claim_next, by=person) for person in people))
    given = dict(zip(people, answers, strict=True))
    assert {person: given[person] for person in own} == own
    assert {given[person] for person in people[4:]} == set(cases[:4])
    assert Case.objects.filter(state="in_review").count() == 8
