"""How the database is emptied after a test whose commits were real: row by row, and only where there are rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# Made by the migrations, written by no test, and slow to make again: Django does so when it finds them missing.
OF_THE_MIGRATIONS = {"django_content_type", "auth_permission"}


def sql_to_empty(operations: Any, _style: Any, tables: Sequence[str], **_options: Any) -> list[str]:
    """In place of Django's TRUNCATE of every table, which makes some 300 files anew for the few rows of a test.

    The tables that only ever grow refuse both, by their triggers, so these are off meanwhile, until the end of the
    transaction in which Django runs all this. Keys are checked before they are on again: a table with checks to come
    cannot be altered.
    """
    quoted = {table: operations.quote_name(table) for table in tables if table not in OF_THE_MIGRATIONS}
    ask = "SELECT %s WHERE EXISTS (SELECT FROM {})"
    with operations.connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(ask.format(quote) for quote in quoted.values()), list(quoted))
        filled = [quoted[row[0]] for row in cursor.fetchall()]
    if not filled:
        return []
    delete = "d{} AS (DELETE FROM {})"
    deleted = ", ".join(delete.format(number, table) for number, table in enumerate(filled))
    return [
        *(f"ALTER TABLE {table} DISABLE TRIGGER USER;" for table in filled),
        # One statement, since some keys are checked at the end of theirs: no order of the tables is needed.
        f"WITH {deleted} SELECT;",
        "SET CONSTRAINTS ALL IMMEDIATE;",
        *(f"ALTER TABLE {table} ENABLE TRIGGER USER;" for table in filled),
    ]
