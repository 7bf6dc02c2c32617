"""The kept rows of a source: put away as they come, and found again for others, the latest from before a moment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery

from cases.bulk import copy_rows, insert_new
from cases.canonical import canonical_sha256
from cases.locks import hold
from intake.mapped.joined import KeptRow, Wanted, keys_looked_for, standard_key
from intake.models import Batch, CaseJoin, ReferenceRow, Source
from intake.reading.rows import ReadRow

# A row, its key, and the moment after which it may be used.
Dated = tuple[ReadRow, str, datetime]
_FIND = """
    SELECT DISTINCT ON (wanted.at) wanted.at, kept.id, kept.cells
    FROM unnest(%s::int[], %s::text[], %s::timestamptz[]) AS wanted(at, key, applied_at)
    JOIN LATERAL (
        SELECT r.id, r.as_of, r.cells FROM intake_referencerow r JOIN intake_source s ON s.id = r.source_id
        WHERE s.slug = %s AND r.key = wanted.key AND r.as_of < wanted.applied_at
        ORDER BY r.as_of DESC, r.id DESC LIMIT 1
    ) AS kept ON true
    ORDER BY wanted.at, kept.as_of DESC, kept.id DESC
"""


def look_up(source: str, wanted: Sequence[Wanted]) -> list[KeptRow | None]:
    """For each (key, time of application) the latest row of the source from before that time, never from it or after;
    one query. Of rows of the same moment the one that came last."""
    found: list[KeptRow | None] = [None] * len(wanted)
    asked = [(place, each, at) for place, (key, at) in enumerate(wanted) for each in keys_looked_for(key)]
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [*([each[part] for each in asked] for part in range(3)), source])
        for place, row_id, cells in cursor.fetchall():
            found[place] = KeptRow(row_id, json.loads(cells))
    return found


def keep_rows(batch: Batch, rows: Sequence[ReadRow]) -> set[int]:
    """Keep the rows that have a key and a moment, inside the caller's transaction; the numbers of the new ones."""
    keyed = [row for row in rows if row.reference is not None]
    if not keyed:
        return set()
    # Two who send the same rows in another order would each wait for the other.
    hold(f"kept rows of {batch.source_id}")
    fresh = _by_hash(batch.source_id, keyed)
    names = ("source", "batch", "row_number", "key", "as_of", "row_hash", "cells", "message", "version")
    kept = [
        (
            batch.source_id,
            batch.pk,
            row.row_number,
            key,
            as_of.astimezone(UTC),
            row_hash,
            row.raw,
            row.message,
            row.version,
        )
        for row_hash, (row, key, as_of) in fresh.items()
    ]
    new = insert_new(ReferenceRow, names, kept, conflict=("source", "row_hash"))
    return {fresh[row_hash][0].row_number for _source, row_hash in new}


def kept_before(source_id: int, rows: Sequence[ReadRow]) -> set[int]:
    """The numbers of the rows that have a key and a moment and would add nothing, however they came before."""
    keyed = [row for row in rows if row.reference is not None]
    fresh = _by_hash(source_id, keyed)
    known = ReferenceRow.objects.filter(source=source_id, row_hash__in=fresh).values_list("row_hash", flat=True)
    for row_hash in known:
        del fresh[row_hash]
    return {row.row_number for row in keyed} - {row.row_number for row, _key, _as_of in fresh.values()}


def _by_hash(source_id: int, keyed: Sequence[ReadRow]) -> dict[str, Dated]:
    """The rows with key and moment by what they are known by; the same row twice in a chunk: the first counts."""
    by_hash: dict[str, Dated] = {}
    for row, key, as_of in _dated(source_id, keyed):
        row_hash = canonical_sha256({"key": key, "as_of": as_of.isoformat(), "cells": row.raw})
        by_hash.setdefault(row_hash, (row, key, as_of))
    return by_hash


def _dated(source_id: int, keyed: Sequence[ReadRow]) -> list[Dated]:
    """Each row with its moment. One without a moment of its own is true from when it is kept, a later one of the same
    chunk from a later moment, so that what came last is the newest; by the database's clock, which all writers share.
    """
    dated = [
        (row, standard_key(row.reference[0]), row.reference[1])
        for row in keyed
        if row.reference and not row.true_as_it_comes
    ]
    as_they_come = [row for row in keyed if row.true_as_it_comes]
    if not as_they_come:
        return dated
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    for place, (row, key) in enumerate(_changed(source_id, as_they_come, now)):
        dated.append((row, key, now + timedelta(microseconds=place)))
    return dated


def _changed(source_id: int, rows: Sequence[ReadRow], now: datetime) -> list[tuple[ReadRow, str]]:
    """Those that say something else than what is known of their key just before them: of rows without a moment of their
    own a message that is sent again would be true as of then, and add nothing. Of several rows of a key the last one
    counts, so all of them are left out where it is the newest that is known, and none of the others is new."""
    by_key: dict[str, list[ReadRow]] = {}
    for row in rows:
        if row.reference is not None:
            by_key.setdefault(standard_key(row.reference[0]), []).append(row)
    kept = ReferenceRow.objects.filter(source=source_id, as_of__lte=now)
    latest = kept.order_by("key", "-as_of", "-id").distinct("key")
    newest = dict(latest.filter(key__in=by_key).values_list("key", "cells"))
    known: dict[str, list[dict[str, str]]] = {key: [] for key, mine in by_key.items() if len(mine) > 1}
    for key, cells in kept.filter(key__in=known).values_list("key", "cells"):
        known[key].append(cells)
    changed = []
    for key, mine in by_key.items():
        if newest.get(key) == mine[-1].raw and all(row.raw in known.get(key, (row.raw,)) for row in mine):
            continue
        before = newest.get(key)
        for row in mine:
            if row.raw != before:
                changed.append((row, key))
            before = row.raw
    return changed


def begin_again(file: Batch) -> Batch:
    """The record of a file that tells what is so when it comes: through once, it comes anew from its first row, since
    a list that is as it was some days ago says that it is so again."""
    nothing = dict.fromkeys(("rows", "accepted", "duplicates", "rejected", "held", "marked"), 0)
    with transaction.atomic(durable=True):
        Batch.objects.filter(pk=file.pk, finished_at__isnull=False).update(**nothing, finished_at=None)
        return Batch.objects.select_related("source", "mapping").get(pk=file.pk)


def keep_joins(taken: Sequence[tuple[int, ReadRow]]) -> None:
    """Which rows of other sources the cases (key of the case, its row) took something from."""
    joins = [(case_id, *took) for case_id, row in taken for took in row.joined]
    if joins:
        copy_rows(CaseJoin, ("case", "name", "row", "features"), [(*each[:3], list(each[3])) for each in joins])


def columns_of_kept_rows() -> dict[str, list[str]]:
    """The sources that keep rows, by name, with the columns of their newest one."""
    newest = ReferenceRow.objects.filter(source=OuterRef("pk")).order_by("-id")
    keeping = Source.objects.annotate(newest=Subquery(newest.values("cells")[:1])).filter(newest__isnull=False)
    return {slug: list(cells) for slug, cells in keeping.order_by("slug").values_list("slug", "newest")}
