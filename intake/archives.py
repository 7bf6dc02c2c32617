"""Packed files, looked through before anything unpacks them: by what they hold, not by what they say they hold."""

import gzip
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from intake.tables import TableError

# A table packs to a tenth or so of itself; what unpacks to more than this many times its size is no table.
RATIO_MOST = 200
RATIO_COUNTS_FROM = 64 << 20
TEXT_MOST = 8 << 30
# A workbook is held in memory as a whole, and its cells in a rectangle around all that are filled.
BOOK_MOST = 1 << 30
CELLS_MOST = 25_000_000
PARTS_MOST = 5_000
CHUNK = 1 << 20
TABLES = (".csv", ".tsv", ".txt", ".gz", ".xlsx", ".xls", ".xlsm", ".ods", ".parquet")
_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_ROW = re.compile(rb'<row[^>]{0,80}? r="(\d{1,7})"')
# Cells right of the 52nd column; the others need no counting.
_FAR_CELL = re.compile(rb'<c r="([B-Z][A-Z]|[A-Z]{3})\d{1,7}"')
_NEAR_COLUMNS = 52
# A filled cell of an open document that stands for many.
_REPEATED = re.compile(
    rb'columns-repeated="(\d{4,})"[^>]{0,200}office:value|office:value[^>]{0,200}columns-repeated="(\d{4,})"'
)
_OVERLAP = 400


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def check_packed_text(path: Path) -> None:
    """Raises TableError("table_bomb") for a .gz that unpacks to more than a table can."""
    with gzip.open(path, "rb") as stream:
        for _part in _bounded(stream, path.stat().st_size, TEXT_MOST):
            pass


def is_workbook(path: Path) -> bool:
    """Whether a ZIP is a spreadsheet. Raises TableError when it cannot be read as a ZIP at all."""
    with _opened(path) as archive:
        names = set(archive.namelist())
    return "[Content_Types].xml" in names or "content.xml" in names


def check_workbook(path: Path) -> None:
    """Raises TableError for a workbook that would fill the memory, or that declares entities."""
    with _opened(path) as archive:
        if len(archive.infolist()) > PARTS_MOST:
            raise TableError("table_bomb")
        left = BOOK_MOST
        for part in archive.infolist():
            if part.filename.endswith((".xml", ".rels", ".bin")):
                left -= _check_part(archive, part, left)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    """The size of a part, which may be at most `left`."""
    size, rows, columns, tail = 0, 0, _NEAR_COLUMNS, b""
    with _opened_part(archive, part) as stream:
        for chunk in _bounded(stream, part.compress_size, left):
            size += len(chunk)
            rows, columns = _look_at(tail + chunk, rows, columns)
            tail = chunk[-_OVERLAP:]
            if rows * columns > CELLS_MOST:
                raise TableError("table_too_wide")
    return size


def _look_at(text: bytes, rows: int, columns: int) -> tuple[int, int]:
    """The furthest row and column up to here."""
    if _ENTITIES.search(text):
        raise TableError("table_entities")
    if any(int(one or other) > _NEAR_COLUMNS * 20 for one, other in _REPEATED.findall(text)):
        raise TableError("table_too_wide")
    rows = max([rows, *(int(number) for number in _ROW.findall(text))])
    return rows, max([columns, *(_column_number(name) for name in set(_FAR_CELL.findall(text)))])


def _column_number(name: bytes) -> int:
    number = 0
    for sign in name:
        number = number * 26 + sign - 64
    return number


def unpack_table(path: Path) -> Path:
    """The one table in a ZIP, unpacked into a folder of its own, which whoever called removes.

    Raises TableError when there is none or more than one, or when it is a bomb.
    """
    with _opened(path) as archive:
        parts = [part for part in archive.infolist() if _is_table(part.filename)]
        if not parts:
            raise TableError("zip_empty")
        if len(parts) > 1:
            raise TableError("zip_several", names=", ".join(part.filename for part in parts[:10]))
        # A name of our own: what the archive calls it may lead anywhere.
        folder = Path(tempfile.mkdtemp(prefix="riskreview-table-"))
        table = folder / f"table{PurePosixPath(parts[0].filename).suffix}"
        try:
            with _opened_part(archive, parts[0]) as stream, table.open("wb") as out:
                for chunk in _bounded(stream, parts[0].compress_size, TEXT_MOST):
                    out.write(chunk)
        except TableError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return table


def _is_table(name: str) -> bool:
    found = PurePosixPath(name)
    return found.suffix.lower() in TABLES and not found.name.startswith(".") and "__MACOSX" not in found.parts


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as problem:
        raise TableError("table_damaged", problem=str(problem)) from problem


def _opened_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> IO[bytes]:
    try:
        return archive.open(part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as problem:
        # RuntimeError: it is encrypted.
        raise TableError("table_damaged", problem=str(problem)) from problem


def _bounded(stream: _Readable, packed: int, most: int) -> Iterator[bytes]:
    """What is unpacked, a part at a time. Raises TableError as soon as it is more than a table can be."""
    total = 0
    while True:
        try:
            chunk = stream.read(CHUNK)
        except (zipfile.BadZipFile, EOFError, zlib.error, OSError) as problem:
            raise TableError("table_damaged", problem=str(problem)) from problem
        if not chunk:
            return
        total += len(chunk)
        if total > most or (total > RATIO_COUNTS_FROM and total > RATIO_MOST * max(packed, 1)):
            raise TableError("table_bomb")
        yield chunk
