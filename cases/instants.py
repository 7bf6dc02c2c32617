"""Moments as the database takes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

# RFC 3339 allows offsets up to 23:59; PostgreSQL takes none of 16 hours or more.
_OFFSET_MOST: Final = timedelta(hours=16)


def storable_moment(moment: datetime) -> datetime:
    """The same moment, in UTC where its offset is one that PostgreSQL refuses; one without a zone as it is."""
    offset = moment.utcoffset()
    if offset is None or abs(offset) < _OFFSET_MOST:
        return moment
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        # Within a day of the first or the last year: too early or in the future, whichever the zone.
        return moment.replace(tzinfo=UTC)
