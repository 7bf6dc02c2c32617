"""Closing a breaker takes two persons and a trial; what the machine decided since the first sign can be asked back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cases.errors import BadDecision, CaseMoved, FourEyes, NotAllowed
from cases.models import Reopening, User
from cases.states import Role
from routing.breaker_life import TooEarly, TrialNotOver, answer_closing, ask_closing
from routing.breaking import open_breaker
from routing.models import Policy
from routing.pulling_back import affected, open_pulled_back, pull_back
from scoring.breaker_rules import set_breaker_rules
from scoring.models import Breaker, BreakerStep, ModelVersion, Stream
from tests import make
from tests.conftest import TrainedBook
from tests.routing.watched import arrive, loan, with_reference

WHY = "The branch mended its export."
SEGMENT = "source=los"


@pytest.fixture
def opened(champion: ModelVersion, admin: User) -> Breaker:
    with transaction.atomic():
        return open_breaker(champion.pk, SEGMENT, [{"sign": "range", "name": "annual_income"}])


def rules(admin: User, **changes: Any) -> None:
    set_breaker_rules(by=admin, reason="Set for the test of breakers.", changes=changes)


def names(breaker: Breaker) -> list[str]:
    return list(breaker.steps.values_list("name", flat=True))


def stands(breaker: Breaker) -> tuple[str, int | None, int | None]:
    found = Breaker.objects.get(pk=breaker.pk)
    return found.state, found.asked_by_id, found.closed_by_id


def test_two_persons_close_it(opened: Breaker, admin: User, supervisor: User) -> None:
    rules(admin, dwell_minutes=0, trial_cases=0)
    ask_closing(opened.pk, by=supervisor, reason=WHY)
    assert stands(opened) == ("half_open", supervisor.pk, None)
    answer_closing(opened.pk, by=admin, closes=True)
    assert stands(opened) == ("closed", supervisor.pk, admin.pk)
    assert names(opened) == ["open", "ask", "close"]
    with pytest.raises(CaseMoved):
        ask_closing(opened.pk, by=supervisor, reason=WHY)


def test_nobody_signs_what_they_asked_for_by_rule_and_by_database(
    opened: Breaker, admin: User, supervisor: User
) -> None:
    rules(admin, dwell_minutes=0, trial_cases=0)
    ask_closing(opened.pk, by=supervisor, reason=WHY)
    with pytest.raises(FourEyes):
        answer_closing(opened.pk, by=supervisor, closes=True)
    with pytest.raises(IntegrityError, match="breaker_four_eyes"), transaction.atomic():
        Breaker.objects.filter(pk=opened.pk).update(state="closed", closed_by=supervisor, closed_at=opened.opened_at)
    assert stands(opened) == ("half_open", supervisor.pk, None)


def test_the_database_closes_none_that_was_not_half_open(opened: Breaker, admin: User, supervisor: User) -> None:
    at = opened.opened_at
    with pytest.raises(IntegrityError, match="no step leads from open to closed"), transaction.atomic():
        Breaker.objects.filter(pk=opened.pk).update(
            state="closed", asked_by=admin, asked_at=at, reason=WHY, closed_by=supervisor, closed_at=at
        )
    assert stands(opened) == ("open", None, None)


def test_it_stays_open_for_a_while_and_wants_a_reason_of_the_right_person(
    opened: Breaker, admin: User, supervisor: User, reviewer: User, auditor: User
) -> None:
    with pytest.raises(TooEarly):
        ask_closing(opened.pk, by=supervisor, reason=WHY)
    with pytest.raises(BadDecision):
        ask_closing(opened.pk, by=supervisor, reason="mended")
    for nobody in (reviewer, auditor):
        with pytest.raises(NotAllowed):
            ask_closing(opened.pk, by=nobody, reason=WHY)
    assert (stands(opened), names(opened)) == (("open", None, None), ["open"])


def test_a_refusal_opens_it_again(opened: Breaker, admin: User, supervisor: User) -> None:
    rules(admin, dwell_minutes=0)
    ask_closing(opened.pk, by=supervisor, reason=WHY)
    with pytest.raises(BadDecision):
        answer_closing(opened.pk, by=admin, closes=False, note="no")
    answer_closing(opened.pk, by=admin, closes=False, note="The export still sends noughts.")
    assert (stands(opened), names(opened)) == (("open", None, None), ["open", "ask", "refuse"])


def test_half_open_it_is_on_trial_and_a_new_sign_opens_it_again(
    opened: Breaker, policy: Policy, trained_book: TrainedBook, admin: User, supervisor: User
) -> None:
    with_reference(opened.model, trained_book)
    rules(admin, dwell_minutes=0, trial_cases=5)
    ask_closing(opened.pk, by=supervisor, reason=WHY)
    tried = arrive("los", [loan(trained_book, place) for place in range(4)])
    assert {case.state for case in tried} == {"queued"}
    with pytest.raises(TrialNotOver):
        answer_closing(opened.pk, by=admin, closes=True)
    arrive("los", [loan(trained_book, place, {"annual_income": 0}) for place in range(4, 7)])
    assert (stands(opened), names(opened)) == (("open", None, None), ["open", "ask", "relapse"])
    ask_closing(opened.pk, by=supervisor, reason=WHY)
    arrive("los", [loan(trained_book, place) for place in range(7, 13)])
    answer_closing(opened.pk, by=admin, closes=True)
    after = arrive("los", [loan(trained_book, place) for place in range(13, 21)])
    assert "approved" in {case.state for case in after}
    assert Breaker.objects.get().held == 13
    assert Stream.objects.get(segment=SEGMENT).cases == 8


def test_what_was_decided_since_the_first_sign_is_asked_back_by_one_and_opened_by_another(
    champion: ModelVersion, policy: Policy, admin: User, supervisor: User, auditor: User
) -> None:
    before = make.cases(2, source="los")
    make.run_machine()
    first = before[1].received_at
    wrong = make.cases(3, first=2, source="los")
    other = make.cases(1, first=5, source="branch-los")
    make.run_machine()
    since = champion.assessments.get(case=wrong[0]).at
    assert first < since
    with transaction.atomic():
        breaker = open_breaker(champion.pk, SEGMENT, [], since=since, first_case=wrong[0].pk)
    listed = list(affected(breaker).values_list("pk", flat=True))
    assert (listed, other[0].pk in listed) == ([case.pk for case in wrong], False)
    with pytest.raises(NotAllowed):
        pull_back(breaker.pk, by=auditor, reason=WHY)
    assert pull_back(breaker.pk, by=supervisor, reason=WHY).done == 3
    assert pull_back(breaker.pk, by=supervisor, reason=WHY).done == 0
    refused = open_pulled_back(breaker.pk, by=supervisor)
    assert (refused.done, refused.refused) == (0, {"four_eyes": 3})
    second = make.user("second", Role.SUPERVISOR)
    assert open_pulled_back(breaker.pk, by=second).done == 3
    assert {make.reread(case).state for case in wrong} == {"queued"}
    assert make.reread(before[0]).state == "approved"
    assert Reopening.objects.filter(verdict="approve", answered_by=second).count() == 3
    last = BreakerStep.objects.latest("pk")
    assert (last.name, last.actor, last.facts) == ("answer", second, {"done": 3, "refused": {}})


def test_a_new_usual_of_too_few_cases_is_learned_anew_and_else_nothing_is_forgotten(
    opened: Breaker, trained_book: TrainedBook, admin: User, supervisor: User
) -> None:
    """With the old one kept, the breaker would open again at once for the change that a person called usual."""
    with_reference(opened.model, trained_book)
    rules(admin, dwell_minutes=0)
    Stream.objects.create(model=opened.model, segment=SEGMENT, own=[[1, 2]], approvals={"1": [60, 100]})
    ask_closing(opened.pk, by=supervisor, reason=WHY)
    answer_closing(opened.pk, by=admin, closes=False, note="That is how they look now.")
    assert Stream.objects.get(segment=SEGMENT).own == [[1, 2]]
    ask_closing(opened.pk, by=supervisor, reason=WHY, new_usual=True)
    found = Stream.objects.get(segment=SEGMENT)
    assert (found.own, found.approvals) == ([], {})
    assert BreakerStep.objects.filter(name="ask").latest("pk").facts == {"new_usual": True, "learnt": False}
