"""Columns that are kept in percent, read as their source sent them before: as shares (0.35) or as percents (35)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from intake.header_words.feature_naming import feature_name
from intake.header_words.header_units import says_percent, squeeze
from intake.mapped import shares
from intake.mapped.case_mapping import CaseMapping
from intake.mapped.given import Given
from intake.recognition.other_rates import is_other_rate
from intake.record.on_record import read_before, stored_values
from intake.values.cells import CellError, cell_text, read_number, read_percent, read_rate
from intake.values.percent_cells import shown_text
from intake.values.samples import known_numbers

SHARES: Final = ("percent", "rate")
_HUNDREDTH: Final = Decimal("0.01")


def with_shares_as_before(
    slug: str, mapping: CaseMapping, past: Sequence[CaseMapping], sample: Sequence[Mapping[str, object]]
) -> CaseMapping:
    """With shares brought to percent where those of the column's last table were and these may be some, and as they
    stand where they always stood so on the cases of this source: from one file to the next it would be another number
    to everybody. Of rates of interest 0.9 may have been 0.9 % all along."""
    before = read_before(past)
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
    for name, given in mapping.features.items():
        was = before.get(squeeze(given.column))
        if not is_other_rate(name, given) or given.scale == (was and was.scale):
            continue
        if _are_shares(was) and shares.can_be_shares("interest_rate", _numbers(given, sample)):
            features[name] = shares.in_percent("interest_rate", given)
        elif _are_percents(was) and _most(_stored_numbers(slug, name)):
            features[name] = replace(given, scale=None, limits=None)
    return replace(mapping, features=features)


def open_shares(
    slug: str, mapping: CaseMapping, past: Sequence[CaseMapping], sample: Sequence[Mapping[str, object]]
) -> Iterator[tuple[str, str, str]]:
    """The features whose bare numbers may be shares or percents, with the least and the largest of them: half of them
    are as shares are, and the others may be some, unless the source's cases hold such percents already. Of a source of
    shares half of them need only be possible."""
    before = read_before(past)
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


def with_percents_of_before(
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
    before = read_before(past)
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
    before = read_before(past)
    for name, given in mapping.features.items():
        was = before.get(squeeze(given.column))
        is_bare = was is not None and ((was.type == "number" and was.scale is None) or was.scale == _HUNDREDTH)
        is_percent = given.how == "column" and given.type in SHARES and _most(_percents(given, sample)) > 1
        if is_bare and is_percent and 0 < _most(_stored_numbers(slug, name)) <= 1:
            yield name


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


def _stored_numbers(slug: str, name: str) -> list[float]:
    return [float(each) for each in stored_values(slug, name) if isinstance(each, int | float)]


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


def _number(text: str, decimal_mark: str) -> float | None:
    try:
        return float(read_number(text, decimal_mark)) if known_numbers([text]) else None
    except CellError:
        return None
