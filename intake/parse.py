"""Opens a table in a file, whatever its kind: text (also packed), spreadsheet or Parquet, told by its first bytes."""

import gzip
import zlib
from pathlib import Path

from intake.binary_tables import ParquetTable, SheetTable
from intake.tables import BadRow, Table, TableError, TableRow
from intake.text_tables import TextTable

__all__ = ["BadRow", "Table", "TableError", "TableRow", "open_table"]

_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"


def open_table(path: str | Path) -> Table:
    """The table of a .csv, .tsv, .txt (each also .gz), .xlsx, .xls, .ods or .parquet file.

    The content decides, not the name: a workbook that was renamed to .csv is still read as a workbook. Raises
    TableError with a sentence in both languages when the file cannot be read as a table.
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            magic = stream.read(4)
        if magic.startswith(b"\x1f\x8b"):
            with gzip.open(path, "rb") as packed:
                packed.read(1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
        raise TableError("table_damaged", problem=str(problem)) from problem
    except OSError as problem:
        raise TableError("table_missing", value=path.name) from problem
    if magic in (b"PK\x03\x04", _OLD_WORKBOOK):
        return SheetTable(path)
    if magic == b"PAR1":
        return ParquetTable(path)
    return TextTable(path)
