"""How often people were right: what counts as judged, and how few judged decisions are drawn to the mean."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.models import Case, SecondLook, User
from cases.second_looks import adjudicate, record_second_look, take_second_look
from learning import reviewer_accuracy
from learning.actions import ObservedOutcome, record_outcomes
from learning.reviewer_accuracy import Judged, measured_accuracies, shrunk
from routing.models import Assignment, Policy
from tests import make

pytestmark = pytest.mark.usefixtures("released_at_once")


@pytest.fixture
def ground(champion: object, admin: User, supervisor: User) -> Policy:
    make.desk_rules(admin, second_look_share=1.0)
    return make.policy(admin, supervisor, audit_share=1.0)


@pytest.fixture
def from_the_first_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody counts from their first judged decision on, and nothing is drawn to the mean."""
    monkeypatch.setattr(reviewer_accuracy, "LEAST_JUDGED", 1)
    monkeypatch.setattr(reviewer_accuracy, "PRIOR_JUDGED", 0)


def test_few_judged_decisions_are_drawn_to_the_mean_and_too_few_are_not_used() -> None:
    found = [Judged(1, "car", 60, 54), Judged(1, "car", 20, 18), Judged(2, "car", 20, 12), Judged(3, "car", 19, 19)]
    # All: 103 right of 119; the third person counts in the mean alone.
    mean = 103 / 119
    assert shrunk([*found, Judged(3, "house", 20, 20)]) == {
        1: {"car": pytest.approx((72 + 20 * mean) / 100)},
        2: {"car": pytest.approx((12 + 20 * mean) / 40)},
        3: {"house": 1.0},
    }
    assert shrunk([]) == {}


def test_second_looks_judge_both_people_once_the_two_agree_or_a_third_has_said_which_view_holds(
    ground: Policy,
    reviewer: User,
    second_reviewer: User,
    supervisor: User,
    from_the_first_on: None,
) -> None:
    def looked(reference: str, outcome: str) -> SecondLook:
        make.second_look(reviewer, reference)
        look = take_second_look(by=second_reviewer)
        codes = ["high_debt"] if outcome == "decline" else []
        return record_second_look(look.pk, by=second_reviewer, outcome=outcome, band=4, reason_codes=codes, note="")

    assert measured_accuracies() == {}
    looked("A-1", "approve")
    assert measured_accuracies() == {reviewer.pk: {"consumer": 1.0}, second_reviewer.pk: {"consumer": 1.0}}
    disputed = looked("A-2", "decline")
    # Nobody knows yet who was right.
    assert measured_accuracies() == {reviewer.pk: {"consumer": 1.0}, second_reviewer.pk: {"consumer": 1.0}}
    adjudicate(disputed.pk, by=supervisor, outcome="decline", note="the debts are too high")
    assert measured_accuracies() == {reviewer.pk: {"consumer": 0.5}, second_reviewer.pk: {"consumer": 1.0}}
    SecondLook.objects.update(done_at=timezone.now() - reviewer_accuracy.COUNTED - timedelta(days=1))
    assert measured_accuracies() == {}


def test_matured_loans_judge_who_approved_them_where_the_lot_gave_them_the_case(
    ground: Policy, reviewer: User, second_reviewer: User, admin: User, from_the_first_on: None
) -> None:
    def approved(reference: str, given_to: User, *, random: bool = True, bad: bool | None = None) -> Case:
        held = make.claimed_case(reviewer, reference, key_customer=False)
        chance = 0.5 if random else 1.0
        Assignment.objects.create(case=held, person=given_to, random=random, probability=chance)
        case = make.decide(held, reviewer).case
        if bad is not None:
            observed = ObservedOutcome(case.pk, timezone.now() + timedelta(days=1), bad=bad, mature=True)
            assert record_outcomes([observed], given_by="tests").accepted == 1
        return case

    approved("good", reviewer, bad=False)
    turned = approved("bad", reviewer, bad=True)
    approved("open", reviewer)
    approved("chosen", reviewer, random=False, bad=True)
    approved("of somebody else", second_reviewer, bad=True)
    assert measured_accuracies() == {reviewer.pk: {"consumer": 0.5}}
    # What was restated counts as it was last told.
    restated = ObservedOutcome(turned.pk, timezone.now() + timedelta(days=2), bad=False, mature=True)
    assert record_outcomes([restated], given_by="tests").accepted == 1
    assert measured_accuracies() == {reviewer.pk: {"consumer": 1.0}}


def test_a_decision_that_was_looked_at_twice_is_judged_once(
    ground: Policy, reviewer: User, second_reviewer: User, from_the_first_on: None
) -> None:
    look = make.second_look(reviewer)
    Assignment.objects.create(case=look.case, person=reviewer, random=True, probability=0.5)
    observed = ObservedOutcome(look.case_id, timezone.now() + timedelta(days=1), bad=True, mature=True)
    assert record_outcomes([observed], given_by="tests").accepted == 1
    assert measured_accuracies() == {reviewer.pk: {"consumer": 0.0}}
    take_second_look(by=second_reviewer)
    record_second_look(look.pk, by=second_reviewer, outcome="approve", band=2, reason_codes=[], note="")
    assert measured_accuracies() == {reviewer.pk: {"consumer": 1.0}, second_reviewer.pk: {"consumer": 1.0}}
