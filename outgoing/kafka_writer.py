"""Writing decisions to a Kafka topic: keyed by their case, acknowledged by all replicas, by an idempotent producer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from types import TracebackType
from typing import Any, Final

from confluent_kafka import KafkaException, Producer

from intake.sources.reaching import ConnectorProblem, said_by
from intake.sources.reaching_brokers import judge_brokers, kafka_options, kafka_secrets
from intake.ways_in.kafka_topics import ANSWER_SECONDS, SILENT
from outgoing.messages import DECIDED
from outgoing.models import FeedMessage

DELIVERY_SECONDS: Final = 30
FIXED: Final = {
    "acks": "all",
    "enable.idempotence": True,
    "delivery.timeout.ms": DELIVERY_SECONDS * 1000,
    "linger.ms": 5,
    "compression.type": "gzip",
}


class KafkaWriter:
    """The key is the reference of the case, so that its decisions keep their order in one partition. The headers are
    `id` and `type`."""

    def __init__(self, address: str, topic: str) -> None:
        self._secrets, self._topic = kafka_secrets(address), topic
        options = kafka_options(address)
        self._is_secure = options["security.protocol"].endswith("SSL")
        try:
            self._producer = Producer({**FIXED, **options}, logger=SILENT)
        except KafkaException as wrong:
            raise self._problem(wrong.args[0]) from wrong

    def __enter__(self) -> KafkaWriter:
        try:
            known = self._producer.list_topics(self._topic, timeout=ANSWER_SECONDS)
        except KafkaException as away:
            raise self._problem(away.args[0]) from away
        judge_brokers(known.brokers, is_secure=self._is_secure)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """What is still on its way is given up, and written again next time."""
        self._producer.purge()
        self._producer.flush(1)

    def write(self, messages: Sequence[FeedMessage]) -> list[bool]:
        answers: dict[str, Any] = {}
        for each in messages:
            self._producer.produce(
                self._topic,
                each.body.encode(),
                key=each.event.case.ref,
                headers={"id": each.message_id, "type": DECIDED},
                on_delivery=partial(_note, answers, each.message_id),
            )
        self._producer.flush(DELIVERY_SECONDS + ANSWER_SECONDS)
        delivered = [each.message_id in answers and answers[each.message_id] is None for each in messages]
        errors = [error for error in answers.values() if error is not None]
        if messages and not any(delivered) and errors:
            raise self._problem(errors[0])
        return delivered

    def _problem(self, wrong: Any) -> ConnectorProblem:
        return ConnectorProblem("no_connection", said=said_by(Exception(wrong.str()), self._secrets))


def _note(answers: dict[str, Any], name: str, error: Any, _message: object) -> None:
    answers[name] = error
