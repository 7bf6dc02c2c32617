"""What a test compares to say that nothing changed, or exactly this: whole rows, straight from the database."""

from __future__ import annotations

from typing import Any

from django.db import connection
from psycopg import sql

from cases.models import Case, CaseEvent

TABLES = ("cases_case", "cases_caseevent", "cases_claim", "cases_review", "cases_signature", "cases_applicant")


def everything(*tables: str) -> dict[str, list[Any]]:
    """Every row of the record (or of `tables`), as JSON text in the order of the keys."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables or TABLES:
            statement = sql.SQL("SELECT to_jsonb(kept)::text FROM {} AS kept ORDER BY id")
            cursor.execute(statement.format(sql.Identifier(table)))
            found[table] = [row[0] for row in cursor.fetchall()]
    return found


def steps(case: Case) -> list[str]:
    """The names of a case's moves, after checking that they are numbered without a gap and join up."""
    events = list(CaseEvent.objects.filter(case=case).order_by("seq"))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.from_state for event in events] == ["", *(event.to_state for event in events[:-1])]
    stored = Case.objects.get(pk=case.pk)
    assert (stored.version, stored.state) == (events[-1].seq, events[-1].to_state)
    return [event.name for event in events]
