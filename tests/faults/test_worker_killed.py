"""A worker, or one of its processes, is killed in the middle of a chunk: every case is scored exactly once."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from cases.models import Case
from routing.models import Policy
from scoring.models import Assessment, ModelVersion
from tests.faults import worker_checks as checks
from tests.worker import children_of, kill_group


def test_a_child_killed_in_mid_batch_loses_no_case_and_scores_none_twice(
    shared_db: None, champion: ModelVersion, policy: Policy, tmp_path: Path
) -> None:
    with checks.faulty_worker(tmp_path) as worker:
        keys = checks.submit(60, faults={30: "pause"})
        pid = checks.paused_pid(tmp_path)
        assert pid in children_of(worker)
        assert set(Case.objects.values_list("state", "attempts")) == {("received", 1)}
        checks.let_go(tmp_path)
        os.kill(pid, signal.SIGKILL)
        checks.wait_until_done()
    checks.check_scored_once(keys)
    assert set(Case.objects.values_list("attempts", flat=True)) == {2}


def test_a_whole_worker_killed_in_mid_batch_is_taken_over_by_the_next(
    shared_db: None, champion: ModelVersion, policy: Policy, tmp_path: Path
) -> None:
    with checks.faulty_worker(tmp_path) as worker:
        keys = checks.submit(60, faults={30: "pause"})
        checks.paused_pid(tmp_path)
        kill_group(worker, signal.SIGKILL)
        worker.wait(10)
    assert Assessment.objects.count() == 0
    checks.let_go(tmp_path)
    with checks.faulty_worker(tmp_path):
        checks.wait_until_done()
    checks.check_scored_once(keys)
    assert set(Case.objects.values_list("attempts", flat=True)) == {2}
