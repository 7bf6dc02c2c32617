"""How many rows wait in several places: one statement for all of them, each counted to a thousand and no further."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet, Value

COUNT_LIMIT: Final = 1_000


def capped_counts(places: Mapping[str, QuerySet[Any]]) -> dict[str, str]:
    """The number of rows of each place as words: `23`, `1,000+`. The cost does not grow with the book."""
    return counts_and_lists(places, {})[0]


def counts_and_lists(
    places: Mapping[str, QuerySet[Any]], lists: Mapping[str, QuerySet[Any]]
) -> tuple[dict[str, str], dict[str, list[Any]]]:
    """As `capped_counts`, and in the same statement the values of each of `lists`, which name one column each."""
    return statement_of(places, lists).ask()


@dataclass(frozen=True)
class Statement:
    """The SQL that counts in several places, which may be kept and asked again: its values are those of when it was
    made, its rows those of when it is asked."""

    sql: str
    values: tuple[Any, ...]
    places: tuple[str, ...]
    lists: tuple[str, ...]

    def ask(self) -> tuple[dict[str, str], dict[str, list[Any]]]:
        """One query; none where nothing is counted."""
        if not self.places and not self.lists:
            return {}, {}
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.values)
            found = cursor.fetchone()
        counts, values = found[: len(self.places)], found[len(self.places) :]
        words = (f"{COUNT_LIMIT:,}+" if n > COUNT_LIMIT else f"{n:,}" for n in counts)
        return dict(zip(self.places, words, strict=True)), dict(zip(self.lists, values, strict=True))


def statement_of(places: Mapping[str, QuerySet[Any]], lists: Mapping[str, QuerySet[Any]]) -> Statement:
    """The statements of the places are joined as text: as subqueries of one more query, Django would copy and resolve
    each of them again, which took twice as long as to make them."""
    columns = [_column("(SELECT COUNT(*) FROM ({}) AS counted)", "0", _ones(rows)) for rows in places.values()]
    columns += [_column("ARRAY({})", "ARRAY[]::text[]", rows) for rows in lists.values()]
    sql = ", ".join(column for column, _values in columns)
    values = tuple(value for _column, values in columns for value in values)
    return Statement(f"SELECT {sql}", values, tuple(places), tuple(lists))


def _ones(rows: QuerySet[Any]) -> QuerySet[Any]:
    """A 1 for each row, in no order, and no more of them than are counted."""
    return rows.order_by().values(one=Value(1))[: COUNT_LIMIT + 1]


def _column(template: str, empty: str, rows: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    """A column of the statement with its parameters; `empty` where Django knows without asking that no row is found."""
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return empty, ()
    return template.format(sql), values
