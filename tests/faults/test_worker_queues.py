"""While a process for long tasks hangs, a case is decided by another; a worker that names no queue takes from both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from redis import Redis

from cases.locks import alone
from cases.models import Applicant
from cases.wake import WAKE_KEY, send_task
from intake.models import ApplicantToLink
from intake.people.linking import LOCK, has_to_link
from riskreview.flow import LINK_APPLICANTS, TAKE_IN_FILES
from routing.models import Policy
from scoring.models import ModelVersion
from tests import make
from tests.worker import PATIENCE, running_worker, wait_for

# Of a wake-up, a chunk of one case and its route, on a machine that others use, too.
SECONDS = 20.0
MARKS = tuple(f"riskreview:asked:{name}" for name in (LINK_APPLICANTS, TAKE_IN_FILES))
WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'advisory'
"""


@pytest.fixture
def broker() -> Iterator[Redis]:
    with Redis.from_url(settings.REDIS_URL) as connected:
        keys = ("celery", "long", WAKE_KEY, *MARKS)
        connected.delete(*keys)
        yield connected
        connected.delete(*keys)


def is_linking() -> bool:
    """Whether a worker stands in the middle of linking, before the lock that the test holds."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])


def ask_to_link(name: str) -> None:
    applicant = make.case(name, findings=[{"feature": "x"}]).applicant
    with transaction.atomic():
        ApplicantToLink.objects.create(applicant=applicant)
    assert send_task(LINK_APPLICANTS)


def test_a_case_is_decided_within_seconds_while_the_process_for_long_tasks_is_busy(
    shared_db: None, champion: ModelVersion, policy: Policy, broker: Redis, tmp_path: Path
) -> None:
    with (
        running_worker(tmp_path / "short.log", concurrency=1, beat=False, queues="celery"),
        running_worker(tmp_path / "long.log", concurrency=1, beat=False, queues="long"),
    ):
        with alone(LOCK) as mine:
            assert mine
            ask_to_link("Q-1")
            wait_for(is_linking, PATIENCE, "the long process to be busy")
            assert send_task(TAKE_IN_FILES)
            born = make.case("Q-2")
            wait_for(lambda: make.reread(born).state == "approved", SECONDS, "the case to be decided")
            assert is_linking()
            assert has_to_link()
            assert broker.llen("long") == 1
        wait_for(lambda: not has_to_link(), PATIENCE, "the applicant to be linked")
        wait_for(lambda: not broker.llen("long"), PATIENCE, "what waited behind it to be begun")
    assert Applicant.objects.count() == 2


def test_one_worker_without_a_queue_takes_from_both(
    shared_db: None, champion: ModelVersion, policy: Policy, broker: Redis, tmp_path: Path
) -> None:
    with running_worker(tmp_path / "worker.log", concurrency=1, beat=False):
        ask_to_link("Q-1")
        born = make.case("Q-2")
        wait_for(lambda: not has_to_link(), PATIENCE, "the applicant to be linked")
        wait_for(lambda: make.reread(born).state == "approved", PATIENCE, "the case to be decided")
        # After the last move comes one more wake-up.
        wait_for(lambda: not broker.llen("celery") + broker.llen("long"), PATIENCE, "every message to be heard")
