"""Writing decisions to a Redis stream, and what every writer is."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Protocol

from redis.exceptions import RedisError

from intake.sources.reaching import ConnectorProblem, said_by
from intake.sources.reaching_brokers import opened_redis, redis_secrets
from outgoing.messages import DECIDED
from outgoing.models import FeedMessage


class Writer(Protocol):
    """Writes decisions to one stream or topic."""

    def write(self, messages: Sequence[FeedMessage]) -> list[bool]:
        """Write them in this order; whether each arrived. Raises ConnectorProblem where nothing can be written."""
        ...


class RedisWriter:
    """Appends entries with the fields `id`, `type`, `case` and `body`, and cuts the stream to about `most_kept`."""

    def __init__(self, address: str, stream: str, most_kept: int) -> None:
        self._secrets = redis_secrets(address)
        self._redis = opened_redis(address)
        self._stream, self._most_kept = stream, most_kept

    def __enter__(self) -> RedisWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._redis.close()

    def write(self, messages: Sequence[FeedMessage]) -> list[bool]:
        pipe = self._redis.pipeline(transaction=False)
        for each in messages:
            entry: dict[Any, Any] = {
                "id": each.message_id,
                "type": DECIDED,
                "case": each.event.case.ref,
                "body": each.body,
            }
            pipe.xadd(self._stream, entry, maxlen=self._most_kept, approximate=True)
        try:
            answers = pipe.execute(raise_on_error=False)
        except RedisError as away:
            raise ConnectorProblem("no_connection", said=said_by(away, self._secrets)) from away
        failed = [each for each in answers if isinstance(each, RedisError)]
        if answers and len(failed) == len(answers):
            raise ConnectorProblem("no_connection", said=said_by(failed[0], self._secrets))
        return [not isinstance(each, RedisError) for each in answers]
