"""Reading streams and topics: a turn for every one that is due, or one of them without an end.

A worker reads in short turns, so that it also scores. A process of its own (`manage.py consume`) reads as things come;
while one does, the workers leave that stream alone. Any number of processes may read one stream at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, Final, Protocol

from django.db import transaction
from django.utils import timezone

from cases.locks import alone
from intake.models import Connector, TakenMessage, Way
from intake.ways_in.connector_trouble import note_trouble
from intake.ways_in.redis_streams import KNOWN_FOR, RedisReader
from intake.ways_in.stream_messages import has_room
from intake.wording.sentences import IntakeError

CONSUME_TASK: Final = "riskreview.tasks.consume_streams"
# A turn of a worker ends after so long even where more waits; one of Kafka's, which must join its group, waits for it.
TURN_SECONDS: Final = 20.0
# No turn of the next stream begins after so long: the task is a short one, between which cases are decided.
TURNS_SECONDS: Final = 20.0
TURNS_LOCK: Final = "turns of streams"
WAIT_SECONDS: Final = 0.2
PAUSE_SECONDS: Final = 1.0
EVERY: Final = {Way.REDIS: timedelta(seconds=5), Way.KAFKA: timedelta(seconds=30)}


class Reader(Protocol):
    """A member of a group that reads one stream."""

    @property
    def is_idle(self) -> bool: ...

    def read(self, seconds: float) -> int: ...


def streams_due() -> bool:
    """Whether a stream or topic is to be read now."""
    return bool(_due().exists())


def consume_due() -> int:
    """A turn for every stream whose time it is. Returns how many messages were gone through.

    Two workers at once: the second leaves all streams to the first. Each with a busy stream, they would for so long
    decide nothing.
    """
    with alone(TURNS_LOCK) as mine:
        return _take_turns() if mine else 0


def _take_turns() -> int:
    TakenMessage.objects.filter(at__lt=timezone.now() - KNOWN_FOR).delete()
    end, count = time.monotonic() + TURNS_SECONDS, 0
    for key in list(_due().order_by("due_at").values_list("pk", flat=True)):
        # Those that wait longest are first; what is left over is the next task's.
        if time.monotonic() < end:
            count += _turn(key)
    return count


def _due() -> Any:
    return Connector.objects.filter(
        kind__in=[Way.REDIS, Way.KAFKA], state=Connector.State.ACTIVE, due_at__lte=timezone.now()
    )


def _turn(connector_id: int) -> int:
    """A turn, unless another worker has one or a process of its own reads."""
    with alone(_lock(connector_id)) as mine:
        if not mine:
            later = timezone.now() + min(EVERY.values())
            Connector.objects.filter(pk=connector_id).update(due_at=later)
            return 0
        end = time.monotonic() + TURN_SECONDS
        return consume(connector_id, lambda reader: reader.is_idle or time.monotonic() > end or not has_room())


def consume_on(connector_id: int, stops: Callable[[], bool]) -> int:
    """Read until `stops`; what goes wrong is kept and tried again. Returns how many messages were gone through."""
    count = 0
    with alone(_lock(connector_id), shared=True):
        while not stops() and Connector.objects.filter(pk=connector_id, state=Connector.State.ACTIVE).exists():
            count += consume(connector_id, lambda _reader: stops() or not has_room(), wait=PAUSE_SECONDS)
            if not stops():
                # There is no room, or something is wrong.
                time.sleep(PAUSE_SECONDS)
    return count


def consume(connector_id: int, enough: Callable[[Reader], bool], *, wait: float = WAIT_SECONDS) -> int:
    """Read one stream until it is enough or set otherwise; what goes wrong stands with it. Returns how many."""
    connector = Connector.objects.select_related("source").get(pk=connector_id)
    count, problem = 0, dict[str, str]()
    try:
        with _reader(connector) as reader:
            while not enough(reader) and _is_as_set(connector):
                count += reader.read(wait)
    except IntakeError as refusal:
        problem = refusal.as_dict()
    _note(connector_id, problem)
    return count


def _reader(connector: Connector) -> AbstractContextManager[Reader]:
    if connector.kind == Way.REDIS:
        return RedisReader(connector)
    from intake.ways_in.kafka_topics import KafkaReader  # kafka: paid by who reads

    return KafkaReader(connector)


def _is_as_set(connector: Connector) -> bool:
    """Whether an administrator has neither paused it nor set it otherwise since it was opened."""
    return Connector.objects.filter(
        pk=connector.pk, state=Connector.State.ACTIVE, settings=connector.settings, address=connector.address
    ).exists()


def _note(connector_id: int, problem: dict[str, str]) -> None:
    with transaction.atomic(durable=True):
        kind = Connector.objects.values_list("kind", flat=True).get(pk=connector_id)
        note_trouble(connector_id, problem, due_at=timezone.now() + EVERY[Way(kind)])


def _lock(connector_id: int) -> str:
    return f"consume {connector_id}"
