"""The one door: both its handles, what they leave alone, and that nothing goes past them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.errors import CaseMoved, CaseNotFound, NotAllowed, StaleCase
from cases.models import Case, CaseEvent, User
from cases.move import Move, lock_case, move_case, move_cases, record_births
from cases.states import State
from tests import make
from tests.cases.history import everything, steps
from tests.together import at_once, locked_elsewhere, started_until_it_waits


def parked_changes() -> dict[str, object]:
    now = timezone.now()
    return {"queue_tier": 2, "queue_rank": 0.0, "queued_at": now, "due_at": now, "why": [{"code": "no_model"}]}


def moves_of(cases: list[Case], **facts: object) -> list[Move]:
    return [Move(case.pk, case.version, changes=parked_changes(), facts=facts) for case in cases]


@pytest.mark.django_db
def test_one_case_is_moved_with_its_changes_and_one_event(supervisor: User) -> None:
    case = make.case(findings=[{"feature": "annual_income", "code": "missing"}])
    with transaction.atomic():
        event = move_case(
            lock_case(case.pk, seen_version=2), "withdraw", by=supervisor, facts={"note": "gone"}, reserved_for=None
        )
    assert steps(case) == ["receive", "hold", "withdraw"]
    assert (event.actor, event.from_state, event.to_state, event.facts) == (
        supervisor,
        "needs_data",
        "withdrawn",
        {"note": "gone"},
    )


@pytest.mark.django_db
def test_a_locked_case_can_be_moved_twice_in_one_transaction(supervisor: User) -> None:
    case = make.case()
    with transaction.atomic():
        locked = lock_case(case.pk)
        move_case(locked, "park", by=None, facts={}, **parked_changes())
        move_case(locked, "withdraw", by=supervisor, facts={})
    assert steps(case) == ["receive", "park", "withdraw"]


@pytest.mark.django_db
def test_a_case_that_is_not_there_or_has_moved_on_is_not_locked() -> None:
    case = make.case()
    with pytest.raises(CaseNotFound):
        lock_case(case.pk + 1)
    with pytest.raises(StaleCase):
        lock_case(case.pk, seen_version=2)
    assert lock_case(case.pk, seen_version=1) == case


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_moves() -> None:
    case = make.case()
    before = everything()
    for call in (
        lambda: lock_case(case.pk),
        lambda: move_case(case, "park", by=None, facts={}),
        lambda: move_cases("park", moves_of([case])),
        lambda: record_births([case.pk], facts={}),
    ):
        with pytest.raises(RuntimeError, match=r"^a case moves only inside transaction\.atomic\(\)$"):
            call()
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_a_row_that_changed_under_our_hands_is_not_overwritten() -> None:
    case = make.case()
    stale = make.reread(case)
    with transaction.atomic():
        move_cases("park", moves_of([case]))
    before = everything()
    with pytest.raises(StaleCase), transaction.atomic():
        move_case(stale, "score", by=None, facts={})
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_back_at_the_same_state_is_still_another_version(reviewer: User) -> None:
    """From A to B and back to A: the state is as it was, and yet an older copy may not be written over it."""
    case = make.case()
    make.run_machine()
    stale = make.reread(case)
    with transaction.atomic():
        move_case(lock_case(case.pk), "claim", by=reviewer, facts={})
    with transaction.atomic():
        move_case(lock_case(case.pk), "release", by=reviewer, facts={})
    assert make.reread(case).state == stale.state == State.QUEUED
    before = everything()
    with pytest.raises(StaleCase), transaction.atomic():
        move_case(stale, "claim", by=reviewer, facts={})
    assert everything() == before


@pytest.mark.django_db
def test_who_comes_too_late_hears_that_and_not_that_they_may_not(auditor: User, reviewer: User) -> None:
    case = make.case()
    with pytest.raises(CaseMoved), transaction.atomic():
        move_case(lock_case(case.pk), "claim", by=auditor, facts={})
    make.run_machine()
    with pytest.raises(NotAllowed), transaction.atomic():
        move_case(lock_case(case.pk), "claim", by=auditor, facts={})
    with pytest.raises(CaseMoved), transaction.atomic():
        move_case(lock_case(case.pk), "sign_approval", by=reviewer, facts={})
    assert steps(case) == ["receive", "park"]


@pytest.mark.django_db
def test_many_cases_are_moved_with_three_statements_and_one_event_each() -> None:
    cases = make.cases(20)
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        assert move_cases("park", moves_of(cases, chunk=7)) == [case.pk for case in cases]
    assert len(queries) == 3  # one lock, one UPDATE, one COPY of events
    for case in cases:
        assert steps(case) == ["receive", "park"]
        assert case.events.latest("seq").facts == {"chunk": 7}
        assert make.reread(case).why == [{"code": "no_model"}]


@pytest.mark.django_db
def test_cases_that_moved_since_they_were_read_are_left_out() -> None:
    cases = make.cases(4)
    with transaction.atomic():
        move_cases("hold", [Move(cases[1].pk, 1)])
    before = CaseEvent.objects.count()
    stale = Move(cases[2].pk, cases[2].version + 1, changes=parked_changes())
    unknown = Move(cases[3].pk + 100, 1, changes=parked_changes())
    with transaction.atomic():
        moved = move_cases("park", [stale, *moves_of([cases[3], cases[1], cases[0]]), unknown])
    assert moved == [cases[0].pk, cases[3].pk]
    assert CaseEvent.objects.count() == before + 2
    assert [make.reread(case).state for case in cases] == ["queued", "needs_data", "received", "queued"]
    with transaction.atomic():
        assert move_cases("park", moves_of(cases)) == [cases[2].pk]
        assert move_cases("park", []) == []
        assert move_cases("park", moves_of(cases)) == []


@pytest.mark.django_db(transaction=True)
def test_cases_that_somebody_holds_locked_are_left_out_and_not_waited_for() -> None:
    cases = make.cases(3)
    with locked_elsewhere(cases[1].pk), transaction.atomic():
        assert move_cases("park", moves_of(cases)) == [cases[0].pk, cases[2].pk]
    assert [make.reread(case).state for case in cases] == ["queued", "received", "queued"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_chunk_move_each_case_once() -> None:
    cases = make.cases(40)

    def work() -> list[int]:
        with transaction.atomic():
            return move_cases("park", moves_of(cases))

    moved = at_once(work, work)
    assert all(isinstance(each, list) for each in moved)
    assert sorted(key for each in moved if isinstance(each, list) for key in each) == [case.pk for case in cases]
    assert CaseEvent.objects.filter(name="park").count() == 40


@pytest.mark.django_db(transaction=True)
def test_two_people_who_saw_the_same_version_do_not_both_go_on(reviewer: User, second_reviewer: User) -> None:
    case = make.case()
    make.run_machine()

    def claim(person: User) -> CaseEvent:
        with transaction.atomic():
            return move_case(lock_case(case.pk, seen_version=2), "claim", by=person, facts={})

    answers = at_once(lambda: claim(reviewer), lambda: claim(second_reviewer))
    assert sorted(type(answer).__name__ for answer in answers) == ["CaseEvent", "StaleCase"]
    assert steps(case) == ["receive", "park", "claim"]


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_the_lock_sees_what_the_other_did(reviewer: User, second_reviewer: User) -> None:
    case = make.case()
    make.run_machine()

    def claim() -> CaseEvent:
        with transaction.atomic():
            return move_case(lock_case(case.pk), "claim", by=second_reviewer, facts={})

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            move_case(lock_case(case.pk), "claim", by=reviewer, facts={})
            waiting = started_until_it_waits(pool, claim)
            assert not waiting.done()
        assert isinstance(waiting.exception(20), CaseMoved)
    assert steps(case) == ["receive", "park", "claim"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["claim", "approve", "sign_approval", "withdraw"])
def test_what_belongs_to_people_is_not_the_machines_to_do(name: str) -> None:
    case = make.case()
    make.run_machine()
    with pytest.raises(NotAllowed):
        move_cases(name, [Move(case.pk, 2)])
    assert steps(case) == ["receive", "park"]


@pytest.mark.django_db
def test_the_state_cannot_be_changed_past_the_door() -> None:
    case = make.case()
    before = everything()
    with pytest.raises(AttributeError, match=r"^Direct state modification is not allowed$"):
        case.state = State.APPROVED
    for guarded in ({"state": "approved"}, {"version": 9}, {"state": "approved", "version": 9, "outcome": "approve"}):
        with pytest.raises(RuntimeError, match=r"change through cases/move\.py only$"):
            Case.objects.update(**guarded)
        with pytest.raises(RuntimeError, match=r"change through cases/move\.py only$"):
            Case.objects.filter(pk=case.pk).order_by().update(**guarded)
    case.version = 9
    with pytest.raises(RuntimeError, match=r"change through cases/move\.py only$"), transaction.atomic():
        Case.objects.bulk_update([case], ["version"])
    assert everything() == before
    assert Case.objects.filter(pk=case.pk).update(last_error="allowed") == 1
