"""The real Celery application with faults built in: `celery -A tests.faults.poisoned worker`.

The scoring of a chunk that holds a marked case (the feature `fault`) raises, kills its own process, or waits to be
killed. Everything else is the product.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from riskreview.celery import app
from scoring.ml.champion import Champion, ScoredBatch
from scoring.ml.features import Row

__all__ = ["app"]

FOLDER = Path(os.environ["RISKREVIEW_FAULTS"])
GO = FOLDER / "go"
PAUSE_SECONDS = 60.0
score = Champion.score


def faulty_score(champion: Champion, rows: Sequence[Row]) -> ScoredBatch:
    faults = {row.get("fault") for row in rows}
    if "pause" in faults:
        wait_to_be_killed()
    if "kill" in faults:
        os.kill(os.getpid(), signal.SIGKILL)
    if "raise" in faults:
        raise ZeroDivisionError("a marked case")
    return score(champion, rows)


def wait_to_be_killed() -> None:
    """Say who waits, by a file named after the process, until the test lets everybody go on."""
    (FOLDER / f"paused-{os.getpid()}").touch()
    end = time.monotonic() + PAUSE_SECONDS
    while not GO.exists() and time.monotonic() < end:
        time.sleep(0.02)


Champion.score = faulty_score  # type: ignore[method-assign, assignment]
