"""What a mapping takes from other sources: by applicant or loan, the latest row from before the application."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Final

from intake.mapped.given import Given
from intake.standards.identity import read_identity_number
from intake.standards.people import read_phone
from intake.values.cell_dates import MONTH, YEAR
from intake.values.cells import KEPT_LONGEST, CellError, lookup_key, visible

# The fields of a case that a join may find the other source's rows by: the applicant, or the loan.
JOINED_ON = ("applicant.id", "external_ref")
KEY_MOST = 200
# As for the time of an application; beyond the other no day follows.
YEAR_LEAST, YEAR_MOST = 1950, 9998
# What can only be a telephone: a mobile one of China, one with its area code apart, or one that names its country. A
# bare 02161234567 may be the number of a loan, which is another one than 2161234567.
_TELEPHONE: Final = re.compile(
    r"(?:(?:\+|00)?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}"
    r"|(?:(?:\+|00)86[- ]?)?(?:\(0\d{2,3}\) ?|0\d{2,3}[- ])\d{3,4}[- ]?\d{4}|\+\d[\d -]{6,18}",
    re.ASCII,
)
_DIGITS_LEAST: Final = 8
_OF_LAST_CENTURY: Final = re.compile(r"\d{6}19\d{9}[\dx]", re.ASCII)


@dataclass(frozen=True)
class Reference:
    """How a source's rows are kept for others to join: the key they are found by, and as of when each row was true."""

    key: Given
    as_of: Given


def true_as_it_comes(reference: Reference | None) -> bool:
    """Whether a kept row is true as of its arrival, since it names no moment."""
    return reference is not None and reference.as_of.how == "import_time"


@dataclass(frozen=True)
class Join:
    """Another source whose kept rows are read beside a table's own; `on` is one of JOINED_ON."""

    source: str
    on: str


@dataclass(frozen=True)
class KeptRow:
    """A row as its source keeps it: the key of the database, and its cells by column as they stood."""

    id: int
    cells: Mapping[str, object] = field(default_factory=dict)


# What is wanted of one source: (key, time of the application), one for each row; the answers in the same order.
Wanted = tuple[str, datetime]
LookUp = Callable[[str, Sequence[Wanted]], Sequence[KeptRow | None]]


def join_key(text: str) -> str:
    """A key as rows are found by it: without case, width, hidden signs and outer blanks, "2.0" as "2"."""
    return lookup_key(visible(text).strip())[:KEY_MOST]


def standard_key(key: str) -> str:
    """The key under which a row is kept: an identity number or a telephone in its one form, whatever its mapping says
    of it, so that "440106 19900103 1017" and the old number of 15 digits are found by those of 18; any other as it is.

    Both sides of a join are compared so: two keys that are not the same number never become one.
    """
    return _standard(key) if _DIGITS_LEAST <= len(key) <= KEPT_LONGEST else key


@lru_cache(maxsize=4_096)
def _standard(key: str) -> str:
    readers = [read_identity_number, *([read_phone] if _TELEPHONE.fullmatch(key) else [])]
    for read in readers:
        try:
            return lookup_key(read(key))
        except CellError:
            continue
    return key


def keys_looked_for(key: str) -> tuple[str, ...]:
    """The keys under which a row may have been kept: in the standard form, and as rows were kept once, each as its
    mapping read it: written as this one, or as an identity number of 15 digits."""
    standard = standard_key(key)
    older = (standard[:6] + standard[8:17],) if _OF_LAST_CENTURY.fullmatch(standard) else ()
    return tuple(dict.fromkeys((standard, key, *older)))


def wrong_moment(as_of: datetime) -> str:
    """Why nothing can be true as of this moment, "" where it can: 9999-12-31 stands for "without an end"."""
    return "too_early" if as_of.year < YEAR_LEAST else "in_the_future" if as_of.year > YEAR_MOST else ""


def known_from(as_of: datetime, span: str = "") -> datetime:
    """The moment after which a row may be used. A day without a time is over before anybody knows all of it, and so is
    a MONTH or YEAR of which no day is told, whose first day stands for it; any other day of it is told."""
    if span == YEAR and (as_of.month, as_of.day) == (1, 1):
        return as_of.replace(year=as_of.year + 1) - timedelta(microseconds=1)
    if span == MONTH and as_of.day == 1:
        return (as_of + timedelta(days=31)).replace(day=1) - timedelta(microseconds=1)
    is_day = not (as_of.hour or as_of.minute or as_of.second or as_of.microsecond)
    return as_of + timedelta(days=1) - timedelta(microseconds=1) if is_day else as_of


def is_whole_day(known: datetime) -> bool:
    """Whether a row that is known from this moment, on the clock of the moment, told of a day without a time."""
    return known.time() == time.max


def joined_column(name: str, column: str) -> str:
    """How the column of a joined source is written in a mapping: `bureau.score`."""
    return f"{name}.{column}"


def join_of(column: str, joins: Mapping[str, Join]) -> str:
    """The join that a column is taken from, or "" where it is one of the table's own."""
    name, point, rest = column.partition(".")
    return name if point and rest and name in joins else ""


def taken_from_joins(given: Mapping[str, Given], joins: Mapping[str, Join]) -> dict[str, Given]:
    """Of these values the ones read from other sources, alone or together with columns of the row's own."""
    if not joins:
        return {}
    return {name: each for name, each in given.items() if any(join_of(column, joins) for column in each.columns)}


def cells_of(joined: Mapping[str, KeptRow]) -> dict[str, object]:
    """The cells of the rows that were found, under the names that a mapping calls them by."""
    return {joined_column(name, column): cell for name, row in joined.items() for column, cell in row.cells.items()}


def look_up_all(
    joins: Mapping[str, Join], wanted: Sequence[Mapping[str, Wanted]], look_up: LookUp
) -> Iterator[dict[str, KeptRow]]:
    """For each row what was found, by the name of the join; one question a join for all the rows together.

    `wanted` has for each row the key and time by the name of the join, where the row has both.
    """
    found: list[dict[str, KeptRow]] = [{} for _row in wanted]
    for name, join in joins.items():
        places = [at for at, each in enumerate(wanted) if name in each]
        answers = look_up(join.source, [wanted[at][name] for at in places]) if places else ()
        for at, answer in zip(places, answers, strict=True):
            if answer is not None:
                found[at][name] = answer
    yield from found
