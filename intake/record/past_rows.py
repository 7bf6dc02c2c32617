"""The rows that a source sent before, as far as they are kept: files, first rows, refused rows, what others join."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from cases.canonical import canonical_sha256
from intake.mapped.case_mapping import CaseMapping
from intake.models import (
    GOING_ON,
    Batch,
    FirstRows,
    IncomingFile,
    ReferenceRow,
    RejectedRow,
    SourceMapping,
    Way,
)
from intake.reading.mapping_replay import ROWS_MOST, PastRows, compare_on
from intake.reading.mapping_sample import table_of, text_table
from intake.reading.parse import open_table
from intake.recognition.mapping import read_mapping
from intake.record.mapping_steps import in_force
from intake.record.reference import look_up
from intake.record.written_on import DONE, REFUSED, kept_path
from intake.tabular.tables import Table
from intake.wording.mapping_sentences import MAPPING_SENTENCES

BATCHES_MOST: Final = 10
WHOLE_MOST: Final = 5 * 2**20


def comparison_of(mapping: SourceMapping, content: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What a draft (with this `content`, settled, in place of its own) would change in the rows that came before, as it
    is frozen with its proposal: `of` is the hash of the content, `against` the number of the version in force (None:
    each file's own mapping), then `compare_on`."""
    content = mapping.content if content is None else content
    slug, present = mapping.source.slug, in_force(mapping.source.slug)
    now_read = read_mapping(present.content, source=slug, kept=True) if present else None
    past = past_rows(slug, now_read, mapping.sample)
    told = compare_on(past, read_mapping(content, source=slug, kept=True), now=timezone.now(), look_up=look_up)
    return {"of": canonical_sha256(content), "against": present.number if present else None, **told}


def past_rows(
    slug: str, now_read: CaseMapping | None, sample: Mapping[str, Any], *, but: Collection[int] = ()
) -> Iterator[PastRows]:
    """The newest first, without the batches `but`: of files, of what was pulled from a database, and of messages that
    are kept for others. Each is read by the mapping in force, or without one by its own. Where nothing came yet, the
    sample stands in."""
    past = [*_files(slug, now_read, but), *_pulls(slug, now_read, but), *_messages(slug, now_read)]
    yield from (each for _newest, each in sorted(past, key=lambda each: each[0], reverse=True))
    if not past and now_read is not None and sample.get("rows"):
        yield PastRows(str(sample.get("name", "")), lambda: table_of(sample), now_read)


def _files(slug: str, now_read: CaseMapping | None, but: Collection[int]) -> Iterator[tuple[int, PastRows]]:
    """The newest files: from where they were set aside, else their first rows, else what the database keeps of them
    besides. One that came again under another mapping counts once."""
    found = Batch.objects.filter(source__slug=slug, kind=Way.FILE, mapping__isnull=False).exclude(pk__in=but)
    found = found.select_related("mapping", "first_rows")
    newest = found.defer("profile", "signs", "measures").order_by("-id")[:BATCHES_MOST]
    once: dict[str, Batch] = {}
    for each in newest:
        once.setdefault(each.sha256, each)
    batches = [*once.values()]
    incoming = IncomingFile.objects.filter(batch__in=batches).select_related("archive")
    files = {file.batch_id: file for file in incoming if kept_path(file.archive or file, DONE).is_file()}
    first = {each.pk: each.first_rows.sample for each in batches if hasattr(each, "first_rows")}
    rows = _rows_of([batch for batch in batches if batch.pk not in files and batch.pk not in first])
    for batch in batches:
        own = read_mapping(batch.mapping.content if batch.mapping else {}, source=slug, kept=True)
        file = files.get(batch.pk)
        is_large = file is not None and _is_large(file)
        if batch.pk in first and (file is None or is_large):
            past = PastRows(batch.name, _kept(first[batch.pk]), now_read or own)
        else:
            table = text_table(own.columns, sorted(rows[batch.pk], key=lambda row: row[0]))
            past = PastRows(batch.name, _opener(file, table), now_read or own, is_large=is_large)
        yield batch.pk, past


def _pulls(slug: str, now_read: CaseMapping | None, but: Collection[int]) -> Iterator[tuple[int, PastRows]]:
    """What was pulled from a database: the rows of all pulls of one mapping together, since each may bring a few."""
    found = FirstRows.objects.filter(batch__source__slug=slug, batch__kind=Way.SQL).select_related("batch__mapping")
    found = found.exclude(batch__in=but)
    together: dict[tuple[object, ...], list[FirstRows]] = defaultdict(list)
    for each in found.defer("batch__profile", "batch__signs", "batch__measures").order_by("-batch"):
        together[each.batch.name, each.batch.mapping_id, *each.sample["columns"]].append(each)
    for pulls in together.values():
        newest = pulls[0].batch
        own = read_mapping(newest.mapping.content if newest.mapping else {}, source=slug, kept=True)
        rows = [row for each in pulls for row in each.sample["rows"]]
        yield newest.pk, PastRows(newest.name, _kept({**pulls[0].sample, "rows": rows}), now_read or own)


def _messages(slug: str, now_read: CaseMapping | None) -> Iterator[tuple[int, PastRows]]:
    """The newest rows that were sent one by one to be kept for others; the mapping in force says what they are."""
    if now_read is None or now_read.makes_cases:
        return
    sent = ReferenceRow.objects.filter(source__slug=slug, batch__kind__in=GOING_ON).order_by("-id")
    rows = [*sent.values_list("batch", "batch__name", "row_number", "cells")[:ROWS_MOST]]
    if rows:
        newest, name = rows[0][:2]
        columns = dict.fromkeys(column for *_batch, cells in rows for column in cells)
        table = text_table([*columns], [row[2:] for row in rows])
        yield newest, PastRows(name, lambda: table, now_read)


def _is_large(file: IncomingFile) -> bool:
    """A workbook or an archive is opened as a whole, however few of its rows are wanted; text is read row by row. Of
    one that came before its first rows were kept nothing is compared."""
    path = kept_path(file.archive or file, DONE)
    return path.stat().st_size > WHOLE_MOST and path.suffix.casefold() not in (".csv", ".tsv", ".txt")


def last_file(slug: str) -> IncomingFile | None:
    """The newest file of a source that is still where it was set aside, be it in an archive; of those that were refused
    only what a mapping may help."""
    of_use = Q(batch__isnull=False) | Q(refusal__code__in=[*MAPPING_SENTENCES])
    done = IncomingFile.objects.filter(of_use, source=slug, done_at__isnull=False).select_related("archive")
    return next((file for file in done.order_by("-id")[:BATCHES_MOST] if _set_aside(file).is_file()), None)


def opened_file(file: IncomingFile) -> Table:
    """The table of a file that was set aside. Raises TableError."""
    return open_table(_set_aside(file), file.place)


def _set_aside(file: IncomingFile) -> Path:
    """Where it lies: with those that came in, or with those that were refused."""
    places = [kept_path(file.archive or file, folder) for folder in (DONE, REFUSED)]
    return next((place for place in places if place.is_file()), places[0])


def _kept(sample: dict[str, Any]) -> Callable[[], Table]:
    return lambda: table_of(sample)


def _opener(file: IncomingFile | None, rows: Table) -> Callable[[], Table]:
    return lambda: opened_file(file) if file else rows


def _rows_of(batches: Sequence[Batch]) -> dict[int, list[tuple[int, dict[str, Any]]]]:
    """By batch: the rows (number, cells) that the database keeps of it, refused or for others; two queries."""
    rows: dict[int, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    if batches:
        refused = RejectedRow.objects.filter(batch__in=batches).values_list("batch_id", "row_number", "raw")
        kept = ReferenceRow.objects.filter(batch__in=batches).values_list("batch_id", "row_number", "cells")
        for found in (refused, kept):
            for batch_id, number, cells in found.order_by("-batch_id", "row_number")[:ROWS_MOST]:
                rows[batch_id].append((number, cells))
    return rows
