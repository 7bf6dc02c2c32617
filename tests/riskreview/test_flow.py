"""The machine's steps in order, the sweep, and the tasks that carry them."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from redis import Redis

from cases import actions
from cases.machine import CaseMachine
from cases.models import Case, Claim, User
from cases.states import MACHINE_STATES, State
from cases.taking_back import take_back
from cases.wake import ADVANCE_TASK, WAKE_KEY, send_wake
from learning.models import Label
from riskreview import flow
from riskreview.tasks import advance, sweep
from routing.models import Policy
from scoring.actions import take_chunk
from scoring.models import ModelVersion
from tests import make


@pytest.fixture
def queue() -> Any:
    """The broker's queue of wake-ups, empty."""
    with Redis.from_url(settings.REDIS_URL) as broker:
        broker.delete("celery", WAKE_KEY)
        yield broker
        broker.delete("celery", WAKE_KEY)


def test_every_state_of_the_machine_has_its_step_in_the_order_of_a_cases_life() -> None:
    assert tuple(step.state for step in flow.STEPS) == MACHINE_STATES == (State.RECEIVED, State.SCORED)
    assert hasattr(CaseMachine, "score")


def test_one_advance_carries_cases_from_arrival_to_a_decision_or_a_person(
    champion: ModelVersion, policy: Policy
) -> None:
    clear, key = make.case("A-1"), make.case("A-2", key_customer=True)
    held = make.case("A-3", findings=[{"feature": "x"}])
    assert flow.advance("tests") == 4
    states = dict(Case.objects.values_list("pk", "state"))
    assert states == {clear.pk: "approved", key.pk: "queued", held.pk: "needs_data"}
    assert flow.advance("tests") == 0


@pytest.mark.usefixtures("released_at_once")
def test_the_sweep_labels_decisions_ends_leases_and_wakes_the_machine_for_what_waits(
    champion: ModelVersion, policy: Policy, reviewer: User, second_reviewer: User, queue: Any
) -> None:
    make.awaiting_case(reviewer, "A-1")
    held = make.claimed_case(second_reviewer, "A-2")
    Claim.objects.filter(case=held).update(lease_until=timezone.now() - timedelta(minutes=1))
    queue.delete("celery", WAKE_KEY)
    flow.sweep()
    assert Label.objects.count() == 1
    assert make.reread(held).state == "queued"
    assert queue.llen("celery") == 0
    make.case("A-3")
    flow.sweep()
    assert queue.llen("celery") == 1


def test_a_sweep_first_asks_for_files_and_the_like(db: None, monkeypatch: pytest.MonkeyPatch, queue: Any) -> None:
    done: list[str] = []

    def stop() -> None:
        raise TimeoutError

    monkeypatch.setattr(flow, "has_files", lambda: True)
    monkeypatch.setattr(flow, "send_task", done.append)
    monkeypatch.setattr(flow, "expire_claims", stop)
    with pytest.raises(TimeoutError):
        flow.sweep()
    assert done == [flow.TAKE_IN_FILES]


def test_wake_ups_that_nobody_has_heard_yet_are_sent_once(queue: Any) -> None:
    assert [send_wake() for _time in range(5)] == [True, False, False, False, False]
    assert queue.llen("celery") == 1
    assert send_wake(coalesce=False)
    assert queue.llen("celery") == 2


def test_the_task_hears_the_wake_up_and_calls_the_next_when_there_was_work(
    champion: ModelVersion, policy: Policy, queue: Any
) -> None:
    make.cases(3)
    send_wake()
    queue.delete("celery")
    assert advance.apply().get() == 6
    assert queue.llen("celery") == 1
    queue.delete("celery")
    assert advance.apply().get() == 0
    assert queue.llen("celery") == 0
    sweep.apply().get()
    assert queue.llen("celery") == 0


def test_tasks_carry_no_arguments_and_are_known_by_the_name_that_wakes_them() -> None:
    assert ADVANCE_TASK in current_app.tasks
    assert current_app.tasks[ADVANCE_TASK].name == advance.name
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(current_app.tasks)
    assert not any(entry.get("args") or entry.get("kwargs") for entry in settings.CELERY_BEAT_SCHEDULE.values())


def test_a_message_that_comes_back_goes_on_with_what_its_dead_worker_had_taken(
    champion: ModelVersion, policy: Policy, queue: Any
) -> None:
    make.cases(3)
    take_chunk("the same task", attempts=0, size=10)
    assert flow.advance("another task") == 0
    assert flow.advance("the same task", resumed=True) == 6


def drained(*options: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("drain", *options, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def test_drain_names_what_is_stuck_when_it_takes_too_long(db: None, queue: Any) -> None:
    stuck = make.case("A-1")
    code, said = drained("--timeout", "0.3", "--json")
    assert code == 1
    assert f'"waiting": 1, "stuck": ["{stuck.ref}"]' in said
    assert queue.llen("celery") == 1


def test_drain_ends_at_once_when_nothing_waits(
    champion: ModelVersion, policy: Policy, reviewer: User, queue: Any
) -> None:
    make.case("A-1")
    # A decision that was taken back gets no label, and nobody waits for one.
    held = make.claimed_case(reviewer, "A-2")
    make.decide(held, reviewer)
    take_back(held.pk, by=reviewer, seen_version=make.reread(held).version)
    make.run_machine()
    code, said = drained("--timeout", "5")
    assert (code, said.split()[:2]) == (0, ["waiting", "0"])


def test_drain_waits_for_the_labels_of_decisions_and_signatures(
    champion: ModelVersion, policy: Policy, reviewer: User, supervisor: User, queue: Any
) -> None:
    case, _review = make.awaiting_case(reviewer)
    actions.sign_case(case.pk, by=supervisor, verdict="confirm", note="", seen_version=case.version)
    code, said = drained("--timeout", "0", "--json")
    assert code == 1
    assert '"waiting": 2' in said
    flow.sweep()
    assert drained("--timeout", "0")[0] == 0
