"""Reading past cases in the background: who asks is told how far it is, and when nobody has taken it up."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from celery import current_app
from django.core.cache import cache
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from learning.past_cases import count_past, kept_as, load_past

READ_PAST_TASK: Final = "riskreview.tasks.read_past_cases"
# So few are read while the reader waits.
AT_ONCE: Final = 1000
# A request that nobody answered is sent again after this time, and taken as unheard after a shorter one.
ASKED_SECONDS: Final = 60
HEARD_SECONDS: Final = 8
READING_SECONDS: Final = 600

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reading:
    """How far the reading of past cases is: `ready`, or so many of `total` (0: not begun). `unheard`: no worker has
    taken it up for some seconds, or there is no way to ask one."""

    ready: bool
    done: int = 0
    total: int = 0
    unheard: bool = False


def ask_reading(product: str, since: date, until: date) -> Reading:
    """Whether these cases are there to be replayed; if not, they are read now (few) or by a worker, asked once."""
    name, there = kept_as(product, since, until)
    if there or count_past(product, since, until) <= AT_ONCE:
        return Reading(ready=True)
    try:
        told: Any = cache.get(_key(name))
        if told is None:
            told = {"asked": time.time(), "done": 0, "total": 0}
            if cache.add(_key(name), told, ASKED_SECONDS):
                arguments = [product, since.isoformat(), until.isoformat()]
                current_app.send_task(READ_PAST_TASK, arguments, retry=False, expires=ASKED_SECONDS)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("nobody can be asked to read past cases: %s", error)
        return Reading(ready=False, unheard=True)
    unheard = not told["total"] and time.time() - told["asked"] > HEARD_SECONDS
    return Reading(ready=False, done=told["done"], total=told["total"], unheard=unheard)


def read_past(product: str, since: date, until: date) -> None:
    """Read the cases into their file, telling how far it is. Twice at once gives the same file twice."""
    name, there = kept_as(product, since, until)
    if there:
        return

    def tell(done: int, total: int) -> None:
        cache.set(_key(name), {"asked": time.time(), "done": done, "total": total}, READING_SECONDS)

    tell(0, count_past(product, since, until))
    try:
        load_past(product, since, until, progress=tell)
    finally:
        cache.delete(_key(name))


def _key(name: str) -> str:
    return f"reading:{name}"
