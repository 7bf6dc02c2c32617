"""Columns that may be the number of a loan, though a mapping reads no field of them: it may be corrected, and a header
like Agreement does not even say so."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from intake.header_words.feature_names import NUMBERS
from intake.header_words.headers import names_the_loan
from intake.header_words.number_signs import says_number
from intake.mapped.case_mapping import CaseMapping
from intake.values.cells import cell_text, lookup_key
from intake.values.samples import SampleRow, known

_TYPES: Final = frozenset({"text", "number", "integer", ""})
# A whole number, or a code with a figure in it; no share, no sentence.
_NUMBER: Final = re.compile(r"(?=.*\d)[^\s.,%]+(?:\.0)?")
# What a header calls a number may have them: 2026.01.0007, （2026）沪借字第 0007 号.
_CALLED_NUMBER: Final = re.compile(r".*\d.*", re.DOTALL)
# No list has a million lines, and no line zeros before its number.
_COUNT: Final = re.compile(r"0|[1-9][0-9]{0,5}")
# Of so many, one may stand twice, or be something else.
_ODD: Final = 10
# So many rows may share what a header calls a number: a loan stands once for each who owes it.
_SHARED: Final = 4
_MOST: Final = 8


def telling_columns(mapping: CaseMapping, sample: Sequence[SampleRow]) -> tuple[str, ...]:
    """The columns that are left out, are features without a known meaning or tell the applicant, in which nearly every
    row of a sample holds a number that no other row of it has, or few others where the header says that it is one; at
    most 8."""
    features = [
        given.column
        for name, given in mapping.features.items()
        if given.how == "column" and given.type in _TYPES and name not in NUMBERS
    ]
    person = mapping.fields.get("applicant.id")
    persons = [person.column] if person is not None and person.column in mapping.columns else []
    columns = dict.fromkeys([*mapping.left_out, *features, *persons])
    return tuple(each for each in columns if _tells(each, [cell_text(row.get(each)) for row in sample]))[:_MOST]


def _tells(column: str, texts: Sequence[str]) -> bool:
    said = known(texts)
    is_called = says_number(column)
    form = _CALLED_NUMBER if is_called else _NUMBER
    numbers = {lookup_key(text) for text in said if form.fullmatch(text)}
    if not numbers or (_are_counted(numbers) and not names_the_loan(column)):
        return False
    if is_called:
        # They may come with the signing alone.
        return len(numbers) * _SHARED >= len(said)
    return len(said) * 2 > len(texts) and len(numbers) * _ODD >= len(said) * (_ODD - 1)


def _are_counted(numbers: Collection[str]) -> bool:
    """Whether they run on from row to row, as those of lines do: 7 of one list is not 7 of the next."""
    values = [int(number) for number in numbers if _COUNT.fullmatch(number)]
    return len(values) == len(numbers) and max(values) - min(values) < 2 * len(values)
