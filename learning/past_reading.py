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

from learning.past_cases import count_past, is_kept, keep_past, kept_as
from routing.actions import active_policy
from routing.concentration import summed_at

READ_PAST_TASK: Final = "riskreview.tasks.read_past_cases"
# So few are read while the reader waits.
AT_ONCE: Final = 1000
# A request that nobody answered is sent again after this time, and taken as unheard after a shorter one.
ASKED_SECONDS: Final = 60
HEARD_SECONDS: Final = 8
READING_SECONDS: Final = 600
# For so long what was read is replayed, though cases go on arriving: who moves a line compares like with like.
READ_SECONDS: Final = 600

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reading:
    """How far the reading of past cases is: `name` once they are there (as of `learning.past_cases`), else so many of
    `total` (0: not begun). `unheard`: no worker has taken it up for some seconds, or there is no way to ask one."""

    name: str = ""
    done: int = 0
    total: int = 0
    unheard: bool = False


def ask_reading(product: str, since: date, until: date) -> Reading:
    """Whether these cases are there to be replayed; if not, they are read now (few) or by a worker, asked once."""
    key = _key(product, since, until)
    name = _told(f"read:{key}")
    if name and is_kept(name):
        return Reading(name)
    name = kept_as(product, since, until)
    if name is None and count_past(product, since, until) <= AT_ONCE:
        name = keep_past(product, since, until)
    if name:
        _tell(f"read:{key}", name, READ_SECONDS)
        return Reading(name)
    try:
        told: Any = cache.get(f"reading:{key}")
        if told is None:
            told = {"asked": time.time(), "done": 0, "total": 0}
            if cache.add(f"reading:{key}", told, ASKED_SECONDS):
                arguments = [product, since.isoformat(), until.isoformat()]
                current_app.send_task(READ_PAST_TASK, arguments, retry=False, expires=ASKED_SECONDS)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("nobody can be asked to read past cases: %s", error)
        return Reading(unheard=True)
    unheard = not told["total"] and time.time() - told["asked"] > HEARD_SECONDS
    return Reading(done=told["done"], total=told["total"], unheard=unheard)


def read_past(product: str, since: date, until: date) -> None:
    """Read the cases into their file, telling how far it is. Twice at once gives the same file twice."""
    key = _key(product, since, until)

    def tell(done: int, total: int) -> None:
        _tell(f"reading:{key}", {"asked": time.time(), "done": done, "total": total}, READING_SECONDS)

    tell(0, count_past(product, since, until))
    try:
        _tell(f"read:{key}", keep_past(product, since, until, progress=tell), READ_SECONDS)
    finally:
        _tell(f"reading:{key}", None, 0)


def _key(product: str, since: date, until: date) -> str:
    active = active_policy(product)
    summed = summed_at(product) is not None
    return f"{product}:{since}:{until}:{active.pk if active else 0}:{summed}"


def _told(key: str) -> Any:
    """What was noted; nothing while the cache is away: then it is found out again."""
    try:
        return cache.get(key)
    except (RedisError, OSError):
        return None


def _tell(key: str, value: Any, seconds: int) -> None:
    try:
        cache.set(key, value, seconds)
    except (RedisError, OSError) as error:
        log.warning("the cache is away: %s", error)
