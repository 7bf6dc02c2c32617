"""The broker is killed, a hundred cases arrive while it is away, and it comes back with its file."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from cases.models import Case
from riskreview.servers import Valkey
from routing.models import Policy
from scoring.models import ModelVersion
from tests.faults import worker_checks as checks
from tests.worker import running_worker, worker_environ


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Valkey]:
    """A broker of this test's own."""
    folder = tmp_path / "valkey"
    folder.mkdir(mode=0o700)
    server = Valkey(folder, tmp_path / "valkey.log")
    server.start(lambda text: None)
    yield server
    server.stop()


def kill(broker: Valkey) -> None:
    assert broker.process is not None
    broker.process.send_signal(signal.SIGKILL)
    broker.process.wait(10)


def import_cases(path: Path, broker: Valkey) -> dict[str, int]:
    """Run `import_cases` in a process of its own, on this test's database and the broker that is away."""
    path.write_text(
        "id,product,amount,term,currency,annual_income,interest_rate\n"
        + "".join(f"S-{number},consumer,{1000 + number},36,USD,{30_000 + number},9.5\n" for number in range(100))
    )
    done = subprocess.run(
        [sys.executable, "manage.py", "import_cases", str(path), "--source", "while-away", "--json"],
        cwd=settings.BASE_DIR,
        env={**worker_environ(REDIS_URL=broker.url), "DJANGO_SETTINGS_MODULE": "tests.settings_worker"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    figures: dict[str, int] = json.loads(done.stdout)
    return figures


def test_a_hundred_cases_submitted_while_the_broker_is_away_are_scored_when_it_is_back(
    shared_db: None, champion: ModelVersion, policy: Policy, broker: Valkey, tmp_path: Path
) -> None:
    with running_worker(tmp_path / "worker.log", concurrency=1, REDIS_URL=broker.url) as worker:
        before = checks.submit(1)
        checks.wait_until_done()
        kill(broker)
        figures = import_cases(tmp_path / "away.csv", broker)
        assert (figures["accepted"], figures["rejected"]) == (100, 0)
        assert Case.objects.waiting_for_machine().count() == 100
        broker.start(lambda text: None)
        checks.wait_until_done()
        assert worker.poll() is None
    checks.check_scored_once([*before, *Case.objects.filter(source="while-away").values_list("pk", flat=True)])
