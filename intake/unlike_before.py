"""Tables that nobody mapped and that are unlike those of before, so that their rows would be read wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from cases.models import Case
from intake.case_mapping import CaseMapping, MappingError
from intake.cells import CellError, cell_text, read_number, read_percent, read_rate
from intake.given import Given
from intake.header_units import squeeze
from intake.on_record import past_mappings
from intake.percent_cells import shown_text
from intake.samples import known_numbers

SHARES: Final = ("percent", "rate")
# So many cases tell what a source has sent.
CASES_MOST: Final = 1000


def refuse_unlike_before(slug: str, mapping: CaseMapping, sample: Sequence[Mapping[str, object]]) -> None:
    """What a person has mapped is not asked about; `sample` are first rows of the table.

    Raises:
        MappingError: names the columns that lack, or that no longer say what their numbers are.
    """
    past = [*past_mappings(slug)]
    _refuse_lost_columns(mapping, past)
    _refuse_lost_percent(mapping, past, sample)
    _refuse_new_percent(slug, mapping, past, sample)


def _refuse_lost_columns(mapping: CaseMapping, past: Sequence[CaseMapping]) -> None:
    """A table without numbers is told by its columns: where some are missing by which its rows were told before, all
    that came before would be new. One that has half of them or fewer is another table, unless most of what was read of
    the columns stands under other names; and one that came without them before lacks nothing."""
    if not mapping.counts_equal_rows:
        return
    present = set(map(squeeze, mapping.columns))
    lacking: list[str] = []
    for then in past:
        told_by = [column for column in then.columns if column not in then.not_telling]
        lost = [column for column in told_by if squeeze(column) not in present]
        if then.counts_equal_rows and not lost:
            return
        if len(lost) * 2 < len(told_by) or _reads_as(then, mapping):
            lacking = lacking or (lost if then.counts_equal_rows else _lost_number(then, present))
    if lacking:
        raise MappingError("columns_lacking", names=", ".join(lacking))


def _reads_as(then: CaseMapping, mapping: CaseMapping) -> bool:
    """Whether most of what was read from columns then is read from some now, whatever they are called."""
    was, now = ({name for name, given in each.named.items() if given.how == "column"} for each in (then, mapping))
    return len(was & now) * 2 > len(was)


def _lost_number(then: CaseMapping, present: Collection[str]) -> list[str]:
    """The column of a table's own numbers, where it is gone: every row would be new under a reference of its values."""
    number = then.fields.get("external_ref")
    return [column for column in (number.columns if number else ()) if squeeze(column) not in present]


def _refuse_lost_percent(
    mapping: CaseMapping, past: Sequence[CaseMapping], sample: Sequence[Mapping[str, object]]
) -> None:
    """A column whose cells said 20% before and say 0.2 now: as a bare number it would be a hundredth of what it was."""
    for name in _lost_percent(mapping, past, sample):
        raise MappingError("percent_lost", name=mapping.features[name].column)


def with_shares_of_before(slug: str, mapping: CaseMapping, sample: Sequence[Mapping[str, object]]) -> CaseMapping:
    """A draft that reads as shares what was in percent before and now is bare: as the sender means it, not as the
    table says it."""
    features = dict(mapping.features)
    for name in _lost_percent(mapping, [*past_mappings(slug)], sample):
        features[name] = replace(features[name], type="rate")
    return replace(mapping, features=features)


def _lost_percent(
    mapping: CaseMapping, past: Sequence[CaseMapping], sample: Sequence[Mapping[str, object]]
) -> Iterator[str]:
    before = _read_in(past)
    for name, given in mapping.features.items():
        was = before.get(squeeze(given.column))
        if given.how == "column" and given.type == "number" and was is not None and was.type in SHARES:
            numbers = [_number(cell_text(row.get(given.column)), given.decimal) for row in sample]
            found = [number for number in numbers if number]
            if found and max(map(abs, found)) <= 1:
                yield name


def _refuse_new_percent(
    slug: str, mapping: CaseMapping, past: Sequence[CaseMapping], sample: Sequence[Mapping[str, object]]
) -> None:
    """A column of bare shares that comes in percent: 20% would stand beside 0.2 in one feature. Numbers above 1 were
    percent already, and a column of at most 1 % is the same either way."""
    before = _read_in(past)
    for name, given in mapping.features.items():
        was = before.get(squeeze(given.column))
        is_bare = was is not None and was.how == "column" and was.type == "number" and was.scale is None
        is_percent = given.how == "column" and given.type in SHARES and _most(_percents(given, sample)) > 1
        if is_bare and is_percent and 0 < _most(_stored(slug, name)) <= 1:
            raise MappingError("percent_new", name=given.column)


def _stored(slug: str, name: str) -> list[float]:
    """What the newest cases of a source hold in a feature."""
    cases = Case.objects.filter(source=slug, features__has_key=name).order_by("-pk")
    held = cases.values_list(f"features__{name}", flat=True)[:CASES_MOST]
    return [float(each) for each in held if isinstance(each, int | float)]


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


def _read_in(past: Sequence[CaseMapping]) -> dict[str, Given]:
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
