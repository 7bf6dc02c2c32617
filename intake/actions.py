"""Taking cases in, from files and from messages; nothing that arrives is lost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from cases.arrivals import Arrival
from cases.bulk import copy_rows
from cases.canonical import canonical_sha256
from cases.locks import hold
from cases.models import ApiToken, User
from intake.admission.equal_rows import EqualRows
from intake.admission.message_joins import as_in_force
from intake.admission.taking_in import Taken, Verdict, take_in, take_in_kept
from intake.health.health import ROWS_LEAST
from intake.health.quarantine import releases_of
from intake.health.watch import Watch
from intake.health.watching import Draw, learn_unknown, look_before, open_watch, quarantine_if_new
from intake.mapped.case_mapping import CaseMapping
from intake.models import Batch, MappingVersion, RejectedRow, Source, Tally, Way
from intake.reading.rows import ReadRow
from intake.signing.first_look import ask_for_look
from intake.sources.source_names import known_spellings
from intake.sources.sources import hold_state, open_source

CHUNK: Final = 1000
Progress = Callable[[int], object]
# Called in the transaction of a chunk with its last row, to write down what must never be without the chunk.
Along = Callable[[ReadRow], object]


@dataclass
class ImportReport:
    """What this run did with the rows of a file; `file` is where the import is kept, None for a dry run.

    `rows` and `rejected` are those of the whole file; what was taken in before this run counts as `duplicates`, and the
    cases of this file among them, which an earlier run made, are `taken_in_before`. `recognised` is the mapping where
    the columns were read by what they seem to say.
    """

    file: Batch | None = None
    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    taken_in_before: int = 0
    rejected: int = 0
    held: int = 0
    recognised: CaseMapping | None = None


def start_import(
    path: Path,
    *,
    source: str,
    mapping_name: str,
    mapping: Mapping[str, Any],
    by: User | None,
    name: str = "",
    rows_expected: int | None = None,
    unattended: bool = False,
) -> Batch:
    """The record of a file: one for the same file of the same source under the same mapping, however often sent.

    `name` is what it is called where that is not its own name, as of a table that was unpacked. Where it comes
    `unattended`, a person looks at what its columns were taken for before anything of it is decided.
    """
    sha256 = file_hash(path)
    with transaction.atomic(durable=True):
        # Sent twice at once: the second finds the record of the first.
        hold(f"file {sha256}")
        sender = open_source(source, Way.FILE)
        version = mapping_version(sender, mapping_name, mapping)
        if unattended:
            ask_for_look(version)
        batch, _created = Batch.objects.get_or_create(
            source=sender,
            sha256=sha256,
            mapping=version,
            kind=Way.FILE,
            defaults={"name": (name or path.name)[:255], "started_by": by},
        )
        Batch.objects.filter(pk=batch.pk).update(rows_expected=rows_expected, moved_at=timezone.now())
        return batch


def mapping_version(source: Source, name: str, content: Mapping[str, Any]) -> MappingVersion:
    """The version with this content, or the next one. Two files at once: the number is counted by one at a time."""
    hold(f"mappings of {source.slug}")
    known = MappingVersion.objects.filter(source=source)
    version, _created = known.get_or_create(
        sha256=canonical_sha256(content),
        defaults={"source": source, "number": known.count() + 1, "name": name[:255], "content": content},
    )
    return version


def import_rows(
    file: Batch,
    rows: Iterable[ReadRow],
    *,
    decided: str = "",
    only_kept: bool = False,
    progress: Progress | None = None,
    start: int = 0,
    along: Along | None = None,
    equals: EqualRows | None = None,
    draw: Draw | None = None,
) -> ImportReport:
    """Take in the rows of a file, a durable chunk at a time; killed in the middle, the next run goes on from there.

    `rows` are those behind the first `start`, which an earlier run took in. Every row ends as a case, as a known case,
    or as a kept rejected row. `decided` is "approved" or "declined" for a historical book, whose cases are recorded as
    decided by the lender and not judged again. `only_kept`: no cases come of the rows, others join them. `along` is
    called within each chunk's transaction. `equals` says which rows that are equal to some of before are known, `draw`
    gives rows from all over the file.
    """
    report, source = ImportReport(file), iter(rows)
    watch = None if decided or only_kept else open_watch(file)
    while chunk := list(islice(source, CHUNK)):
        if watch and watch.releases != releases_of(file.source):
            # A person has released the source meanwhile: what comes from here on is looked at by itself.
            watch = open_watch(file)
        _import_chunk(file, chunk, start, decided, only_kept, report, watch, along, equals, draw)
        start += len(chunk)
        if progress:
            progress(len(chunk))
    with transaction.atomic(durable=True):
        Batch.objects.filter(pk=file.pk).update(finished_at=timezone.now())
        file = Batch.objects.select_related("source", "mapping").get(pk=file.pk)
    if watch:
        learn_unknown(watch)
    report.file, report.rows, report.rejected = file, file.rows, file.rejected
    report.duplicates = file.rows - file.rejected - report.accepted
    report.taken_in_before = file.accepted - report.accepted
    return report


def _import_chunk(
    file: Batch,
    chunk: Sequence[ReadRow],
    start: int,
    decided: str,
    only_kept: bool,
    report: ImportReport,
    watch: Watch | None,
    along: Along | None,
    equals: EqualRows | None,
    draw: Draw | None,
) -> None:
    """Take in what of the chunk, which begins at row `start` of the file, is not through yet.

    How far the file is through moves in the same transaction as its cases, under the lock of its row: a run that is
    killed has done a chunk or not, and of two runs at once each finds what the other has done.
    """
    chunk, start = _behind(chunk, start, Batch.objects.values_list("rows", flat=True).get(pk=file.pk))
    if watch and chunk:
        look_before(watch, chunk, draw)

    def take(fresh: Sequence[ReadRow]) -> Taken:
        return take_in_kept(file, fresh) if only_kept else take_in(file, fresh, decided=decided, equals=equals)

    taken = _take_chunk(file, chunk, start, take, watch, along, may_undo=True)
    if taken is None and watch:
        # So many were refused that the source is bad: it is quarantined before the machine can see the others.
        quarantine_if_new(watch)
        taken = _take_chunk(file, chunk, start, take, watch, along, may_undo=False)
    report.accepted += taken.accepted if taken else 0
    report.held += taken.held if taken else 0


def _take_chunk(
    file: Batch,
    chunk: Sequence[ReadRow],
    start: int,
    take: Callable[[Sequence[ReadRow]], Taken],
    watch: Watch | None,
    along: Along | None,
    *,
    may_undo: bool,
) -> Taken | None:
    """What became of the rows of the chunk that are not through yet; None where what became of them makes the source
    bad, which was not known before, and all was undone."""
    with transaction.atomic(durable=True):
        # The source first, as a release does, which empties its batches: else each could wait for the other.
        hold_state(file.source)
        through = Batch.objects.select_for_update().values_list("rows", flat=True).get(pk=file.pk)
        fresh, _start = _behind(chunk, start, through)
        if not fresh:
            return Taken()
        taken = take(fresh)
        if watch:
            was_bad, counted = watch.is_bad, (watch.refusals, watch.newest_refusals)
            watch.count(taken.accepted, taken.refused)
            if may_undo and watch.is_bad and not was_bad:
                watch.refusals, watch.newest_refusals = counted
                transaction.set_rollback(True)
                return None
        if along:
            along(fresh[-1])
        changes: dict[str, Any] = {name: F(name) + count for name, count in taken.counts().items()}
        # Of a look that began before a release nothing is kept: the batch began anew with it.
        changes |= watch.kept() if watch and watch.releases == releases_of(file.source) else {}
        Batch.objects.filter(pk=file.pk).update(
            rows=F("rows") + len(fresh), finished_at=None, moved_at=timezone.now(), **changes
        )
    return taken


def _behind(chunk: Sequence[ReadRow], start: int, through: int) -> tuple[Sequence[ReadRow], int]:
    """What of a chunk that begins at row `start` lies behind the first `through` rows, and where that begins."""
    done = min(max(0, through - start), len(chunk))
    return chunk[done:], start + done


def file_hash(path: Path) -> str:
    """SHA-256 (hex) of what is in the file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def receive_messages(rows: Sequence[ReadRow], *, token: ApiToken) -> list[Verdict]:
    """Take in messages of a lender's system, one durable transaction a source; a verdict each, in the order given.

    A message that is no case is kept with its reasons where its source is known; a new name alone opens no source.
    """
    by_source: dict[str, list[int]] = {}
    spelt = known_spellings({row.raw.get("source", "") for row in rows if row.submission is None})
    for at, row in enumerate(rows):
        named = row.raw.get("source", "")
        slug = row.submission.source if row.submission else spelt.get(named, named)
        by_source.setdefault(slug, []).append(at)
    answers = {at: Verdict(None, None, row.errors) for at, row in enumerate(rows)}
    asks = len(rows) >= ROWS_LEAST or any(row.submission is None for row in rows)
    known = set(Source.objects.filter(slug__in=by_source).values_list("slug", flat=True)) if asks else set()
    for slug, places in by_source.items():
        mine = [rows[at] for at in places]
        if slug not in known and all(row.submission is None for row in mine):
            continue
        if len(mine) >= ROWS_LEAST:
            _look_before(slug, token, mine)
        with transaction.atomic(durable=True):
            batch = _open_batch(slug, token)
            taken = take_in(batch, mine)
            accepted = [each.key for each in taken.verdicts if each.key and each.arrival is Arrival.ACCEPTED]
            counts = {**taken.counts(), "refused": taken.refused}
            copy_rows(Tally, ("batch", "case_ids", *counts), [(batch.pk, accepted, *counts.values())])
        answers.update(zip(places, taken.verdicts, strict=True))
    return [answers[at] for at in range(len(rows))]


def keep_messages(slug: str, rows: Sequence[ReadRow], *, token: ApiToken) -> Taken:
    """Keep rows that a lender's system sent for others to join, in one durable transaction; no cases come of them."""
    with transaction.atomic(durable=True):
        batch = _open_batch(slug, token)
        taken = take_in_kept(batch, rows)
        counts = taken.counts()
        copy_rows(Tally, ("batch", "case_ids", *counts), [(batch.pk, [], *counts.values())])
    return taken


def _look_before(slug: str, token: ApiToken, rows: Sequence[ReadRow]) -> None:
    """Many messages at once can be bad together: they are looked at before the machine can see any of them."""
    with transaction.atomic(durable=True):
        batch = _open_batch(slug, token)
    look_before(open_watch(batch), as_in_force(batch.source_id, slug, rows))


def _open_batch(slug: str, token: ApiToken) -> Batch:
    """The messages of this system that come together for a while. Two at once: one open batch a token is unique."""
    # Written out, and only what is looked at here: to compose a query takes several times as long as to answer it.
    going_on = Batch.objects.raw(
        """
        SELECT b.id, b.kind, b.name, b.started_by_id, b.source_id FROM intake_batch b
        JOIN intake_source s ON s.id = b.source_id
        WHERE s.slug = %s AND b.token_id = %s AND b.kind = %s AND b.finished_at IS NULL
        """,
        [slug, token.pk, Way.PUSH],
    )
    for batch in going_on:
        batch.source = Source.from_db(connection.alias, ["id", "slug"], [batch.source_id, slug])
        return batch
    batch, _created = Batch.objects.get_or_create(
        source=open_source(slug, Way.PUSH), token=token, kind=Way.PUSH, finished_at=None, defaults={"name": token.name}
    )
    return batch


def rejected_rows(batch: Batch) -> Iterator[RejectedRow]:
    """In their order, a hundred in memory: a message among them may have several megabytes."""
    return batch.rejected_rows.order_by("row_number").iterator(chunk_size=100)
