"""The fields that a decision table may ask about: type, words in both languages, range, choices, allowed operators."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, Literal

FieldType = Literal["number", "integer", "money", "percent", "boolean", "choice", "text", "date"]
Operator = Literal["any", "=", "!=", "<", "<=", ">", ">=", "between", "in", "not_in", "is_missing", "not_missing"]
Operand = float | str | bool

ORDERED: Final = frozenset({"number", "integer", "money", "percent", "date"})
WORDED: Final = frozenset({"choice", "text"})
# Column titles of a table in a file; a field of that name could not be told from them.
RESERVED: Final = frozenset({"id", "en", "zh", "kind", "hit", "default"})

_ALWAYS: Final[frozenset[Operator]] = frozenset({"any", "=", "!=", "is_missing", "not_missing"})
_LISTS: Final[frozenset[Operator]] = frozenset({"in", "not_in"})
_ORDER: Final[frozenset[Operator]] = frozenset({"<", "<=", ">", ">=", "between"})
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,79}")
_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True)
class Choice:
    """One word that a field of choices may hold."""

    key: str
    en: str
    zh: str


@dataclass(frozen=True)
class Field:
    """One field. Percents are fractions of one; `low` and `high` are inclusive, of dates in days since 1970-01-01.

    Raises ValueError where the key is no ASCII name in snake case or is a reserved one.
    """

    key: str
    type: FieldType
    en: str
    zh: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[Choice, ...] = ()
    source: str = ""
    personal: bool = False

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key) or self.key in RESERVED:
            raise ValueError(f"{self.key!r} cannot be the key of a field")

    @property
    def operators(self) -> frozenset[Operator]:
        """What a cell of this field may ask."""
        if self.type == "boolean":
            return _ALWAYS
        return _ALWAYS | _LISTS | _ORDER if self.type in ORDERED else _ALWAYS | _LISTS

    @property
    def words(self) -> frozenset[str]:
        """The keys of the choices."""
        return frozenset(choice.key for choice in self.choices)


Registry = Mapping[str, Field]


def registry_of(fields: Iterable[Field]) -> Registry:
    """The fields by their keys, in the given order. Raises ValueError where a key comes twice."""
    found: dict[str, Field] = {}
    for field in fields:
        if field.key in found:
            raise ValueError(f"{field.key!r} is registered twice")
        found[field.key] = field
    return MappingProxyType(found)


def days_of(text: str) -> float:
    """Days since 1970-01-01 of a date written as YYYY-MM-DD. Raises ValueError where it is none."""
    if len(text) != 10:
        raise ValueError(text)
    return float((date.fromisoformat(text) - _EPOCH).days)


def date_of(days: float) -> str:
    """The date YYYY-MM-DD of days since 1970-01-01. Raises ValueError where the calendar has none."""
    if not math.isfinite(days) or days != math.floor(days):
        raise ValueError(str(days))
    try:
        return (_EPOCH + timedelta(days=days)).isoformat()
    except OverflowError as problem:
        raise ValueError(str(days)) from problem


def figure_of(field_type: FieldType, operand: Operand) -> float:
    """An operand as the figure that a column of its field holds: dates in days, yes and no as 1 and 0."""
    return days_of(operand) if field_type == "date" and isinstance(operand, str) else float(operand)
