"""An import is killed in the middle of a file (kill -9): the next run goes on behind it, every row is in once, and what
read ahead for it is gone as well. The same file from the watched folder: a worker takes it in."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from django.core.management import call_command

from cases.models import Case, CaseEvent
from cases.wake import send_task
from intake.models import Batch, CaseOrigin, IncomingFile, RejectedRow
from intake.reading.reading_ahead import BYTES_LEAST
from riskreview.flow import TAKE_IN_FILES
from tests.worker import PATIENCE, children_of, is_running, running_worker, wait_for, worker_environ

ROOT = Path(__file__).parents[2]
ROWS = 7_000
BAD = ROWS // 1_000


def book(path: Path) -> Path:
    """A file of ROWS rows without references of their own, of which every thousandth is bad and every tenth a twin."""
    amounts = ["abc" if number % 1000 == 999 else 5000 + number - number % 10 for number in range(ROWS)]
    lines = [f"{amount},24,USD,60000,{'renovation of a house ' * 8}" for amount in amounts]
    path.write_text("amount,term,currency,annual_income,purpose\n" + "\n".join(lines) + "\n", encoding="utf-8")
    assert path.stat().st_size > BYTES_LEAST
    return path


def test_every_row_of_a_file_whose_import_was_killed_is_taken_in_once(shared_db: None, tmp_path: Path) -> None:
    path = book(tmp_path / "book.csv")
    command = [sys.executable, "manage.py", "import_cases", str(path), "--source", "branch", "--json"]
    with subprocess.Popen(command, cwd=ROOT, env=worker_environ(), stdout=subprocess.PIPE) as importing:
        end = time.monotonic() + PATIENCE
        while Case.objects.count() < 2_000:
            assert time.monotonic() < end
            assert importing.poll() is None, "it was through before it could be killed"
            time.sleep(0.02)
        (reader,) = children_of(importing)
        importing.kill()
    wait_for(lambda: not is_running(reader), PATIENCE, "the reader to end")
    broken_off = Batch.objects.get()
    assert (broken_off.finished_at, broken_off.rows % 1_000) == (None, 0)
    assert 2_000 <= broken_off.rows < ROWS
    call_command("import_cases", str(path), "--source", "branch", "--json")
    whole = Batch.objects.get()
    assert (whole.rows, whole.accepted, whole.rejected) == (ROWS, ROWS - BAD, BAD)
    assert whole.finished_at is not None
    assert Case.objects.count() == CaseEvent.objects.filter(name="receive").count() == ROWS - BAD
    # Rows that are alike in all cells are told apart by their order, also across the kill.
    assert Case.objects.filter(external_ref__endswith="-10").count() == ROWS // 10 - BAD
    assert list(CaseOrigin.objects.order_by("row_number").values_list("row_number", flat=True)) == [
        number + 2 for number in range(ROWS) if number % 1000 != 999
    ]
    assert RejectedRow.objects.count() == BAD


def test_a_worker_reads_a_large_file_of_the_watched_folder_ahead(shared_db: None, tmp_path: Path) -> None:
    folder = tmp_path / "incoming" / "branch"
    folder.mkdir(parents=True)
    path = book(folder / "book.csv")
    os.utime(path, (time.time() - 60,) * 2)
    with running_worker(tmp_path / "worker.log", concurrency=1, queues="long", RISKREVIEW_VAR=str(tmp_path)):
        assert send_task(TAKE_IN_FILES)
        wait_for(lambda: IncomingFile.objects.exclude(done_at=None).exists(), PATIENCE, "the file to be taken in")
    assert IncomingFile.objects.get().batch == (taken := Batch.objects.get())
    assert (taken.rows, taken.accepted, taken.rejected) == (ROWS, ROWS - BAD, BAD)
    assert not path.exists()
