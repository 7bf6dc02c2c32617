"""Reads any table of loans whole, by column: CSV (plain or gzip, any usual encoding and separator), XLSX, Parquet.

Cells are recognised as an import recognises them (intake); here they are read by column with Arrow, because a table to
learn from is read at once and not row by row. An import refuses a header with a nameless column or one name twice, for
its mapping goes by names; here such columns are named by their place and number.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from intake.tabular.binary_tables import ParquetTable, SheetTable
from intake.tabular.tables import BadRow, Table, TableError, mended_names
from intake.tabular.text_tables import TextTable
from intake.values.cells import MISSING_ANYWHERE
from scoring.ml.errors import TrainingError

Column = NDArray[Any]
GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
PARQUET = b"PAR1"
# A leading zero, or more digits than a float64 keeps.
REFERENCE = r"^[+-]?(0\d|\d{16,}$)"
MISSING = pa.array(sorted({text for word in MISSING_ANYWHERE for text in (word, word.upper(), word.title(), "NaN")}))


@dataclass(frozen=True)
class AnyTable:
    """The columns of a table by header, each of `rows` cells: float64 where all are numbers (NaN missing), datetime64
    or bool where the file says so, else objects (None missing). `broken` counts rows that could not be read."""

    columns: Mapping[str, Column]
    rows: int
    broken: int = 0


def read_any_table(path: Path) -> AnyTable:
    """The whole table of a file; TrainingError, in both languages, when it is none."""
    try:
        with path.open("rb") as stream:
            head = stream.read(4)
        if head == PARQUET:
            return _parquet(path)
        if head.startswith((ZIP, OLD_EXCEL)):
            return _by_rows(SheetTable(path, mended_names))
        return _text(path, packed=head.startswith(GZIP))
    except TableError as problem:
        raise TrainingError("table", problem.sentence("en"), problem.sentence("zh-hans")) from problem
    except OSError as problem:
        raise TrainingError("table", f"{path} cannot be read: {problem}.", f"无法读取 {path}：{problem}。") from problem


def _text(path: Path, *, packed: bool) -> AnyTable:
    """A text table through Arrow; what Arrow does not take, such as titles or broken rows, is read row by row."""
    slow = TextTable(path, mended_names)
    if len(slow.separator.encode()) > 1:
        # Arrow knows separators of one byte.
        return _by_rows(slow)
    names = [f"f{place}" for place in range(len(slow.columns))]
    try:
        with pa.input_stream(str(path), compression="gzip" if packed else None) as stream:
            table = pa_csv.read_csv(
                stream,
                pa_csv.ReadOptions(encoding=slow.encoding, column_names=names),
                pa_csv.ParseOptions(delimiter=slow.separator, newlines_in_values=True),
                pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
            )
    except (pa.ArrowInvalid, UnicodeError):
        return _by_rows(slow)
    header = mended_names([table[name][0].as_py() for name in names]) if table.num_rows else []
    if header != slow.columns:
        return _by_rows(slow)
    body = table.slice(1)
    return AnyTable({title: _texts(body[name]) for title, name in zip(header, names, strict=True)}, body.num_rows)


def _by_rows(table: Table) -> AnyTable:
    cells: list[list[object]] = [[] for _ in table.columns]
    broken = 0
    for _, row in table.rows():
        if isinstance(row, BadRow):
            broken += 1
            continue
        for column, cell in zip(cells, row.values(), strict=True):
            column.append(cell)
    columns = {name: _objects(column) for name, column in zip(table.columns, cells, strict=True)}
    return AnyTable(columns, len(cells[0]), broken)


def _parquet(path: Path) -> AnyTable:
    names = ParquetTable(path, mended_names).columns
    with pq.ParquetFile(path) as file:
        table = file.read()
    return AnyTable({name: _arrow(table.column(place)) for place, name in enumerate(names)}, table.num_rows)


def _arrow(column: pa.ChunkedArray) -> Column:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _arrow(column.cast(kind.value_type))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _texts(column.cast(pa.string()))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _numpy(column.cast(pa.float64(), safe=False))
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return _numpy(column.cast(pa.timestamp("us")))
    if pa.types.is_boolean(kind) and not column.null_count:
        return _numpy(column)
    return _objects(column.to_pylist())


def _objects(cells: Sequence[object]) -> Column:
    """A column of Python objects: texts as `_texts` reads them, plain numbers as float64, anything else as it is."""
    said = [None if isinstance(cell, str) and cell.strip().lower() in MISSING_ANYWHERE else cell for cell in cells]
    kinds = {type(cell) for cell in said} - {type(None)}
    if kinds <= {str}:
        return _texts(pa.chunked_array([pa.array(said, type=pa.string())]))
    if kinds <= {int, float, Decimal}:
        return np.array([np.nan if cell is None else cell for cell in said], dtype=np.float64)
    found: Column = np.empty(len(said), dtype=object)
    found[:] = said
    return found


def _texts(column: pa.ChunkedArray) -> Column:
    """A column of texts, trimmed, as float64 where each is a number; every distinct text is looked at once.

    A number with a leading zero, or with more digits than a float keeps, is a reference and stays text.
    """
    if not len(column):
        return np.empty(0, dtype=object)
    coded = column.combine_chunks().dictionary_encode()
    texts = pc.utf8_trim_whitespace(coded.dictionary)
    texts = pc.if_else(pc.is_in(texts, value_set=MISSING), pa.scalar(None, pa.string()), texts)
    if not pc.any(pc.match_substring_regex(texts, REFERENCE)).as_py():
        with suppress(pa.ArrowInvalid):
            return _numpy(pc.cast(texts, pa.float64()).take(coded.indices))
    found: Column = texts.to_numpy(zero_copy_only=False).take(_numpy(coded.indices.fill_null(0)).astype(np.intp))
    if coded.null_count:
        found[_numpy(coded.is_null())] = None
    return found


def _numpy(column: pa.Array) -> Column:
    found: Column = column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else column.to_numpy()
    return found
