"""Reading what lies behind the last row again, for rows that came late; what is known adds nothing.

A row is late where its transaction was open for longer than rows wait, or where somebody dated it back. A look-back
goes from the place that was reached some hours ago to the one that is reached now, at most one piece in a pull.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count, islice
from math import ceil
from typing import Any, Final, cast

from django.db.models import F, Sum

from intake.models import CaseOrigin, Connector, ReferenceRow, RejectedRow, Source, Way
from intake.reading.rows import ReadRow, raw_row
from intake.record.on_record import as_on_record, known_cases
from intake.record.reference import kept_before
from intake.sources.connector_settings import SqlSettings
from intake.sources.database_rows import MESSAGE_MOST, kept_value, message_of, place_of, plain_cell, value_again
from intake.tabular.tables import column_names

# More rows than these are not read again at once, however long the window is.
ROWS_MOST: Final = 1_000_000
ASKED_AT_ONCE: Final = 500
Place = list[Any]


@dataclass(frozen=True)
class LookBack:
    """From behind `after` (None: the beginning) up to `until`; `rows` were read again, since `began`."""

    after: Place | None
    until: Place
    rows: int
    began: datetime

    @property
    def is_through(self) -> bool:
        return self.after == self.until or self.rows >= ROWS_MOST

    def kept(self) -> dict[str, Any]:
        return {"after": self.after, "until": self.until, "rows": self.rows}


def look_back_due(connector: Connector, settings: SqlSettings, now: datetime) -> LookBack | None:
    """The one that is under way, or a new one where it is time; None where nothing is to be read again."""
    if not settings.look_back_hours or connector.position is None:
        return None
    if connector.look_back:
        under_way = LookBack(**connector.look_back, began=connector.looked_back_at)
        if not under_way.is_through:
            return under_way
    if now < connector.looked_back_at + timedelta(minutes=settings.look_back_minutes):
        return None
    after = _begin(connector, connector.position, timedelta(hours=settings.look_back_hours))
    return LookBack(after, connector.position, 0, now)


def _begin(connector: Connector, reached: Place, hours: timedelta) -> Place | None:
    """Where to begin: where it was read so long before the last look-back, since what came late before that one was
    found by it. Of times, so long before the one that it reached; of anything else, where the pulls were then."""
    last: Place = connector.look_back["until"] if connector.look_back else reached
    shifted = _earlier(value_again(last[0]), hours)
    if shifted is not None:
        return [kept_value("", shifted), last[1]]
    since = max(connector.looked_back_at - hours, connector.read_since)
    first = connector.pulls.filter(asked_at__gte=since).order_by("id").values_list("began", flat=True).first()
    return cast("Place | None", first)


def _earlier(watermark: Any, hours: timedelta) -> Any:
    """A time as much earlier, in its own form; None for what is no time. Of days one more, since it is gone on behind
    the first one."""
    try:
        if isinstance(watermark, str):
            return _earlier_text(watermark, hours)
        if isinstance(watermark, datetime):
            return watermark - hours
        return watermark - _days(hours) if isinstance(watermark, date) else None
    except (ValueError, OverflowError):
        return None


def _days(hours: timedelta) -> timedelta:
    return timedelta(days=ceil(hours / timedelta(days=1)) + 1)


def _earlier_text(watermark: str, hours: timedelta) -> str:
    """SQLite keeps times as texts: 2026-01-05, or 2026-01-05 09:00:00; what stands behind the seconds stays."""
    if len(watermark) == 10:
        return (date.fromisoformat(watermark) - _days(hours)).isoformat()
    at = datetime.fromisoformat(watermark[:19]) - hours
    return at.isoformat(sep=watermark[10])[:19] + watermark[19:]


def late_rows(connector: Connector) -> int:
    """How many rows look-backs have found that had not been read before."""
    counted = connector.pulls.filter(late__isnull=False).aggregate(late=Sum(F("late__rows") - F("late__duplicates")))
    return int(counted["late"] or 0)


class Unknown:
    """The rows of a question that were not read before, as they come; `read` counts all, `last` is the last one's
    place."""

    def __init__(self, connector: Connector, settings: SqlSettings, names: Sequence[str]) -> None:
        self._connector = connector
        self._names = list(names)
        self._order = [(name, place_of(name, names)) for name in (settings.watermark, settings.key)]
        self.read = 0
        self.last: Place | None = None

    def among(self, rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        key = self._order[1][1]
        while chunk := list(islice(rows, ASKED_AT_ONCE)):
            messages = [message_of(values[key]) for values in chunk]
            cases, others = self._known(messages)
            for values, message in zip(chunk, messages, strict=True):
                if message not in cases and self._raw(values, others.get(message)) not in others.get(message, ()):
                    yield values
            self.read += len(chunk)
            self.last = [kept_value(name, chunk[-1][at]) for name, at in self._order]

    def _known(self, messages: Sequence[str]) -> tuple[set[str], dict[str, list[Any]]]:
        """Which keys came as cases, and the rows of those that were refused or kept for others, of these the newest:
        one that was corrected is another row. What was read before the connector began anew was perhaps another table.
        """
        here: dict[str, Any] = {"batch__source": self._connector.source_id, "batch__kind": Way.SQL}
        here["batch__started_at__gte"] = self._connector.read_since
        # A key that was cut off does not tell its row from others.
        whole = [each for each in messages if len(each) < MESSAGE_MOST]
        cases = set(CaseOrigin.objects.filter(message__in=whole, **here).values_list("message", flat=True))
        others = defaultdict(list)
        here["message__in"] = messages
        for message, raw in RejectedRow.objects.filter(**here).values_list("message", "raw"):
            others[message].append(raw)
        newest = ReferenceRow.objects.filter(**here).order_by("message", "-id").distinct("message")
        for message, cells in newest.values_list("message", "cells"):
            others[message].append(cells)
        return cases, others

    def _raw(self, values: Sequence[Any], asked: object) -> dict[str, str] | None:
        if not asked:
            return None
        return raw_row(dict(zip(column_names(self._names), map(plain_cell, values), strict=True)))


def news_of(source: Source, rows: Iterator[ReadRow], *, first: int) -> Iterator[ReadRow]:
    """The rows of a look-back, numbered from `first`, without those that came another way first with the same content,
    in a file or as a message: they are known without being counted, or each look-back would count them again."""
    numbers = count(first)
    while chunk := list(islice(rows, ASKED_AT_ONCE)):
        kept = kept_before(source.pk, chunk)
        chunk = as_on_record(source, chunk)
        known = known_cases(source, [row.submission for row in chunk if row.submission is not None])
        for row in chunk:
            is_new = row.submission is not None and row.submission.external_ref not in known
            is_kept_anew = row.reference is not None and row.row_number not in kept
            if is_new or is_kept_anew or row.errors:
                yield replace(row, row_number=next(numbers))
