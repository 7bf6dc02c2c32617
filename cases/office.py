"""The clock that people at the bank read: that of the head office, whatever the server or the browser says."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

OFFICE: Final = ZoneInfo(settings.TIME_ZONE)


def midnight() -> datetime:
    """When today began on the office clock."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
