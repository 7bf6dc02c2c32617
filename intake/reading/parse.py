"""Opens a table in a file, whatever its kind: text (also packed), spreadsheet or Parquet, told by its first bytes."""

import shutil
import weakref
from pathlib import Path

from intake.tabular.archive_members import only_member, starts_archive, unpack_member
from intake.tabular.archives import check_old_workbook, check_packed_text, check_workbook, is_workbook
from intake.tabular.binary_tables import ParquetTable, SheetTable
from intake.tabular.other_kinds import SHOWN_BY_EXCEL, other_kind
from intake.tabular.tables import BadRow, Table, TableError, TableRow
from intake.tabular.text_tables import TextTable

__all__ = ["BadRow", "Table", "TableError", "TableRow", "open_table"]

_HEAD = 512
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_NO_TEXTS = (".xlsx", ".xls", ".xlsm", ".ods", ".parquet")


def open_table(path: str | Path, member: int | None = None) -> Table:
    """The table of a .csv, .tsv, .txt (each also .gz), .xlsx, .xls, .ods or .parquet file, or of a .zip with one.

    The content decides, not the name: a workbook that was renamed to .csv is still read as a workbook. `member` is the
    place of the table in an archive of several. Raises TableError with a sentence in both languages when the file
    cannot be read as a table.
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError as problem:
        raise TableError("table_missing", value=path.name) from problem
    if starts_archive(head):
        return _from_zip(path, member)
    if head.startswith(_OLD_WORKBOOK):
        check_old_workbook(path)
        return SheetTable(path)
    if head.startswith(b"PAR1"):
        return ParquetTable(path)
    if head.startswith(b"\x1f\x8b"):
        head = check_packed_text(path)
        if starts_archive(head) or head.startswith((b"\x1f\x8b", b"PAR1", _OLD_WORKBOOK)):
            raise TableError("table_other_kind", kind="gzip")
    other = other_kind(head)
    if other:
        raise TableError("table_for_excel" if other in SHOWN_BY_EXCEL else "table_other_kind", kind=other)
    table = TextTable(path)
    if path.suffix.casefold() in _NO_TEXTS and len(table.columns) < 2:
        # Systems do write CSV under such a name; a line of text is what became of a damaged file.
        raise TableError("table_damaged")
    return table


def _from_zip(path: Path, member: int | None) -> Table:
    if is_workbook(path):
        check_workbook(path)
        return SheetTable(path)
    inner = unpack_member(path, only_member(path).place if member is None else member)
    try:
        table = open_table(inner)
    except TableError:
        shutil.rmtree(inner.parent, ignore_errors=True)
        raise
    # The unpacked file is there as long as its table is.
    weakref.finalize(table, shutil.rmtree, inner.parent, ignore_errors=True)
    return table
