"""Raw SQL past the product's own doors, and what the database answers."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from psycopg import sql

from tests.cases.history import TABLES, everything
from tests.kept import KEPT

ALL = (*TABLES, *KEPT[3:])


def attempt(statement: str | sql.Composed, *params: Any, **named: Any) -> None:
    """Run it as its own little transaction, with what is checked at the commit checked at its end."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS case_has_event DEFERRED")
        cursor.execute(statement, named or params)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refusal_of(statement: str | sql.Composed, *params: Any, **named: Any) -> tuple[str | None, str]:
    """The constraint that refused the statement (None for a trigger) and its message; nothing may have changed."""
    before = everything(*ALL)
    with pytest.raises(IntegrityError) as refusal:
        attempt(statement, *params, **named)
    assert everything(*ALL) == before
    diagnosis = refusal.value.__cause__.diag  # type: ignore[union-attr]
    return diagnosis.constraint_name, diagnosis.message_primary
