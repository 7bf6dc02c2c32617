"""A Kafka topic read by a group: offsets stand with the cases, so that no crash, twin or new deal doubles a message."""

from __future__ import annotations

import ipaddress
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition
from django.db import connection

from cases.models import Case, User
from intake.health.message_looks import look_at_messages
from intake.models import Batch, CaseOrigin, Connector, Offset, RejectedRow
from intake.sources.reaching import ConnectorProblem
from intake.sources.reaching_brokers import judge_brokers, kafka_options
from intake.ways_in.connectors import add_source, set_connector
from intake.ways_in.consuming import consume, consume_due, consume_on
from intake.ways_in.stream_messages import DEATHS_MOST
from tests.api.calls import a_case
from tests.intake.mock_kafka import MockKafka
from tests.intake.pulled import REASON
from tests.worker import PATIENCE, worker_environ

ROOT = Path(__file__).parents[2]
HERE = (ipaddress.ip_network("127.0.0.0/8"),)
numbers = iter(range(1_000))


@pytest.fixture(scope="module")
def kafka() -> MockKafka:
    return MockKafka()


@pytest.fixture
def topic() -> str:
    """A topic of the test's own, with four partitions as the mock cluster makes them."""
    return f"loans-{next(numbers)}"


@pytest.fixture
def connector(kafka: MockKafka, topic: str, admin: User, settings: Any) -> Connector:
    settings.SOURCE_NETWORKS = HERE
    add_source("erp", by=admin, reason=REASON)
    typed = {"topic": topic, "group": f"of {topic}".replace(" ", "-")}
    return set_connector("erp", kind="kafka", address=kafka.address, typed=typed, by=admin, reason=REASON)


def a_message(ref: str, **changes: Any) -> dict[str, Any]:
    return a_case(ref, source="erp", **changes)


def read_until(connector: Connector, cases: int) -> int:
    """Read as a member of the group until so many cases are in, which takes as long as joining does."""
    end = time.monotonic() + PATIENCE
    return consume(
        connector.pk, lambda reader: (reader.is_idle and Case.objects.count() >= cases) or time.monotonic() > end
    )


def offsets() -> dict[int, int]:
    return dict(Offset.objects.order_by("partition").values_list("partition", "next"))


def committed(connector: Connector, kafka: MockKafka, partition: int = 0) -> int:
    """What the group has told Kafka."""
    consumer = Consumer({**kafka_options(kafka.address), "group.id": connector.settings["group"]})
    try:
        (found,) = consumer.committed([TopicPartition(connector.settings["topic"], partition)], timeout=10)
        return int(found.offset)
    finally:
        consumer.close()


def test_each_message_is_a_case_named_by_its_place_and_bad_ones_are_kept(
    connector: Connector, kafka: MockKafka, topic: str
) -> None:
    kafka.send(topic, a_message("A-1"), b"{", a_message("A-2", amount="0"))
    kafka.send(topic, a_message("A-3"), partition=1)
    assert consume_due() == 4
    origins = CaseOrigin.objects.order_by("case__external_ref").values_list("case__external_ref", "message")
    assert list(origins) == [("A-1", f"{topic}[0]@0"), ("A-3", f"{topic}[1]@0")]
    kept = RejectedRow.objects.order_by("message")
    assert [(row.message, row.errors[0]["code"]) for row in kept] == [
        (f"{topic}[0]@1", "not_json"),
        (f"{topic}[0]@2", "not_positive"),
    ]
    look_at_messages()
    batch = Batch.objects.get()
    assert (batch.kind, batch.name, batch.rows, batch.accepted, batch.rejected) == ("kafka", topic, 4, 2, 2)
    assert offsets() == {0: 3, 1: 1}
    assert committed(connector, kafka) == 3


def test_a_message_that_kills_who_reads_it_is_tried_alone_and_then_kept_while_others_go_on(
    connector: Connector, kafka: MockKafka, topic: str
) -> None:
    kafka.send(topic, a_message("A-1"), a_message("A-2"), a_message("A-3"))
    begun = Offset.objects.create(connector=connector, topic=topic, partition=0, next=0, tries=DEATHS_MOST - 1)
    assert read_until(connector, 3) == 3
    # Whoever lives to tell has not died of it, and what is through counts no more.
    assert (Case.objects.count(), RejectedRow.objects.count(), Offset.objects.get().tries) == (3, 0, 0)
    kafka.send(topic, a_message("A-4"), a_message("A-5"))
    Offset.objects.filter(pk=begun.pk).update(tries=DEATHS_MOST)
    assert read_until(connector, 4) == 2
    kept = RejectedRow.objects.get()
    assert (kept.message, kept.errors[0]["code"]) == (f"{topic}[0]@3", "message_kills")
    assert json.loads(kept.raw["body"]) == a_message("A-4")
    assert (offsets(), Offset.objects.get().tries, Case.objects.count()) == ({0: 5}, 0, 4)


def test_a_crash_between_the_commit_here_and_the_one_there_doubles_nothing(
    connector: Connector, kafka: MockKafka, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka.send(topic, a_message("A-1"), b"{")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "intake.ways_in.kafka_topics.KafkaReader._commit", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            read_until(connector, 1)
    assert (offsets(), committed(connector, kafka)) == ({0: 2}, -1001)
    kafka.send(topic, a_message("A-2"))
    assert read_until(connector, 2) == 1
    assert (Case.objects.count(), RejectedRow.objects.count(), offsets()) == (2, 1, {0: 3})


def test_messages_that_another_member_took_in_meanwhile_are_passed_over(
    connector: Connector, kafka: MockKafka, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka.send(topic, a_message("A-1"), a_message("A-2"))

    def joined(self: Any, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._assigned = {each.partition for each in partitions}
        consumer.assign(partitions)
        # This member lost the partition before it read, and the other took the first message in.
        Offset.objects.create(connector=connector, topic=topic, partition=0, next=1)

    monkeypatch.setattr("intake.ways_in.kafka_topics.KafkaReader._begin", joined)
    assert read_until(connector, 1) == 2
    assert (Case.objects.get().external_ref, offsets()) == ("A-2", {0: 2})


def test_a_topic_that_was_made_anew_is_read_from_its_beginning(
    connector: Connector, kafka: MockKafka, topic: str
) -> None:
    Offset.objects.create(connector=connector, topic=topic, partition=0, next=900)
    kafka.send(topic, a_message("A-1"))
    assert read_until(connector, 1) == 1
    assert (Case.objects.count(), offsets()) == (1, {0: 1})


def test_a_topic_is_read_from_its_beginning_when_that_is_asked(
    connector: Connector, kafka: MockKafka, topic: str, admin: User
) -> None:
    kafka.send(topic, a_message("A-1"))
    read_until(connector, 1)
    said: dict[str, Any] = {"kind": "kafka", "address": "", "typed": connector.settings, "by": admin, "reason": REASON}
    set_connector("erp", **said, anew=True)
    assert offsets() == {0: 0}
    assert read_until(connector, 1) == 1
    assert (Case.objects.count(), offsets()) == (1, {0: 1})


def test_two_members_share_the_partitions_and_take_each_message_in_once(
    shared_db: None, connector: Connector, kafka: MockKafka, topic: str
) -> None:
    ended = threading.Event()

    def read() -> None:
        try:
            consume_on(connector.pk, ended.is_set)
        finally:
            connection.close()

    members = [threading.Thread(target=read) for _ in range(2)]
    for number, each in enumerate(members):
        each.start()
        for partition in range(4):
            kafka.send(topic, *(a_message(f"A-{number}-{partition}-{n}") for n in range(20)), partition=partition)
    end = time.monotonic() + PATIENCE
    while Case.objects.count() < 160:
        assert time.monotonic() < end
        time.sleep(0.05)
    ended.set()
    for each in members:
        each.join()
    look_at_messages()
    assert (Case.objects.count(), Batch.objects.get().rows) == (160, 160)
    assert offsets() == dict.fromkeys(range(4), 40)


def test_a_member_that_was_killed_loses_and_doubles_nothing(
    shared_db: None, connector: Connector, kafka: MockKafka, topic: str
) -> None:
    kafka.send(topic, *(a_message(f"A-{number}") for number in range(1_500)))
    command = [sys.executable, "manage.py", "consume", "erp", "--json"]
    environ = {**worker_environ(), "RISKREVIEW_SOURCE_NETWORKS": "127.0.0.0/8"}
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE) as reading:
        end = time.monotonic() + PATIENCE
        while Case.objects.count() < 500:
            assert time.monotonic() < end
            assert reading.poll() is None
            time.sleep(0.02)
        reading.kill()
    assert Case.objects.count() < 1_500
    read_until(connector, 1_500)
    assert (Case.objects.count(), offsets()) == (1_500, {0: 1_500})


def test_what_is_wrong_has_a_name_without_its_password(
    connector: Connector, kafka: MockKafka, topic: str, admin: User, settings: Any
) -> None:
    for address, code in (
        ("kafka://me:s3cret@10.0.0.1:9092", "address_inside"),
        ("kafkas://me:s3cret@10.0.0.1:9092", "address_inside"),
        ("kafka://me:s3cret@1.1.1.1", "address_scheme"),
        ("kafka://me:s3cret@127.0.0.1:9092,10.0.0.1", "address_inside"),
        ("kafka://me:s3cret@127.0.0.1?ssl=no", "address_form"),
    ):
        said: dict[str, Any] = {"kind": "kafka", "typed": connector.settings, "by": admin, "reason": REASON}
        set_connector("erp", address=address, **said)
        assert consume(connector.pk, lambda reader: True) == 0
        problem = Connector.objects.get().problem
        assert (problem["code"], "s3cret" in str(problem)) == (code, False), address
    assert kafka_options("kafkas://me:p%40ss@1.1.1.1:9093?mechanism=SCRAM-SHA-512") == {
        "bootstrap.servers": "1.1.1.1:9093",
        "socket.connection.setup.timeout.ms": 10_000,
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "me",
        "sasl.password": "p@ss",
    }
    known = kafka.producer.list_topics(timeout=10).brokers
    settings.SOURCE_NETWORKS = ()
    with pytest.raises(ConnectorProblem):
        judge_brokers(known, is_secure=False)
    settings.KAFKA_BROKERS = tuple(f"{each.host}:{each.port}" for each in known.values())
    judge_brokers(known, is_secure=False)
    assert kafka_options(kafka.address)["bootstrap.servers"]
