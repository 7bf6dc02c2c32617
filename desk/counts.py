"""How many rows wait in several places: one query for all of them, each counted to a thousand and no further."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import IntegerField, QuerySet, Subquery, Value

from cases.models import User

COUNT_LIMIT: Final = 1_000


class _CountOf(Subquery):
    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def capped_counts(places: Mapping[str, QuerySet[Any]], user: User) -> dict[str, str]:
    """The number of rows of each place as words: `23`, `1,000+`. The cost does not grow with the book.

    The row of `user` only carries the counts; a name of `places` must not be a field of User.
    """
    return counts_and_lists(places, {}, user)[0]


def counts_and_lists(
    places: Mapping[str, QuerySet[Any]], lists: Mapping[str, QuerySet[Any]], user: User
) -> tuple[dict[str, str], dict[str, list[Any]]]:
    """As `capped_counts`, and in the same statement the values of each of `lists`, which name one column each."""
    counted = {
        name: _CountOf(rows.order_by().annotate(_one=Value(1)).values("_one")[: COUNT_LIMIT + 1])
        for name, rows in places.items()
    }
    beside = {name: ArraySubquery(rows) for name, rows in lists.items()}
    found: Any = User.objects.filter(pk=user.pk).values(**counted, **beside).get() if counted or beside else {}
    counts = {name: found[name] for name in counted}
    words = {name: f"{COUNT_LIMIT:,}+" if n > COUNT_LIMIT else f"{n:,}" for name, n in counts.items()}
    return words, {name: found[name] for name in beside}
