"""A Redis stream read by a group: each message once, acknowledged after the commit, none lost with a dead reader."""

from __future__ import annotations

import ipaddress
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import DataError, connection
from redis import Redis

from cases.locks import alone
from cases.models import Case, Notification, User
from intake.admission import taking_in
from intake.health.message_looks import look_at_messages
from intake.models import Batch, CaseOrigin, Connector, RejectedRow, SourceStep, TakenMessage
from intake.ways_in import redis_streams, stream_messages
from intake.ways_in.connectors import add_source, pause_connector, set_connector
from intake.ways_in.consuming import TURNS_LOCK, consume, consume_due, consume_on, streams_due
from intake.ways_in.redis_streams import RedisReader
from tests.api.calls import a_case
from tests.intake.pulled import REASON
from tests.worker import PATIENCE, worker_environ

ROOT = Path(__file__).parents[2]
STREAM = "test:loans"
HERE = (ipaddress.ip_network("127.0.0.0/8"),)


@pytest.fixture
def redis(settings: Any) -> Iterator[Redis]:
    settings.SOURCE_NETWORKS = HERE
    with Redis.from_url(settings.REDIS_URL, decode_responses=True) as broker:
        broker.delete(STREAM)
        yield broker
        broker.delete(STREAM)


@pytest.fixture
def connector(redis: Redis, admin: User) -> Connector:
    add_source("crm", by=admin, reason=REASON)
    said: dict[str, Any] = {"typed": {"stream": STREAM}, "by": admin, "reason": REASON}
    return set_connector("crm", kind="redis", address=django_settings.REDIS_URL, **said)


def send(redis: Redis, *refs: str, **changes: Any) -> list[str]:
    return [str(redis.xadd(STREAM, fields(a_case(ref, source="crm", **changes)))) for ref in refs]


def fields(case: Any) -> dict[Any, Any]:
    return {"body": json.dumps(case)}


def read_all(connector: Connector) -> int:
    return consume(connector.pk, lambda reader: reader.is_idle, wait=0.05)


def pending(redis: Redis) -> int:
    found: Any = redis.xpending(STREAM, "riskreview")
    return int(found["pending"])


def test_each_message_is_a_case_named_by_its_id_and_acknowledged(connector: Connector, redis: Redis) -> None:
    names = send(redis, "A-1", "A-2")
    body = a_case("A-3")
    del body["source"]
    names.append(str(redis.xadd(STREAM, {"body": json.dumps(body)})))
    assert streams_due()
    assert consume_due() == 3
    assert not streams_due()
    origins = CaseOrigin.objects.order_by("case__external_ref").values_list("case__external_ref", "message")
    assert list(origins) == [("A-1", names[0]), ("A-2", names[1]), ("A-3", names[2])]
    look_at_messages()
    batch = Batch.objects.get()
    assert (batch.kind, batch.name, batch.source.slug, batch.rows, batch.accepted) == ("redis", STREAM, "crm", 3, 3)
    assert pending(redis) == 0
    assert redis.xinfo_consumers(STREAM, "riskreview") == []


def test_bad_messages_are_kept_with_their_ids_and_do_not_come_again(connector: Connector, redis: Redis) -> None:
    entries: tuple[dict[Any, Any], ...] = (
        {"body": "{"},
        {"other": "{}"},
        fields(a_case("A-1", source="crm", amount="0")),
        fields(a_case("A-1", source="erp")),
        {"body": "x" * (2**20 + 1)},
    )
    names = [str(redis.xadd(STREAM, entry)) for entry in entries]
    send(redis, "A-9")
    assert (read_all(connector), read_all(connector)) == (6, 0)
    kept = RejectedRow.objects.order_by("row_number")
    assert [row.message for row in kept] == names
    assert [row.errors[0]["code"] for row in kept] == [
        "not_json", "no_body", "not_positive", "other_source", "message_too_large",
    ]  # fmt: skip
    assert (Case.objects.get().external_ref, pending(redis)) == ("A-9", 0)
    assert "erp" not in Batch.objects.values_list("source__slug", flat=True)


def test_what_was_taken_in_and_not_acknowledged_adds_nothing_when_it_comes_again(
    connector: Connector, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(redis, "A-1")
    redis.xadd(STREAM, {"body": "{"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Redis, "xack", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            read_all(connector)
    assert (Case.objects.count(), RejectedRow.objects.count(), pending(redis)) == (1, 1, 2)
    assert read_all(connector) == 0
    monkeypatch.setattr(redis_streams, "CLAIM_MILLISECONDS", 0)
    assert read_all(connector) == 2
    assert (Case.objects.count(), RejectedRow.objects.count(), pending(redis)) == (1, 1, 0)
    look_at_messages()
    assert (Batch.objects.get().rows, TakenMessage.objects.count()) == (2, 2)


def test_what_a_dead_reader_left_is_claimed_by_the_next(
    connector: Connector, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(redis, "A-1", "A-2")
    redis.xgroup_create(STREAM, "riskreview", id="0")
    assert redis.xreadgroup("riskreview", "dead", {STREAM: ">"}, count=1)
    assert read_all(connector) == 1
    assert (Case.objects.get().external_ref, pending(redis)) == ("A-2", 1)
    monkeypatch.setattr(redis_streams, "CLAIM_MILLISECONDS", 0)
    assert read_all(connector) == 1
    assert (Case.objects.count(), pending(redis)) == (2, 0)


def test_a_poisonous_message_is_kept_and_harms_no_other(
    connector: Connector, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = taking_in.take_in

    def take_in(batch: Batch, rows: Any) -> Any:
        if any(row.submission and row.submission.external_ref == "A-2" for row in rows):
            raise DataError("poison")
        return real(batch, rows)

    monkeypatch.setattr(stream_messages, "take_in", take_in)
    names = send(redis, "A-1", "A-2", "A-3")
    assert read_all(connector) == 3
    assert sorted(Case.objects.values_list("external_ref", flat=True)) == ["A-1", "A-3"]
    row = RejectedRow.objects.get()
    assert (row.message, row.errors[0]["code"], "DataError" in row.errors[0]["en"]) == (
        names[1],
        "message_failed",
        True,
    )
    assert pending(redis) == 0


def test_a_message_that_kills_its_readers_is_tried_alone_and_then_kept(
    connector: Connector, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_streams, "CLAIM_MILLISECONDS", 0)
    real, tried = stream_messages.take_in_messages, list[int]()

    def take_in_messages(by: Connector, name: str, messages: Any, choose: Any) -> None:
        tried.append(len(messages))
        if any(b"A-2" in message.body and not message.deaths for message in messages):
            raise KeyboardInterrupt
        real(by, name, messages, choose)

    monkeypatch.setattr(redis_streams, "take_in_messages", take_in_messages)
    names = send(redis, "A-1", "A-2", "A-3")
    deaths = 0
    while Case.objects.count() < 2 or pending(redis):
        try:
            read_all(connector)
        except KeyboardInterrupt:
            deaths += 1
    assert (deaths, tried[0], set(tried[2:])) == (5, 3, {1})
    row = RejectedRow.objects.get()
    assert (row.message, row.errors[0]["code"]) == (names[1], "message_kills")
    assert sorted(Case.objects.values_list("external_ref", flat=True)) == ["A-1", "A-3"]


def test_ids_that_a_new_stream_uses_again_are_new(connector: Connector, redis: Redis) -> None:
    for turn in range(2):
        redis.delete(STREAM)
        redis.xadd(STREAM, fields(a_case(f"A-{turn}", source="crm")), id="1-0")
        if not turn:
            redis.xadd(STREAM, fields(a_case("A-9", source="crm")), id="2-0")
        read_all(connector)
    assert sorted(Case.objects.values_list("external_ref", flat=True)) == ["A-0", "A-1", "A-9"]


def test_no_more_is_read_than_the_machine_keeps_up_with(
    connector: Connector, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_messages, "BACKLOG_MOST", 2)
    monkeypatch.setattr(redis_streams, "AT_ONCE", 1)
    send(redis, "A-1", "A-2", "A-3")
    assert consume_due() == 2
    assert Case.objects.count() == 2
    assert redis.xlen(STREAM) == 3


def test_what_is_wrong_has_a_name_without_its_password_and_the_group_is_made_again(
    connector: Connector, redis: Redis, admin: User, settings: Any
) -> None:
    send(redis, "A-1")
    read_all(connector)
    redis.delete(STREAM)
    send(redis, "A-2")
    assert read_all(connector) == 1
    for address, code in (
        ("redis://:s3cret@10.0.0.1:6379/0", "address_inside"),
        ("redis://:s3cret@1.1.1.1/0", "address_scheme"),
        ("rediss://:s3cret@127.0.0.1:9/0?ssl_cert_reqs=none", "address_form"),
        ("redis://:s3cret@127.0.0.1:9/0", "no_connection"),
        (settings.REDIS_URL.replace(":", ":s3cret", 2).replace("redis:s3cret", "redis:"), "no_connection"),
    ):
        said: dict[str, Any] = {"kind": "redis", "typed": {"stream": STREAM}, "by": admin, "reason": REASON}
        set_connector("crm", address=address, **said)
        assert read_all(connector) == 0
        problem = Connector.objects.get().problem
        assert (problem["code"], "s3cret" in str(problem)) == (code, False), address
    assert Notification.objects.filter(code="source_unreached").count() == 5
    assert "s3cret" not in str(list(SourceStep.objects.values_list("facts", flat=True)))
    pause_connector("crm", by=admin, reason=REASON)
    assert not streams_due()


def test_two_readers_at_once_share_the_messages_and_take_each_in_once(
    shared_db: None, connector: Connector, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_streams, "AT_ONCE", 7)
    monkeypatch.setattr(redis_streams, "CLAIM_MILLISECONDS", 0)
    send(redis, *(f"A-{number}" for number in range(60)))
    ended = threading.Event()

    def read() -> None:
        try:
            consume_on(connector.pk, ended.is_set)
        finally:
            connection.close()

    readers = [threading.Thread(target=read) for _ in range(2)]
    for each in readers:
        each.start()
    end = time.monotonic() + PATIENCE
    while Case.objects.count() < 60 or pending(redis):
        assert time.monotonic() < end
        time.sleep(0.02)
    with alone(f"consume {connector.pk}") as mine:
        assert not mine, "the workers would read beside them"
    ended.set()
    for each in readers:
        each.join()
    look_at_messages()
    assert (Case.objects.count(), Batch.objects.get().accepted, TakenMessage.objects.count()) == (60, 60, 60)


def test_a_second_worker_leaves_the_streams_to_the_first_and_goes_on_deciding(
    shared_db: None, connector: Connector, redis: Redis
) -> None:
    send(redis, "A-1", "A-2")
    has_begun, ends = threading.Event(), threading.Event()

    def take_turns() -> None:
        with alone(TURNS_LOCK) as mine:
            assert mine
            has_begun.set()
            ends.wait(PATIENCE)
        connection.close()

    first = threading.Thread(target=take_turns)
    first.start()
    assert has_begun.wait(PATIENCE)
    assert (consume_due(), streams_due(), Case.objects.count()) == (0, True, 0)
    ends.set()
    first.join()
    assert (consume_due(), Case.objects.count()) == (2, 2)


def test_a_reader_that_was_killed_loses_and_doubles_nothing(
    shared_db: None, connector: Connector, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(redis, *(f"A-{number}" for number in range(1_500)))
    command = [sys.executable, "manage.py", "consume", "crm", "--json"]
    environ = {**worker_environ(), "RISKREVIEW_SOURCE_NETWORKS": "127.0.0.0/8"}
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE) as reading:
        end = time.monotonic() + PATIENCE
        while Case.objects.count() < 500:
            assert time.monotonic() < end
            assert reading.poll() is None
            time.sleep(0.02)
        reading.kill()
    assert Case.objects.count() < 1_500
    monkeypatch.setattr(redis_streams, "CLAIM_MILLISECONDS", 0)
    read_all(connector)
    assert (Case.objects.count(), TakenMessage.objects.count(), pending(redis)) == (1_500, 1_500, 0)
    assert RedisReader(connector).settings.group == "riskreview"
