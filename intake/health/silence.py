"""Sources from which nothing comes for longer than they promise: who answers for them is told, once a silence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from cases.notices import notify
from intake.health.quarantine import told_of
from intake.models import GOING_ON, Batch, Source, SourceStep

# Half as long again as promised, and nothing has come: the source is silent.
PATIENCE: Final = 1.5
# So many of the newest batches tell when a source was heard last.
RECENT: Final = 20


def silent_since(source: Source, batches: Iterable[Batch]) -> datetime | None:
    """When the source was heard last, where that is longer ago than it promises; `batches` are its newest. None while
    all is well or nothing is promised."""
    if source.every_hours is None:
        return None
    last = max(map(_heard_until, batches), default=source.created_at)
    return last if timezone.now() - last > timedelta(hours=PATIENCE * source.every_hours) else None


def _heard_until(batch: Batch) -> datetime:
    """Messages come together for up to an hour and are not timed one by one: a silence after them is told so much
    later, and none is told where there is none."""
    return batch.finished_at or (timezone.now() if batch.kind in GOING_ON else batch.started_at)


def tell_of_silence() -> int:
    """Tell of each source that has fallen silent since it was last told of; returns of how many."""
    promised = Source.objects.filter(every_hours__isnull=False).defer("reference")
    # Only what has news is locked: whatever comes in waits for the row meanwhile.
    return sum(_tell(source.pk) for source in promised if _news_of(source) is not None)


def _news_of(source: Source) -> datetime | None:
    """Since when it is silent, unless that was told already."""
    newest = source.batches.only("source", "kind", "started_at", "finished_at").order_by("-id")[:RECENT]
    since = silent_since(source, newest)
    told = source.steps.filter(name=SourceStep.Name.SILENT, at__gt=since) if since else None
    return None if told is None or told.exists() else since


def _tell(source_id: int) -> bool:
    """Two sweeps at once: the second waits for the source's row, and finds that the first has told of it."""
    with transaction.atomic(durable=True):
        source = Source.objects.select_for_update().defer("reference").get(pk=source_id)
        since = _news_of(source)
        if since is None:
            return False
        SourceStep.objects.create(source=source, name=SourceStep.Name.SILENT, facts={"last": since.isoformat()})
        notify(told_of(source), "source_silent", None, {"source": source.slug}, caused_by=None)
        return True
