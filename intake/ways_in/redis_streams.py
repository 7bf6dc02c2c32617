"""Reading a Redis stream as a member of a consumer group: acknowledged only after the commit that took it in.

What a member that died has left is claimed by the others after CLAIM_MILLISECONDS. A message is known by its id for
KNOWN_FOR, so that one that comes twice adds nothing; after that its reference still tells.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType
from typing import Any, Final

from redis.exceptions import RedisError, ResponseError

from cases.bulk import insert_new
from intake.models import Connector, TakenMessage
from intake.sources.connector_settings import RedisSettings
from intake.sources.reaching import ConnectorProblem, said_by
from intake.sources.reaching_brokers import opened_redis, redis_secrets
from intake.ways_in.connectors import opened_address
from intake.ways_in.stream_messages import AT_ONCE, DEATHS_MOST, Message, take_in_messages

CLAIM_MILLISECONDS: Final = 60_000
KNOWN_FOR: Final = timedelta(days=14)


class RedisReader:
    """One member of the group. Raises ConnectorProblem from every call where the stream cannot be read."""

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.settings = RedisSettings(**connector.settings)
        address = opened_address(connector)
        self._secrets = redis_secrets(address)
        self._redis = opened_redis(address)
        self._name = f"{socket.gethostname()}-{os.getpid()}"
        self._deaths: dict[bytes, int] = {}
        self.is_idle = False

    def __enter__(self) -> RedisReader:
        try:
            self._join()
        except RedisError as away:
            raise self._problem(away) from away
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave the group, unless something is left under this name for others to claim."""
        stream, group = self.settings.stream, self.settings.group
        try:
            if not self._redis.xpending_range(stream, group, "-", "+", 1, consumername=self._name):
                self._redis.xgroup_delconsumer(stream, group, self._name)
        except RedisError:
            # It is away: the name stays, and harms nobody.
            pass
        self._redis.close()

    def read(self, seconds: float) -> int:
        """Go through some messages, waiting so long for the first. Returns how many."""
        try:
            found = self._claimed() or self._new(seconds)
            if found:
                messages = [self._message(name, fields) for name, fields in found]
                take_in_messages(self.connector, self.settings.stream, messages, self._choose)
                self._redis.xack(self.settings.stream, self.settings.group, *[name for name, _fields in found])
        except RedisError as away:
            raise self._problem(away) from away
        self.is_idle = not found
        return len(found)

    def _join(self) -> None:
        """The group begins with the first message that is there; two that make it at once: one is told it exists."""
        try:
            self._redis.xgroup_create(self.settings.stream, self.settings.group, id="0", mkstream=True)
        except ResponseError as said:
            if "BUSYGROUP" not in str(said):
                raise
            return
        self._forget_the_former()

    def _forget_the_former(self) -> None:
        """A stream that was made anew may use the ids of the former one again: they would be taken for known."""
        known = TakenMessage.objects.filter(connector=self.connector)
        newest = known.order_by("-id").first()
        told: Any = self._redis.xinfo_stream(self.settings.stream)
        if newest is not None and _order(newest.message) > _order(told["last-generated-id"].decode()):
            known.delete()

    def _claimed(self) -> list[tuple[bytes, Any]]:
        """What somebody took long ago and never acknowledged. What killed its reader once is tried alone after that, so
        that it takes no other with it."""
        stream, group = self.settings.stream, self.settings.group
        left: Any = self._redis.xpending_range(stream, group, "-", "+", AT_ONCE, idle=CLAIM_MILLISECONDS)
        deaths = {each["message_id"]: each["times_delivered"] for each in left}
        names = [name for name, times in deaths.items() if times == 1] or list(deaths)[:1]
        self._deaths = {name: deaths[name] for name in names if deaths[name] >= DEATHS_MOST}
        if not names:
            return []
        answer: Any = self._redis.xclaim(stream, group, self._name, CLAIM_MILLISECONDS, names)
        return [entry for entry in answer if entry and entry[0] is not None]

    def _new(self, seconds: float) -> list[tuple[bytes, Any]]:
        wait = max(1, round(seconds * 1000))
        answer: Any = self._redis.xreadgroup(
            self.settings.group, self._name, {self.settings.stream: ">"}, count=AT_ONCE, block=wait
        )
        # By streams: a list of pairs, or a mapping in the newer protocol.
        streams = list(answer.items()) if isinstance(answer, dict) else list(answer or ())
        found: list[tuple[bytes, Any]] = []
        for _stream, entries in streams:
            found += entries[0] if entries and isinstance(entries[0], list) else entries
        return found

    def _message(self, name: bytes, fields: Any) -> Message:
        """One whose entry was deleted meanwhile has no fields, and is kept as such."""
        body = dict(fields or {}).get(self.settings.field.encode())
        return Message(name.decode(), body, self._deaths.get(name, 0))

    def _choose(self, messages: Sequence[Message]) -> list[int]:
        """Those that nobody took in before. Of two readers of one message, the second waits for the first's commit."""
        rows = [(self.connector.pk, name) for name in sorted({message.name for message in messages})]
        keys = ("connector", "message")
        fresh = {name for _connector, name in insert_new(TakenMessage, keys, rows, conflict=keys)}
        return [place for place, message in enumerate(messages) if message.name in fresh]

    def _problem(self, away: RedisError) -> ConnectorProblem:
        return ConnectorProblem("no_connection", said=said_by(away, self._secrets))


def _order(name: str) -> tuple[int, int]:
    """Ids of a stream are two numbers."""
    first, _dash, second = name.partition("-")
    return int(first), int(second)
