"""Cases that break the scoring, and messages that come more than once."""

from __future__ import annotations

import random
from pathlib import Path

from celery import current_app
from django.conf import settings
from redis import Redis

from cases.wake import ADVANCE_TASK
from routing.models import Policy
from scoring.models import ModelVersion
from tests.faults import worker_checks as checks
from tests.worker import PATIENCE, wait_for


def test_poison_among_500_good_cases_is_parked_after_three_attempts_and_blocks_none(
    shared_db: None, champion: ModelVersion, policy: Policy, tmp_path: Path
) -> None:
    raising, killing = 100, 400
    with checks.faulty_worker(tmp_path):
        keys = checks.submit(502, faults={raising: "raise", killing: "kill"})
        checks.wait_until_done()
    checks.check_scored_once(keys, parked={keys[raising], keys[killing]})
    checks.check_parked(keys[raising], error="ZeroDivisionError('a marked case')")
    checks.check_parked(keys[killing], error="")


def test_three_wake_ups_for_every_case_score_each_case_once(
    shared_db: None, champion: ModelVersion, policy: Policy, tmp_path: Path
) -> None:
    keys = checks.submit(100)
    messages = [f"wake-up of {key}" for key in keys] * 3
    random.Random(7).shuffle(messages)
    for name in messages:
        # The same id three times is what a broker does that delivers twice.
        current_app.send_task(ADVANCE_TASK, task_id=name)
    with checks.faulty_worker(tmp_path, concurrency=2):
        checks.wait_until_done()
        with Redis.from_url(settings.REDIS_URL) as broker:
            wait_for(lambda: not broker.llen("celery"), PATIENCE, "every message to be heard")
    checks.check_scored_once(keys)
