"""A mapping in memory: where each field of a case comes from in a table. `row_reader.py` applies it to a row."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta, timezone
from functools import cached_property
from typing import Literal

from intake.header_words.number_signs import says_number
from intake.mapped.computed import Reading, inputs_of, units_beside
from intake.mapped.computed_units import Unit
from intake.mapped.given import BY_VALUES, Given
from intake.mapped.joined import Join, Reference, join_of, taken_from_joins
from intake.mapped.readings import Readings
from intake.wording.sentences import IntakeError

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
# What may be an amount of money; shares, durations and the like never are.
_MONEY = frozenset({"money", "number", "integer"})

# Columns that are dropped for these reasons tell whose loan a row is, or which.
_TELLING = frozenset({"personal", "identifier"})
# Of fields those that tell it.
_WHOSE = frozenset({"applicant.id", "applicant.name", "applicant.identity_number", "applicant.phone"})
# On which somebody was born, hired or became a customer.
_DAY_OF_LIFE = re.compile(
    r"出生|生日|入职|参加工作|工作日期|birth|\bdob\b|employ|hire|joined|joining|(customer|client|member)[ _-]*since"
)


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
class CaseMapping:
    """Where the fields and features of a case come from. Made by `load_mapping` or `infer_mapping`.

    `drop` names columns that are never read, each with its reason. With `rest_as_features` every column that is named
    nowhere becomes a feature; `bind_mapping` spells these out once the table is known, and notes its
    `columns` in order. `joins` are other sources whose kept rows are read beside the table's, `reference` says how the
    rows of this source are kept for others; one without fields makes no cases. `version` is the number that it was
    signed under, 0 for a file or what was recognised. `telling` are the columns of no field in which nearly
    every row of the table has a number of its own.
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
    telling: tuple[str, ...] = ()

    def with_source(self, source: str) -> "CaseMapping":
        """The same mapping for rows of another source."""
        return replace(self, source=source)

    @cached_property
    def used_columns(self) -> frozenset[str]:
        """Every column that a field or feature reads."""
        return frozenset(column for given in self._all() for column in given.columns)

    def joined_columns(self) -> set[str]:
        """Of these, the ones that are taken from other sources."""
        return {column for column in self.used_columns if join_of(column, self.joins)} if self.joins else set()

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

    @cached_property
    def left_out(self) -> list[str]:
        """The columns of its table that no case holds, or only as one of its `telling` features, those first that say
        number: one of them may tell one row from another that is equal in all that is read. What came after the
        decision tells none."""
        held = {column for given in self.named.values() for column in given.columns} | self.outcome_columns()
        held.difference_update(self.telling)
        free = [each for each in self.columns if each not in held and self.drop.get(each) != "known_after_decision"]
        return sorted(free, key=lambda column: not says_number(column))

    @property
    def counts_equal_rows(self) -> bool:
        """Whether the reference of a row depends on the rows before it."""
        reference = self.fields.get("external_ref")
        return reference is not None and reference.how == "row_hash"

    @cached_property
    def may_repeat(self) -> bool:
        """Whether two loans may have the same row but for `loan_days`: no number tells them apart. Whose they are tells
        none: somebody may borrow the same amount again."""
        if not self.counts_equal_rows:
            return False
        numbers = {given.column for given in self.features.values()}.intersection(self.telling)
        if numbers and self.tells_whose:
            return False
        return self.not_telling.issuperset(column for column, reason in self.drop.items() if reason == "identifier")

    @cached_property
    def tells_whose(self) -> bool:
        """Whether the reference of a row is made of somebody's name or number, too."""
        personal = {column for column, reason in self.drop.items() if reason == "personal"}
        is_read = any(given.how == "column" for name, given in self.fields.items() if name in _WHOSE)
        return is_read or not self.not_telling.issuperset(personal)

    @cached_property
    def loan_days(self) -> tuple[str, ...]:
        """The columns that are read as days, but for those of somebody's life: they may be of the loan."""
        read = {name: each.type or FIELD_TYPES.get(name) for name, each in self.named.items() if each.how == "column"}
        days = (self.named[name].column for name, kind in read.items() if kind == "date")
        return tuple(column for column in days if not _DAY_OF_LIFE.search(column.casefold()))

    def column_of(self, name: str) -> str:
        """The file's column behind a field ("amount", "applicant.id", "features.x"), or the name itself."""
        feature = name.removeprefix("features.")
        given = self.fields.get(name) if feature == name else self.features.get(feature)
        return ", ".join(given.columns) if given and given.columns else name

    # Worked out once for all the rows of a table.
    @cached_property
    def joining(self) -> "CaseMapping":
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
    def ordered_features(self) -> list[tuple[str, str, Given]]:
        """The features, each also by its full name: "x", "features.x"."""
        return [(name, f"features.{name}", given) for name, given in self.features.items()]

    @cached_property
    def days(self) -> tuple[str, ...]:
        """The features that are read as days or moments."""
        return tuple(name for name, given in self.features.items() if given.type == "date")

    @cached_property
    def numbers(self) -> list[tuple[str, Given]]:
        """The fields and features ("features.x") that are read from one column as a number that may be money."""
        fields = [(name, given, given.type or kind) for name, given, kind in self.ordered]
        features = [(f"features.{name}", given, given.type) for name, given in self.features.items()]
        return [(name, given) for name, given, kind in fields + features if given.how == "column" and kind in _MONEY]

    @cached_property
    def read_as(self) -> dict[str, Given]:
        """How the columns are read, each with its type, that a field or feature reads alone."""
        read = [replace(given, type=given.type or FIELD_TYPES.get(name, "")) for name, given in self.named.items()]
        return {each.column: each for each in read if each.how == "column"}

    @cached_property
    def inputs(self) -> dict[str, tuple[Reading | None, ...]]:
        """By the full name of each value that is computed: by which reading its columns count."""
        kinds = {name: given.type or FIELD_TYPES.get(name, "text") for name, given in self.named.items()}
        read = [Reading(name, each, kinds[name]) for name, each in self.named.items() if each.how == "column"]
        return {name: inputs_of(each, read) for name, each in self.named.items() if each.how == "compute"}

    @cached_property
    def units(self) -> dict[str, tuple[Unit | None, ...]]:
        """By the full name of each value that is computed: in which units its columns count that are not read."""
        return {name: units_beside(self.named[name], inputs) for name, inputs in self.inputs.items()}

    @cached_property
    def named(self) -> dict[str, Given]:
        """All fields, and the features as "features.x"."""
        return {**self.fields, **{f"features.{name}": given for name, given in self.features.items()}}

    @cached_property
    def derived(self) -> tuple[str, ...]:
        """The names of the values that the lender does not supply."""
        return tuple(sorted(name for name, given in self.named.items() if given.is_derived))

    @cached_property
    def not_telling(self) -> frozenset[str]:
        """The columns that do not tell one row from another. Two loans of equal amounts are told by whose they are, and
        by codes, though a case keeps neither; where cells are told as written they never were."""
        reference = self.fields.get("external_ref")
        telling = _TELLING if reference is not None and reference.name == BY_VALUES else ()
        return frozenset(self.outcome_columns()).union(
            column for column, reason in self.drop.items() if reason not in telling
        )

    def _all(self) -> Iterable[Given]:
        kept = (self.reference.key, self.reference.as_of) if self.reference else ()
        return [*self.fields.values(), *self.features.values(), *kept]
