"""Columns read as their source said them before, where a table that nobody mapped says the same in another way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from cases.models import Case
from intake import shares
from intake.case_mapping import CaseMapping
from intake.cells import (
    FALSE_WORDS,
    OPEN_MARK,
    TRUE_WORDS,
    CellError,
    cell_text,
    is_flag_table,
    lookup_key,
    read_number,
    read_percent,
    read_rate,
)
from intake.decimal_marks import left_open
from intake.given import Given
from intake.header_units import says_percent, squeeze
from intake.headers import feature_name
from intake.on_record import past_mappings
from intake.percent_cells import shown_text
from intake.returned import ROW, added_columns
from intake.samples import known_numbers

SHARES: Final = ("percent", "rate")
# So many cases tell what a source has sent.
CASES_MOST: Final = 1000
_HUNDREDTH: Final = Decimal("0.01")
_PAIRS: Final = (("是", "否"), ("有", "无"), ("有", "没有"), ("对", "错"), ("真", "假"), ("√", "×"), ("√", "✗"),
                 ("y", "n"), ("yes", "no"), ("t", "f"))  # fmt: skip


def draft_as_before(slug: str, mapping: CaseMapping, sample: Sequence[Mapping[str, object]]) -> CaseMapping:
    """A draft that reads its columns as their sender means them, which a person looks at."""
    past = past_mappings(slug)
    mapping = with_shares_as_before(slug, with_open_marks(mapping, past, sample), past, sample)
    mapping = with_words_of_before(slug, mapping, past, sample)
    return _with_shares_of_before(slug, mapping, past, sample)


def with_shares_as_before(
    slug: str, mapping: CaseMapping, past: Sequence[CaseMapping], sample: Sequence[Mapping[str, object]]
) -> CaseMapping:
    """With shares brought to percent where those of the column's last table were and these may be some, and as they
    stand where they always stood so on the cases of this source: from one file to the next it would be another number
    to everybody. Of rates of interest 0.9 may have been 0.9 % all along."""
    before = _read_before(past)
    features = dict(mapping.features)
    for name, usual, given in _bare_in_percent(mapping):
        was = before.get(squeeze(given.column))
        is_brought, numbers = given.scale == 100 and name != "interest_rate", _numbers(given, sample)
        if _are_shares(was) and shares.can_be_shares(usual, numbers):
            features[name] = shares.in_percent(usual, given)
        elif _are_percents(was) and is_brought:
            held = _held(slug, name)
            if shares.told_as_shares(usual, held) or shares.are_percents_as(held, numbers):
                features[name] = replace(given, scale=None, limits=None)
    return replace(mapping, features=features)


def open_shares(
    slug: str, mapping: CaseMapping, past: Sequence[CaseMapping], sample: Sequence[Mapping[str, object]]
) -> Iterator[tuple[str, str, str]]:
    """The features whose bare numbers may be shares or percents, with the least and the largest of them: half of them
    are as shares are, and the others may be some, unless the source's cases hold such percents already. Of a source of
    shares half of them need only be possible."""
    before = _read_before(past)
    for name, usual, given in _bare_in_percent(mapping):
        was = before.get(squeeze(given.column))
        numbers = _numbers(given, sample)
        # What is told as shares and not brought to percent stands so on the cases of this source.
        is_told = given.scale is not None or shares.told_as_shares(usual, numbers)
        if is_told or not shares.can_be_shares(usual, numbers, shares.HALF):
            continue
        may_be = shares.half_are_shares(usual, numbers) and shares.can_be_shares(usual, numbers, shares.THREE_QUARTERS)
        if _are_shares(was) or (
            may_be and not (_are_percents(was) and shares.are_percents_as(_held(slug, name), numbers))
        ):
            found = sorted(abs(number) for number in numbers if number)
            yield name, f"{found[0]:f}", f"{found[-1]:f}"


def _bare_in_percent(mapping: CaseMapping) -> Iterator[tuple[str, str, Given]]:
    """The features in bare numbers that are kept in percent, each with the name that its header has everywhere."""
    for name, given in mapping.features.items():
        if given.how == "column" and given.type == "number" and given.scale in (None, 100):
            usual = feature_name(given.column)
            if shares.is_kept_in_percent(usual) and not says_percent(given.column):
                yield name, usual, given


def _are_shares(was: Given | None) -> bool:
    """Whether bare numbers below 1 were read as shares."""
    return was is not None and (was.type == "rate" or was.scale == 100)


def _are_percents(was: Given | None) -> bool:
    return was is not None and was.type == "number" and was.scale is None


def _numbers(given: Given, sample: Sequence[Mapping[str, object]]) -> list[Decimal]:
    return shares.numbers_of([cell_text(row.get(given.column)) for row in sample], given.decimal)


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


def mapping_of_returned(mapping: CaseMapping, past: Sequence[CaseMapping]) -> CaseMapping | None:
    """How a table of refused rows that was given out was read when it came: a few mended rows tell less of their
    decimal mark, currency or dates than the file did. None for any other table, where tables with these columns were
    read in several ways, and where a field comes from a column by now that was of no use then."""
    if ROW not in mapping.columns:
        return None
    own, read = _own_columns(mapping), _fields_of_columns(mapping)
    alike = [then for then in past if _own_columns(then) == own and read <= _fields_of_columns(then)]
    # Of which of the files the rows are, nothing in them says for sure.
    return alike[0] if alike and all(_readings(each) == _readings(alike[0]) for each in alike) else None


def _readings(mapping: CaseMapping) -> dict[str, tuple[object, ...]]:
    return {
        name: (given.how, given.columns, given.value, given.type, given.scale, given.decimal, given.format)
        for name, given in mapping.named.items()
    }


def _own_columns(mapping: CaseMapping) -> set[str]:
    return set(mapping.columns) - set(added_columns(mapping.columns))


def _fields_of_columns(mapping: CaseMapping) -> set[str]:
    return {name for name, given in mapping.fields.items() if given.how == "column"}


def with_words_of_before(
    slug: str, mapping: CaseMapping, past: Sequence[CaseMapping], sample: Sequence[Mapping[str, object]]
) -> CaseMapping:
    """The mapping by which TRUE of a workbook is the 是 or the 1 that its column held in the tables of before, 是 the
    TRUE or the 1, and 1 the 是: a model that learned of one would take the other for a value it has never seen."""
    before = _read_before(past)
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
    stored = _stored(slug, name)
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


def _with_shares_of_before(
    slug: str, mapping: CaseMapping, past: Sequence[CaseMapping], sample: Sequence[Mapping[str, object]]
) -> CaseMapping:
    """With shares of what was in percent before and now is bare, and the other way."""
    features = dict(mapping.features)
    for name in lost_percents(slug, mapping, past, sample):
        features[name] = replace(features[name], type="rate", scale=None, limits=None)
    for name in new_percents(slug, mapping, past, sample):
        # Of a rate 20% and 0.2 are 20, and a hundredth of that is what the cases hold.
        features[name] = replace(features[name], type="rate", scale=_HUNDREDTH)
    return replace(mapping, features=features)


def lost_percents(
    slug: str, mapping: CaseMapping, past: Sequence[CaseMapping], sample: Sequence[Mapping[str, object]]
) -> Iterator[str]:
    """The features whose cells said 20% before, or of a rate of interest 20, and say 0.2 now."""
    before = _read_before(past)
    for name, given in mapping.features.items():
        was = before.get(squeeze(given.column))
        if given.how != "column" or given.type != "number" or was is None:
            continue
        if was.type == "number" and was.scale is None and given.scale == 100:
            # In a small file 0.9 may be 0.9 % as well as 90 %; where noughts alone came before nothing was in percent.
            if _most(_stored_numbers(slug, name)):
                yield name
        elif was.type in SHARES and not (was.type == "rate" and given.scale == 100):
            numbers = [_number(cell_text(row.get(given.column)), given.decimal) for row in sample]
            found = [number for number in numbers if number]
            if found and max(map(abs, found)) <= 1:
                yield name


def new_percents(
    slug: str, mapping: CaseMapping, past: Sequence[CaseMapping], sample: Sequence[Mapping[str, object]]
) -> Iterator[str]:
    """The features whose cells were bare shares and come in percent. Numbers above 1 were percent already, and a column
    of at most 1 % is the same either way."""
    before = _read_before(past)
    for name, given in mapping.features.items():
        was = before.get(squeeze(given.column))
        is_bare = was is not None and ((was.type == "number" and was.scale is None) or was.scale == _HUNDREDTH)
        is_percent = given.how == "column" and given.type in SHARES and _most(_percents(given, sample)) > 1
        if is_bare and is_percent and 0 < _most(_stored_numbers(slug, name)) <= 1:
            yield name


def _stored(slug: str, name: str) -> list[object]:
    """What the newest cases of a source hold in a feature, where it is not missing."""
    cases = Case.objects.filter(source=slug, features__has_key=name).order_by("-pk")
    held = cases.values_list(f"features__{name}", flat=True)[:CASES_MOST]
    return [value for value in held if value is not None]


def _stored_numbers(slug: str, name: str) -> list[float]:
    return [float(each) for each in _stored(slug, name) if isinstance(each, int | float)]


def _held(slug: str, name: str) -> list[Decimal]:
    return [Decimal(str(number)) for number in _stored_numbers(slug, name)]


def _percents(given: Given, sample: Sequence[Mapping[str, object]]) -> list[float]:
    read = read_rate if given.type == "rate" else read_percent
    found = []
    for text in known_numbers([shown_text(row.get(given.column)) for row in sample]):
        try:
            found.append(float(read(text, given.decimal)))
        except CellError:
            continue
    return found


def _most(numbers: Sequence[float]) -> float:
    return max(map(abs, numbers), default=0)


def _read_before(past: Sequence[CaseMapping]) -> dict[str, Given]:
    """How each column was read last, by its name without unit."""
    read: dict[str, Given] = {}
    for then in past:
        for given in then.features.values():
            if given.how == "column":
                read.setdefault(squeeze(given.column), given)
    return read


def _number(text: str, decimal_mark: str) -> float | None:
    try:
        return float(read_number(text, decimal_mark)) if known_numbers([text]) else None
    except CellError:
        return None
