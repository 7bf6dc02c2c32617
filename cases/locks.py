"""Locks by name, for what has no row to lock yet: the next number of a product's policy, a file that is new."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from cases.move import require_transaction


def hold(name: str) -> None:
    """Wait until nobody else holds `name`, and hold it until the end of the transaction.

    Locking the rows that exist is not enough where the next number is counted: the one who waited still counts what
    it saw before it waited.
    """
    require_transaction()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


@contextmanager
def alone(name: str, *, shared: bool = False) -> Iterator[bool]:
    """Whether nobody else holds `name` now; with `shared`, nobody who wants it alone. Held by the database session, so
    that a process that dies lets go of it."""
    suffix = "_shared" if shared else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock{suffix}(hashtextextended(%s, 0))", [name])
        (got,) = cursor.fetchone()
        try:
            yield got
        finally:
            if got:
                cursor.execute(f"SELECT pg_advisory_unlock{suffix}(hashtextextended(%s, 0))", [name])
