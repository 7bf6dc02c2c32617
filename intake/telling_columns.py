"""Columns that may be the number of a loan, though a mapping reads no field of them: it may be corrected, and a header
like Agreement does not even say so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from intake.case_mapping import CaseMapping
from intake.cells import cell_text, lookup_key
from intake.feature_names import NUMBERS
from intake.number_signs import says_number
from intake.samples import SampleRow, known

_TYPES: Final = frozenset({"text", "number", "integer", ""})
# A whole number, or a code with a figure in it; no share, no sentence.
_NUMBER: Final = re.compile(r"(?=.*\d)[^\s.,%]+(?:\.0)?")
# Of so many, one may stand twice, or be something else.
_ODD: Final = 10
# So many rows may share what a header calls a number: a loan stands once for each who owes it.
_SHARED: Final = 4
_MOST: Final = 8


def telling_columns(mapping: CaseMapping, sample: Sequence[SampleRow]) -> tuple[str, ...]:
    """The columns that are left out, or features without a known meaning, in which nearly every row of a sample holds a
    number that no other row of it has, or few others where the header says that it is one; at most 8."""
    features = [
        given.column
        for name, given in mapping.features.items()
        if given.how == "column" and given.type in _TYPES and name not in NUMBERS
    ]
    columns = dict.fromkeys([*mapping.left_out, *features])
    return tuple(each for each in columns if _tells(each, [cell_text(row.get(each)) for row in sample]))[:_MOST]


def _tells(column: str, texts: Sequence[str]) -> bool:
    said = known(texts)
    numbers = {lookup_key(text) for text in said if _NUMBER.fullmatch(text)}
    is_own = len(numbers) * _ODD >= len(said) * (_ODD - 1)
    is_shared = says_number(column) and len(numbers) * _SHARED >= len(said)
    return bool(numbers) and len(said) * 2 > len(texts) and (is_own or is_shared)
