"""The place of a case that comes back to somebody."""

from __future__ import annotations

from typing import Any, Final

from django.utils import timezone

from cases.models import User

TOP_TIER: Final = 0


def back_to(reviewer: User, why: str, **params: str) -> dict[str, Any]:
    """The place of a case that returns to somebody: on top, with the reason, whose sentence takes `params`."""
    return {
        "reserved_for": reviewer,
        "queue_tier": TOP_TIER,
        "queue_rank": 0.0,
        "queued_at": timezone.now(),
        "why": [{"code": why, "params": params}],
    }
