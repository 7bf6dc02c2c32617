"""What the rows of a table were called, and held, when tables like it were read by other mappings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from intake.mapped.case_mapping import FIELD_TYPES, CaseMapping
from intake.mapped.given import BY_VALUES, Given
from intake.mapped.joined import taken_from_joins
from intake.mapped.left_out import alike
from intake.mapped.readings import Occurrences
from intake.mapped.row_reader import map_row, reference_of
from intake.mapped.submission import read_submission
from intake.shown.padded_numbers import without_zeros
from intake.values.cells import cell_text, is_flag_table

# So many ways to read the same columns are kept up with; each costs every row its reference.
MAPPINGS_MOST: Final = 4


@dataclass(frozen=True)
class EarlierMapping:
    """A mapping by which tables of a source were read before; `is_sure` says that its references tell one row from all
    others: they are numbers of the table, or were made of rows among which hardly any were equal. `present` is how the
    row is read now under the reference of then, where columns came since. `told_by` are the columns of the
    reference now."""

    mapping: CaseMapping
    is_sure: bool = True
    present: CaseMapping | None = None
    told_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class EarlierReading:
    """The reference that an earlier mapping makes of a row, or made when cells lost the zeros or signs that are shown
    around their numbers (`lost_zeros`)."""

    external_ref: str
    then: EarlierMapping
    row: Mapping[str, object]
    now: datetime
    lost_zeros: bool = False

    def hashes(self, external_ref: str = "") -> set[str]:
        """By which the case that the earlier mapping makes of the row is known, under another reference if one is
        given; none where it makes none. Read when asked: few rows have their earlier reference on record."""
        return self._hashes(self.then.mapping, external_ref)

    def tells_more(self) -> bool:
        """Whether columns that came since tell more of the case than a number for it."""
        return self.then.present is not None and self._hashes(self.then.present) != self.hashes()

    def _hashes(self, mapping: CaseMapping, external_ref: str = "") -> set[str]:
        mapped, errors = map_row(mapping, self.row, now=self.now)
        if external_ref:
            mapped.raw["external_ref"] = external_ref
        told = mapped.once_told
        case = None if errors else read_submission(mapped.raw, now=self.now, derived=mapped.derived, **told)
        return set() if case is None or isinstance(case, list) else case.hashes


class EarlierReadings:
    """Reads the rows of one table by earlier mappings, in their order: equal rows are counted by each. Those that show
    zeros before numbers are also read as they were without these, by this mapping, too."""

    def __init__(self, earlier: Sequence[EarlierMapping], now: datetime, mapping: CaseMapping) -> None:
        self._each = [(each, Occurrences()) for each in earlier]
        own = [earlier_mapping(mapping, mapping, is_sure=True)] if "external_ref" in mapping.fields else []
        self._without_zeros = [(each, Occurrences()) for each in (*own, *earlier)]
        self._now = now

    def __bool__(self) -> bool:
        return bool(self._each)

    def of(self, row: Mapping[str, object], texts: Mapping[str, str]) -> tuple[EarlierReading, ...]:
        """The readings of the next row, whose cells are told by `texts`, of the mappings that give it a reference."""
        found = [*self._read(self._each, row, texts)]
        if bare := without_zeros(row):
            told = {column: cell_text(cell) for column, cell in bare.items()}
            found += [replace(each, lost_zeros=True) for each in self._read(self._without_zeros, bare, told)]
        return tuple(found)

    def _read(
        self, by: Sequence[tuple[EarlierMapping, Occurrences]], row: Mapping[str, object], texts: Mapping[str, str]
    ) -> Iterator[EarlierReading]:
        for then, occurrences in by:
            if reference := reference_of(then.mapping, row, now=self._now, occurrences=occurrences, texts=texts):
                yield EarlierReading(reference, then, row, self._now)


def other_readings(mapping: CaseMapping, earlier: Sequence[CaseMapping]) -> list[CaseMapping]:
    """Of earlier mappings (the newest first) those that read the columns of this one in another way, each way once and
    at most MAPPINGS_MOST: a case that one of them made may be on record under another reference, or with other content.
    What is asked for is that their reference can be read, of tables without numbers that all columns are there; columns
    that came since do not tell the rows of these.
    """
    ways = {_way_of(mapping)}
    found = []
    for then in earlier:
        if "external_ref" not in then.fields:
            continue
        each = _by_names_of(mapping.columns, then)
        added, way = set(mapping.columns) - set(each.columns), _way_of(each)
        needed = each.columns if each.counts_equal_rows else each.fields["external_ref"].columns
        if set(needed) <= set(mapping.columns) and way not in ways:
            ways.add(way)
            found.append(replace(each, drop={**each.drop, **dict.fromkeys(added, "not_used")}))
    return found[:MAPPINGS_MOST]


def _by_names_of(columns: Sequence[str], then: CaseMapping) -> CaseMapping:
    """The mapping with the names that its columns have now: Term（Months） was Term (months). Where a reference was
    made of the names as they were written, none is another."""
    reference = then.fields["external_ref"]
    if reference.how == "row_hash" and reference.name != BY_VALUES:
        return then
    now = {alike(column): column for column in columns}
    names = {column: now.get(alike(column), column) for column in then.columns if column not in columns}
    if all(column == name for column, name in names.items()):
        return then

    def renamed(given: Given) -> Given:
        sources = tuple(names.get(each, each) for each in given.sources)
        return replace(given, column=names.get(given.column, given.column), sources=sources)

    return replace(
        then,
        fields={name: renamed(given) for name, given in then.fields.items()},
        features={name: renamed(given) for name, given in then.features.items()},
        drop={names.get(column, column): reason for column, reason in then.drop.items()},
        columns=tuple(names.get(column, column) for column in then.columns),
    )


def _way_of(mapping: CaseMapping) -> tuple[object, ...]:
    """What is read of which columns and as what, and what tells one row from another. The forms of dates and words for
    what is missing, which change with the rows of a table, are not part of it."""
    read = frozenset(
        (
            *(name, given.how, given.name, given.columns, given.type),
            *(given.scale, given.decimal, given.pattern, given.utc_offset),
        )
        for name, given in mapping.named.items()
    )
    return read, mapping.not_telling if mapping.counts_equal_rows else None


def earlier_mapping(then: CaseMapping, mapping: CaseMapping, *, is_sure: bool) -> EarlierMapping:
    """One of `other_readings`, as rows are read by it."""
    came_since = bool(set(mapping.columns) - set(then.columns))
    then = _alone(_in_forms(_with_days(_in_words(then, mapping), mapping), mapping))
    present = _alone(replace(mapping, fields={**mapping.fields, "external_ref": then.fields["external_ref"]}))
    return EarlierMapping(then, is_sure, present if came_since else None, mapping.fields["external_ref"].columns)


def _in_words(then: CaseMapping, mapping: CaseMapping) -> CaseMapping:
    """The mapping of then, by which TRUE is read as the word for it that its column held, as it is now."""
    words = {
        name: replace(given, values=now.values)
        for name, given in then.features.items()
        if (now := mapping.features.get(name)) and is_flag_table(now.values)
        and (now.columns, now.type) == (given.columns, given.type) and not given.values
    }  # fmt: skip
    return replace(then, features={**then.features, **words})


def _with_days(then: CaseMapping, mapping: CaseMapping) -> CaseMapping:
    """The mapping of then, by which the texts of days are read as days: a workbook has them as dates."""
    days = {
        name: now
        for name, given in then.features.items()
        if (now := mapping.features.get(name)) and now.type == "date" and now.unread
        and given.type == "text" and given.columns == now.columns and not given.values
    }  # fmt: skip
    return replace(then, features={**then.features, **days})


def _in_forms(then: CaseMapping, mapping: CaseMapping) -> CaseMapping:
    """The mapping of then, by which days and numbers are read in the forms that they are written in now: 02/01/2026 may
    have been 2026-01-02, and 1.500,50 have been 1,500.50."""

    def formed(name: str, given: Given) -> Given:
        now, kind = mapping.read_as.get(given.column), given.type or FIELD_TYPES.get(name, "")
        if given.how != "column" or now is None or now.type != kind:
            return given
        return replace(given, format=now.format, decimal=now.decimal)

    return replace(
        then,
        fields={name: formed(name, given) for name, given in then.fields.items()},
        features={name: formed("", given) for name, given in then.features.items()},
    )


def _alone(mapping: CaseMapping) -> CaseMapping:
    """Without what other sources know, which does not count for the content of a case."""
    features = taken_from_joins(mapping.features, mapping.joins)
    fields = taken_from_joins(mapping.fields, mapping.joins)
    return replace(
        mapping,
        fields={name: given for name, given in mapping.fields.items() if name not in fields},
        features={name: given for name, given in mapping.features.items() if name not in features},
        joins={},
        reference=None,
    )
