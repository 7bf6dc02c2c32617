"""Set-based writes for chunks of rows: COPY in, INSERT that skips what is known, UPDATE from arrays.

Django's bulk methods cost 5 to 40 times as much per row as one COPY or one UPDATE from unnested arrays, and the
machine works in chunks. Column names and types come from the models, values only ever travel as parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models
from django.db.models.fields.json import JSONField
from psycopg import sql
from psycopg.types.json import Jsonb

Row = Sequence[Any]


def _column(model: type[models.Model], name: str) -> str:
    return str(model._meta.get_field(name).column)  # type: ignore[union-attr]


def _array_type(model: type[models.Model], name: str) -> str:
    """The element type for unnest. Text and numeric without length: a cast to varchar(n) would cut silently."""
    field = model._meta.get_field(name)
    db_type = str(field.db_type(connection))
    if db_type.startswith("varchar"):
        return "text"
    if db_type.startswith("numeric"):
        return "numeric"
    return db_type


def _adapt(model: type[models.Model], names: Sequence[str], rows: Iterable[Row]) -> list[list[Any]]:
    is_json = [isinstance(model._meta.get_field(name), JSONField) for name in names]
    return [
        [Jsonb(value) if json and value is not None else value for value, json in zip(row, is_json, strict=True)]
        for row in rows
    ]


def _identifiers(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column) for column in columns)


def _unnest(model: type[models.Model], names: Sequence[str]) -> sql.Composed:
    arrays = sql.SQL(", ").join(sql.SQL("%s::" + _array_type(model, name) + "[]") for name in names)
    columns = _identifiers(_column(model, name) for name in names)
    return sql.SQL("unnest({}) AS given({})").format(arrays, columns)


def copy_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """COPY `rows` (values in the order of the field `names`) into the model's table."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), _identifiers(_column(model, name) for name in names)
    )
    # COPY reports what is wrong at its end, past Django's own translation of errors.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in _adapt(model, names, rows):
            copy.write_row(row)


def insert_new(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Row], *, conflict: Sequence[str]
) -> dict[tuple[Any, ...], int]:
    """Insert the rows whose `conflict` fields are not there yet; returns {conflict values: new primary key}.

    Two writers with the same row: the unique constraint lets one in, the other's row is skipped (ON CONFLICT).
    """
    if not rows:
        return {}
    adapted = _adapt(model, names, rows)
    keys = _identifiers(_column(model, name) for name in conflict)
    columns = _identifiers(_column(model, name) for name in names)
    statement = sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM {given} "
        "ON CONFLICT ({keys}) DO NOTHING RETURNING id, {keys}"
    ).format(table=sql.Identifier(model._meta.db_table), columns=columns, given=_unnest(model, names), keys=keys)
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(column) for column in zip(*adapted, strict=True)])
        return {tuple(row[1:]): row[0] for row in cursor.fetchall()}


def update_rows(model: type[models.Model], names: Sequence[str], rows: Sequence[Row]) -> int:
    """One UPDATE: the first of `names` is the primary key, the others are set from `rows`. Returns the rows changed."""
    if not rows:
        return 0
    adapted = _adapt(model, names, rows)
    sets = [sql.SQL("{0} = given.{0}").format(sql.Identifier(_column(model, name))) for name in names[1:]]
    statement = sql.SQL("UPDATE {table} AS target SET {sets} FROM {given} WHERE target.id = given.id").format(
        table=sql.Identifier(model._meta.db_table), sets=sql.SQL(", ").join(sets), given=_unnest(model, names)
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(column) for column in zip(*adapted, strict=True)])
        return int(cursor.rowcount)
