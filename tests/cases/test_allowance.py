"""How much one person may take: the cap of their day binds start and claims, and nobody holds a queue of their own."""

from __future__ import annotations

from functools import partial

import pytest

from cases import actions, placing
from cases.allowance import MOST_HELD
from cases.errors import DayFull, HandsFull
from cases.models import Case, Claim, Review, User
from cases.states import Role
from cases.takeover import take_over_case
from cases.taking_back import take_back
from tests import make
from tests.cases.history import everything
from tests.cases.test_claims import run_out, waiting
from tests.together import at_once

WHY = "she knows the branch"


def declined(case: Case, by: User) -> Review:
    return make.decide(case, by, outcome="decline")


@pytest.mark.django_db
def test_start_gives_nothing_more_than_the_cap_but_what_was_handed_over(reviewer: User, supervisor: User) -> None:
    _free, handed, _other = (waiting(f"A-{number}") for number in range(3))
    declined(actions.claim_next(by=reviewer, most_a_day=1), reviewer)
    before = everything()
    with pytest.raises(DayFull):
        actions.claim_next(by=reviewer, most_a_day=1)
    assert everything() == before
    placing.hand_over_cases([handed.pk], by=supervisor, to=reviewer, reason=WHY)
    assert actions.claim_next(by=reviewer, most_a_day=1) == handed
    # What one holds counts, and is resumed.
    assert actions.claim_next(by=reviewer, most_a_day=1) == handed


@pytest.mark.django_db
def test_a_claim_by_name_is_bound_too_except_for_a_supervisor(reviewer: User, supervisor: User) -> None:
    held, free, handed = (waiting(f"A-{number}") for number in range(3))
    actions.claim_case(held.pk, by=reviewer, most_a_day=1)
    before = everything()
    with pytest.raises(DayFull, match=r"^You have reached your number of cases for today: you can still take what"):
        actions.claim_case(free.pk, by=reviewer, most_a_day=1)
    assert everything() == before
    placing.hand_over_cases([handed.pk], by=supervisor, to=reviewer, reason=WHY)
    assert actions.claim_case(handed.pk, by=reviewer, most_a_day=1) == handed
    assert actions.claim_case(free.pk, by=supervisor, most_a_day=0) == free
    with pytest.raises(DayFull):
        actions.claim_next(by=make.user("boss", Role.SUPERVISOR), most_a_day=0)


@pytest.mark.django_db
def test_a_decision_taken_back_is_none_of_the_day(reviewer: User) -> None:
    case = waiting()
    declined(actions.claim_case(case.pk, by=reviewer), reviewer)
    take_back(case.pk, by=reviewer, seen_version=make.reread(case).version)
    actions.release_case(case.pk, by=reviewer)
    assert actions.claim_case(case.pk, by=reviewer, most_a_day=1) == case


@pytest.mark.django_db
def test_nobody_holds_more_cases_at_once_than_a_few(reviewer: User, supervisor: User) -> None:
    cases = [waiting(f"A-{number}") for number in range(MOST_HELD + 1)]
    for case in cases[:MOST_HELD]:
        actions.claim_case(case.pk, by=supervisor)
    before = everything()
    with pytest.raises(HandsFull):
        actions.claim_case(cases[-1].pk, by=supervisor)
    assert everything() == before
    actions.claim_case(cases[-1].pk, by=reviewer)
    with pytest.raises(HandsFull):
        take_over_case(cases[-1].pk, by=supervisor, reason="The reviewer is ill.")
    assert Claim.objects.get(case=cases[-1], ended_at=None).holder == reviewer
    # A lease that ran out holds nothing any more.
    run_out(cases[0])
    take_over_case(cases[-1].pk, by=supervisor, reason="The reviewer is ill.")


@pytest.mark.django_db(transaction=True)
def test_claims_at_the_same_moment_do_not_add_up_beyond_the_bound(reviewer: User) -> None:
    cases = [waiting(f"A-{number}") for number in range(MOST_HELD + 2)]
    answers = at_once(*(partial(actions.claim_case, case.pk, by=reviewer) for case in cases))
    assert sum(isinstance(answer, Case) for answer in answers) == MOST_HELD
    assert [type(answer) for answer in answers if not isinstance(answer, Case)] == [HandsFull] * 2
    assert Claim.objects.filter(ended_at=None).count() == MOST_HELD
