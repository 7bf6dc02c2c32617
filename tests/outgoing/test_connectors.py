"""The programs that docs/connectors.md shows to other systems do what it says."""

from __future__ import annotations

import re
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from redis import Redis

from cases.models import Case, User
from intake.ways_in.connectors import add_source, set_connector
from intake.ways_in.consuming import consume as take_in
from outgoing.feeding import send_feeds
from outgoing.feeds import make_feed
from outgoing.models import DecisionFeed, Delivery, FeedMessage
from outgoing.sending import send_due
from outgoing.signing import new_secret, signed_headers
from outgoing.telling import tell_feeds, tell_webhooks
from routing.models import Policy
from tests import make
from tests.api.calls import a_case
from tests.intake.mock_kafka import MockKafka
from tests.outgoing.test_feeds import HERE, REASON, STREAM, decided, feed, redis, said
from tests.outgoing.test_webhooks import Receiver, hook, receiver

PAGE = (Path(__file__).parents[2] / "docs" / "connectors.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^## ([^\n]+)\n(?:(?!^## ).)*?^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SHOWN = {title: text for title, _language, text in BLOCKS}
__all__ = ["feed", "receiver", "redis"]


def program(title: str, name: str) -> Any:
    """The function `name` of the program under this heading."""
    made: dict[str, Any] = {}
    exec(compile(SHOWN[title], title, "exec"), made)  # noqa: S102 - it is our own page
    return made[name]


class Books:
    """A system that books each decision once, and dies when it is told to."""

    def __init__(self, dies_at: int = 0) -> None:
        self.booked: dict[str, Any] = {}
        self.calls, self.dies_at = 0, dies_at

    def book(self, name: str, data: Any) -> None:
        self.calls += 1
        self.booked.setdefault(name, data)
        if self.calls == self.dies_at:
            raise KeyboardInterrupt


def test_a_consumer_of_the_stream_that_dies_goes_on_and_books_each_once(
    ground: Policy, reviewer: User, feed: DecisionFeed, redis: Redis, settings: Any
) -> None:
    for ref in ("A-1", "A-2", "A-3"):
        decided(reviewer, ref)
    tell_feeds()
    send_feeds()
    consume, system = program("A consumer of the decision stream", "consume"), Books(dies_at=2)
    with pytest.raises(KeyboardInterrupt):
        consume(settings.REDIS_URL, STREAM, system.book)
    consume(settings.REDIS_URL, STREAM, system.book)
    assert set(system.booked) == set(FeedMessage.objects.values_list("message_id", flat=True))
    assert [data["outcome"] for data in system.booked.values()] == ["approve"] * 3
    assert system.calls == 4


def test_a_consumer_of_the_topic_books_each_decision(
    ground: Policy, admin: User, reviewer: User, settings: Any
) -> None:
    settings.SOURCE_NETWORKS = HERE
    kafka, system = MockKafka(), Books()
    make_feed(**said(admin, kind="kafka", address=kafka.address, target="decisions"))
    for ref in ("A-1", "A-2"):
        decided(reviewer, ref)
    tell_feeds()
    send_feeds()
    consume = program("A consumer of the decision topic", "consume")
    consume(kafka.address.removeprefix("kafka://"), "decisions", system.book, 2)
    assert set(system.booked) == set(FeedMessage.objects.values_list("message_id", flat=True))


def test_a_receiver_tells_our_messages_from_others() -> None:
    is_ours, secret, now = program("A receiver of webhooks", "is_ours"), new_secret(), int(time.time())
    headers = signed_headers(b"{}", message_id="msg_1", timestamp=now, with_secrets=[new_secret(), secret])
    assert is_ours(headers, b"{}", secret)
    assert not is_ours(headers, b"{ }", secret)
    assert not is_ours(headers, b"{}", new_secret())
    assert not is_ours(headers, b"{}", secret, now=now + 301)


def test_a_receiver_keeps_a_message_once_that_is_delivered_twice(
    ground: Policy, admin: User, receiver: Receiver
) -> None:
    secret = hook(receiver, admin)
    case = make.queued_case("A-1")
    tell_webhooks()
    receive = program("Messages that come twice", "receive")
    is_ours = program("A receiver of webhooks", "is_ours")
    # It kept the message, and its answer was lost: the same message is delivered once more.
    for receiver.status in (503, 200):
        assert send_due() == 1
        Delivery.objects.filter(state="waiting").update(due_at=timezone.now())
    first, again = (({name.lower(): text for name, text in headers.items()}, body) for headers, body in receiver.got)
    assert first[0]["webhook-id"] == again[0]["webhook-id"] == Delivery.objects.get().message_id
    database = sqlite3.connect(":memory:")
    database.executescript(program("Messages that come twice", "TABLES"))
    kept = "SELECT (SELECT count(*) FROM messages), version, state FROM cases"
    for headers, body in (first, again, first):
        assert receive(database, headers, body, is_ours, secret) == 204
        assert database.execute(kept).fetchall() == [(1, case.version, "queued")]
    assert receive(database, {**first[0], "webhook-id": "msg_other"}, first[1], is_ours, secret) == 401
    # What overtook it is newer, and stays.
    database.execute("UPDATE cases SET version = version + 1, state = 'approved'")
    database.execute("DELETE FROM messages")
    assert receive(database, *again, is_ours, secret) == 204
    assert database.execute(kept).fetchall() == [(1, case.version + 1, "approved")]
    database.close()


def test_the_view_for_collections_is_made_and_read(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SHOWN["A view for collections"])
        cursor.execute("SELECT * FROM collections_tasks")
        assert [column.name for column in cursor.description] == [
            "external_ref", "product", "amount", "currency", "decided_at",
        ]  # fmt: skip


def test_a_system_sends_cases_as_the_page_says(redis: Redis, admin: User, settings: Any) -> None:
    with sqlite3.connect(":memory:") as database:
        database.execute(
            "CREATE TABLE applications (application_id, product, amount, term, currency, customer_id, annual_income,"
            " created_at, submitted)"
        )
        database.execute(SHOWN["Sending cases"])
    database.close()
    add_source("crm", by=admin, reason=REASON)
    typed: dict[str, Any] = {"typed": {"stream": STREAM}, "by": admin, "reason": REASON}
    connector = set_connector("crm", kind="redis", address=settings.REDIS_URL, **typed)
    *_rest, text = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    made: dict[str, Any] = {}
    exec(text, made)  # noqa: S102 - it is our own page
    made["send"](redis, STREAM, a_case("A-1", source="crm"))
    take_in(connector.pk, lambda reader: reader.is_idle)
    assert Case.objects.get().external_ref == "A-1"
