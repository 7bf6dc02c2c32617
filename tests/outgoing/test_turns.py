"""A turn of sending: each receiver goes its own way, and the slow, silent or gone take nothing from the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from cases.addresses import Target
from cases.models import Notification, User
from outgoing import calling, sending, webhooks
from outgoing.models import Delivery, Webhook, WebhookStep
from outgoing.sending import has_due, send_all
from outgoing.telling import tell_webhooks
from riskreview import tasks
from riskreview.flow import SEND_WEBHOOKS
from routing.models import Policy
from tests import make
from tests.outgoing.test_receivers import HEAD, Talker
from tests.outgoing.test_webhooks import REASON, Receiver, hook, receiver

__all__ = ["receiver"]
# So long that a test which needs it fails by its counts, not by a slow machine.
LONG = 60


@dataclass
class Clock:
    """Goes on when it is told to."""

    now: float = 1_000.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def monotonic(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        with self.lock:
            self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(sending, "time", made)
    return made


class Waiter:
    """A receiver that is asked and does not answer before `may_answer` is set."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_asked, self.may_answer = threading.Event(), threading.Event()
        waiter = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                waiter.asked += 1
                waiter.is_asked.set()
                self.send_response(200 if waiter.may_answer.wait(LONG) else 500)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def waiter() -> Iterator[Waiter]:
    made = Waiter()
    yield made
    made.may_answer.set()
    made.server.shutdown()
    made.server.server_close()


def put_up(count: int) -> None:
    for number in range(count):
        make.queued_case(f"A-{number}")
    tell_webhooks()


def add(slug: str, url: str, admin: User) -> None:
    webhooks.make_webhook(slug=slug, url=url, types=["case.queued"], by=admin, reason=REASON)


def waiting(slug: str) -> list[tuple[str, int, Any]]:
    found = Delivery.objects.filter(webhook__slug=slug).order_by("pk")
    return list(found.values_list("state", "attempts", "due_at"))


@pytest.mark.parametrize("at_once", [50, 3], ids=["all in hand", "some in hand"])
def test_a_receiver_that_says_it_is_gone_is_called_no_more_and_what_waits_goes_out_once_it_is_resumed(
    at_once: int, ground: Policy, admin: User, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "AT_ONCE", at_once)
    hook(receiver, admin, "case.queued")
    put_up(7)
    before = waiting("crm")
    receiver.status = 410
    assert (send_all(), send_all(), has_due()) == (1, 0, False)
    assert len(receiver.got) == 1
    assert waiting("crm")[0][:2] == ("dead", 1)
    assert waiting("crm")[1:] == before[1:]
    assert Webhook.objects.get().state == "gone"
    assert WebhookStep.objects.filter(name="gone").count() == 1
    assert [(each.person, each.code) for each in Notification.objects.all()] == [(admin, "webhook_gone")]
    receiver.status = 200
    webhooks.resume_webhook("crm", by=admin, reason=REASON)
    assert send_all() == 6
    assert len(receiver.got) == 7
    assert [each[:2] for each in waiting("crm")] == [("dead", 1)] + [("sent", 1)] * 6


def test_while_one_has_not_answered_another_gets_all_that_waits_for_it(
    ground: Policy, admin: User, receiver: Receiver, waiter: Waiter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "ANSWER_SECONDS", LONG)
    monkeypatch.setattr(sending, "AT_ONCE", 2)
    monkeypatch.setattr(sending, "LOOK_SECONDS", 0.05)
    add("waiter", waiter.url, admin)
    hook(receiver, admin, "case.queued")
    put_up(8)
    # Its time comes while the other has not answered and nothing of this one is in hand.
    late = Delivery.objects.filter(webhook__slug="crm").order_by("pk")[7:].get()
    Delivery.objects.filter(pk=late.pk).update(due_at=timezone.now() + timedelta(seconds=1))
    asked_before_the_end: list[int] = []

    class Got(list[Any]):
        def append(self, message: Any) -> None:
            super().append(message)
            if len(self) == 8:
                assert waiter.is_asked.wait(LONG)
                asked_before_the_end.append(waiter.asked)
                waiter.may_answer.set()

    receiver.got = Got()
    assert send_all() == 16
    assert asked_before_the_end == [1]
    assert [headers["webhook-id"] for headers, _body in receiver.got][-1] == late.message_id
    assert [each[:2] for each in waiting("crm") + waiting("waiter")] == [("sent", 1)] * 16


def test_many_bad_receivers_beside_a_healthy_one_are_each_called_as_they_deserve(
    ground: Policy, admin: User, receiver: Receiver, waiter: Waiter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "ANSWER_SECONDS", 3)
    talkers = {"trickles": (HEAD, b"X"), "talks-junk": (b"no HTTP\r\n\r\n", b"")}
    made = {slug: Talker() for slug in talkers}
    for slug, (first, then) in talkers.items():
        made[slug].first, made[slug].then = first, then
        add(slug, f"http://127.0.0.1:{made[slug].port}/", admin)
    add("hangs", waiter.url, admin)
    add("nobody", "http://127.0.0.1:1024/", admin)
    failing, moved = Receiver(), Receiver()
    failing.status, moved.status = 500, 302
    add("failing", failing.url, admin)
    add("moved", moved.url, admin)
    hook(receiver, admin, "case.queued")
    put_up(4)
    silent = ["hangs", "trickles", "talks-junk", "nobody"]
    before = {slug: waiting(slug) for slug in silent}
    # Four that are silent are called once each, three that answer for each of their four messages.
    assert send_all() == 4 + 3 * 4
    assert [each[:2] for each in waiting("crm")] == [("sent", 1)] * 4
    assert waiter.asked == 1
    for slug in silent:
        assert waiting(slug)[0][:2] == ("waiting", 1)
        assert waiting(slug)[1:] == before[slug][1:]
    for slug, one in (("failing", failing), ("moved", moved)):
        assert [each[:2] for each in waiting(slug)] == [("waiting", 1)] * 4
        assert len({headers["webhook-id"] for headers, _body in one.got}) == len(one.got) == 4
    left = Webhook.objects.filter(due_at__gt=timezone.now() + sending.LEFT_ALONE / 2)
    assert sorted(left.values_list("slug", flat=True)) == sorted(silent)
    Delivery.objects.filter(attempts=1).update(due_at=timezone.now() + timedelta(hours=1))
    assert (has_due(), send_all()) == (False, 0)
    # A minute later each is asked for its next message.
    Webhook.objects.filter(slug="nobody").update(due_at=timezone.now())
    assert (has_due(), send_all()) == (True, 1)
    assert [each[1] for each in waiting("nobody")] == [1, 1, 0, 0]
    for one in (failing, moved):
        one.server.shutdown()
        one.server.server_close()
    for talker in made.values():
        talker.line.close()


def test_what_a_slow_receiver_has_in_hand_is_put_back_before_its_lease_ends_and_goes_out_once(
    ground: Policy, admin: User, receiver: Receiver, clock: Clock
) -> None:
    hook(receiver, admin, "case.queued")
    put_up(5)
    before = waiting("crm")
    seen: list[list[tuple[str, int, Any]]] = []

    def slow(_target: Target, _body: bytes, _headers: dict[str, str]) -> int:
        clock.pass_by(sending.PATIENCE_SECONDS)
        return 200

    put_back = sending._put_back

    def looks(messages: Any) -> None:
        put_back(messages)
        seen.append(waiting("crm"))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sending, "_put_back", looks)
        assert send_all(slow) == 5
    for done, found in enumerate(seen, 1):
        assert [each[:2] for each in found[:done]] == [("sent", 1)] * done
        assert found[done:] == before[done:]
    assert len(seen) == 5


def test_a_turn_ends_in_time_puts_back_what_it_did_not_send_and_the_task_asks_for_the_next(
    ground: Policy, admin: User, receiver: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(receiver, admin, "case.queued")
    put_up(3)
    before = waiting("crm")
    asked: list[str] = []
    monkeypatch.setattr(tasks, "send_task", asked.append)

    class Got(list[Any]):
        def append(self, message: Any) -> None:
            super().append(message)
            clock.pass_by(sending.TURN_SECONDS)

    receiver.got = Got()
    tasks.send_webhooks()
    assert len(receiver.got) == 1
    assert [each[:2] for each in waiting("crm")] == [("sent", 1), ("waiting", 0), ("waiting", 0)]
    assert waiting("crm")[1:] == before[1:]
    tasks.send_webhooks()
    assert asked == [SEND_WEBHOOKS] * 2
    tasks.send_webhooks()
    tasks.send_webhooks()
    assert asked == [SEND_WEBHOOKS] * 2
    assert [each[:2] for each in waiting("crm")] == [("sent", 1)] * 3


def test_a_turn_leaves_room_for_its_last_calls_below_the_limit_of_its_task() -> None:
    longest = calling.CONNECT_SECONDS + calling.ANSWER_SECONDS
    assert sending.TURN_SECONDS + longest < (tasks.send_webhooks.soft_time_limit or 0) / 2
    assert sending.PATIENCE_SECONDS + longest < sending.LEASE.total_seconds()
