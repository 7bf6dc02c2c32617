"""From the record of moves to messages that wait: each move once for each webhook or feed that wants it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from cases.models import CaseEvent
from outgoing.messages import DECIDED, TYPE_OF_MOVE, TYPES, body_of
from outgoing.models import DecisionFeed, Delivery, FeedMessage, Webhook

AT_ONCE: Final = 1_000
# A move carries the time of its statement and shows when its transaction ends; none takes longer than ten minutes.
LATEST: Final = timedelta(minutes=15)


def tell_webhooks() -> int:
    """Make the messages that active webhooks do not have yet, at most AT_ONCE for each. Returns how many were made.

    Two sweeps at once: each webhook is locked by one of them, the other goes past; and a message is one to a webhook
    and move.
    """
    return sum(
        _tell_webhook(pk) for pk in Webhook.objects.filter(state=Webhook.State.ACTIVE).values_list("pk", flat=True)
    )


def tell_feeds() -> int:
    """As `tell_webhooks`, the decisions for feeds; those of paused ones wait, too."""
    return sum(_tell_feed(pk) for pk in DecisionFeed.objects.values_list("pk", flat=True))


def _tell_webhook(webhook_id: int) -> int:
    with transaction.atomic(durable=True):
        active = Webhook.objects.filter(pk=webhook_id, state=Webhook.State.ACTIVE)
        webhook = active.select_for_update(skip_locked=True).first()
        if webhook is None:
            return 0
        now = timezone.now()
        moves = [move for name in webhook.types for move in TYPES[name][0]]
        found = _untold(webhook, Delivery.objects.filter(webhook=webhook), moves, now)
        made = [Delivery(webhook=webhook, type=TYPE_OF_MOVE[event.name], **_message(event, now)) for event in found]
        Delivery.objects.bulk_create(made, ignore_conflicts=True)
        return len(found)


def _tell_feed(feed_id: int) -> int:
    with transaction.atomic(durable=True):
        feed = DecisionFeed.objects.filter(pk=feed_id).select_for_update(skip_locked=True).first()
        if feed is None:
            return 0
        now = timezone.now()
        found = _untold(feed, FeedMessage.objects.filter(feed=feed), TYPES[DECIDED][0], now)
        made = [FeedMessage(feed=feed, **_message(event, now)) for event in found]
        FeedMessage.objects.bulk_create(made, ignore_conflicts=True)
        return len(found)


def _untold(of: Webhook | DecisionFeed, told: QuerySet[Any], moves: Sequence[str], now: datetime) -> list[CaseEvent]:
    """The oldest of these moves that it was not told; how far the record was read moves on."""
    since = max(of.read_until - LATEST, of.begins_at)
    known = told.filter(event=OuterRef("pk"))
    events = CaseEvent.objects.filter(~Exists(known), name__in=moves, at__gte=since).select_related("case")
    found = list(events.order_by("at", "id")[:AT_ONCE])
    if len(found) < AT_ONCE:
        of.read_until = now
        of.save(update_fields=["read_until"])
    return found


def _message(event: CaseEvent, now: datetime) -> dict[str, Any]:
    kind, case = TYPE_OF_MOVE[event.name], event.case
    # Until its release its maker may take a decision back, and then it was none.
    is_latest = kind == DECIDED and case.version == event.seq
    due = max(now, case.released_at) if is_latest and case.released_at else now
    return {"event": event, "message_id": f"msg_{uuid.uuid4().hex}", "body": body_of(event), "due_at": due}
