"""librdkafka's own mock cluster in this process, which other clients reach as they reach a real one."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from confluent_kafka import Producer

PATIENCE = 20


class MockKafka:
    """Two brokers that live as long as this object."""

    def __init__(self) -> None:
        self.producer = Producer(
            {"bootstrap.servers": "none", "test.mock.num.brokers": 2, "linger.ms": 0},
            logger=logging.getLogger("mock kafka"),
        )
        brokers = self.producer.list_topics(timeout=PATIENCE).brokers.values()
        self.address = "kafka://" + ",".join(f"{each.host}:{each.port}" for each in brokers)

    def send(self, topic: str, *bodies: Mapping[str, Any] | bytes, partition: int = 0) -> None:
        """Messages to one partition, in this order."""
        for body in bodies:
            value = body if isinstance(body, bytes) else json.dumps(body)
            self.producer.produce(topic, value, partition=partition)
        assert self.producer.flush(PATIENCE) == 0
