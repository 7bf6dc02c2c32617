"""Columns read as their source said them before, where a table that nobody mapped says the same in another way."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from intake.header_words.header_units import squeeze
from intake.mapped.case_mapping import CaseMapping
from intake.mapped.given import Given
from intake.recognition.decimal_marks import left_open
from intake.record.on_record import past_mappings, read_before, stored_values
from intake.record.shares_before import with_percents_of_before, with_shares_as_before
from intake.record.standards_before import with_codes_as_before, with_days_as_before, with_standards_as_before
from intake.tabular.returned import ROW, added_columns
from intake.values.cells import FALSE_WORDS, OPEN_MARK, TRUE_WORDS, cell_text, is_flag_table, lookup_key
from intake.values.samples import known_numbers

_OF_EACH_CASE: Final = frozenset({"external_ref", "amount", "currency", "term_months", "applied_at"})
_PAIRS: Final = (("是", "否"), ("有", "无"), ("有", "没有"), ("对", "错"), ("真", "假"), ("√", "×"), ("√", "✗"),
                 ("y", "n"), ("yes", "no"), ("t", "f"))  # fmt: skip


def draft_as_before(slug: str, mapping: CaseMapping, sample: Sequence[Mapping[str, object]]) -> CaseMapping:
    """A draft that reads its columns as their sender means them, which a person looks at."""
    past = past_mappings(slug)
    mapping = with_days_as_before(with_standards_as_before(slug, mapping, past), past)
    mapping = with_codes_as_before(mapping, past, sample)
    mapping = with_shares_as_before(slug, with_open_marks(mapping, past, sample), past, sample)
    mapping = with_words_of_before(slug, mapping, past, sample)
    return with_percents_of_before(slug, mapping, past, sample)


def with_open_marks(
    mapping: CaseMapping, past: Sequence[CaseMapping], sample: Sequence[Mapping[str, object]]
) -> CaseMapping:
    """With the mark left open of columns that had a decimal comma last, where this table shows no decimal mark, and
    with the point of those that were read by it."""
    marks: dict[str, str] = {}
    for then in past:
        for given in then.named.values():
            if given.how == "column":
                marks.setdefault(squeeze(given.column), given.decimal)
    last = {each: marks.get(squeeze(each)) for each in mapping.columns}
    marks_now = {"": "", ",": OPEN_MARK}
    return left_open(mapping, {each: marks_now[mark] for each, mark in last.items() if mark in marks_now}, sample)


def with_reference_of_before(mapping: CaseMapping, past: Sequence[CaseMapping]) -> CaseMapping:
    """With the number by which the last table of these columns told its loans, where this one has a mere identifier in
    its place: the same loans would have other references."""
    if not mapping.counts_equal_rows:
        return mapping
    last = next((each for each in past if set(each.columns) == set(mapping.columns)), None)
    reference = last.fields.get("external_ref") if last else None
    if reference is None or reference.how != "column" or mapping.drop.get(reference.column) != "identifier":
        return mapping
    drop = {column: reason for column, reason in mapping.drop.items() if column != reference.column}
    return replace(mapping, fields={**mapping.fields, "external_ref": reference}, drop=drop)


def mapping_of_returned(mapping: CaseMapping, past: Sequence[CaseMapping]) -> CaseMapping | None:
    """How a table of refused rows that was given out was read when it came: a few mended rows tell less of their
    decimal mark, currency or dates than the file did. None for any other table, where tables with these columns were
    read in several ways, and where a field comes from a column by now that was of no use then."""
    if ROW not in mapping.columns:
        return None
    own = _own_columns(mapping)
    alike = [then for then in past if _own_columns(then) == own and not _is_of_use_only_now(mapping, then)]
    # Of which of the files the rows are, nothing in them says for sure.
    return alike[0] if alike and all(_readings(each) == _readings(alike[0]) for each in alike) else None


def _readings(mapping: CaseMapping) -> dict[str, tuple[object, ...]]:
    return {
        name: (
            *(given.how, given.columns, given.value, given.type),
            *(given.scale, given.decimal, given.format, given.utc_offset),
        )
        for name, given in mapping.named.items()
    }


def _own_columns(mapping: CaseMapping) -> set[str]:
    return set(mapping.columns) - set(added_columns(mapping.columns))


def _is_of_use_only_now(mapping: CaseMapping, then: CaseMapping) -> bool:
    """Whether a field comes from a column that said nothing then. Whether a column that was a feature is whose loan it
    is, all rows of the file told better than a few of them; but without what each case needs there is none."""
    read = {column for given in then.features.values() for column in given.columns}
    known = {name for name, given in then.fields.items() if given.how == "column"}
    fresh = {name: given for name, given in mapping.fields.items() if given.how == "column" and name not in known}
    return any(name in _OF_EACH_CASE or given.column not in read for name, given in fresh.items())


def with_words_of_before(
    slug: str, mapping: CaseMapping, past: Sequence[CaseMapping], sample: Sequence[Mapping[str, object]]
) -> CaseMapping:
    """The mapping by which TRUE of a workbook is the 是 or the 1 that its column held in the tables of before, 是 the
    TRUE or the 1, and 1 the 是: a model that learned of one would take the other for a value it has never seen."""
    before = read_before(past)
    features = dict(mapping.features)
    for name, given in mapping.features.items():
        was = before.get(squeeze(given.column))
        if given.how != "column" or was is None or given.values:
            continue
        if was.values and not is_flag_table(was.values):
            # A code table is somebody's: what it says of TRUE is theirs to say.
            continue
        if was.type in ("text", "number"):
            said = {"true", "false"} if given.type == "flag" else _flags_said(given, sample)
            features[name] = _in_words(slug, name, was, given, said)
        elif was.type == "flag" and given.type != "flag" and (said := _flags_said(given, sample)):
            # Beside 有 a 无 is no, and not that nothing is known.
            values = _table(yes=True, no=False) if "有" in said else {}
            features[name] = Given("column", column=given.column, type="flag", values=values)
    return replace(mapping, features=features)


def _in_words(slug: str, name: str, was: Given, given: Given, said: Collection[str]) -> Given:
    """How words for yes and no are read in a column that had numbers or texts before; as they are where those say
    neither. TRUE and FALSE of a workbook say nothing else, a 1 or 是 may."""
    stored = stored_values(slug, name)
    if was.type == "number":
        is_one = given.type == "flag" or (given.type == "text" and set(stored) <= {0, 1})
        return replace(given, type="number", values=_table(1, 0)) if said and is_one and was.scale is None else given
    found = {word.casefold(): word for word in stored if isinstance(word, str)}
    if not said or set(said) <= set(found) or (given.type != "flag" and not set(found) <= TRUE_WORDS | FALSE_WORDS):
        return given
    fits = [pair for pair in _PAIRS if set(found) & set(pair)]
    if len(fits) > 1:
        fits = [pair for pair in fits if set(pair) <= set(found)] or fits
    if not fits:
        return given
    yes, no = (found.get(word) or _in_case_of([*found.values()], word) for word in fits[0])
    return replace(given, type="text", values=_table(yes, no))


def _table(yes: object, no: object) -> dict[str, object]:
    return {**dict.fromkeys(sorted(TRUE_WORDS), yes), **dict.fromkeys(sorted(FALSE_WORDS), no)}


def _in_case_of(others: Sequence[str], word: str) -> str:
    """A word that was never held, as its counterpart is written: NO beside YES."""
    is_upper, is_title = (all(like(each) for each in others) for like in (str.isupper, str.istitle))
    return word.upper() if is_upper else word.title() if is_title else word


def _flags_said(given: Given, sample: Sequence[Mapping[str, object]]) -> set[str]:
    """The words of a column that say nothing but yes and no; none where it says more, or nothing."""
    said = {lookup_key(text) for text in known_numbers([cell_text(row.get(given.column)) for row in sample])}
    return said if said <= TRUE_WORDS | FALSE_WORDS else set()
