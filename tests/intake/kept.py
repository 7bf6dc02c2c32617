"""Messages of a stream that were kept whole."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction

from intake.models import RejectedRow, Source
from intake.ways_in.stream_messages import Message, add_to_batch, read_message
from tests.api.calls import a_case


def keep(*bodies: Any, deaths: int = 5) -> list[RejectedRow]:
    """These messages of the stream `loans` of the source crm, kept because their readers died of them."""
    source, _created = Source.objects.get_or_create(slug="crm", defaults={"kind": "redis"})
    told = [body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies]
    rows = [
        read_message(Message(f"{1_767_000_000_000 + at}-0", body, deaths), at, source)
        for at, body in enumerate(told, 1)
    ]
    with transaction.atomic():
        add_to_batch(source, "redis", "loans", rows)
    return list(RejectedRow.objects.order_by("row_number"))


def of_crm(ref: str, **changes: Any) -> dict[str, Any]:
    return a_case(ref, source="crm", **changes)
