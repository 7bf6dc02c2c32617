"""Terms whose unit a table leaves open or states where nobody reads it, in a table that nobody mapped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from intake.header_words.header_units import span_of
from intake.header_words.payment_frequencies import other_frequency
from intake.header_words.term_words import unit_in_note, unit_in_remark, unit_of_time
from intake.mapped.case_mapping import CaseMapping, MappingError
from intake.mapped.derive import months_between
from intake.mapped.given import Given
from intake.recognition.term_columns import differing_parts, other_unit
from intake.recognition.term_dates import term_of_dates
from intake.shown.shown_numbers import shown_with_unit
from intake.tabular.tables import Line
from intake.values.cells import CellError, cell_text, read_number
from intake.values.durations import read_months
from intake.values.percent_cells import shown_text
from intake.values.samples import SampleRow, known_numbers, share

# Of fewer rows nothing follows, and where all say the same only of many: five loans of three months may well be.
_LEAST: Final = 5
_LEAST_ALIKE: Final = 20
# Hardly a lender has loans of so few months alone, nor of these alone: they are the years of mortgages.
_FEW: Final = frozenset(map(Decimal, (1, 2, 3, 4, 5)))
_OF_MORTGAGES: Final = frozenset(map(Decimal, (10, 15, 20, 25, 30)))
# A quarter, half a year and a year in days. Among many different terms one of so many months may be.
_OF_DAYS: Final = frozenset(map(Decimal, (91, 182, 365, 366)))
_DIFFERENT_MOST: Final = 10


def refuse_open_terms(
    mapping: CaseMapping, columns: Sequence[str], sample: Sequence[SampleRow], beside: Iterable[Line]
) -> None:
    """`beside` are the lines beside the table.

    Raises:
        MappingError: the terms may be in another unit than months, or a unit is stated that would be passed over.
    """
    term = mapping.fields.get("term_months")
    if term is None or not term.columns:
        return
    samples = {column: [shown_text(row.get(column)) for row in sample] for column in columns}
    if parts := differing_parts(term, columns, samples):
        raise MappingError("term_parts", first=parts[0], second=parts[1], values=parts[2])
    if term.how == "compute" and term.name not in ("months_of_days", "months_of_parts"):
        # Each row says its own unit, or its days.
        return
    column = term.columns[0]
    if other := other_unit(column, [each for each in columns if each not in term.columns], samples):
        raise MappingError("unit_in_column", said=other[1], column=column)
    if term.how == "column" and (often := other_frequency(column, columns, samples)):
        raise MappingError("term_frequency", name=often[0], said=often[1], column=column)
    if stated := _stated_beside(term, sample, beside):
        raise MappingError(stated[0], said=stated[1], column=column)
    if term.how == "column" and term.scale is None and not span_of(column):
        _refuse_open_numbers(term, sample)
        _refuse_other_days(column, columns, samples)


def with_stated_term(mapping: CaseMapping, sample: Sequence[SampleRow], beside: Iterable[Line]) -> CaseMapping:
    """A drafted mapping that reads its term in the unit that stands beside the table, for a person to look at. One in
    weeks or quarters is left open, and so is one that counts payments of another frequency."""
    term = mapping.fields.get("term_months")
    stated = _stated_beside(term, sample, beside) if term else None
    if stated is None and term and term.how == "column":
        samples = {column: [shown_text(row.get(column)) for row in sample] for column in (sample[0] if sample else ())}
        often = other_frequency(term.column, [*samples], samples) if term.column in samples else None
        stated = (*often, "others") if often else None
    if term is None or stated is None:
        return mapping
    others = {name: given for name, given in mapping.fields.items() if name != "term_months"}
    if stated[2] == "others":
        return replace(mapping, fields=others, drop={**mapping.drop, term.column: "not_used"})
    of_days = Given("compute", name="months_of_days", sources=(term.column,))
    months = of_days if stated[2] == "days" else replace(term, scale=Decimal(12))
    return replace(mapping, fields={**others, "term_months": months})


def _stated_beside(term: Given, sample: Sequence[SampleRow], beside: Iterable[Line]) -> tuple[str, str, str] | None:
    """The first text in the row below the header or beside the table that says the terms to be in another unit than
    months, with its code and the unit; None where there is none, and where the header says a unit itself."""
    if term.how != "column" or term.scale is not None or span_of(term.column):
        return None
    cells = [shown_with_unit(row.get(term.column), cell_text(row.get(term.column))) for row in sample]
    first = [(cell, unit_of_time(cell)) for cell in cells[:1] if not _is_term_among(cell, cells[1:])]
    told = [
        *(("unit_below_header", *each) for each in first),
        *((line.code, line.said, unit_in_note(line.said)) for line in beside if not line.column),
        *((line.code, line.said, unit_in_remark(line.said)) for line in beside if line.column == term.column),
    ]
    return next((each for each in told if each[2] not in ("", "months")), None)


def _is_term_among(cell: str, others: Sequence[str]) -> bool:
    """Whether the first cell is a term itself, as 半年 above 一年 and 两年: above bare numbers it is their unit."""
    is_term = share([cell], read_months) == 1
    return is_term and not any(_number(text) for text in known_numbers(others))


def _refuse_open_numbers(term: Given, sample: Sequence[SampleRow]) -> None:
    cells = [shown_with_unit(row.get(term.column), cell_text(row.get(term.column))) for row in sample]
    numbers = [_number(text) for text in known_numbers(cells)]
    told = set(numbers)
    if len(numbers) < (_LEAST if len(told) > 1 else _LEAST_ALIKE) or min(numbers) < 1:
        return
    values = ", ".join(f"{number:f}" for number in sorted(told))
    if told <= _FEW or told <= _OF_MORTGAGES:
        raise MappingError("term_open", name=term.column, values=values)
    # 90, 150 and 270 are terms of mortgages, too.
    may_be_days = min(told) == 30 or max(told) <= 180
    by_thirty = all(number % 30 == 0 for number in told) and any(number % 12 and number >= 90 for number in told)
    if (by_thirty and may_be_days) or (told & _OF_DAYS and len(told) <= _DIFFERENT_MOST):
        raise MappingError("term_open_days", name=term.column, values=values)


def _refuse_other_days(column: str, columns: Sequence[str], samples: Mapping[str, Sequence[str]]) -> None:
    """A loan from 2026-10-09 to 2028-10-09 with a term of 2 has one of years. A few that were prolonged say nothing."""
    days = term_of_dates(columns, samples)
    if days is None:
        return
    start, end = days.sources
    told, unlike = 0, []
    for row in zip(samples[column], samples[start], samples[end], strict=True):
        months, between = _months(row[0]), _months_between(row[1:], days.options)
        if months and between:
            told += 1
            unlike += [row] if abs(months - between) > max(2, between / 5) else []
    if len(unlike) * 2 > told:
        raise MappingError("term_other_days", name=column, start=start, end=end, values=" | ".join(unlike[0]))


def _months(text: str) -> int:
    try:
        return read_months(text)
    except CellError:
        return 0


def _months_between(days: tuple[str, ...], options: Mapping[str, object]) -> int:
    try:
        months = months_between(days, options)
    except CellError:
        return 0
    return months if isinstance(months, int) else 0


def _number(text: str) -> Decimal:
    """Nought for what is no bare number, as 3年: it names its unit."""
    try:
        return read_number(text)
    except CellError:
        return Decimal(0)
