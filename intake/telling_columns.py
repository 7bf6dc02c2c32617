"""Features that may be the number of a loan: the header Agreement does not say so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from intake.cells import cell_text, lookup_key
from intake.given import Given
from intake.samples import SampleRow, known

_TYPES: Final = frozenset({"text", "number", "integer", ""})
# A whole number, or a code with a figure in it; no share, no sentence.
_NUMBER: Final = re.compile(r"(?=.*\d)[^\s.,%]+(?:\.0)?")
# Of so many, one may stand twice, or be something else.
_ODD: Final = 10


def telling_columns(features: Iterable[Given], sample: Sequence[SampleRow]) -> frozenset[str]:
    """The columns of features in which nearly every row of a sample holds a number that no other row of it has."""
    columns = (given.column for given in features if given.how == "column" and given.type in _TYPES)
    return frozenset(column for column in columns if _tells([cell_text(row.get(column)) for row in sample]))


def _tells(texts: Sequence[str]) -> bool:
    said = known(texts)
    numbers = {lookup_key(text) for text in said if _NUMBER.fullmatch(text)}
    return bool(numbers) and len(numbers) * _ODD >= len(said) * (_ODD - 1) and len(said) * 2 > len(texts)
