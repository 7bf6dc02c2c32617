"""An import is killed in the middle of a file (kill -9): the next run goes on behind it, and every row is in once."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from django.core.management import call_command

from cases.models import Case, CaseEvent
from intake.models import Batch, CaseOrigin, RejectedRow
from tests.worker import PATIENCE, worker_environ

ROOT = Path(__file__).parents[2]
ROWS = 12_000


def book(path: Path) -> Path:
    """A file of ROWS rows without references of their own, of which every thousandth is bad and every tenth a twin."""
    lines = [f"{'abc' if number % 1000 == 999 else 5000 + number - number % 10},24,USD,60000" for number in range(ROWS)]
    path.write_text("amount,term,currency,annual_income\n" + "\n".join(lines) + "\n", encoding="utf-8")
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
        importing.kill()
    broken_off = Batch.objects.get()
    assert (broken_off.finished_at, broken_off.rows % 1_000) == (None, 0)
    assert 2_000 <= broken_off.rows < ROWS
    call_command("import_cases", str(path), "--source", "branch", "--json")
    whole = Batch.objects.get()
    assert (whole.rows, whole.accepted, whole.rejected) == (ROWS, ROWS - 12, 12)
    assert whole.finished_at is not None
    assert Case.objects.count() == CaseEvent.objects.filter(name="receive").count() == ROWS - 12
    # Rows that are alike in all cells are told apart by their order, also across the kill.
    assert Case.objects.filter(external_ref__endswith="-10").count() == ROWS // 10 - 12
    assert list(CaseOrigin.objects.order_by("row_number").values_list("row_number", flat=True)) == [
        number + 2 for number in range(ROWS) if number % 1000 != 999
    ]
    assert RejectedRow.objects.count() == 12
