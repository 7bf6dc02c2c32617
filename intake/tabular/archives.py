"""Packed files, looked through before anything unpacks them: by what they hold, not by what they say they hold."""

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from intake.tabular.tables import TableError

# A table packs to a tenth or so of itself; what unpacks to more than this many times its size is no table.
RATIO_MOST = 200
RATIO_COUNTS_FROM = 64 << 20
TEXT_MOST = 8 << 30
# A workbook is held in memory as a whole, and its cells in a rectangle around all that are filled.
BOOK_MOST = 1 << 30
CELLS_MOST = 25_000_000
PARTS_MOST = 5_000
CHUNK = 1 << 20
_HEAD = 512
_LOCKED = "EncryptedPackage".encode("utf-16-le")
# The list of parts at the end of an archive is read as a whole before anybody can count it.
LIST_MOST = 4 << 20
_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_ROW = re.compile(rb"""<(?:\w{1,20}:)?row\b[^>]{0,200}?\sr\s?=\s?["'](\d{1,20})""")
# Cells right of the 52nd column, or in rows that have no number of their own; the others need no counting.
_FAR_CELL = re.compile(rb"""\sr\s?=\s?["'](?:([B-Zb-z][A-Za-z]|[A-Za-z]{3,9})(\d{1,20})|[A-Za-z]{1,2}(\d{4,20}))["']""")
_NEAR_COLUMNS = 52
# A filled cell of an open document that stands for many.
_REPEATED = re.compile(
    rb'columns-repeated="(\d{4,})"[^>]{0,200}office:value|office:value[^>]{0,200}columns-repeated="(\d{4,})"'
)
_OVERLAP = 400


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def check_packed_text(path: Path) -> bytes:
    """How what is in a .gz begins. Raises TableError("table_bomb") where it unpacks to more than a table can."""
    head = b""
    with gzip.open(path, "rb") as stream:
        for part in bounded(stream, path.stat().st_size, TEXT_MOST):
            head = head or part[:_HEAD]
    return head


def check_old_workbook(path: Path) -> None:
    """Raises TableError for a workbook with a password: a container with the encrypted one inside."""
    with path.open("rb") as stream:
        tail = b""
        while chunk := stream.read(CHUNK):
            if _LOCKED in tail + chunk:
                raise TableError("table_locked")
            tail = chunk[-len(_LOCKED) :]


def is_workbook(path: Path) -> bool:
    """Whether a ZIP is a spreadsheet. Raises TableError when it cannot be read as a ZIP at all."""
    with opened(path) as archive:
        names = set(archive.namelist())
    return "[Content_Types].xml" in names or "content.xml" in names


def check_workbook(path: Path) -> None:
    """Raises TableError for a workbook that would fill the memory, or that declares entities."""
    with opened(path) as archive:
        if len(archive.infolist()) > PARTS_MOST:
            raise TableError("table_bomb")
        left = BOOK_MOST
        for part in archive.infolist():
            if part.filename.endswith((".xml", ".rels", ".bin")):
                left -= _check_part(archive, part, left)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    """The size of a part, which may be at most `left`."""
    size, rows, columns, tail = 0, 0, _NEAR_COLUMNS, b""
    with opened_part(archive, part) as stream:
        for chunk in bounded(stream, part.compress_size, left):
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
    far = set(_FAR_CELL.findall(text))
    rows = max([rows, *map(int, _ROW.findall(text)), *(int(beyond or near) for _name, beyond, near in far)])
    return rows, max([columns, *(_column_number(name.upper()) for name, _beyond, _near in far)])


def _column_number(name: bytes) -> int:
    number = 0
    for sign in name:
        number = number * 26 + sign - 64
    return number


class _ShortReads(io.FileIO):
    """A file of which nothing large is read at once, as the list of an archive's parts would be."""

    def read(self, size: int | None = -1, /) -> bytes | None:  # type: ignore[override]
        """As asked for. Raises TableError for more than the list of a table's parts can be."""
        if size is not None and size > LIST_MOST:
            raise TableError("table_bomb")
        return super().read(size)


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """A ZIP. Raises TableError when it cannot be read as one, or lists more than memory should hold."""
    with _ShortReads(path) as stream:
        try:
            archive = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as problem:
            raise TableError("table_damaged") from problem
        with archive:
            yield archive


def opened_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> IO[bytes]:
    """The content of a part. Raises TableError when it is encrypted, or packed in a way that nothing here unpacks."""
    try:
        return archive.open(part)
    except NotImplementedError as problem:
        raise TableError("zip_packing") from problem
    except RuntimeError as problem:
        # It is encrypted.
        raise TableError("zip_locked") from problem
    except (zipfile.BadZipFile, OSError) as problem:
        raise TableError("table_damaged") from problem


def bounded(stream: _Readable, packed: int, most: int) -> Iterator[bytes]:
    """What is unpacked, a part at a time. Raises TableError as soon as it is more than a table can be."""
    total = 0
    while True:
        try:
            chunk = stream.read(CHUNK)
        except (zipfile.BadZipFile, EOFError, zlib.error, OSError) as problem:
            raise TableError("table_damaged") from problem
        if not chunk:
            return
        total += len(chunk)
        if is_bomb(total, packed, most):
            raise TableError("table_bomb")
        yield chunk


def is_bomb(size: int, packed: int, most: int = TEXT_MOST) -> bool:
    """Whether so many bytes, of so many packed ones, are more than a table can be."""
    return size > most or (size > RATIO_COUNTS_FROM and size > RATIO_MOST * max(packed, 1))
