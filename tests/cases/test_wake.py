"""Wake-ups on the real broker: one at a time, after the commit only, and never at the cost of a saved decision."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import transaction
from redis import Redis

from cases.models import Case, Review, User
from cases.wake import (
    ADVANCE_TASK,
    ASKED_SECONDS,
    WAKE_KEY,
    WAKE_SECONDS,
    heard_task,
    heard_wake,
    send_task,
    send_wake,
    wake_machine,
)
from tests import make
from tests.cases.history import steps
from tests.worker import worker_environ

QUEUE = "celery"
LONG_QUEUE = "long"
TASKS = ("riskreview.tasks.link_applicants", "riskreview.tasks.take_in_files")
MARKS = tuple(f"riskreview:asked:{name}" for name in TASKS)
DECIDE = """
import time
import django; django.setup()
from cases import actions
from cases.models import User
from cases.wake import heard_wake, send_wake
from tests import make
reviewer = User.objects.get(username="reviewer")
start = time.monotonic()
make.case("A-1")
make.run_machine()
case = actions.claim_next(by=reviewer)
actions.decide_case(
    case.pk, by=reviewer, outcome="decline", reason_codes=["high_debt"], note="", seen_version=case.version
)
heard_wake()
print(send_wake())
assert time.monotonic() - start < 30
"""


@pytest.fixture
def broker() -> Iterator[Redis]:
    connection: Redis = Redis.from_url(settings.REDIS_URL)
    connection.delete(QUEUE, LONG_QUEUE, WAKE_KEY, *MARKS)
    yield connection
    connection.delete(QUEUE, LONG_QUEUE, WAKE_KEY, *MARKS)
    connection.close()


def test_a_wake_that_was_not_heard_yet_is_not_sent_again(broker: Redis) -> None:
    assert [send_wake(), send_wake(), send_wake()] == [True, False, False]
    assert broker.llen(QUEUE) == 1
    assert 0 < broker.ttl(WAKE_KEY) <= WAKE_SECONDS
    heard_wake()
    assert send_wake()
    assert broker.llen(QUEUE) == 2
    assert ADVANCE_TASK in str(broker.lindex(QUEUE, 0))


def test_what_is_asked_for_by_name_waits_once_in_its_own_queue_until_it_is_begun(broker: Redis) -> None:
    link, files = TASKS
    assert [send_task(link), send_task(files), send_task(link), send_task(files)] == [True, True, False, False]
    assert (broker.llen(LONG_QUEUE), broker.llen(QUEUE)) == (2, 0)
    assert all(0 < broker.ttl(mark) <= ASKED_SECONDS for mark in MARKS)
    heard_task(link)
    assert [send_task(link), send_task(files)] == [True, False]
    assert broker.llen(LONG_QUEUE) == 3


def test_a_wake_may_insist(broker: Redis) -> None:
    assert [send_wake(), send_wake(coalesce=False), send_wake(coalesce=False)] == [True] * 3
    assert broker.llen(QUEUE) == 3


@pytest.mark.django_db(transaction=True)
def test_the_machine_is_woken_after_the_commit_and_once_for_many(broker: Redis) -> None:
    with transaction.atomic():
        wake_machine()
        wake_machine()
        assert broker.llen(QUEUE) == 0
    assert broker.llen(QUEUE) == 1
    make.cases(30)
    assert broker.llen(QUEUE) == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_back_wakes_nobody(broker: Redis) -> None:
    with transaction.atomic():
        make.case()
        transaction.set_rollback(True)
    assert Case.objects.count() == 0
    assert broker.llen(QUEUE) == 0


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_fails_no_arrival_and_no_decision(reviewer: User) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DECIDE],
        env=worker_environ(REDIS_URL="redis://127.0.0.1:1/0"),
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "False\n"
    assert "The broker is away, the sweeper will find the work" in done.stderr
    review = Review.objects.get()
    assert steps(review.case) == ["receive", "park", "claim", "decline"]
