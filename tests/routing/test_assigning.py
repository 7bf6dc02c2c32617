"""Handing waiting cases to people: real cases that the real machine routed, once each, and never past a limit."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from cases import actions
from cases.conflicts import state_conflict
from cases.draws import draws
from cases.models import Case, CaseEvent, User
from cases.passing_on import escalate_case, skip_case
from cases.placing import rest_cases
from cases.states import Role, State
from riskreview import flow
from routing.assigning import assign_waiting_cases
from routing.assignment import LOT
from routing.capacity import Capacity
from routing.duty import state_absence, state_duty
from routing.kinds import KINDS, accuracy_key, kind_of
from routing.models import Assignment, Policy
from scoring.models import Assessment, ModelVersion
from tests import make
from tests.cases.history import everything
from tests.together import locked_elsewhere, together


@pytest.fixture
def looks(champion: ModelVersion, admin: User, supervisor: User) -> Policy:
    """A policy by which a look takes 30 minutes, nothing is left to chance, and key customers are seen by people."""
    return make.policy(admin, supervisor, audit_share=0.0, capacity=half_hours())


def half_hours(random_share: float = 0.0) -> Capacity:
    return Capacity(hours_a_day=8, minutes_a_look=30, fallback="wait", random_share=random_share)


def on_duty(person: User, by: User, hours: float = 6, **changes: Any) -> None:
    stated: dict[str, Any] = {"most_cases_a_day": None, "products": [], **changes}
    state_duty(person.pk, by=by, hours_a_day=Decimal(str(hours)), **stated)


def queued(count: int, **changes: Any) -> list[Case]:
    """So many key customers' cases in the queue, in its order."""
    made = make.cases(count, key_customer=True, **changes)
    make.run_machine()
    return list(Case.objects.in_queue_order().filter(pk__in=[case.pk for case in made]))


def handed() -> dict[str, list[str]]:
    """By name of the person, the references of the waiting cases they were handed, in the queue's order."""
    found: dict[str, list[str]] = {}
    for case in Case.objects.in_queue_order().filter(assigned_to__isnull=False).select_related("assigned_to"):
        found.setdefault(case.assigned_to.username, []).append(case.external_ref)
    return found


def test_each_gets_as_many_as_their_day_holds_and_the_first_of_the_queue(
    looks: Policy, reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    cases = queued(8)
    on_duty(reviewer, supervisor, hours=1)
    on_duty(second_reviewer, supervisor, hours=6, most_cases_a_day=3)
    before, events = [(case.pk, case.state, case.version) for case in cases], CaseEvent.objects.count()
    assert assign_waiting_cases() == 5
    given = handed()
    assert {name: len(refs) for name, refs in given.items()} == {"reviewer": 2, "second_reviewer": 3}
    assert {ref for refs in given.values() for ref in refs} == {case.external_ref for case in cases[:5]}
    # It is no move: state, version and history of the cases are what they were.
    assert [(case.pk, case.state, case.version) for case in Case.objects.in_queue_order()] == before
    assert CaseEvent.objects.count() == events
    kept = Assignment.objects.order_by("case")
    assert [(each.case_id, each.person_id, each.at, each.random, each.probability) for each in kept] == [
        (case.pk, case.assigned_to_id, case.assigned_at, False, 1.0)
        for case in Case.objects.filter(assigned_to__isnull=False).order_by("pk")
    ]


def test_a_second_sweep_changes_nothing(looks: Policy, reviewer: User, supervisor: User) -> None:
    queued(4)
    on_duty(reviewer, supervisor, hours=1)
    flow.sweep()
    assert len(handed()["reviewer"]) == 2
    before = everything("cases_case", "routing_assignment")
    flow.sweep()
    assert assign_waiting_cases() == 0
    assert everything("cases_case", "routing_assignment") == before


def test_with_nobody_on_duty_nothing_is_handed_out(looks: Policy, reviewer: User, supervisor: User) -> None:
    queued(2)
    assert assign_waiting_cases() == 0
    on_duty(reviewer, supervisor)
    state_absence(reviewer.pk, by=supervisor, first_day=timezone.localdate(), last_day=timezone.localdate(), reason="")
    assert assign_waiting_cases() == 0
    assert (handed(), Assignment.objects.count()) == ({}, 0)


def test_what_somebody_decided_and_holds_today_takes_their_places(
    looks: Policy, reviewer: User, supervisor: User
) -> None:
    make.awaiting_case(reviewer, "D-1")
    make.claimed_case(reviewer, "H-1")
    queued(3)
    on_duty(reviewer, supervisor, hours=1.5)
    assert assign_waiting_cases() == 1
    assert assign_waiting_cases() == 0


def test_four_eyes_and_skills_are_kept(looks: Policy, reviewer: User, second_reviewer: User, supervisor: User) -> None:
    entered = make.queued_case("E-1", entered_by=reviewer)
    waiting, review = make.awaiting_case(reviewer, "R-1")
    note = "look at the income"
    actions.sign_case(waiting.pk, by=supervisor, verdict="send_back", note=note, seen_version=waiting.version)
    assert make.reread(waiting).reserved_for == reviewer
    plain = make.queued_case("P-1")
    unknown = make.queued_case("U-1", product="credit_card", features={"limit": 5000})
    on_duty(reviewer, supervisor)
    on_duty(second_reviewer, supervisor, products=["consumer"], most_cases_a_day=1)
    assert assign_waiting_cases() == 3
    given = handed()
    assert given["second_reviewer"] == [entered.external_ref]
    assert set(given["reviewer"]) == {plain.external_ref, unknown.external_ref}
    # What is kept for somebody is nobody's to hand out, until they work here no more; who reviewed it is left out.
    Case.objects.filter(pk=waiting.pk).update(reserved_for=second_reviewer)
    User.objects.filter(pk=second_reviewer.pk).update(is_active=False)
    assert review.reviewer == reviewer
    on_duty(supervisor, supervisor)
    assert assign_waiting_cases() == 2
    assert set(handed()["supervisor"]) == {waiting.external_ref, entered.external_ref}


def test_nobody_is_handed_what_rests_was_escalated_skipped_or_is_of_a_relative(
    looks: Policy, reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    on_duty(reviewer, supervisor)
    resting, escalated, skipped, relative, free = queued(5)
    until = timezone.now() + timedelta(days=1)
    assert rest_cases([resting.pk], by=supervisor, until=until, reason="waits for the branch")[0].refusal == ""
    held = actions.claim_case(escalated.pk, by=second_reviewer)
    escalate_case(held.pk, by=second_reviewer, note="beyond what I can judge", seen_version=held.version)
    held = actions.claim_case(skipped.pk, by=reviewer)
    skip_case(held.pk, by=reviewer, why="cannot_judge", note="", seen_version=held.version)
    state_conflict(relative.pk, by=reviewer, reason="the applicant is my cousin")
    assert assign_waiting_cases() == 1
    assert handed() == {"reviewer": [free.external_ref]}


def test_what_nobody_there_knows_does_not_stand_in_the_way(
    looks: Policy, reviewer: User, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = make.queued_case("U-1", product="credit_card", features={"limit": 5000})
    known = make.queued_case("P-1")
    Case.objects.filter(pk=unknown.pk).update(queue_tier=0)
    monkeypatch.setattr("routing.assigning.MOST_CASES", 1)
    on_duty(reviewer, supervisor, products=["consumer"])
    assert assign_waiting_cases() == 1
    assert handed() == {"reviewer": [known.external_ref]}


def test_what_waited_too_long_or_lost_its_person_is_handed_out_again(
    looks: Policy, reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    first, second = queued(2)
    on_duty(reviewer, supervisor)
    assert assign_waiting_cases() == 2
    on_duty(second_reviewer, supervisor)
    assert assign_waiting_cases() == 0
    state_absence(reviewer.pk, by=supervisor, first_day=timezone.localdate(), last_day=timezone.localdate(), reason="")
    assert assign_waiting_cases() == 2
    assert handed() == {"second_reviewer": [first.external_ref, second.external_ref]}
    Case.objects.filter(pk=first.pk).update(assigned_at=timezone.now() - timedelta(hours=4, minutes=1))
    assert assign_waiting_cases() == 1
    assert Assignment.objects.filter(case=first).count() == 3
    assert Case.objects.filter(pk=first.pk, assigned_at__gt=timezone.now() - timedelta(minutes=1)).exists()


def test_a_share_is_given_by_lot_that_an_auditor_can_repeat(
    champion: ModelVersion, admin: User, supervisor: User, reviewer: User, second_reviewer: User
) -> None:
    policy = make.policy(admin, supervisor, audit_share=0.0, capacity=half_hours(random_share=0.25))
    queued(8)
    on_duty(reviewer, supervisor, hours=2)
    on_duty(second_reviewer, supervisor, hours=2)
    assert assign_waiting_cases() == 8
    by_lot = Assignment.objects.filter(random=True).select_related("case")
    keys = [f"branch-los/B-{number}" for number in range(8)]
    lots = draws(policy.audit_secret, LOT, keys)
    lowest = {key for _lot, key in sorted(zip(lots, keys, strict=True))[:2]}
    assert {f"{each.case.source}/{each.case.external_ref}" for each in by_lot} == lowest
    assert all(each.case.assigned_at_random for each in by_lot)
    assert {each.person_id for each in by_lot} == {reviewer.pk, second_reviewer.pk}
    # Two of eight are drawn; the first falls to one of two people, the second to the one who still lacks one.
    assert sorted(each.probability for each in by_lot) == [0.125, 0.25]
    assert Case.objects.filter(assigned_at_random=True).count() == 2


def test_what_must_be_seen_comes_before_what_is_uncertain_whatever_the_product(
    looks: Policy, reviewer: User, supervisor: User
) -> None:
    uncertain, must = queued(1)[0], make.queued_case("U-1", product="small_business", features={"limit": 5000})
    Case.objects.filter(pk=uncertain.pk).update(queue_tier=3)
    on_duty(reviewer, supervisor, most_cases_a_day=1)
    assert assign_waiting_cases() == 1
    assert handed() == {"reviewer": [must.external_ref]}


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_hand_out_each_case_once(looks: Policy, reviewer: User, supervisor: User) -> None:
    queued(6)
    on_duty(reviewer, supervisor, hours=2)
    counts = together([assign_waiting_cases] * 3)
    assert sorted(counts) == [0, 0, 4]
    assert Assignment.objects.count() == 4
    assert len(handed()["reviewer"]) == 4


@pytest.mark.django_db(transaction=True)
def test_a_case_that_somebody_has_in_hand_right_now_is_left_out(
    looks: Policy, reviewer: User, supervisor: User
) -> None:
    first, second = queued(2)
    on_duty(reviewer, supervisor)
    with locked_elsewhere(first.pk):
        assert assign_waiting_cases() == 1
    assert handed() == {"reviewer": [second.external_ref]}
    assert assign_waiting_cases() == 1
    assert Assignment.objects.count() == 2


def test_a_router_and_a_reviewer_live_through_a_day_together(
    looks: Policy, reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    queued(4)
    on_duty(reviewer, supervisor, most_cases_a_day=2)
    on_duty(second_reviewer, supervisor, most_cases_a_day=2)
    flow.sweep()
    mine = handed()
    for person in (second_reviewer, reviewer):
        for ref in mine[person.username]:
            case = actions.claim_next(by=person)
            assert case.external_ref == ref
            make.decide(case, person)
    assert Case.objects.filter(state=State.QUEUED).count() == 0
    queued_late = make.queued_case("L-1")
    flow.sweep()
    assert make.reread(queued_late).assigned_to is None
    assert actions.claim_next(by=make.user("third", Role.REVIEWER)) == queued_late


def test_who_was_measured_to_be_right_more_often_gets_the_first_of_the_queue(
    looks: Policy, reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    first, second = queued(2)
    for person in (reviewer, second_reviewer):
        on_duty(person, supervisor, most_cases_a_day=1)
    accuracies = {reviewer.pk: {"consumer": 0.7}, second_reviewer.pk: {"consumer": 0.9}}
    assert assign_waiting_cases(lambda: accuracies) == 2
    assert handed() == {"second_reviewer": [first.external_ref], "reviewer": [second.external_ref]}
    said = Assessment.objects.get(case=first)
    kind = kind_of(said.pd, said.cut_off, said.doubt)
    assert kind in KINDS
    third, fourth = [case for case in queued(2, first=2) if case.assigned_to_id is None]
    for person in (reviewer, second_reviewer):
        on_duty(person, supervisor, most_cases_a_day=2)
    # The same two people, but the first one is known to be right on cases like these.
    by_kind = {**accuracies, reviewer.pk: {"consumer": 0.7, accuracy_key("consumer", kind): 0.95}}
    assert assign_waiting_cases(lambda: by_kind) == 2
    assert [make.reread(case).assigned_to for case in (third, fourth)] == [reviewer, second_reviewer]
