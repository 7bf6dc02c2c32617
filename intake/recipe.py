"""A mapping in memory: where each field of a case comes from in a table, applied to one row at a time."""

import hashlib
import re
from collections.abc import Iterable
from collections.abc import Mapping as Row
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import Literal

from intake.cells import CellError, cell_text, lookup_key, read_moment
from intake.derive import COMPUTATIONS, DERIVATIONS
from intake.field_errors import FieldError
from intake.given import Given
from intake.joined import Join, Reference, Wanted, join_key, join_of, known_from, taken_from_joins, wrong_moment
from intake.mapped_row import MappedRow, RowOutcome
from intake.outliers import Note, within
from intake.readings import Occurrences, Readings
from intake.sentences import IntakeError

CHINA = timezone(timedelta(hours=8))
# What a field is read as when the mapping does not say.
FIELD_TYPES = {
    "amount": "money",
    "term_months": "months",
    "currency": "currency",
    "product": "slug",
    "applied_at": "date",
    "applicant.key_customer": "flag",
    "applicant.identity_number": "identity_number",
    "applicant.phone": "phone",
}
# Of a long number a spreadsheet keeps 15 digits: 1.10105194912E+17 is everybody born in a district on one day.
_TELL_APART = frozenset({"external_ref", "applicant.id", "reference.key"})
_LOST_DIGITS = re.compile(r"\d(\.\d+)?E\+\d{2,3}", re.ASCII | re.IGNORECASE)


class MappingError(IntakeError):
    """A mapping that cannot be used; `sentence(language)` says which key, and what is allowed."""


@dataclass(frozen=True)
class Outcome:
    """How a table of decided loans tells what became of them."""

    column: str
    bad_values: frozenset[str]
    good_values: frozenset[str]
    observed_at: Given | None = None
    mature: bool = True


@dataclass(frozen=True)
class Mapping:
    """Where the fields and features of a case come from. Made by `load_mapping` or `infer_mapping`.

    `drop` names columns that are never read, each with its reason. With `rest_as_features` every column that is named
    nowhere becomes a feature; `bind_mapping` spells these out once the table is known, and notes its
    `columns` in order. `joins` are other sources whose kept rows are read beside the table's, `reference` says how the
    rows of this source are kept for others; one without fields makes no cases. `version` is the number that it was
    signed under, 0 for a file or what was recognised; `recognised` (not stored) are fields that once were not read.
    """

    source: str
    fields: dict[str, Given]
    features: dict[str, Given] = field(default_factory=dict)
    rest_as_features: bool = False
    drop: dict[str, str] = field(default_factory=dict)
    outcome: Outcome | None = None
    decided: Literal["", "approved", "declined"] = ""
    zone: timezone = CHINA
    about: str = ""
    columns: tuple[str, ...] = ()
    joins: dict[str, Join] = field(default_factory=dict)
    reference: Reference | None = None
    version: int = 0
    recognised: frozenset[str] = field(default=frozenset(), compare=False)

    def with_source(self, source: str) -> "Mapping":
        """The same mapping for rows of another source."""
        return replace(self, source=source)

    def used_columns(self) -> set[str]:
        """Every column that a field or feature reads."""
        return {column for given in self._all() for column in given.columns}

    def joined_columns(self) -> set[str]:
        """Of these, the ones that are taken from other sources."""
        return {column for column in self.used_columns() if join_of(column, self.joins)} if self.joins else set()

    def outcome_columns(self) -> set[str]:
        """The columns that tell the outcome; they are never features."""
        if self.outcome is None:
            return set()
        return {self.outcome.column, *(self.outcome.observed_at.columns if self.outcome.observed_at else ())}

    @property
    def makes_cases(self) -> bool:
        """Whether its rows become cases; otherwise they are only kept for others to join."""
        return bool(self.fields) or self.reference is None

    @cached_property
    def joined_names(self) -> set[str]:
        """What of a case is taken from other sources: fields, and features as "features.x"."""
        features = {f"features.{name}" for name in taken_from_joins(self.features, self.joins)}
        return features.union(taken_from_joins(self.fields, self.joins))

    @property
    def counts_equal_rows(self) -> bool:
        """Whether the reference of a row depends on the rows before it."""
        reference = self.fields.get("external_ref")
        return reference is not None and reference.how == "row_hash"

    def column_of(self, name: str) -> str:
        """The file's column behind a field ("amount", "applicant.id", "features.x"), or the name itself."""
        feature = name.removeprefix("features.")
        given = self.fields.get(name) if feature == name else self.features.get(feature)
        return ", ".join(given.columns) if given and given.columns else name

    def apply(
        self, row: Row[str, object], row_number: int, *, now: datetime, occurrences: Occurrences | None = None
    ) -> MappedRow | list[FieldError]:
        """The row as a raw submission, or every cell that cannot be read, by the name of the file's column."""
        mapped, errors = self.read(row, now=now, occurrences=occurrences)
        return errors or mapped

    def read(
        self,
        row: Row[str, object],
        *,
        now: datetime,
        occurrences: Occurrences | None = None,
        texts: Row[str, str] | None = None,
    ) -> tuple[MappedRow, list[FieldError]]:
        """As far as the row can be read, and an error for every cell that cannot; those values are missing.

        `texts` are the cells as `cell_text` gives them, for a caller that has them already.
        """
        told = {column: cell_text(cell) for column, cell in row.items()} if texts is None else texts
        return _RowReader(self, row, told, now, occurrences or Occurrences()).read()

    def wanted(self, row: Row[str, object], *, now: datetime) -> dict[str, Wanted]:
        """Under which key and from before what moment each join looks for a row; none where the row lacks either."""
        mapped, _errors = self._joining.read(row, now=now)
        applicant = mapped.raw["applicant"]
        person = applicant.get("id") if isinstance(applicant, dict) else None
        applied = mapped.raw.get("applied_at")
        keys = {"applicant.id": person, "external_ref": mapped.raw.get("external_ref")}
        return {
            name: (join_key(str(keys[join.on])), datetime.fromisoformat(applied))
            for name, join in self.joins.items()
            if isinstance(applied, str) and keys[join.on] not in (None, "")
        }

    # Worked out once for all the rows of a table.
    @cached_property
    def _joining(self) -> "Mapping":
        """As much of it as finds the rows of joined sources."""
        names = ("applied_at", *{join.on for join in self.joins.values()})
        return replace(self, fields={name: self.fields[name] for name in names}, features={}, outcome=None)

    @cached_property
    def readings(self) -> Readings:
        return Readings(self.zone)

    @cached_property
    def ordered(self) -> list[tuple[str, Given, str]]:
        """Name, origin and kind of the fields. The reference comes first: derivations draw from it."""
        names = sorted(self.fields, key=lambda name: name != "external_ref")
        return [(name, self.fields[name], FIELD_TYPES.get(name, "text")) for name in names]

    @cached_property
    def not_telling(self) -> set[str]:
        """The columns that do not tell one row from another."""
        return self.outcome_columns().union(self.drop)

    def _all(self) -> Iterable[Given]:
        kept = (self.reference.key, self.reference.as_of) if self.reference else ()
        return [*self.fields.values(), *self.features.values(), *kept]


class _RowReader:
    """Applies a mapping to one row and collects an error for each cell that cannot be read."""

    def __init__(
        self,
        mapping: Mapping,
        row: Row[str, object],
        texts: Row[str, str],
        now: datetime,
        occurrences: Occurrences,
    ) -> None:
        self.mapping = mapping
        self.row = row
        self.texts = texts
        self.now = now
        self.occurrences = occurrences
        self.errors: list[FieldError] = []
        self.derived: list[str] = []
        self.notes: list[Note] = []
        self.seed = ""

    def read(self) -> tuple[MappedRow, list[FieldError]]:
        applicant: dict[str, object] = {}
        raw: dict[str, object] = {"source": self.mapping.source, "applicant": applicant}
        for name, given, kind in self.mapping.ordered:
            value = self.value(name, given, kind)
            if name == "external_ref":
                self.seed = str(value or "")
            if value is not None:
                target, key = (applicant, name[10:]) if name.startswith("applicant.") else (raw, name)
                target[key] = value
        if "amount" not in self.mapping.fields and self.mapping.makes_cases:
            self.errors.append(FieldError("amount", "", "no_amount_column"))
        raw["features"] = {
            name: self.value(f"features.{name}", given, given.type) for name, given in self.mapping.features.items()
        }
        mapped = MappedRow(raw, tuple(self.derived), self.outcome(), tuple(self.notes), self.reference())
        return mapped, self.errors

    def reference(self) -> Wanted | None:
        """The key under which the row is kept, and the moment it is known from; None where it lacks either."""
        spec = self.mapping.reference
        if spec is None:
            return None
        key, as_of = self.value("reference.key", spec.key, "text"), self.value("reference.as_of", spec.as_of, "date")
        for given, value in ((spec.key, key), (spec.as_of, as_of)):
            if value is None and not self.errors:
                self.errors.append(FieldError(given.column, "", "required"))
        if key is None or not isinstance(as_of, str):
            return None
        moment = datetime.fromisoformat(as_of)
        if wrong := wrong_moment(moment):
            self.errors.append(FieldError(spec.as_of.column, self.texts.get(spec.as_of.column, ""), wrong))
            return None
        return join_key(str(key)), known_from(moment)

    def value(self, name: str, given: Given, kind: str) -> object:
        if given.is_derived:
            self.derived.append(name)
        try:
            value = self.obtain(name, given, given.type or kind)
            return value.isoformat() if isinstance(value, datetime) else value
        except CellError as problem:
            shown = " | ".join(self.texts.get(column, "") for column in given.columns)
            column = ", ".join(given.columns) or name
            self.errors.append(FieldError(column, shown, problem.code, problem.params))
            return None

    def obtain(self, name: str, given: Given, kind: str) -> object:
        if given.how == "column":
            text = self.texts.get(given.column, "")
            if name in _TELL_APART and _LOST_DIGITS.fullmatch(text):
                raise CellError("digits_lost")
            value = self.mapping.readings.read(name, given, self.row.get(given.column), text, kind)
            return self.believed(name, value, given)
        if given.how in ("constant", "default"):
            return read_moment(given.value, self.mapping.zone, given.format) if kind == "date" else given.value
        if given.how == "import_time":
            return self.now
        if given.how == "row_hash":
            return given.prefix + self.row_reference()
        cells = [self.row.get(column) for column in given.sources]
        if given.how == "compute":
            return COMPUTATIONS[given.name][0](cells, given.options)
        return DERIVATIONS[given.name][0](f"{self.seed}/{name}", cells, given.options)

    def believed(self, name: str, value: object, given: Given) -> object:
        """The value, or what the mapping puts in its place where it lies beyond the limits."""
        if given.limits is None:
            return value
        value, note = within(value, given.limits, name.removeprefix("features."))
        self.notes += [note] if note else []
        return value

    def row_reference(self) -> str:
        """A hash of the row without its dropped columns, in any order of columns, and which of its equals it is."""
        skipped = self.mapping.not_telling
        if self.mapping.joins:
            # What other sources know of it does not make it another row.
            skipped = skipped | {column for column in self.row if join_of(column, self.mapping.joins)}
        kept = sorted([column for column in self.row if column not in skipped])
        content = "\x1f".join([f"{column}\x1e{lookup_key(self.texts[column])}" for column in kept])
        digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).digest()
        number = self.occurrences.number(digest)
        return digest[:8].hex().upper() + ("" if number == 1 else f"-{number}")

    def outcome(self) -> RowOutcome | None:
        """What became of the loan; None while the table holds neither a bad nor a good value for it."""
        spec = self.mapping.outcome
        if spec is None:
            return None
        key = lookup_key(self.texts.get(spec.column, ""))
        if key not in spec.bad_values and key not in spec.good_values:
            return None
        observed = spec.observed_at and self.value("outcome.observed_at", spec.observed_at, "date")
        moment = datetime.fromisoformat(observed) if isinstance(observed, str) else None
        return RowOutcome(key in spec.bad_values, moment, spec.mature)
