"""Taking in one file from beginning to end: opened, its mapping chosen, read, and known again when it comes back.

Of an archive each table is a file of its own: a batch by its content, with the archive before its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.utils import timezone

from cases.models import User
from intake.actions import CHUNK, ImportReport, import_rows, start_import
from intake.admission.equal_rows import EqualRows, equal_rows, may_repeat, vague_days, without_answered
from intake.admission.reading_anew import unseen_readings
from intake.mapped.earlier_readings import EarlierMapping
from intake.mapped.open_rates import refuse_open_rates
from intake.mending.lost_zeros import with_zeros_as_given_out
from intake.models import Batch
from intake.reading.drawn_rows import drawn_rows
from intake.reading.parse import open_table
from intake.reading.reading_ahead import BYTES_LEAST, read_ahead
from intake.reading.rows import ReadRow, bind_mapping, read_rows, sample_rows
from intake.recognition.mapping import CaseMapping, mapping_as_data
from intake.record.as_before import mapping_of_returned, with_open_marks, with_reference_of_before, with_words_of_before
from intake.record.choose import INFERRED
from intake.record.first_rows import keep_first_rows
from intake.record.on_record import earlier_mappings, past_mappings
from intake.record.reference import begin_again, look_up
from intake.record.shares_before import with_shares_as_before
from intake.record.signed import mapping_in_force
from intake.record.standards_before import with_codes_as_before, with_days_as_before, with_standards_as_before
from intake.record.unlike_before import refuse_unlike_before
from intake.sources.source_names import spelling_of
from intake.tabular.archive_members import Member, member_label, members_of, unpacked
from intake.tabular.tables import Table
from intake.wording.sentences import IntakeError


class Bar(Protocol):
    """A progress bar."""

    def update(self, n: int = 1) -> object: ...


Bars = Callable[[int | None], AbstractContextManager[Bar]]


class FileChanged(IntakeError):
    """The file was written to while it was read: what was taken in stays, and nobody knows what the rest is."""


@dataclass(frozen=True)
class MemberDone:
    """What became of one table of an archive, called `name`: its report, or why it was refused as a whole."""

    member: Member
    name: str
    report: ImportReport | None = None
    refusal: IntakeError | None = None


def each_member(path: Path, take: Callable[[Path, str], ImportReport]) -> Iterator[MemberDone]:
    """Let `take` have every table of an archive, as a file and by name, one after the other; a bad one is told of and
    harms no other. At most one is unpacked at a time.

    Raises:
        IntakeError: the archive as a whole cannot be taken in. FileChanged: it was written to meanwhile.
    """
    before = _looks(path)
    for member in members_of(path):
        name = member_label(path.name, member.name)
        try:
            with unpacked(path, member.place) as table:
                done = MemberDone(member, name, take(table, name))
        except IntakeError as refusal:
            done = MemberDone(member, name, refusal=refusal)
        if _looks(path) != before:
            raise FileChanged("table_changed", value=path.name)
        yield done


def take_in_file(
    path: Path,
    *,
    source: str,
    mapping: str | None,
    by: User | None,
    bars: Bars,
    name: str = "",
    unattended: bool = False,
) -> ImportReport:
    """Take in a table in a file; one that was broken off goes on where it stopped.

    `mapping` is the path of a mapping file; without one the shipped one of the source, or what the columns tell.
    `name` is what the file is called where that is not its own name; `unattended` as for `start_import`.

    Raises:
        IntakeError: the file is no table, the mapping cannot be used, or the file changed meanwhile.
    """
    before = _looks(path)
    source = spelling_of(source)
    table = with_zeros_as_given_out(open_table(path), source)
    past = past_mappings(source)
    read_by, chosen = _mapping_of(table, source, mapping, past)
    file = start_import(
        path,
        source=chosen.source,
        mapping_name=read_by,
        mapping=mapping_as_data(chosen),
        by=by,
        name=name,
        rows_expected=table.total_rows,
        unattended=unattended,
    )
    keep_first_rows(file, table)
    if chosen.reference is not None and chosen.reference.as_of.how == "import_time":
        file = begin_again(file)
    through = file.rows
    unseen = unseen_readings(file)
    told = past_mappings(source, but=unseen) if unseen else past
    others = earlier_mappings(file.source, chosen, told)
    may_be = [each for each in (chosen, *(each.mapping for each in others)) if each.may_repeat]
    vague = vague_days(may_be, sample_rows(table)) if may_be else frozenset()
    earlier = without_answered(chosen, others, vague)
    equals = _equal_rows(file, table, chosen, earlier, vague)
    rows = read_rows(table, chosen, now=timezone.now(), skip=through, look_up=look_up, earlier=earlier)
    rows = _while_unchanged(rows, path, before)
    _number, size, _changed = before
    if size >= BYTES_LEAST:
        rows = read_ahead(rows, CHUNK)
    with bars(table.total_rows) as bar:
        bar.update(through)
        report = import_rows(
            file,
            rows,
            decided=chosen.decided,
            only_kept=not chosen.makes_cases,
            progress=bar.update,
            start=through,
            equals=equals,
            draw=lambda: drawn_rows(table, chosen, now=timezone.now(), look_up=look_up, earlier=earlier),
        )
    report.recognised = chosen if read_by == INFERRED else None
    return report


def _mapping_of(table: Table, source: str, mapping: str | None, past: Sequence[CaseMapping]) -> tuple[str, CaseMapping]:
    read_by, chosen = mapping_in_force(table, source, mapping)
    if read_by == INFERRED:
        if at_first := mapping_of_returned(chosen, past):
            return read_by, bind_mapping(at_first, table)
        sample = sample_rows(table)
        chosen = with_reference_of_before(chosen, past)
        chosen = with_shares_as_before(source, with_open_marks(chosen, past, sample), past, sample)
        chosen = with_days_as_before(with_standards_as_before(source, chosen, past), past)
        chosen = with_codes_as_before(chosen, past, sample)
        chosen = with_words_of_before(source, chosen, past, sample)
        refuse_unlike_before(source, chosen, past, sample)
        refuse_open_rates(chosen, sample)
    return read_by, chosen


def _equal_rows(
    file: Batch, table: Table, chosen: CaseMapping, earlier: Sequence[EarlierMapping], vague: frozenset[str]
) -> EqualRows | None:
    """Read the file once before its rows are taken in, where they may be loans of an earlier one or others that are
    equal to them: only all of its rows together tell. None where nothing is to be told."""
    others = Batch.objects.filter(source=file.source_id, accepted__gt=0).exclude(pk=file.pk)
    if file.finished_at is not None or not may_repeat(chosen, earlier, vague) or not others.exists():
        return None
    return equal_rows(file, chosen, read_rows(table, chosen, now=timezone.now(), earlier=earlier), vague)


def _while_unchanged(rows: Iterator[ReadRow], path: Path, before: tuple[int, int, int]) -> Iterator[ReadRow]:
    """The rows that were read before anybody wrote to the file. Asked of each row and at the end, before the batch is
    said to be complete: else rows of the new content would lead to the old one's SHA-256.

    Raises:
        FileChanged: somebody did.
    """
    for row in rows:
        _refuse_changed(path, before)
        yield row
    _refuse_changed(path, before)


def _refuse_changed(path: Path, before: tuple[int, int, int]) -> None:
    if _looks(path) != before:
        raise FileChanged("table_changed", value=path.name)


def check_file(path: Path, *, source: str, mapping: str | None, bars: Bars) -> ImportReport:
    """Read and check a table in a file, and write nothing. Raises as `take_in_file`."""
    source = spelling_of(source)
    table = with_zeros_as_given_out(open_table(path), source)
    read_by, chosen = _mapping_of(table, source, mapping, past_mappings(source))
    report = ImportReport(recognised=chosen if read_by == INFERRED else None)
    with bars(table.total_rows) as bar:
        for row in read_rows(table, chosen, now=timezone.now(), look_up=look_up):
            report.rows += 1
            report.accepted += row.is_good
            report.rejected += not row.is_good
            bar.update()
    return report


def _looks(path: Path) -> tuple[int, int, int]:
    """What of a file changes when somebody writes to it or puts another in its place."""
    try:
        found = path.stat()
    except OSError as problem:
        raise IntakeError("table_missing", value=path.name) from problem
    return found.st_ino, found.st_size, found.st_mtime_ns
