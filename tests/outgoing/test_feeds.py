"""Decisions as a Redis stream and a Kafka topic: released ones, in order, at least once under one id."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from redis import Redis

from cases import actions
from cases.desk_rules import set_desk_rules
from cases.errors import BadDecision, NotAllowed
from cases.models import Case, Notification, User
from cases.sealed import opened
from cases.taking_back import take_back
from outgoing import pruning
from outgoing.feeding import feeds_due, in_order, send_feeds
from outgoing.feeds import change_feed, make_feed, pause_feed, resume_feed
from outgoing.messages import body_of
from outgoing.models import DecisionFeed, FeedMessage, FeedStep, Webhook
from outgoing.pruning import prune_delivered
from outgoing.telling import tell_feeds
from outgoing.webhooks import make_webhook
from routing.models import Policy
from tests import make
from tests.intake.mock_kafka import PATIENCE, MockKafka

REASON = "agreed with the owners of the stream"
STREAM = "test:decisions"
HERE = (ipaddress.ip_network("127.0.0.0/8"),)


@pytest.fixture
def redis(settings: Any) -> Iterator[Redis]:
    settings.SOURCE_NETWORKS = HERE
    with Redis.from_url(settings.REDIS_URL, decode_responses=True) as broker:
        broker.delete(STREAM)
        yield broker
        broker.delete(STREAM)


@pytest.fixture
def feed(redis: Redis, admin: User, settings: Any) -> DecisionFeed:
    return make_feed(**said(admin, address=settings.REDIS_URL))


def said(admin: User, **changes: Any) -> dict[str, Any]:
    good = {"slug": "core", "kind": "redis", "target": STREAM, "most_kept": "", "by": admin, "reason": REASON}
    return {**good, **changes}


def decided(reviewer: User, ref: str) -> Case:
    held = actions.claim_case(make.queued_case(ref, key_customer=False).pk, by=reviewer)
    actions.decide_case(held.pk, by=reviewer, outcome="approve", reason_codes=[], note="", seen_version=held.version)
    return make.reread(held)


def written(redis: Redis) -> list[dict[str, str]]:
    entries: Any = redis.xrange(STREAM)
    return [fields for _name, fields in entries]


def test_a_decision_is_written_once_released_with_the_words_of_the_webhooks(
    ground: Policy, reviewer: User, feed: DecisionFeed, redis: Redis
) -> None:
    case = decided(reviewer, "A-1")
    assert (tell_feeds(), tell_feeds(), feeds_due()) == (1, 0, True)
    assert (send_feeds(), send_feeds(), feeds_due()) == (1, 0, False)
    message = FeedMessage.objects.get()
    body = body_of(case.events.select_related("case").get(seq=case.version))
    assert written(redis) == [{"id": message.message_id, "type": "case.decided", "case": case.ref, "body": body}]
    assert json.loads(body)["data"]["outcome"] == "approve"
    assert (message.state, message.sent_at is not None) == ("sent", True)


def test_what_was_delivered_long_ago_is_pruned_and_nothing_that_was_not(
    ground: Policy, reviewer: User, feed: DecisionFeed, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "AT_ONCE", 1)
    for ref in ("A-1", "A-2", "A-3", "A-4"):
        decided(reviewer, ref)
    tell_feeds()
    gone, fresh, waits, dropped = FeedMessage.objects.order_by("id")
    long_ago = timezone.now() - pruning.KEPT - timedelta(hours=1)
    rows = FeedMessage.objects
    rows.filter(pk=gone.pk).update(state="sent", sent_at=long_ago)
    rows.filter(pk=fresh.pk).update(state="sent", sent_at=long_ago + timedelta(hours=2))
    rows.filter(pk=waits.pk).update(due_at=long_ago)
    rows.filter(pk=dropped.pk).update(state="dropped", due_at=long_ago)
    # While the record of moves may be read again from before, the message says that it was told.
    assert prune_delivered() == 0
    DecisionFeed.objects.update(read_until=timezone.now() + timedelta(hours=1))
    assert prune_delivered() == 1
    assert set(rows.values_list("pk", flat=True)) == {fresh.pk, waits.pk, dropped.pk}


def test_a_held_decision_waits_and_one_taken_back_is_never_written(
    ground: Policy, admin: User, reviewer: User, feed: DecisionFeed, redis: Redis
) -> None:
    set_desk_rules(by=admin, reason=REASON, changes={"release_hold_seconds": 60, "opinion_share": 0.0})
    case = decided(reviewer, "A-1")
    tell_feeds()
    assert (FeedMessage.objects.get().due_at, feeds_due()) == (case.released_at, False)
    take_back(case.pk, by=reviewer, seen_version=case.version)
    FeedMessage.objects.update(due_at=timezone.now())
    assert send_feeds() == 0
    assert (FeedMessage.objects.get().state, written(redis)) == ("dropped", [])


def test_what_was_written_and_not_marked_is_written_again_under_its_id(
    ground: Policy, reviewer: User, feed: DecisionFeed, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ref in ("A-1", "A-2"):
        decided(reviewer, ref)
    tell_feeds()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("outgoing.feeding.in_order", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            send_feeds()
    assert send_feeds() == 2
    ids = [entry["id"] for entry in written(redis)]
    assert (ids[:2], len(set(ids))) == (ids[2:], 2)


def test_the_last_of_a_case_is_the_last_that_is_written(
    ground: Policy, reviewer: User, feed: DecisionFeed, redis: Redis
) -> None:
    for ref in ("A-1", "A-2"):
        decided(reviewer, ref)
    tell_feeds()
    first, other = FeedMessage.objects.select_related("event").order_by("id")
    assert in_order([first, other, first], [False, True, True]) == [other]
    assert in_order([first, other], [True, True]) == [first, other]


def test_a_pause_loses_nothing_and_a_stream_keeps_about_as_many_as_stated(
    ground: Policy, admin: User, reviewer: User, feed: DecisionFeed, redis: Redis
) -> None:
    pause_feed("core", by=admin, reason=REASON)
    decided(reviewer, "A-1")
    tell_feeds()
    assert (feeds_due(), send_feeds(), written(redis)) == (False, 0, [])
    resume_feed("core", by=admin, reason=REASON)
    assert (send_feeds(), len(written(redis))) == (1, 1)
    change_feed("core", address="", target=STREAM, most_kept="100", by=admin, reason=REASON)
    for _turn in range(400):
        redis.xadd(STREAM, {"id": "old"})
    decided(reviewer, "A-2")
    tell_feeds()
    send_feeds()
    assert 100 <= len(written(redis)) < 300
    assert [step.name for step in FeedStep.objects.order_by("id")] == ["made", "paused", "resumed", "changed"]
    with pytest.raises(IntegrityError, match="keeps what was written"), transaction.atomic():
        FeedStep.objects.update(reason="")


def test_a_broker_that_is_away_is_named_told_once_and_loses_nothing(
    ground: Policy, admin: User, reviewer: User, feed: DecisionFeed, redis: Redis, settings: Any
) -> None:
    changes: dict[str, Any] = {"target": STREAM, "most_kept": "", "by": admin, "reason": REASON}
    change_feed("core", address="redis://:s3cret@127.0.0.1:9/0", **changes)
    decided(reviewer, "A-1")
    tell_feeds()
    for _turn in range(2):
        assert send_feeds() == 0
        DecisionFeed.objects.update(due_at=timezone.now())
    problem = DecisionFeed.objects.get().problem
    assert (problem["code"], "s3cret" in str(problem)) == ("no_connection", False)
    assert Notification.objects.filter(code="feed_stopped", person=admin).count() == 1
    assert "s3cret" not in str(list(FeedStep.objects.values_list("facts", flat=True)))
    change_feed("core", address=settings.REDIS_URL, **changes)
    assert (send_feeds(), len(written(redis)), DecisionFeed.objects.get().problem) == (1, 1, {})


def test_only_an_administrator_makes_one_and_bad_input_names_its_field(admin: User, supervisor: User) -> None:
    good = said(admin, address="redis://127.0.0.1")
    with pytest.raises(NotAllowed):
        make_feed(**{**good, "by": supervisor})
    for changes, field in (
        ({"slug": "a b"}, "slug"), ({"kind": "post"}, "kind"), ({"address": ""}, "address"),
        ({"address": "kafka://x"}, "address"), ({"target": "a b"}, "target"), ({"most_kept": "99"}, "most_kept"),
        ({"reason": "short"}, "reason"),
    ):  # fmt: skip
        with pytest.raises(BadDecision) as refusal:
            make_feed(**{**good, **changes})
        assert refusal.value.field == field
    assert DecisionFeed.objects.count() == 0
    make_feed(**good)
    with pytest.raises(BadDecision) as refusal:
        make_feed(**good)
    assert (refusal.value.field, FeedStep.objects.count()) == ("slug", 1)


def test_a_topic_gets_decisions_by_their_case_acknowledged_by_all(
    ground: Policy, admin: User, reviewer: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SOURCE_NETWORKS = HERE
    kafka = MockKafka()
    made: list[dict[str, Any]] = []

    def producer(options: dict[str, Any], **more: Any) -> Producer:
        made.append(options)
        return Producer(options, **more)

    monkeypatch.setattr("outgoing.kafka_writer.Producer", producer)
    make_feed(**said(admin, kind="kafka", address=kafka.address, target="decisions"))
    cases = [decided(reviewer, ref) for ref in ("A-1", "A-2")]
    tell_feeds()
    assert send_feeds() == 2
    assert (made[0]["acks"], made[0]["enable.idempotence"]) == ("all", True)
    servers = kafka.address.removeprefix("kafka://")
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "test", "auto.offset.reset": "earliest"})
    consumer.subscribe(["decisions"])
    found = consumer.consume(2, timeout=PATIENCE)
    consumer.close()
    ids = dict(FeedMessage.objects.values_list("event__case__external_ref", "message_id"))
    got = {}
    for each in found:
        headers: Any = each.headers()
        (_first, name), (_second, kind) = headers
        got[(each.key() or b"").decode()] = (name, json.loads(each.value() or b"")["data"])
        assert kind == b"case.decided"
    assert {key: name for key, (name, _data) in got.items()} == {
        case.ref: ids[case.external_ref].encode() for case in cases
    }
    assert [got[case.ref][1]["version"] for case in cases] == [case.version for case in cases]


def test_secrets_are_sealed_again_so_that_an_old_key_can_go(feed: DecisionFeed, admin: User, settings: Any) -> None:
    _webhook, secret = make_webhook(slug="crm", url="https://crm.example.com", types=["case.decided"], by=admin,
                                    reason=REASON)  # fmt: skip
    new = "A" * 43 + "="
    settings.FIELD_KEYS = (new, *settings.FIELD_KEYS)
    call_command("seal_again", "--json")
    settings.FIELD_KEYS = (new,)
    assert opened(DecisionFeed.objects.get().address) == settings.REDIS_URL
    assert opened(Webhook.objects.get().secret) == secret
    settings.FIELD_KEYS = ("B" * 43 + "=",)
    before = list(Webhook.objects.values())
    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("seal_again")
    assert list(Webhook.objects.values()) == before
