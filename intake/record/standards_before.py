"""Regions, industries, days and codes read as their source's cases hold them, where a table that nobody mapped says no
more."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from cases.models import Case
from intake.header_words.header_units import squeeze
from intake.mapped.case_mapping import CaseMapping
from intake.record.on_record import read_before
from intake.shown.padded_numbers import PaddedNumber
from intake.values.cells import cell_text
from intake.values.samples import known_numbers

_STANDARD: Final = ("industry", "region")
# No more digits than a number holds for sure.
_CODE: Final = re.compile(r"\d{1,15}", re.ASCII)


def with_standards_as_before(slug: str, mapping: CaseMapping, past: Sequence[CaseMapping]) -> CaseMapping:
    """With the texts of a source left as they stand whose cases hold texts: by the standard all its regions would be
    new at once to its models, reports and its health. And by the standard where the column was read so last, though a
    small table has too few regions to tell. `past` are the mappings of the source, the newest first."""
    fields = dict(mapping.fields)
    for name in _STANDARD:
        given = fields.get(name)
        was = next((then.fields[name] for then in past if name in then.fields and then.fields[name].columns), None)
        if given is None or was is None or "column" not in (given.how, was.how):
            continue
        if was.type != name:
            if given.type == name and _holds(slug, name):
                fields[name] = replace(given, type="", unread="")
        elif not given.type and squeeze(was.column) == squeeze(given.column):
            fields[name] = replace(given, type=name, unread=was.unread)
    return replace(mapping, fields=fields)


def with_days_as_before(mapping: CaseMapping, past: Sequence[CaseMapping]) -> CaseMapping:
    """With the days of columns of features that were read as such last, though in few rows most papers hold for ever: a
    column of 长期 and 2030/1/22 had its days in another form than that of the file before."""
    before = read_before(past)
    features = dict(mapping.features)
    for name, given in features.items():
        was = before.get(squeeze(given.column)) if given.how == "column" and given.type == "text" else None
        if was is not None and (was.type, was.unread) == ("date", "keep") and not given.values:
            features[name] = replace(given, type="date", unread="keep")
    return replace(mapping, features=features)


def with_codes_as_before(
    mapping: CaseMapping, past: Sequence[CaseMapping], sample: Sequence[Mapping[str, object]]
) -> CaseMapping:
    """With codes that zeros are shown before, 0101, as the numbers that their column held in the tables of before, of
    which a workbook tells no zeros: all codes would be new at once. As texts where 01 and 1 are two of them."""
    before = read_before(past)
    features = dict(mapping.features)
    for name, given in features.items():
        was = before.get(squeeze(given.column)) if given.how == "column" and given.type == "text" else None
        if was is None or was.type != "number" or was.scale is not None or was.values or given.values:
            continue
        cells = [row.get(given.column) for row in sample]
        texts = [cell.shown if isinstance(cell, PaddedNumber) else cell_text(cell) for cell in cells]
        codes = set(known_numbers(texts))
        if codes and all(map(_CODE.fullmatch, codes)) and len(codes) == len(set(map(int, codes))):
            features[name] = replace(given, type="number")
    return replace(mapping, features=features)


def _holds(slug: str, name: str) -> bool:
    return bool(Case.objects.filter(source=slug).exclude(**{name: ""}).exists())
