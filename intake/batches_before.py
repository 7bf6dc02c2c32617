"""The batches a source has sent before: those a look takes together with the newest, and when what is wrong began."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

from django.db.models.query import QuerySet

from intake.models import Batch, SourceStep

# Slow decay shows in many batches together before it shows in any one of them: so many, and of small ones more, until
# they have so many rows.
WINDOW: Final = 10
WINDOW_ROWS: Final = 300
WINDOW_MOST: Final = 100
# What was seen before with so many batches in between that showed nothing was something else.
QUIET_BETWEEN: Final = 5


def looked_at_before(source_id: int, batch_id: int) -> QuerySet[Batch]:
    """The batches before it since a person has looked into the source, the newest first."""
    return _since_release(source_id, batch_id).exclude(profile={})


def _since_release(source_id: int, batch_id: int) -> QuerySet[Batch]:
    released = SourceStep.objects.filter(source=source_id, name=SourceStep.Name.RELEASED).last()
    before = Batch.objects.filter(source=source_id, pk__lt=batch_id).order_by("-id")
    return before.filter(started_at__gt=released.at) if released else before


def profiles_before(batch: Batch) -> list[dict[str, Any]]:
    """Of the last WINDOW batches, and of more that are small, up to WINDOW_ROWS rows together."""
    before = looked_at_before(batch.source_id, batch.pk)
    counts = list(before.values_list("pk", "rows")[:WINDOW_MOST])
    reached = counts[: reach(rows for _key, rows in counts)]
    return list(before.filter(pk__gte=reached[-1][0]).values_list("profile", flat=True)) if reached else []


def reach(rows: Iterable[int]) -> int:
    """How many of the batches before it a look takes together with the newest: they have so many rows, the newest
    first."""
    place, total = 0, 0
    for place, count in enumerate(islice(rows, WINDOW_MOST), 1):
        total += count
        if place >= WINDOW and total >= WINDOW_ROWS:
            break
    return place


def is_beyond_reach(since: datetime, batch: Batch) -> bool:
    """Whether so many batches came since then that a look at `batch` takes none of those that began then."""
    after = looked_at_before(batch.source_id, batch.pk).filter(started_at__gte=since)
    rows = list(after.values_list("rows", flat=True)[: WINDOW_MOST + 1])
    return reach(rows) < len(rows)


def spells_before(source_id: int, batch_id: int) -> dict[tuple[str, str], tuple[str, int]]:
    """By product and feature, of what the batches just before told: since when (ISO 8601), and how many of them did,
    with no more than QUIET_BETWEEN in between that did not. What is not told anew after so many is over."""
    found: dict[tuple[str, str], tuple[str, int]] = {}
    before = _since_release(source_id, batch_id).filter(accepted__gt=0)
    for started_at, signs in before.values_list("started_at", "signs")[: QUIET_BETWEEN + 1]:
        for sign in signs:
            # Batches from before this was written with each sign begin their own.
            spell = sign.get("since", started_at.isoformat()), sign.get("batches", 1)
            found.setdefault((sign["product"], sign["feature"]), spell)
    return found


def first_sign_of(
    signs: Sequence[Mapping[str, Any]], *, source_id: int, batch_id: int, started_at: datetime
) -> datetime:
    """When the first of the batches began that told of the same features as are bad now, with no more than
    QUIET_BETWEEN in between that told nothing of them; at the latest `started_at`, when the batch with `signs` did."""
    bad = {(sign["product"], sign["feature"]) for sign in signs if sign["grade"] == "bad"}
    since, quiet = started_at, 0
    before = looked_at_before(source_id, batch_id).values_list("started_at", "signs")
    for began, found in before.iterator(chunk_size=WINDOW_MOST):
        told = any((sign["product"], sign["feature"]) in bad for sign in found)
        since, quiet = (began, 0) if told else (since, quiet + 1)
        if quiet > QUIET_BETWEEN:
            break
    return since
