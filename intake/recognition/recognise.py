"""Recognises the columns of a sample: by earlier mappings, by their names and by what stands below, each with why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from intake.header_words import header_units, headers
from intake.header_words.feature_names import FEATURE_NAMES
from intake.header_words.later_headers import may_be_after_decision
from intake.header_words.stated_zones import stated_zone, zone_in
from intake.mapped.case_mapping import CHINA, FIELD_TYPES, CaseMapping, MappingError
from intake.mapped.given import Given, read_cell
from intake.mapped.header_currencies import in_other_currency
from intake.mapped.mapping_data import taken_now
from intake.mapped.mapping_file import read_mapping
from intake.recognition.content_clues import fields_by_content
from intake.recognition.currency_columns import currency_column
from intake.recognition.date_orders import settle_orders
from intake.recognition.decimal_marks import settle_marks
from intake.recognition.feature_columns import with_features
from intake.recognition.infer import infer_mapping
from intake.recognition.later_columns import granted_beside
from intake.recognition.personal_columns import nobodys_feature
from intake.values.cells import CellError, cell_text
from intake.values.currency_words import currency_named
from intake.values.samples import SampleRow, known, known_numbers, share

How = Literal["own_history", "other_history", "name", "content", "header", "dropped", "doubtful"]
Confidence = Literal["sure", "likely", "guess"]
MOST_READ: Final = 0.9
HALF_READ: Final = 0.5


@dataclass(frozen=True)
class Past:
    """A mapping that was used before: of this source (`own`) or another, which `words` name."""

    words: str
    own: bool
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Clue:
    """Why a column is thought to be what it is: how it was found, by what (a name, a mapping), and the share of its
    known values that are read so (0 to 1)."""

    how: How
    confidence: Confidence
    detail: str = ""
    share: float = 1.0

    def as_dict(self) -> dict[str, Any]:
        return {"how": self.how, "confidence": self.confidence, "detail": self.detail, "share": round(self.share, 3)}


@dataclass
class _Found:
    """What is known so far: the parts of a mapping, and why."""

    fields: dict[str, Given] = field(default_factory=dict)
    features: dict[str, Given] = field(default_factory=dict)
    drop: dict[str, str] = field(default_factory=dict)
    clues: dict[str, Clue] = field(default_factory=dict)


def recognise(
    columns: Sequence[str], rows: Sequence[SampleRow], source: str, past: Sequence[Past]
) -> tuple[CaseMapping, dict[str, Clue]]:
    """A mapping for the columns, and for each column why. `past` has the newest mappings first, the source's own before
    those of others."""
    found = _Found()
    latest = next((read for each in past if each.own and (read := _readable(each))), None)
    for each in past:
        if each.own:
            _take_own(found, each, columns, rows)
    rest = [column for column in columns if column not in found.clues]
    # What only the values tell of a column is asked last: they may say which field it is.
    guessed = infer_mapping(rest, rows, source, by_values=False)
    for name, given in guessed.fields.items():
        if given.how == "column" and name not in found.fields:
            found.fields[name] = given
            found.clues[given.column] = _by_name(name, given, rows)
        elif given.how == "compute":
            found.clues = dict.fromkeys(given.columns, Clue("name", "likely", name)) | found.clues
    _take_features(found, guessed, rows, [each for each in past if not each.own])
    for column, reason in guessed.drop.items():
        found.drop[column] = reason
        found.clues[column] = _doubt(column, reason) or Clue("dropped", "likely", reason)
    texts = {column: [cell_text(row.get(column)) for row in rows] for column in columns}
    computed = {name for name, given in guessed.fields.items() if given.how == "compute"}
    _take_by_content(found, texts, computed)
    _drop_by_content(found, texts)
    _drop_granted(found, columns)
    found.fields = settle_orders(found.fields, texts)
    base = CaseMapping(source, {}) if latest is None else _what_stays(latest, columns)
    made = {**guessed.fields, **_unread(base), **found.fields} if base.makes_cases else {}
    mapping = replace(base, source=source, fields=made, features=found.features, drop=found.drop)
    if not mapping.makes_cases:
        return replace(mapping, features={}), found.clues
    # A column whose field another one has by history is still a feature.
    whole = settle_marks(with_features(mapping, columns, rows), columns, rows)
    for name, given in whole.features.items():
        for column in given.columns:
            found.clues.setdefault(column, Clue("header", "guess", name, share_read(given, given.type, rows)))
    return _in_one_currency(whole, found), found.clues


def _in_one_currency(mapping: CaseMapping, found: _Found) -> CaseMapping:
    """Without the features whose header names another currency than the cases have: a person says how they are read."""
    read = {column for given in mapping.fields.values() for column in given.columns}
    others = [each for each in in_other_currency(mapping) if each not in read]
    drop = {each: "other_currency" for each in others if found.clues[each].how != "own_history"}
    features = {name: given for name, given in mapping.features.items() if not drop.keys() & set(given.columns)}
    found.clues |= dict.fromkeys(drop, Clue("dropped", "likely", "other_currency"))
    return replace(mapping, features=features, drop=mapping.drop | drop)


def share_read(given: Given, kind: str, rows: Sequence[SampleRow]) -> float:
    """The share of a column's known cells that are read as the mapping says; 1 where none is known."""
    cells = [row.get(given.column) for row in rows]
    known = [cell for cell in cells if known_numbers([cell_text(cell)])]
    if given.how != "column" or not known:
        return 1.0
    good = 0
    for cell in known:
        try:
            read_cell(given, cell, given.type or kind, CHINA)
        except CellError:
            continue
        good += 1
    return good / len(known)


def _readable(past: Past) -> CaseMapping | None:
    try:
        return taken_now(read_mapping(past.content, kept=True))
    except MappingError:
        return None


def _what_stays(mapping: CaseMapping, columns: Sequence[str]) -> CaseMapping:
    """An earlier mapping without what the table has no columns for any more."""
    kept = mapping.reference if mapping.reference and set(mapping.reference.key.columns) <= set(columns) else None
    outcome = mapping.outcome if mapping.outcome_columns() <= set(columns) else None
    return replace(mapping, reference=kept, outcome=outcome, rest_as_features=False, columns=(), version=0)


def _unread(mapping: CaseMapping) -> dict[str, Given]:
    """The fields that a mapping does not read from a column: what its author knew."""
    return {name: given for name, given in mapping.fields.items() if not given.columns}


def _take_own(found: _Found, past: Past, columns: Sequence[str], rows: Sequence[SampleRow]) -> None:
    """What an earlier mapping of this source says of columns that nothing is known of yet."""
    mapping = _readable(past)
    if mapping is None:
        return
    fresh = {column for column in [*columns, *mapping.joined_columns()] if column not in found.clues}
    for target, entries in ((found.fields, mapping.fields), (found.features, mapping.features)):
        for name, given in entries.items():
            if name not in target and given.columns and set(given.columns) <= fresh:
                target[name] = given
                read = share_read(given, FIELD_TYPES.get(name, "text"), rows)
                sure: Confidence = "sure" if read >= MOST_READ else "likely" if read >= HALF_READ else "guess"
                found.clues |= dict.fromkeys(given.columns, Clue("own_history", sure, past.words, read))
    kept = mapping.reference
    for given in (kept.key, kept.as_of) if kept else ():
        found.clues |= {column: Clue("own_history", "sure", past.words) for column in given.columns if column in fresh}
    for column, reason in mapping.drop.items():
        if column in fresh and column not in found.clues:
            found.drop[column] = reason
            found.clues[column] = Clue("own_history", "sure", past.words)


def _by_name(name: str, given: Given, rows: Sequence[SampleRow]) -> Clue:
    read = share_read(given, FIELD_TYPES.get(name, "text"), rows)
    patterns, rank = len(headers.FIELD_PATTERNS[name]), headers.field_matches(name, given.column)
    # The last of several patterns is what a header may mean where nothing better is there, as is "borrower" a name.
    surest = patterns if patterns <= 2 else min(3, patterns - 1)
    exact = rank is not None and rank < surest and read >= MOST_READ
    return Clue("name", "sure" if exact else "likely" if read >= HALF_READ else "guess", name, read)


def _take_features(found: _Found, guessed: CaseMapping, rows: Sequence[SampleRow], others: Sequence[Past]) -> None:
    """The features that were recognised; one whose name was only made of its header as another source calls it."""
    elsewhere = _elsewhere(others)
    for name, given in guessed.features.items():
        column = given.columns[0]
        usual, known, clue = header_units.squeeze(column) in FEATURE_NAMES, elsewhere.get(_named(column)), None
        if not usual and known is not None:
            words, called, read_so = known
            zone = zone_in(column) if read_so.type == "date" else ""
            so = replace(read_so, column=column, utc_offset=read_so.utc_offset or zone)
            read = share_read(so, so.type, rows)
            if called not in found.features and read >= HALF_READ:
                name, given, clue = called, so, Clue("other_history", "likely", words, read)
        read = share_read(given, given.type, rows)
        clue = (
            clue
            or _doubt(column, name, read)
            or Clue("name" if usual else "header", "likely" if usual else "guess", name, read)
        )
        free, number = name, 2
        while free in found.features:
            free, number = f"{name}_{number}", number + 1
        found.features[free] = given
        found.clues |= dict.fromkeys(given.columns, clue)


def _doubt(column: str, detail: str, read: float = 1.0) -> Clue | None:
    """What only a person can tell of a column: whether it was known when the loan was decided on."""
    return Clue("doubtful", "guess", detail, read) if may_be_after_decision(column) else None


def _named(column: str) -> tuple[str, str]:
    """What a header says, and in which unit: of 收入(万元) and 收入(元) one is not read as the other."""
    return header_units.squeeze(column), header_units.unit_of(column)


def _elsewhere(others: Sequence[Past]) -> dict[tuple[str, str], tuple[str, str, Given]]:
    """By header and unit: which mapping of another source reads it as which feature, and how."""
    known: dict[tuple[str, str], tuple[str, str, Given]] = {}
    for past in others:
        mapping = _readable(past)
        for name, given in mapping.features.items() if mapping else ():
            if given.how == "column":
                known.setdefault(_named(given.column), (past.words, name, given))
    return known


def _open_columns(found: _Found, texts: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The columns of the table that are features only because nothing else is known of them, with their names."""
    named = {given.column: name for name, given in found.features.items() if given.how == "column"}
    return {column: name for column, name in named.items() if column in texts and found.clues[column].how == "header"}


def _drop_by_content(found: _Found, texts: Mapping[str, Sequence[str]]) -> None:
    """What names a person or a single row is no feature, whatever its header."""
    for column, name in _open_columns(found, texts).items():
        if reason := nobodys_feature(column, texts[column]):
            del found.features[name]
            found.drop[column] = reason
            found.clues[column] = Clue("dropped", "likely", reason)


def _drop_granted(found: _Found, columns: Sequence[str]) -> None:
    """What was granted, beside what an earlier mapping says was asked for; what people signed stays as it is."""
    open_columns = [each for each in columns if each not in found.clues or found.clues[each].how != "own_history"]
    granted = [each for each in granted_beside(found.fields, open_columns) if each not in found.drop]
    found.features = {name: given for name, given in found.features.items() if not set(granted) & set(given.columns)}
    found.drop |= dict.fromkeys(granted, "known_after_decision")
    found.clues |= dict.fromkeys(granted, Clue("dropped", "likely", "known_after_decision"))


def _take_by_content(found: _Found, texts: Mapping[str, Sequence[str]], computed: set[str]) -> None:
    """Fields that no header names and that are not `computed`, where the values of a column speak for themselves."""
    open_columns = _open_columns(found, texts)
    told = {} if "currency" in found.fields else currency_column([*open_columns], texts, found.fields.get("amount"))
    for given in told.values():
        del found.features[open_columns.pop(given.column)]
        found.fields["currency"] = given
        read = share(known(texts[given.column]), currency_named)
        found.clues[given.column] = Clue("content", "likely", "currency", read)
    values = {column: texts[column] for column in open_columns}
    for field_name, (column, read, sure) in fields_by_content(values, computed | set(found.fields)).items():
        del found.features[open_columns[column]]
        kind = "identity_number" if field_name == "applicant.id" else ""
        zone = stated_zone(column, known(values[column])) if field_name == "applied_at" else ""
        found.fields[field_name] = Given("column", column=column, type=kind, utc_offset=zone)
        found.clues[column] = Clue("content", "likely" if sure else "guess", field_name, read)
