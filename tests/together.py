"""Two people, or two workers, at the same moment: threads with database connections of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from cases.move import lock_case

Result = TypeVar("Result")
PATIENCE = 40.0


def at_once(*calls: Callable[[], Result]) -> list[Result | Exception]:
    """Run the calls in threads that start together; what each returned or raised, in order."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Result]) -> Result | Exception:
        barrier.wait(PATIENCE)
        try:
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(PATIENCE) for future in [pool.submit(run, call) for call in calls]]


@contextmanager
def locked_elsewhere(case_id: int) -> Iterator[None]:
    """Somebody else holds the row of the case locked meanwhile."""
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                lock_case(case_id)
                locked.set()
                done.wait(PATIENCE)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(hold)
        try:
            assert locked.wait(PATIENCE)
            yield
        finally:
            done.set()
            holder.result(PATIENCE)


def started_until_it_waits(
    pool: ThreadPoolExecutor, call: Callable[[], Result], *, seen_from: BaseDatabaseWrapper | None = None
) -> Future[Result]:
    """Start `call` in the pool and return when it is done or waits for a lock that somebody holds.

    `seen_from` is the connection that looks, for a caller whose own is in the middle of a statement.
    """

    def run() -> Result:
        try:
            return call()
        finally:
            connection.close()

    future = pool.submit(run)
    end = time.monotonic() + PATIENCE
    while not future.done() and not _somebody_waits(seen_from or connection):
        assert time.monotonic() < end
        time.sleep(0.01)
    return future


def _somebody_waits(seen_from: Any) -> bool:
    with seen_from.cursor() as cursor:
        # A transaction keeps the processes that it has seen first, and ours may have been earlier than the other's.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        # In this database: the tests of another process wait for locks of their own.
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


def together(calls: Sequence[Callable[[], Result]]) -> list[Result]:
    """As `at_once`, for calls that must all succeed: the exception of one is raised when all are through."""
    answers = at_once(*calls)
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return [answer for answer in answers if not isinstance(answer, Exception)]
