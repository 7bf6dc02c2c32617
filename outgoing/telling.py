"""From the record of moves to messages that wait: each move once for each webhook that wants it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from cases.models import CaseEvent
from outgoing.messages import DECIDED, TYPE_OF_MOVE, TYPES, body_of
from outgoing.models import Delivery, Webhook

AT_ONCE: Final = 1_000
# A move carries the time of its statement and shows when its transaction ends; none takes longer than ten minutes.
LATEST: Final = timedelta(minutes=15)


def tell_webhooks() -> int:
    """Make the messages that active webhooks do not have yet, at most AT_ONCE for each. Returns how many were made.

    Two sweeps at once: each webhook is locked by one of them, the other goes past; and a message is one to a webhook
    and move.
    """
    return sum(_tell(pk) for pk in Webhook.objects.filter(state=Webhook.State.ACTIVE).values_list("pk", flat=True))


def _tell(webhook_id: int) -> int:
    with transaction.atomic(durable=True):
        active = Webhook.objects.filter(pk=webhook_id, state=Webhook.State.ACTIVE)
        webhook = active.select_for_update(skip_locked=True).first()
        if webhook is None:
            return 0
        now = timezone.now()
        moves = [move for name in webhook.types for move in TYPES[name][0]]
        told = Delivery.objects.filter(webhook=webhook, event=OuterRef("pk"))
        since = max(webhook.read_until - LATEST, webhook.begins_at)
        events = CaseEvent.objects.filter(~Exists(told), name__in=moves, at__gte=since).select_related("case")
        found = list(events.order_by("at", "id")[:AT_ONCE])
        Delivery.objects.bulk_create([_message(webhook, event, now) for event in found], ignore_conflicts=True)
        if len(found) < AT_ONCE:
            webhook.read_until = now
            webhook.save(update_fields=["read_until"])
        return len(found)


def _message(webhook: Webhook, event: CaseEvent, now: datetime) -> Delivery:
    kind, case = TYPE_OF_MOVE[event.name], event.case
    # Until its release its maker may take a decision back, and then it was none.
    is_latest = kind == DECIDED and case.version == event.seq
    due = max(now, case.released_at) if is_latest and case.released_at else now
    return Delivery(
        webhook=webhook, event=event, message_id=f"msg_{uuid.uuid4().hex}", type=kind, body=body_of(event), due_at=due
    )
