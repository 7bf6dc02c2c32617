"""The reporting views as Parquet files: one folder a night, one file a view, and a list of what lies in it."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction
from psycopg import sql

from outgoing.reporting import SCHEMA, VIEWS, View

# Loaded where a file is written: a worker that writes none does without its memory.
if TYPE_CHECKING:
    import pyarrow as pa

ROWS_AT_ONCE: Final = 10_000
NIGHTS_KEPT: Final = 30
LIST: Final = "manifest.json"
# The number by which PostgreSQL names the type `numeric`.
NUMERIC: Final = 1700
Tell = Callable[[str, int], None]


def export_views(root: Path, day: date, tell: Tell = lambda name, rows: None) -> Path:
    """Write every view into the folder `root/<day>`, whole or not at all, and remove the nights beyond the last
    NIGHTS_KEPT. Returns the folder. `tell` gets the name of a view and how many rows of it are written.

    All views are read in one snapshot, so that they agree with each other. Two exports of one night: each writes a
    draft of its own, the one that ends later stays.
    """
    root.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{day}.", dir=root))
    try:
        with transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            listed = {view.name: _write(view, draft / f"{view.name}.parquet", tell) for view in VIEWS}
        text = json.dumps({"day": day.isoformat(), "files": listed}, indent=1, sort_keys=True)
        (draft / LIST).write_text(text + "\n", encoding="utf-8")
        folder = root / day.isoformat()
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _forget_old(root)
    return folder


def _write(view: View, path: Path, tell: Tell) -> dict[str, Any]:
    """The rows of a view as one file; how many they are, and its hash."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema, rows = _schema(view), 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for chunk in _chunks(view):
            columns = zip(schema, zip(*chunk, strict=True), strict=True)
            arrays = [pa.array(values, type=column.type) for column, values in columns]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            rows += len(chunk)
            tell(view.name, rows)
    with path.open("rb") as file:
        return {"rows": rows, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _schema(view: View) -> pa.Schema:
    """The columns as the database has them; each carries its meaning in the metadata of the file."""
    import pyarrow as pa

    types = {
        "bigint": pa.int64(),
        "integer": pa.int32(),
        "smallint": pa.int32(),
        "double precision": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "timestamp with time zone": pa.timestamp("us", tz="UTC"),
        "ARRAY": pa.list_(pa.string()),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position",
            [SCHEMA, view.name],
        )
        found = cursor.fetchall()
    return pa.schema(
        [
            pa.field(
                name,
                pa.decimal128(20, 2) if name == "amount" else types.get(kind, _plain(kind)),
                metadata={"meaning": view.columns[name]},
            )
            for name, kind in found
        ]
    )


def _plain(kind: str) -> pa.DataType:
    """Averages and medians come as exact numbers of no fixed length; everything else is text."""
    import pyarrow as pa

    return pa.float64() if kind == "numeric" else pa.string()


def _chunks(view: View) -> Iterator[list[tuple[Any, ...]]]:
    """Its rows, as many at once as memory holds easily, through a cursor of the database."""
    cursor = connection.chunked_cursor()
    with cursor:
        cursor.execute(sql.SQL("SELECT * FROM {}.{}").format(sql.Identifier(SCHEMA), sql.Identifier(view.name)))
        numbers = [each.type_code == NUMERIC and each.name != "amount" for each in cursor.description]
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield [
                tuple(
                    float(value) if number and value is not None else value
                    for value, number in zip(row, numbers, strict=True)
                )
                for row in rows
            ]


def _forget_old(root: Path) -> None:
    nights = sorted(each for each in root.iterdir() if each.is_dir() and not each.name.startswith("."))
    for each in nights[:-NIGHTS_KEPT]:
        shutil.rmtree(each)
