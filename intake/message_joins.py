"""What a signed mapping adds to cases that come as messages: features of joined sources, and the rows kept for others.

The fields of such a case stay as the message says them, and so does a feature that it states itself; what it was given
besides does not count for its content hash, so that a retry is a duplicate whatever the joined source sent meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache

from django.utils import timezone

from intake.field_errors import FieldError
from intake.fields import FeatureValue, FieldReader
from intake.given import Given
from intake.joined import KeptRow, Wanted, cells_of, join_key, join_of, look_up_all, taken_from_joins, true_as_it_comes
from intake.mapping import CaseMapping, read_mapping
from intake.mapping_life import in_force
from intake.models import SourceMapping
from intake.outliers import JOINED_UNREADABLE, Note
from intake.reference import look_up
from intake.row_reader import map_row
from intake.rows import ReadRow
from intake.sentences import SHOWN_LENGTH, shorten
from intake.submission import Submission


@dataclass(frozen=True)
class MessageMapping:
    """What of a signed mapping is said of messages, and the number it was signed under."""

    mapping: CaseMapping
    number: int

    @cached_property
    def features(self) -> dict[str, Given]:
        return taken_from_joins(self.mapping.features, self.mapping.joins)

    @cached_property
    def joins_of(self) -> dict[str, set[str]]:
        """By feature, the joins that it reads."""
        joins = self.mapping.joins
        return {name: {join_of(column, joins) for column in given.columns} for name, given in self.features.items()}

    @cached_property
    def adding(self) -> CaseMapping:
        """As much of it as reads the features; a message has its amount."""
        amount = {"amount": Given("constant")}
        return replace(self.mapping, fields=amount, features=self.features, outcome=None, reference=None)

    @cached_property
    def keeping(self) -> CaseMapping:
        """As much of it as keeps a row for others."""
        return replace(self.mapping, fields={}, features={}, outcome=None)


def with_signed(source_id: int, number: int, sha256: str, rows: Sequence[ReadRow]) -> list[ReadRow]:
    """The rows with what this signed version adds; one query for each join, however many rows.

    A joined row that is committed at this moment is found or not: which one was taken is kept with the case.
    """
    signed = _signed(source_id, number, sha256)
    good = [(at, row.submission) for at, row in enumerate(rows) if row.submission is not None]
    wanted = [_wanted(signed.mapping, case) for _at, case in good]
    found = look_up_all(signed.mapping.joins, wanted, look_up) if signed.features else ({} for _each in good)
    read, now = list(rows), timezone.now()
    for (at, case), joined in zip(good, found, strict=True):
        read[at] = _read(signed, rows[at], case, joined, now)
    return read


def as_in_force(source_id: int, slug: str, rows: Sequence[ReadRow]) -> Sequence[ReadRow]:
    """The rows as they are taken in if nothing is signed meanwhile: for a look at many of them before that."""
    signed = in_force(slug)
    if signed is None or not signed.content.keys() & {"joins", "reference"}:
        return rows
    return with_signed(source_id, signed.number, signed.sha256, rows)


@lru_cache(maxsize=64)
def _signed(source_id: int, number: int, sha256: str) -> MessageMapping:
    """Content of one hash never changes, and what was signed neither."""
    version = SourceMapping.objects.select_related("source").get(source=source_id, number=number, sha256=sha256)
    return MessageMapping(read_mapping(version.content, source=version.source.slug), number)


def _wanted(mapping: CaseMapping, case: Submission) -> dict[str, Wanted]:
    keys = {"applicant.id": case.applicant.external_id, "external_ref": case.external_ref}
    return {name: (join_key(keys[join.on]), case.applied_at) for name, join in mapping.joins.items()}


def _read(signed: MessageMapping, row: ReadRow, case: Submission, joined: dict[str, KeptRow], now: datetime) -> ReadRow:
    reference = map_row(signed.keeping, row.raw, now=now)[0].reference if signed.mapping.reference else None
    values, notes = _added(signed, {**row.raw, **cells_of(joined)}, case.features, now)
    took = []
    for name, kept in joined.items():
        features = tuple(sorted(each for each in values if name in signed.joins_of[each]))
        took += [(name, kept.id, features)] if features else []
    return replace(
        row,
        submission=replace(case, features={**case.features, **values}),
        notes=(*row.notes, *notes),
        reference=reference,
        joined=tuple(took),
        version=signed.number,
        true_as_it_comes=true_as_it_comes(signed.mapping.reference),
    )


def _added(
    signed: MessageMapping, cells: Mapping[str, object], stated: Mapping[str, FeatureValue], now: datetime
) -> tuple[dict[str, FeatureValue], list[Note]]:
    """The features that the message does not state itself, and a note for each that cannot be read and is missing."""
    mapped, errors = map_row(signed.adding, cells, now=now)
    reader, read = FieldReader({}), mapped.raw["features"]
    told = read if isinstance(read, dict) else {}
    values = {name: reader.feature(name, value) for name, value in told.items() if stated.get(name) is None}
    wrong = {name: _error_of(name, given, [*errors, *reader.errors]) for name, given in signed.features.items()}
    unread = {name: error for name, error in wrong.items() if error is not None and name in values}
    notes = [note for note in mapped.notes if note.field in values]
    for name, error in unread.items():
        params = {"column": error.field, "value": shorten(error.value, SHOWN_LENGTH)}
        notes.append(Note(name, JOINED_UNREADABLE, params))
    return {**values, **dict.fromkeys(unread)}, notes


def _error_of(name: str, given: Given, errors: Sequence[FieldError]) -> FieldError | None:
    places = (", ".join(given.columns), f"features.{name}")
    return next((error for error in errors if error.field in places), None)
