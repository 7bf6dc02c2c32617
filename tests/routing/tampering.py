"""Writing past the triggers that keep the record, to see who notices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from cases.models import Case, CaseEvent
from routing.models import Policy, PolicyStep, Route
from scoring.models import Assessment


@contextmanager
def tampering() -> Iterator[None]:
    """What only the owner of the database can do: write past the triggers that keep the record."""
    tables = [model._meta.db_table for model in (Assessment, Route, Policy, PolicyStep, Case, CaseEvent)]
    with connection.cursor() as cursor:
        # No table can be altered while checks of its rows are still to come.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        # The rest of a test's transaction is checked at its end again, as it would be without the tampering.
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
