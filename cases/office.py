"""The clock that people at the bank read: that of the head office, whatever the server or the browser says."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings

OFFICE: Final = ZoneInfo(settings.TIME_ZONE)
