"""Sources from which nothing comes for longer than they promise: who answers for them is told, once a silence."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from cases.notices import notify
from intake.models import Source, SourceStep
from intake.quarantine import told_of

# Half as long again as promised, and nothing has come: the source is silent.
PATIENCE: Final = 1.5


def is_silent(every_hours: int | None, last: datetime) -> bool:
    """Whether nothing came for longer than promised; `last` is when the newest batch began, or the source was opened.
    Who promises nothing is never silent."""
    return every_hours is not None and timezone.now() - last > timedelta(hours=PATIENCE * every_hours)


def tell_of_silence() -> int:
    """Tell of each source that has fallen silent since it was last told of; returns of how many."""
    return sum(_tell(key) for key in Source.objects.filter(every_hours__isnull=False).values_list("pk", flat=True))


def _tell(source_id: int) -> bool:
    """Two sweeps at once: the second waits for the source's row, and finds that the first has told of it."""
    with transaction.atomic(durable=True):
        source = Source.objects.select_for_update().defer("reference").get(pk=source_id)
        last = source.batches.aggregate(last=Max("started_at"))["last"] or source.created_at
        told = source.steps.filter(name=SourceStep.Name.SILENT, at__gt=last)
        if not is_silent(source.every_hours, last) or told.exists():
            return False
        SourceStep.objects.create(source=source, name=SourceStep.Name.SILENT, facts={"last": last.isoformat()})
        notify(told_of(source), "source_silent", None, {"source": source.slug}, caused_by=None)
        return True
