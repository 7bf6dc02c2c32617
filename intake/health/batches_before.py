"""The batches a source has sent before: those a look takes together with the newest, and when what is wrong began."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import product as each_with_each
from typing import Any, Final, NamedTuple

from django.db.models.query import QuerySet

from intake.health.profiles import Reference
from intake.models import Batch, SourceStep

# Slow decay shows in many batches together before it shows in any one of them: so many, and of small ones more, until
# they have so many rows.
WINDOW: Final = 10
WINDOW_ROWS: Final = 300
WINDOW_MOST: Final = 100
# What was seen before with so many batches in between that showed nothing was something else.
QUIET_BETWEEN: Final = 5


class Spell(NamedTuple):
    """When the first of the batches began that told of something, and how many of them did."""

    since: datetime
    batches: int


def looked_at_before(source_id: int, batch_id: int) -> QuerySet[Batch]:
    """The batches before it since a person has looked into the source, the newest first."""
    return looked_at(source_id).filter(pk__lt=batch_id)


def looked_at(source_id: int) -> QuerySet[Batch]:
    """The batches of a source that were looked at since a person has looked into it, the newest first."""
    released = SourceStep.objects.filter(source=source_id, name=SourceStep.Name.RELEASED).last()
    found = Batch.objects.filter(source=source_id).exclude(profile={}).order_by("-id")
    return found.filter(started_at__gt=released.at) if released else found


def profiles_before(batch: Batch) -> list[tuple[datetime, dict[str, Any]]]:
    """Of the last WINDOW batches, and of more that are small, up to WINDOW_ROWS rows together: when each began and what
    it looked like."""
    before = looked_at_before(batch.source_id, batch.pk)
    rows, last = 0, 0
    for place, (key, count) in enumerate(before.values_list("pk", "rows")[:WINDOW_MOST], 1):
        rows, last = rows + count, key
        if place >= WINDOW and rows >= WINDOW_ROWS:
            break
    return list(before.filter(pk__gte=last).values_list("started_at", "profile")) if last else []


def first_sign_of(
    signs: Sequence[Mapping[str, Any]],
    references: Mapping[str, Reference],
    *,
    source_id: int,
    batch_id: int,
    started_at: datetime,
) -> datetime:
    """When the first of the batches began that told of the same features as are bad now, by these names or those that
    they had before by the references, with no more than QUIET_BETWEEN in between that told nothing of them; at the
    latest `started_at`, when the batch with `signs` did."""
    bad = {
        name
        for sign in signs
        if sign["grade"] == "bad"
        for name in _names_of(sign["product"], sign["feature"], references.get(sign["product"]))
    }
    before = looked_at_before(source_id, batch_id).values_list("started_at", "signs")
    return spell_of(before.iterator(chunk_size=WINDOW_MOST), bad, began=started_at).since


def _names_of(product: str, feature: str, reference: Reference | None) -> Iterator[tuple[str, str]]:
    products, features = [product], [feature]
    if reference is not None:
        products += reference.products
        features += reference.called.get(feature, ())
    return each_with_each(products, features)


def spell_of(
    batches: Iterable[tuple[datetime, Sequence[Mapping[str, Any]]]],
    features: Collection[tuple[str, str]],
    *,
    began: datetime,
) -> Spell:
    """The batches that told of one of these features (product and name), with no more than QUIET_BETWEEN in between
    that told nothing of them; since `began` where none did.

    `batches` are when each began and its signs, the newest first.
    """
    spell, quiet = Spell(began, 0), 0
    for started_at, signs in batches:
        told = any((sign["product"], sign["feature"]) in features for sign in signs)
        spell, quiet = (Spell(started_at, spell.batches + 1), 0) if told else (spell, quiet + 1)
        if quiet > QUIET_BETWEEN:
            break
    return spell
