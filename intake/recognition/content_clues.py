"""What the values of a column say by themselves, whatever its header is called: identity numbers, dates, months."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from intake.recognition.date_orders import is_date
from intake.recognition.personal_columns import is_identity
from intake.recognition.reference_columns import numbers_another
from intake.values.durations import read_months
from intake.values.samples import known, share

ENOUGH: Final = 0.9
LEAST_VALUES: Final = 3
_REFERENCE: Final = re.compile(r"[A-Za-z]{1,6}[-_]?\d{3,}|\d{12,20}", re.ASCII)
_WRITTEN_MONTHS: Final = re.compile(r"\d{1,3}\s*(期|个月|月|months?)", re.IGNORECASE)
_WRITTEN_DATE: Final = re.compile(r"\d{4}[-/.年].*|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}.*")


def _date(text: str) -> bool:
    return bool(_WRITTEN_DATE.match(text)) and is_date(text)


def _months(text: str) -> bool:
    return bool(_WRITTEN_MONTHS.fullmatch(text)) and read_months(text) > 0


def _reference(text: str) -> bool:
    return bool(_REFERENCE.fullmatch(text))


# field -> (whether a value is one, whether all must differ, whether such values can hardly be anything else)
_CLUES: Final[Mapping[str, tuple[Callable[[str], object], bool, bool]]] = {
    "applicant.id": (is_identity, False, True),
    "term_months": (_months, False, False),
    "applied_at": (_date, False, False),
    "external_ref": (_reference, True, False),
}


def fields_by_content(texts: Mapping[str, Sequence[str]], taken: Collection[str]) -> dict[str, tuple[str, float, bool]]:
    """field -> (column, share of its values, whether they can hardly be anything else), for fields that are not taken.

    Only where exactly one column qualifies: of two dates nobody knows which is the application's.
    """
    found: dict[str, tuple[str, float, bool]] = {}
    used: set[str] = set()
    for name, (test, distinct, sure) in _CLUES.items():
        if name in taken:
            continue
        free = [column for column in texts if column not in used]
        if name == "external_ref":
            free = [column for column in free if not numbers_another(column)]
        fits = {column: read for column in free if (read := _read(texts[column], test, distinct))}
        if len(fits) == 1:
            column, read = next(iter(fits.items()))
            found[name] = (column, read, sure)
            used.add(column)
    return found


def _read(texts: Sequence[str], test: Callable[[str], object], distinct: bool) -> float:
    """The share of known values that pass, 0 where that is not enough to tell."""
    said = known(texts)
    if len(said) < LEAST_VALUES or (distinct and len(set(said)) < len(said)):
        return 0.0
    passed = share(said, test)
    return passed if passed >= ENOUGH else 0.0
