"""A lender's database for the tests: a table of applications in SQLite, and a source that is read from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cases.models import User
from intake.models import Connector, Source
from intake.ways_in.connectors import add_source, set_connector

REASON = "agreed with the owners of the database"
START = datetime.fromisoformat("2026-01-05 09:00")
QUERY = "SELECT id, product, amount, term, currency, annual_income, updated_at FROM loans"
TYPED = {"query": QUERY, "watermark": "updated_at", "key": "id"}


def loan(number: int, **changes: Any) -> tuple[Any, ...]:
    """An application; ten at a time share a moment."""
    at = (START + timedelta(minutes=number // 10)).isoformat(sep=" ")
    row = {"id": f"A-{number:05d}", "product": "consumer", "amount": 5000 + number, "term": 24, "currency": "USD",
           "annual_income": 60000, "updated_at": at}  # fmt: skip
    return tuple((row | changes).values())


def lay_down(folder: Path, rows: Sequence[tuple[Any, ...]], name: str = "loans.db") -> Path:
    """Rows in a table of SQLite, after those that are there."""
    folder.mkdir(exist_ok=True)
    with sqlite3.connect(folder / name) as database:
        database.execute(
            "CREATE TABLE IF NOT EXISTS loans (id TEXT PRIMARY KEY, product TEXT, amount REAL, term INTEGER,"
            " currency TEXT, annual_income REAL, updated_at TEXT)"
        )
        database.executemany("INSERT INTO loans VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    database.close()
    return folder / name


def connect(by: User, address: str = "sqlite:///loans.db", slug: str = "los", **typed: str) -> Connector:
    """A source that is read from there, opened where nothing came of it yet."""
    if not Source.objects.filter(slug=slug).exists():
        add_source(slug, by=by, reason=REASON)
    return set_connector(slug, kind="sql", address=address, typed={**TYPED, **typed}, by=by, reason=REASON)
