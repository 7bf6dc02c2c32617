"""Sending the messages that are due: taken under a lease, called without a lock, and noted as delivered or to be tried
again. A message may arrive twice (a worker that dies after the call); its id is the same then.

One process sends at a time, so that receivers that hang never keep more than one worker from scoring. No receiver holds
up the others: a round takes of each what it has waiting, up to a bound, and gives each a few seconds; and one that does
not answer is left alone for a minute, with all that waits for it.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

import urllib3
from django.conf import settings
from django.db import connection, transaction
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
# Of one webhook in a round.
AT_ONCE: Final = 200
PATIENCE_SECONDS: Final = 10
# What a sender that died had in hand is sent again after this; no other process sends while one is at it.
LEASE: Final = timedelta(minutes=1)
LEFT_ALONE: Final = timedelta(minutes=1)
GONE: Final = 410
GIVEN_UP: Final = "webhook_given_up"
Call = Callable[[Target, bytes, dict[str, str]], int]


def has_due() -> bool:
    """Whether a message waits whose time has come."""
    return Delivery.objects.filter(
        state=Delivery.State.WAITING, due_at__lte=timezone.now(), webhook__state=Webhook.State.ACTIVE
    ).exists()


def send_all(by: Call = call) -> int:
    """Send round by round until nothing is due; nothing where another process is at it. Returns how many were tried."""
    tried = 0
    with alone(LOCK) as is_alone:
        while is_alone and (sent := send_due(by)):
            tried += sent
    return tried


def send_due(by: Call = call) -> int:
    """Send what is due, at most AT_ONCE messages of each webhook. Returns how many were taken up."""
    taken, silent, spent = _take(), set[int](), defaultdict[int, float](float)
    for delivery in taken:
        webhook_id = delivery.webhook_id
        if webhook_id in silent:
            _note(delivery, attempts=delivery.attempts - 1, due_at=timezone.now() + LEFT_ALONE)
            continue
        if spent[webhook_id] >= PATIENCE_SECONDS:
            _note(delivery, attempts=delivery.attempts - 1, due_at=timezone.now())
            continue
        began = time.monotonic()
        if not _send(delivery, by):
            silent.add(webhook_id)
            _leave_alone(webhook_id)
        spent[webhook_id] += time.monotonic() - began
    return len(taken)


def _leave_alone(webhook_id: int) -> None:
    """What waits for it beyond this round, too: each round that took some of it would wait for one more time-out."""
    now = timezone.now()
    with transaction.atomic(durable=True):
        waiting = Delivery.objects.filter(webhook=webhook_id, state=Delivery.State.WAITING, due_at__lte=now)
        waiting.update(due_at=now + LEFT_ALONE)


def _take() -> Sequence[Delivery]:
    """Lease due messages of active webhooks and count the attempt, durably: one that kills its worker is known by its
    count. Two workers at once: SKIP LOCKED gives each its own rows, the later due time keeps others away after that."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH mine AS MATERIALIZED (
                SELECT d.id FROM outgoing_webhook w CROSS JOIN LATERAL (
                    SELECT id FROM outgoing_delivery
                    WHERE webhook_id = w.id AND state = 'waiting' AND due_at <= statement_timestamp()
                    ORDER BY due_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED) d
                WHERE w.state = 'active')
            UPDATE outgoing_delivery SET attempts = attempts + 1,
                   due_at = statement_timestamp() + make_interval(secs => %(lease)s)
            FROM mine WHERE outgoing_delivery.id = mine.id RETURNING outgoing_delivery.id
            """,
            {"most": AT_ONCE, "lease": LEASE.total_seconds()},
        )
        keys = [row[0] for row in cursor.fetchall()]
    return list(Delivery.objects.filter(pk__in=keys).select_related("webhook", "event").order_by("pk"))


def _send(delivery: Delivery, by: Call) -> bool:
    """Whether the receiver answered, whatever it said, or was not asked."""
    if delivery.type == DECIDED and was_taken_back(delivery.event):
        _note(delivery, state=Delivery.State.DROPPED)
        return True
    status, problem = None, ""
    try:
        status = _call(delivery, by)
    except AddressRefused as refusal:
        problem = f"address: {refusal.code}"
    except CannotOpen:
        problem = "secret: no key opens it"
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as failure:
        # ValueError: an address of which no call can be made; it must not keep the others from being sent.
        problem = type(failure).__name__
    if status is not None and 200 <= status < 300:
        _note(delivery, state=Delivery.State.SENT, status=status, sent_at=timezone.now(), problem="")
    elif status == GONE:
        _end(delivery)
    else:
        _try_again(delivery, status, problem or f"HTTP {status}")
    return status is not None


def was_taken_back(event: CaseEvent) -> bool:
    return CaseEvent.objects.filter(case=event.case_id, seq=event.seq + 1, name="take_back").exists()


def _call(delivery: Delivery, by: Call) -> int:
    webhook, now = delivery.webhook, timezone.now()
    secrets = [opened(webhook.secret)]
    if webhook.secret_before_until and webhook.secret_before_until > now:
        secrets.append(opened(webhook.secret_before))
    body = delivery.body.encode()
    headers = signed_headers(body, message_id=delivery.message_id, timestamp=int(now.timestamp()), with_secrets=secrets)
    target = find_target(webhook.url, inside=settings.WEBHOOK_NETWORKS)
    return by(target, body, headers)


def _try_again(delivery: Delivery, status: int | None, problem: str) -> None:
    wait = wait_after(delivery.attempts)
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
