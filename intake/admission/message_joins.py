"""What a signed mapping adds to cases that come as messages: what joined sources know, and the rows kept for others.

Features and the fields JOINED_FIELDS, where the message lacks them: what it states itself stands. What it was given
besides does not count for its content hash, so that a retry is a duplicate whatever the joined source sent meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, Final

from django.utils import timezone

from intake.gate.quality import FIELD_PREFIX
from intake.mapped.fields import FeatureValue, FieldReader
from intake.mapped.given import Given
from intake.mapped.joined import (
    KeptRow,
    Wanted,
    cells_of,
    join_key,
    join_of,
    look_up_all,
    taken_from_joins,
    true_as_it_comes,
)
from intake.mapped.row_reader import map_row
from intake.mapped.submission import Submission
from intake.models import SourceMapping
from intake.reading.rows import ReadRow
from intake.recognition.mapping import CaseMapping, read_mapping
from intake.record.mapping_steps import in_force
from intake.record.reference import look_up
from intake.values.outliers import JOINED_UNREADABLE, Note
from intake.wording.field_errors import FieldError
from intake.wording.sentences import SHOWN_LENGTH, shorten

# Those that a message may lack; the others it must state, or they have a default that it may have meant.
JOINED_FIELDS: Final = ("industry", "region", "channel", "applicant.name")


@dataclass(frozen=True)
class MessageMapping:
    """What of a signed mapping is said of messages, and the number it was signed under."""

    mapping: CaseMapping
    number: int

    @cached_property
    def features(self) -> dict[str, Given]:
        return taken_from_joins(self.mapping.features, self.mapping.joins)

    @cached_property
    def fields(self) -> dict[str, Given]:
        read = taken_from_joins(self.mapping.fields, self.mapping.joins)
        return {name: given for name, given in read.items() if name in JOINED_FIELDS}

    @cached_property
    def joined(self) -> dict[str, Given]:
        """All that is read from joined sources: a feature by its name, a field as "case.region"."""
        return {**self.features, **{FIELD_PREFIX + name: given for name, given in self.fields.items()}}

    @cached_property
    def joins_of(self) -> dict[str, set[str]]:
        """By feature or field, the joins that it reads."""
        joins = self.mapping.joins
        return {name: {join_of(column, joins) for column in given.columns} for name, given in self.joined.items()}

    @cached_property
    def adding(self) -> CaseMapping:
        """As much of it as reads what is joined; a message has its amount."""
        fields = {"amount": Given("constant"), **self.fields}
        return replace(self.mapping, fields=fields, features=self.features, outcome=None, reference=None)

    @cached_property
    def keeping(self) -> CaseMapping:
        """As much of it as keeps a row for others."""
        return replace(self.mapping, fields={}, features={}, outcome=None)


def with_signed(source_id: int, number: int, sha256: str, rows: Sequence[ReadRow]) -> list[ReadRow]:
    """The rows with what this signed version adds; one query for each join, however many rows. Where it makes no cases
    of the rows of its source, none of them is one: they are sent to where rows are kept.

    A joined row that is committed at this moment is found or not: which one was taken is kept with the case.
    """
    signed = _signed(source_id, number, sha256)
    if not signed.mapping.makes_cases:
        told = [FieldError("source", signed.mapping.source, "source_keeps_rows")]
        return [replace(row, submission=None, errors=row.errors or told) for row in rows]
    good = [(at, row.submission) for at, row in enumerate(rows) if row.submission is not None]
    wanted = [_wanted(signed.mapping, case) for _at, case in good]
    found = look_up_all(signed.mapping.joins, wanted, look_up) if signed.joined else ({} for _each in good)
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
    stated = {**case.features, **{FIELD_PREFIX + name: _field(case, name) for name in signed.fields}}
    values, notes = _added(signed, {**row.raw, **cells_of(joined)}, stated, now, case.currency)
    features = {name: value for name, value in values.items() if name in signed.features}
    took = []
    for name, kept in joined.items():
        read = tuple(sorted(each for each in values if name in signed.joins_of[each]))
        took += [(name, kept.id, read)] if read else []
    return replace(
        row,
        submission=_with_fields(replace(case, features={**case.features, **features}), signed, values),
        notes=(*row.notes, *notes),
        reference=reference,
        joined=tuple(took),
        version=signed.number,
        true_as_it_comes=true_as_it_comes(signed.mapping.reference),
    )


def _field(case: Submission, name: str) -> str:
    told = case.applicant.name if name == "applicant.name" else getattr(case, name)
    return str(told)


def _with_fields(case: Submission, signed: MessageMapping, values: Mapping[str, FeatureValue]) -> Submission:
    """The case with the fields among the values."""
    told = {name: str(value) for name in signed.fields if (value := values.get(FIELD_PREFIX + name))}
    name = told.pop("applicant.name", case.applicant.name)
    fields: dict[str, Any] = {**told, "applicant": replace(case.applicant, name=name)}
    return replace(case, **fields) if signed.fields else case


def _added(
    signed: MessageMapping,
    cells: Mapping[str, object],
    stated: Mapping[str, FeatureValue],
    now: datetime,
    currency: str,
) -> tuple[dict[str, FeatureValue], list[Note]]:
    """The features and fields ("case.region") that the message does not state itself, and a note for each that cannot
    be read and is missing."""
    mapped, errors = map_row(signed.adding, cells, now=now, currency=currency)
    read, applicant = mapped.raw["features"], mapped.raw["applicant"]
    told: dict[Any, Any] = {**mapped.raw, **{f"applicant.{name}": value for name, value in _items(applicant)}}
    reader = FieldReader(told)
    values: dict[str, FeatureValue] = {
        name: reader.feature(name, value) for name, value in _items(read) if stated.get(name) is None
    }
    values |= {
        FIELD_PREFIX + name: reader.text(name) or None for name in signed.fields if not stated[FIELD_PREFIX + name]
    }
    wrong = {name: _error_of(name, given, [*errors, *reader.errors]) for name, given in signed.joined.items()}
    unread = {name: error for name, error in wrong.items() if error is not None and name in values}
    notes = [note for note in mapped.notes if note.field in values]
    for name, error in unread.items():
        params = {"column": error.field, "value": shorten(error.value, SHOWN_LENGTH)}
        notes.append(Note(name, JOINED_UNREADABLE, params))
    return {**values, **dict.fromkeys(unread)}, notes


def _items(read: object) -> list[tuple[str, Any]]:
    return list(read.items()) if isinstance(read, dict) else []


def _error_of(name: str, given: Given, errors: Sequence[FieldError]) -> FieldError | None:
    places = (", ".join(given.columns), name.removeprefix(FIELD_PREFIX), f"features.{name}")
    return next((error for error in errors if error.field in places), None)
