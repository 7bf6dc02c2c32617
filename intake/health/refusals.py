"""Rows that cannot be taken in: which of them are news of their source, and how many are usual for it.

A row that came before is no news, whatever became of it: senders repeat what was refused, and refused rows that were
mended are sent again. So neither makes a source look bad, nor does an old table that comes whole every day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models.fields.json import KeyTransform
from django.utils import timezone

from cases.canonical import canonical_sha256
from cases.models import Case
from intake.health.batches_before import WINDOW_MOST
from intake.health.health import ROWS_LEAST
from intake.health.profiles import ALL_PRODUCTS, REFERENCE_LEAST, REFUSED, Profile, profile_from, refusals
from intake.models import NUMBERED, Batch, RejectedRow, Source, SourceStep
from intake.reading.rows import ReadRow
from intake.tabular.returned import ROW
from intake.wording.sentences import storable

# Of what few rows have taught: since when what comes is learnt beside them.
MORE_SINCE: Final = "more_since"
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
    """How many of how many rows are usually refused: as it was learnt, with what came since where few rows taught it,
    or else by the batches until now."""
    known = source.usual_refusals
    if known and MORE_SINCE not in known:
        return profile_from(known)
    batches = source.batches.filter(pk__lt=before.pk) if before else source.batches.all()
    if known:
        later = batches.filter(started_at__gt=datetime.fromisoformat(known[MORE_SINCE]))
        return profile_from(known).add(_together(each for each, signs in _counted(later) if not _is_bad(signs)))
    return _together(
        each for each, signs in _counted(batches) if each.missing[REFUSED] <= MOST * each.rows and not _is_bad(signs)
    )


def learn_refusals(source: Source) -> None:
    """Learn how many are usual, once there are enough rows. From then on it does not move by itself, or slow decay
    would teach it that decay is usual."""
    known = source.usual_refusals
    if known and MORE_SINCE not in known:
        return
    usual = usual_refusals(source)
    if usual.rows >= REFERENCE_LEAST:
        # Two batches that end at once: what the first has learnt stays.
        still = Source.objects.filter(pk=source.pk, usual_refusals=known, state=Source.State.HEALTHY)
        still.update(usual_refusals=usual.as_dict())


def learn_new_refusals(source: Source) -> bool:
    """Learn that as many are usual from now on as came since the first sign of what a person last released, and of the
    releases just before with the same answer of which too few rows came; whether there are ROWS_LEAST. Fewer than
    REFERENCE_LEAST learn from what comes later until there are so many."""
    usual, answer, until = Profile(), None, timezone.now()
    for at, facts in source.steps.filter(name=SourceStep.Name.RELEASED).order_by("-pk").values_list("at", "facts"):
        if ALL_PRODUCTS not in facts["products"] or (answer is not None and facts.get("usual") != answer):
            break
        span = (datetime.fromisoformat(facts["since"]), at if answer is not None else until)
        came = _together(each for each, _signs in _counted(source.batches.filter(started_at__range=span)))
        if answer is not None and came.rows >= ROWS_LEAST:
            # These were enough for themselves.
            break
        usual, answer = usual.add(came), facts.get("usual")
        if usual.rows >= ROWS_LEAST:
            break
    if usual.rows < ROWS_LEAST:
        return False
    more = {MORE_SINCE: until.isoformat()} if usual.rows < REFERENCE_LEAST else {}
    Source.objects.filter(pk=source.pk).update(usual_refusals=usual.as_dict() | more)
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
