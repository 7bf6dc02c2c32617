"""A time limit that falls into a statement ends one task, and not those that its process works at after it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import ProgrammingError, connection, transaction
from psycopg.pq import TransactionStatus

from riskreview.tasks import sweep


@contextmanager
def soft_limit(seconds: float) -> Iterator[None]:
    """As Celery's own: an exception out of a signal, wherever the process is."""

    def late(*_: object) -> None:
        raise SoftTimeLimitExceeded

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.django_db(transaction=True)
def test_the_next_task_works_where_a_time_limit_fell_into_a_statement() -> None:
    with pytest.raises(SoftTimeLimitExceeded), soft_limit(0.2), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(2)")
    assert connection.connection.info.transaction_status == TransactionStatus.ACTIVE
    with pytest.raises(ProgrammingError, match="transaction status ACTIVE"), transaction.atomic():
        pass
    sweep.apply(throw=True)
    assert connection.connection.info.transaction_status == TransactionStatus.IDLE
