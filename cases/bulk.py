"""Set-based writes for chunks of rows: COPY in, INSERT that skips what is known, UPDATE from many rows at once.

Django's bulk methods cost 5 to 40 times as much per row as one COPY or one UPDATE of a whole chunk, and the machine
works in chunks. Column names and types come from the models, values only ever travel as parameters: those of an INSERT
or UPDATE as one JSON text, which costs the sender a third of what an array a column does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import NoneType
from typing import Any, Final

from django.db import connection, models
from django.db.models.fields.json import JSONField
from psycopg import sql
from psycopg.types.json import Jsonb

Row = Sequence[Any]
# What JSON holds as PostgreSQL reads it; everything else goes as text, fractions too, which then lose nothing.
_AS_IT_IS: Final = (str, int, NoneType, list)


def _column(model: type[models.Model], name: str) -> str:
    return str(model._meta.get_field(name).column)  # type: ignore[union-attr]


def _type(model: type[models.Model], name: str) -> str:
    """The type a value is read as. Text and numeric without length: a cast to varchar(n) would cut silently."""
    field = model._meta.get_field(name)
    db_type = str(field.db_type(connection))
    if db_type.startswith("varchar"):
        return "text"
    if db_type.startswith("numeric"):
        return "numeric"
    return db_type


def _holds_json(model: type[models.Model], names: Sequence[str]) -> list[bool]:
    return [isinstance(model._meta.get_field(name), JSONField) for name in names]


def _identifiers(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column) for column in columns)


def _given(model: type[models.Model], names: Sequence[str]) -> sql.Composed:
    """The table that `_as_json` holds."""
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(_column(model, name)), sql.SQL(_type(model, name))) for name in names
    ]
    return sql.SQL("json_to_recordset(%s::json) AS given({})").format(sql.SQL(", ").join(columns))


def _as_json(model: type[models.Model], names: Sequence[str], rows: Sequence[Row]) -> str:
    columns = [(_column(model, name), json_) for name, json_ in zip(names, _holds_json(model, names), strict=True)]
    given = [
        {
            column: value if is_json or isinstance(value, _AS_IT_IS) else str(value)
            for (column, is_json), value in zip(columns, row, strict=True)
        }
        for row in rows
    ]
    return json.dumps(given)


# The statements are kept: putting one together costs as much as storing a case.
@cache
def _copy_statement(model: type[models.Model], names: tuple[str, ...]) -> str:
    columns = _identifiers(_column(model, name) for name in names)
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(model._meta.db_table), columns).as_string()


@cache
def _insert_statement(
    model: type[models.Model],
    names: tuple[str, ...],
    same: tuple[str, ...],
    conflict: tuple[str, ...],
) -> str:
    once = [sql.SQL("%s::{}").format(sql.SQL(_type(model, name))) for name in same]
    columns = [sql.Identifier(_column(model, name)) for name in names]
    statement = sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {values} FROM {given} ON CONFLICT ({keys}) DO NOTHING "
        "RETURNING id, {keys}"
    ).format(
        table=sql.Identifier(model._meta.db_table),
        columns=_identifiers(_column(model, name) for name in (*names, *same)),
        values=sql.SQL(", ").join([*columns, *once]),
        given=_given(model, names),
        keys=_identifiers(_column(model, name) for name in conflict),
    )
    return statement.as_string()


@cache
def _update_statement(model: type[models.Model], names: tuple[str, ...]) -> str:
    sets = [sql.SQL("{0} = given.{0}").format(sql.Identifier(_column(model, name))) for name in names[1:]]
    statement = sql.SQL("UPDATE {table} AS target SET {sets} FROM {given} WHERE target.id = given.id").format(
        table=sql.Identifier(model._meta.db_table), sets=sql.SQL(", ").join(sets), given=_given(model, names)
    )
    return statement.as_string()


def copy_rows(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Row], *, same: Mapping[str, Any] | None = None
) -> None:
    """COPY `rows` (values in the order of the field `names`) into the model's table; `same` are further fields with the
    one value that all rows have."""
    is_json = _holds_json(model, names)
    same = same or {}
    kinds = zip(same.values(), _holds_json(model, tuple(same)), strict=True)
    shared = [_as_text(value, json_) for value, json_ in kinds]
    statement = _copy_statement(model, (*names, *same))
    # COPY reports what is wrong at its end, past Django's own translation of errors.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            values = zip(row, is_json, strict=True)
            copy.write_row([_as_text(value, json_) for value, json_ in values] + shared)


def _as_text(value: Any, is_json: bool) -> Any:
    """A value as COPY takes it; the driver would look for the writer of each JSON and of each list, even of none."""
    if is_json and value is not None:
        return json.dumps(value)
    return "{}" if value == [] else value


def insert_new(
    model: type[models.Model],
    names: Sequence[str],
    rows: Sequence[Row],
    *,
    conflict: Sequence[str],
    same: Mapping[str, Any] | None = None,
) -> dict[tuple[Any, ...], int]:
    """Insert the rows whose `conflict` fields are not there yet; returns {conflict values: new primary key}.

    `same` are further fields with the one value that all rows have. Two writers with the same row: the unique
    constraint lets one in, the other's row is skipped (ON CONFLICT). The rows are written in the order given.
    """
    if not rows:
        return {}
    same = same or {}
    statement = _insert_statement(model, tuple(names), tuple(same), tuple(conflict))
    kinds = zip(same.values(), _holds_json(model, tuple(same)), strict=True)
    given: list[Any] = [Jsonb(value) if is_json else value for value, is_json in kinds]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*given, _as_json(model, names, rows)])
        return {tuple(row[1:]): row[0] for row in cursor.fetchall()}


def update_rows(model: type[models.Model], names: Sequence[str], rows: Sequence[Row]) -> int:
    """One UPDATE: the first of `names` is the primary key, the others are set from `rows`. Returns the rows changed."""
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_update_statement(model, tuple(names)), [_as_json(model, names, rows)])
        return int(cursor.rowcount)
