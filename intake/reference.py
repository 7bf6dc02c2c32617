"""The kept rows of a source: put away as they come, and found again for others, the latest from before a moment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import connection
from django.db.models import OuterRef, Subquery

from cases.bulk import copy_rows, insert_new
from cases.canonical import canonical_sha256
from cases.locks import hold
from intake.joined import KeptRow, Wanted
from intake.models import Batch, CaseJoin, ReferenceRow, Source
from intake.rows import ReadRow

# source, batch, row number, key, as of, hash, cells, name in the stream, version of the mapping
Kept = tuple[int, int, int, str, datetime, str, dict[str, str], str, int]
_FIND = """
    SELECT wanted.at, kept.id, kept.cells
    FROM unnest(%s::text[], %s::timestamptz[]) WITH ORDINALITY AS wanted(key, applied_at, at)
    JOIN LATERAL (
        SELECT r.id, r.cells FROM intake_referencerow r JOIN intake_source s ON s.id = r.source_id
        WHERE s.slug = %s AND r.key = wanted.key AND r.as_of < wanted.applied_at
        ORDER BY r.as_of DESC, r.id DESC LIMIT 1
    ) AS kept ON true
"""


def look_up(source: str, wanted: Sequence[Wanted]) -> list[KeptRow | None]:
    """For each (key, time of application) the latest row of the source from before that time, never from it or after;
    one query. Of rows of the same moment the one that came last."""
    found: list[KeptRow | None] = [None] * len(wanted)
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [[key for key, _at in wanted], [at for _key, at in wanted], source])
        for place, key, cells in cursor.fetchall():
            found[place - 1] = KeptRow(key, json.loads(cells))
    return found


def keep_rows(batch: Batch, rows: Sequence[ReadRow]) -> set[int]:
    """Keep the rows that have a key and a moment, inside the caller's transaction; the numbers of the new ones."""
    keyed: dict[str, Kept] = {}
    for row in rows:
        if row.reference is not None:
            key, as_of = row.reference
            row_hash = canonical_sha256({"key": key, "as_of": as_of.isoformat(), "cells": row.raw})
            # The same row twice in a chunk: the first counts.
            place = (batch.source_id, batch.pk, row.row_number)
            kept = (*place, key, as_of.astimezone(UTC), row_hash, row.raw, row.message, row.version)
            keyed.setdefault(row_hash, kept)
    if not keyed:
        return set()
    # Two who send the same rows in another order would each wait for the other.
    hold(f"kept rows of {batch.source_id}")
    if any(row.true_as_it_comes for row in rows):
        keyed = _changed(batch.source_id, keyed)
    names = ("source", "batch", "row_number", "key", "as_of", "row_hash", "cells", "message", "version")
    new = insert_new(ReferenceRow, names, list(keyed.values()), conflict=("source", "row_hash"))
    return {keyed[row_hash][2] for _source, row_hash in new}


def _changed(source_id: int, keyed: dict[str, Kept]) -> dict[str, Kept]:
    """Those that say something else than the newest row of their key: of rows without a moment of their own a message
    that is sent again would be true as of then, and add nothing. Of several rows of a key the last one counts, so all
    of them are left out where it is the newest that is known, and none of the others is new."""
    by_key: dict[str, list[str]] = {}
    for row_hash, kept in keyed.items():
        by_key.setdefault(kept[3], []).append(row_hash)
    rows = ReferenceRow.objects.filter(source=source_id).order_by("key", "-as_of", "-id")
    newest = dict(rows.filter(key__in=by_key).distinct("key").values_list("key", "cells"))
    settled = {key for key, hashes in by_key.items() if newest.get(key) == keyed[hashes[-1]][6]}
    several = [key for key in settled if len(by_key[key]) > 1]
    known: dict[str, list[dict[str, str]]] = {key: [] for key in several}
    for key, cells in rows.filter(key__in=several).values_list("key", "cells"):
        known[key].append(cells)
    new = {key for key in several if any(keyed[row_hash][6] not in known[key] for row_hash in by_key[key])}
    return {row_hash: kept for row_hash, kept in keyed.items() if kept[3] not in settled - new}


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
