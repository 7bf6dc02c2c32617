"""Telling the machine that work waits. The row in the database is the work; this only wakes somebody early."""

from __future__ import annotations

import logging
from functools import cache
from typing import Final

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

ADVANCE_TASK: Final = "riskreview.tasks.advance"
WAKE_KEY: Final = "riskreview:awake"
WAKE_SECONDS: Final = 5
# A message that was lost is sent again after so long.
ASKED_SECONDS: Final = 60

log = logging.getLogger(__name__)


@cache
def _broker() -> Redis:
    """Made when it is first needed: a command that asks for help may run where no broker is named."""
    return Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)


def wake_machine() -> None:
    """Wake a worker after the present transaction is committed.

    `robust`: a broker that is away must not fail a decision that is already saved; the sweeper finds the rows.
    """
    transaction.on_commit(send_wake, robust=True)


def send_wake(*, coalesce: bool = True) -> bool:
    """Send one wake-up, unless one was sent and not yet heard (`coalesce`). Returns whether a message was sent."""
    try:
        if coalesce and not _broker().set(WAKE_KEY, 1, nx=True, ex=WAKE_SECONDS):
            return False
        current_app.send_task(ADVANCE_TASK, retry=False)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("The broker is away, the sweeper will find the work: %s", error)
        return False
    return True


def send_task(name: str) -> bool:
    """Ask a worker for something by its name, unless it was asked for and nobody has begun yet. Returns whether a
    message was sent; the next sweep asks again.

    So while all processes are at long work their queue does not fill with what every sweep asks for, and each kind of
    work has its turn.
    """
    try:
        if not _broker().set(_asked(name), 1, nx=True, ex=ASKED_SECONDS):
            return False
        current_app.send_task(name, retry=False)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("The broker is away, the next sweep asks again: %s", error)
        return False
    return True


def heard_wake() -> None:
    """Allow the next wake-up. Called before the worker looks for work, so that nothing falls between."""
    try:
        _broker().delete(WAKE_KEY)
    except RedisError as error:
        log.warning("The broker is away, the next wake-up is sent when the old mark expires: %s", error)


def heard_task(name: str) -> None:
    """Allow it to be asked for again. Called before the work begins, so that nothing falls between."""
    try:
        _broker().delete(_asked(name))
    except RedisError as error:
        log.warning("The broker is away, %s is asked for again when the old mark expires: %s", name, error)


def _asked(name: str) -> str:
    return f"riskreview:asked:{name}"
