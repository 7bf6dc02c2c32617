"""The rows that a source sent before, as far as they are kept: its files, its refused rows, what others join."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from intake.incoming import DONE
from intake.mapping import read_mapping
from intake.mapping_life import in_force
from intake.mapping_replay import PastRows, compare_on
from intake.mapping_sample import table_of, text_table
from intake.models import Batch, IncomingFile, ReferenceRow, RejectedRow, SourceMapping, Way
from intake.parse import open_table
from intake.recipe import Mapping
from intake.reference import look_up
from intake.tables import Table

BATCHES_MOST: Final = 10
ROWS_EACH: Final = 2_000


def comparison_of(mapping: SourceMapping) -> dict[str, Any]:
    """What a draft would change in the rows that came before, as it is frozen with its proposal: `of` is the hash of
    its content, `against` the number of the version in force (None: each file's own mapping), then `compare_on`."""
    slug, present = mapping.source.slug, in_force(mapping.source.slug)
    now_read = read_mapping(present.content, source=slug) if present else None
    past = past_rows(slug, now_read, mapping.sample)
    told = compare_on(past, read_mapping(mapping.content, source=slug), now=timezone.now(), look_up=look_up)
    return {"of": mapping.sha256, "against": present.number if present else None, **told}


def past_rows(slug: str, now_read: Mapping | None, sample: dict[str, Any]) -> Iterator[PastRows]:
    """The newest files first: from where they were set aside, else the rows of them that the database keeps. Each is
    read by the mapping in force, or without one by its own. Where nothing came yet, the sample stands in."""
    batches = Batch.objects.filter(source__slug=slug, kind=Way.FILE, mapping__isnull=False).select_related("mapping")
    nothing = True
    for batch in batches.defer("profile", "signs", "measures").order_by("-id")[:BATCHES_MOST]:
        nothing = False
        own = read_mapping(batch.mapping.content, source=slug) if batch.mapping else None
        read_by = now_read or own
        if read_by is not None:
            yield PastRows(batch.name, _table_of(batch, own), read_by)
    if nothing and now_read is not None and sample.get("rows"):
        yield PastRows(str(sample.get("name", "")), lambda: table_of(sample), now_read)


def last_file(slug: str) -> Path | None:
    """The newest file of a source that is still where it was set aside."""
    done = IncomingFile.objects.filter(source=slug, batch__isnull=False).order_by("-id")[:BATCHES_MOST]
    return next((path for path in map(_kept_path, done) if path.is_file()), None)


def _kept_path(file: IncomingFile) -> Path:
    return Path(settings.INCOMING / f".{DONE}" / file.source / f"{file.pk}-{file.name}")


def _table_of(batch: Batch, own: Mapping | None) -> Callable[[], Table]:
    def opened() -> Table:
        for file in IncomingFile.objects.filter(batch=batch):
            if _kept_path(file).is_file():
                return open_table(_kept_path(file))
        refused = RejectedRow.objects.filter(batch=batch).order_by("row_number").values_list("row_number", "raw")
        kept = ReferenceRow.objects.filter(batch=batch).order_by("row_number").values_list("row_number", "cells")
        rows = sorted([*refused[:ROWS_EACH], *kept[:ROWS_EACH]], key=lambda row: row[0])
        return text_table(own.columns if own else (), rows)

    return opened
