"""A real Celery worker in a process of its own, on the test database and the test broker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from riskreview import embedded

# Below the real lease of a worker that died, above what a busy machine makes of a few seconds.
PATIENCE = 90.0
NOT_FOR_CHILDREN = (embedded.MARKER, "DJANGO_ALLOW_ASYNC_UNSAFE")


def worker_environ(**extra: str) -> dict[str, str]:
    """The environment of a child that shall see what this test sees. Without the mark of the embedded servers: the
    child would join them and take their own database for its own. And without what only the browser tests need."""
    database = connection.settings_dict
    address = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_FOR_CHILDREN}
    return {
        **inherited,
        "DATABASE_URL": f"{address}/{database['NAME']}",
        "REDIS_URL": settings.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": "tests.settings_worker",
        "OMP_NUM_THREADS": "1",
        **extra,
    }


@contextmanager
def running_worker(
    log: Path, *, app: str = "riskreview", concurrency: int = 2, beat: bool = True, queues: str = "", **extra: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker with its own session (so that killing its group kills its children), ready to take work: of all queues,
    unless `queues` names some."""
    command = [
        sys.executable, "-m", "celery", "-A", app, "worker", "--loglevel=INFO",
        f"--concurrency={concurrency}", "--without-gossip", "--without-mingle",
    ]  # fmt: skip
    if queues:
        command += [f"--queues={queues}", f"--hostname={queues}@%h"]
    if beat:
        command += ["--beat", f"--schedule={log}.beat"]
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, env=worker_environ(**extra), start_new_session=True, cwd=settings.BASE_DIR
        )
    try:
        wait_for(lambda: " ready." in log.read_text(errors="replace"), PATIENCE, "the worker to be ready")
        yield process
    finally:
        kill_group(process, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            kill_group(process, signal.SIGKILL)
            process.wait(5)


def kill_group(process: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def children_of(process: subprocess.Popen[bytes]) -> list[int]:
    """Its processes, as those of the pool of a prefork worker."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in listed.stdout.split()]


def is_running(pid: int) -> bool:
    """Whether there is such a process that is not only waiting for its end to be noticed."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Poll until `condition` holds.

    Raises:
        AssertionError: it did not within `seconds`; `what` says what was waited for.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.1)
