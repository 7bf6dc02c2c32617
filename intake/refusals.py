"""Rows that cannot be taken in: which of them are news of their source, and how many are usual for it.

A row that came before is no news, whatever became of it: senders repeat what was refused, and refused rows that were
mended are sent again. So neither makes a source look bad, nor does an old table that comes whole every day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models.fields.json import KeyTransform

from cases.canonical import canonical_sha256
from cases.models import Case
from intake.batches_before import WINDOW_MOST
from intake.models import NUMBERED, Batch, RejectedRow, Source
from intake.profiles import ALL_PRODUCTS, REFERENCE_LEAST, REFUSED, Profile, profile_from, refusals
from intake.returned import ROW
from intake.rows import ReadRow
from intake.sentences import storable

# What a batch of which more was refused shows is a mistake, as a wrong mapping, and not what is usual.
MOST: Final = 0.5


def known_as(row: ReadRow) -> str:
    """What tells a row from others of its source, wherever it comes again: a hash of its reference, or of its cells
    where none could be read."""
    reference = _reference(row)
    return canonical_sha256({"reference": storable(reference)} if reference else {"cells": row.raw})


def _reference(row: ReadRow) -> str:
    return row.submission.external_ref if row.submission else row.told_as or row.raw.get("external_ref", "")


def count_news(batch: Batch, refused: Sequence[ReadRow]) -> int:
    """How many of these refused rows are news, asked before they are kept."""
    new = [row for row in refused if ROW not in row.raw]
    if not new:
        return 0
    references = {storable(_reference(row)) for row in new} - {""}
    on_record = set(
        Case.objects.filter(source=batch.source.slug, external_ref__in=references).values_list(
            "external_ref", flat=True
        )
    )
    by_key = [(known_as(row), row) for row in new if storable(_reference(row)) not in on_record]
    before = RejectedRow.objects.filter(known_as__in={key for key, _row in by_key}, batch__source=batch.source_id)
    if batch.kind in NUMBERED:
        # Rows of one table that are alike are several all the same.
        refused_before = set(before.exclude(batch=batch).values_list("known_as", flat=True))
        return sum(key not in refused_before for key, _row in by_key)
    return len({key for key, _row in by_key} - set(before.values_list("known_as", flat=True)))


def usual_refusals(source: Source, *, before: Batch | None = None) -> Profile:
    """How many of how many rows are usually refused: as it was learnt, or else by the batches until now."""
    if source.usual_refusals:
        return profile_from(source.usual_refusals)
    batches = source.batches.filter(pk__lt=before.pk) if before else source.batches.all()
    return _together(
        each for each, signs in _counted(batches) if each.missing[REFUSED] <= MOST * each.rows and not _is_bad(signs)
    )


def learn_refusals(source: Source, *, since: datetime | None = None) -> bool:
    """Learn how many are usual, once there are enough rows, and tell whether there are; anew with all that came
    `since`, where that is given. It does not move by itself, or slow decay would teach it that decay is usual."""
    if since is None:
        usual = Profile() if source.usual_refusals else usual_refusals(source)
    else:
        usual = _together(each for each, _signs in _counted(source.batches.filter(started_at__gte=since)))
    if usual.rows < REFERENCE_LEAST:
        return False
    with transaction.atomic(durable=True):
        # Two batches that end at once: what the first has learnt stays.
        still = Source.objects.filter(pk=source.pk)
        still = still if since else still.filter(usual_refusals={}, state=Source.State.HEALTHY)
        still.update(usual_refusals=usual.as_dict())
    return True


def _counted(batches: Any) -> Iterable[tuple[Profile, Sequence[dict[str, Any]]]]:
    """The newest batches with their signs. Of those from before news were counted all that was refused is told."""
    counted = KeyTransform(ALL_PRODUCTS, "profile")
    told = batches.order_by("-id").values_list(counted, "accepted", "rejected", "signs")[:WINDOW_MOST]
    for profile, accepted, rejected, signs in told:
        yield profile_from(profile) if profile else refusals(accepted + rejected, rejected), signs


def _together(profiles: Iterable[Profile]) -> Profile:
    whole = Profile()
    for each in profiles:
        whole = whole.add(each)
    return whole


def _is_bad(signs: Sequence[dict[str, Any]]) -> bool:
    return any(sign["what"] == REFUSED and sign["grade"] == "bad" for sign in signs)
