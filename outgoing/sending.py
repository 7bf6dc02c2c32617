"""Sending the messages that are due: taken under a lease, called without a lock, and noted as delivered or to be tried
again. A message may arrive twice (a worker that dies after the call); its id is the same then.

One process sends at a time and for a turn of a minute, so that receivers that hang never keep more than one worker from
scoring. No receiver holds up the others: each is called in a thread of its own, one message after the other, and the
thread of the turn alone works with the database. One that does not answer is left alone for a minute.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import urllib3
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from cases.addresses import AddressRefused, Target, find_target
from cases.locks import alone
from cases.models import CaseEvent, Notification
from cases.notices import notify, who_answers
from cases.sealed import CannotOpen, opened
from outgoing.calling import call
from outgoing.messages import DECIDED
from outgoing.models import Delivery, Webhook, WebhookStep
from outgoing.retries import wait_after
from outgoing.signing import signed_headers

LOCK: Final = "outgoing messages"
# Far below the limit of the task; what is due after that is the next turn's.
TURN_SECONDS: Final = 60
# What came meanwhile for a receiver of which nothing is in hand waits no longer than this for those that are slow.
LOOK_SECONDS: Final = 1
# Taken of one webhook, and how long what was taken is kept in hand: shorter than the lease, a last call counted in.
AT_ONCE: Final = 50
PATIENCE_SECONDS: Final = 10
# What a sender that died had in hand is sent again after this; no other process sends while one is at it.
LEASE: Final = timedelta(minutes=1)
LEFT_ALONE: Final = timedelta(minutes=1)
MOST_CALLS: Final = 50
GONE: Final = 410
GIVEN_UP: Final = "webhook_given_up"
Call = Callable[[Target, bytes, dict[str, str]], int]


def has_due() -> bool:
    """Whether a message waits whose time has come, for a receiver that is not left alone."""
    now = timezone.now()
    waiting = Delivery.objects.filter(webhook=OuterRef("pk"), state=Delivery.State.WAITING, due_at__lte=now)
    return Webhook.objects.filter(Exists(waiting), state=Webhook.State.ACTIVE, due_at__lte=now).exists()


def send_all(by: Call = call) -> int:
    """As `send_due`; nothing where another process is at it."""
    with alone(LOCK) as is_alone:
        return send_due(by) if is_alone else 0


def send_due(by: Call = call) -> int:
    """Send for a turn, or until nothing more is due. Returns how many messages were tried."""
    with ThreadPoolExecutor(MOST_CALLS) as threads:
        return _Turn(lambda delivery: threads.submit(_ask, delivery, by)).run()


@dataclass(frozen=True)
class _Answer:
    """What a receiver said. `status` is None where it said nothing, or could not be asked: `problem` says why."""

    status: int | None
    problem: str = ""


@dataclass(frozen=True)
class _Hand:
    """What is taken of one receiver's messages, in their order, and until when it is kept."""

    messages: deque[Delivery]
    until: float


class _Turn:
    """What is in hand of each receiver, and the one message of each that is out."""

    def __init__(self, ask: Callable[[Delivery], Future[_Answer]]) -> None:
        self._ask = ask
        self._ends_at = time.monotonic() + TURN_SECONDS
        self._look_at = 0.0
        self._hands: dict[int, _Hand] = {}
        self._out: dict[Future[_Answer], Delivery] = {}

    def run(self) -> int:
        tried = 0
        while self._took_up() or self._out:
            for answered in wait(self._out, LOOK_SECONDS, FIRST_COMPLETED).done:
                self._hear(self._out.pop(answered), answered.result())
                tried += 1
        return tried

    def _took_up(self) -> bool:
        """Take what is due of receivers of which nothing is in hand, if it is time for that. Whether something was."""
        now = time.monotonic()
        if not self._look_at <= now < self._ends_at:
            return False
        self._look_at = now + LOOK_SECONDS
        taken = _take(besides=self._hands)
        for webhook_id, messages in taken.items():
            self._hands[webhook_id] = _Hand(deque(messages), now + PATIENCE_SECONDS)
            self._call_next(webhook_id)
        return bool(taken)

    def _call_next(self, webhook_id: int) -> None:
        messages = self._hands[webhook_id].messages
        while messages:
            delivery = messages.popleft()
            if delivery.type != DECIDED or not was_taken_back(delivery.event):
                self._out[self._ask(delivery)] = delivery
                return
            _note(delivery, state=Delivery.State.DROPPED)
        self._put_down(webhook_id)

    def _hear(self, delivery: Delivery, answer: _Answer) -> None:
        _note_answer(delivery, answer)
        webhook_id = delivery.webhook_id
        ends_at = min(self._hands[webhook_id].until, self._ends_at)
        # Whoever is silent or gone is not asked again for the messages that were taken along.
        if answer.status in (None, GONE) or time.monotonic() >= ends_at:
            self._put_down(webhook_id)
        else:
            self._call_next(webhook_id)

    def _put_down(self, webhook_id: int) -> None:
        _put_back(self._hands.pop(webhook_id).messages)
        self._look_at = 0.0


def _take(besides: Collection[int]) -> Mapping[int, Sequence[Delivery]]:
    """Lease due messages of active webhooks, by webhook and as they were before, and count the attempt, durably: one
    that kills its worker is known by its count. Two workers at once: SKIP LOCKED gives each its own rows, the later due
    time keeps others away after that."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT d.id FROM outgoing_webhook w CROSS JOIN LATERAL (
                SELECT id FROM outgoing_delivery
                WHERE webhook_id = w.id AND state = 'waiting' AND due_at <= statement_timestamp()
                ORDER BY due_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED) d
            WHERE w.state = 'active' AND w.due_at <= statement_timestamp() AND w.id <> ALL(%(besides)s::bigint[])
            """,
            {"most": AT_ONCE, "besides": list(besides)},
        )
        mine = Delivery.objects.filter(pk__in=[row[0] for row in cursor.fetchall()])
        taken = defaultdict[int, list[Delivery]](list)
        # The secrets are read after their webhook: one that is replaced in between is there twice, and never missing.
        with_secrets = mine.select_related("webhook", "event").prefetch_related("webhook__retired_secrets")
        for each in with_secrets.order_by("due_at", "pk"):
            taken[each.webhook_id].append(each)
        mine.update(attempts=F("attempts") + 1, due_at=timezone.now() + LEASE)
    return taken


def _put_back(messages: Iterable[Delivery]) -> None:
    """Those that were not tried wait as they did before."""
    with transaction.atomic(durable=True):
        for each in messages:
            _write(each, attempts=each.attempts, due_at=each.due_at)


def _ask(delivery: Delivery, by: Call) -> _Answer:
    """Runs in the receiver's thread, without the database."""
    try:
        return _Answer(_call(delivery, by))
    except AddressRefused as refusal:
        return _Answer(None, f"address: {refusal.code}")
    except CannotOpen:
        return _Answer(None, "secret: no key opens it")
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as failure:
        # ValueError: an address of which no call can be made; it must not keep the others from being sent.
        return _Answer(None, type(failure).__name__)


def _note_answer(delivery: Delivery, answer: _Answer) -> None:
    status = answer.status
    if status is None:
        Webhook.objects.filter(pk=delivery.webhook_id).update(due_at=timezone.now() + LEFT_ALONE)
    if status is not None and 200 <= status < 300:
        _note(delivery, state=Delivery.State.SENT, status=status, sent_at=timezone.now(), problem="")
    elif status == GONE:
        _end(delivery)
    else:
        _try_again(delivery, status, answer.problem or f"HTTP {status}")


def was_taken_back(event: CaseEvent) -> bool:
    return CaseEvent.objects.filter(case=event.case_id, seq=event.seq + 1, name="take_back").exists()


def _call(delivery: Delivery, by: Call) -> int:
    webhook, now = delivery.webhook, timezone.now()
    retired = [each.secret for each in webhook.retired_secrets.all() if each.signs_until > now]
    secrets = [opened(each) for each in (webhook.secret, *retired)]
    body = delivery.body.encode()
    headers = signed_headers(body, message_id=delivery.message_id, timestamp=int(now.timestamp()), with_secrets=secrets)
    target = find_target(webhook.url, inside=settings.WEBHOOK_NETWORKS)
    return by(target, body, headers)


def _try_again(delivery: Delivery, status: int | None, problem: str) -> None:
    # It came as it was before this attempt was counted.
    wait = wait_after(delivery.attempts + 1)
    if wait is not None:
        _note(delivery, status=status, problem=problem, due_at=timezone.now() + wait)
        return
    with transaction.atomic(durable=True):
        _write(delivery, state=Delivery.State.DEAD, status=status, problem=problem)
        _tell_given_up(delivery)


def _tell_given_up(delivery: Delivery) -> None:
    """Once until it is read: a receiver that is away for days gives up thousands, and all else would go under in them.
    One process sends at a time, so that nobody is told twice."""
    people, slug = who_answers(delivery.webhook.made_by), delivery.webhook.slug
    unread = Notification.objects.filter(code=GIVEN_UP, params__webhook=slug, read_at=None)
    knows = set(unread.values_list("person", flat=True))
    params = {"webhook": slug, "message": delivery.message_id}
    notify([each for each in people if each.pk not in knows], GIVEN_UP, None, params, caused_by=None)


def _end(delivery: Delivery) -> None:
    """The receiver answered that it is gone, which by the specification ends the subscription."""
    with transaction.atomic(durable=True):
        _write(delivery, state=Delivery.State.DEAD, status=GONE, problem=f"HTTP {GONE}")
        active = Webhook.objects.filter(pk=delivery.webhook_id, state=Webhook.State.ACTIVE)
        if active.update(state=Webhook.State.GONE):
            WebhookStep.objects.create(webhook=delivery.webhook, name=WebhookStep.Name.GONE)
            params = {"webhook": delivery.webhook.slug}
            notify(who_answers(delivery.webhook.made_by), "webhook_gone", None, params, caused_by=None)


def _note(delivery: Delivery, **changes: object) -> None:
    with transaction.atomic(durable=True):
        _write(delivery, **changes)


def _write(delivery: Delivery, **changes: object) -> None:
    """Only of a message that still waits: somebody may have sent it again meanwhile."""
    Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING).update(**changes)
