"""Cells of a workbook whose formula failed: the reader gives them out as empty, which they are not."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from intake.archives import BOOK_MOST, bounded, opened, opened_part
from intake.old_workbook_errors import failed_in_old_workbook
from intake.open_document_errors import CONTENT, failed_in_open_document
from intake.percent_cells import percent_cells

# Not available: what a table writes where it knows that there is nothing.
MISSING: Final = "#N/A"
CELLS_MOST: Final = 1_000_000
_CELL: Final = re.compile(rb"<c\b([^>]{0,200})>(?:<f[^>]*>[^<]{0,9000}</f>|<f[^>]*/>)?<v>(#[^<]{1,20})</v>")
_PLACE: Final = re.compile(rb"""\sr=["']([A-Z]{1,3})(\d{1,7})["']""")
_FAILED: Final = re.compile(rb"""\st=["']e["']""")
_OVERLAP: Final = 10_000


def failed_cells(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """What stands in the failed cells of a sheet of an .xlsx, .ods or .xls, by row and column from 0.

    The workbook was looked through before: it declares no entities and unpacks to no more than memory holds.
    """
    if not zipfile.is_zipfile(path):
        return failed_in_old_workbook(path, sheet)
    found: dict[tuple[int, int], str] = {}
    with opened(path) as archive:
        if CONTENT in archive.namelist():
            return failed_in_open_document(archive, sheet)
        part = _part_of(archive, sheet)
        if part is None:
            return {}
        for text in _texts(archive, part):
            for attributes, value in _CELL.findall(text):
                place = _PLACE.search(attributes)
                if place and _FAILED.search(attributes) and value != MISSING.encode() and len(found) < CELLS_MOST:
                    found[int(place[2]) - 1, _column(place[1])] = value.decode("utf-8", "backslashreplace")
    return found


def shown_in_percent(path: Path, sheet: str) -> dict[int, set[int]]:
    """The rows, by column from 0, of the cells of a sheet of an .xlsx that show a percentage; rows count from 1."""
    if not zipfile.is_zipfile(path):
        return {}
    with opened(path) as archive:
        part = None if CONTENT in archive.namelist() else _part_of(archive, sheet)
        found = percent_cells(archive, part) if part else {}
    return {_column(letters.encode()): rows for letters, rows in found.items()}


def _texts(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The parts of a sheet that hold a failed cell, each with the end of the one before."""
    tail = b""
    with opened_part(archive, part) as stream:
        for chunk in bounded(stream, part.compress_size, BOOK_MOST):
            text = tail + chunk
            if b"<v>#" in text:
                yield text
            tail = text[-_OVERLAP:]


def _part_of(archive: zipfile.ZipFile, sheet: str) -> zipfile.ZipInfo | None:
    """Where a sheet stands in its workbook."""
    try:
        book, links = (
            ElementTree.fromstring(archive.read(name))  # noqa: S314 - no entities in it, as was looked through before
            for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
        )
        named = next(each for each in book.findall(".//{*}sheet") if each.get("name") == sheet)
        key = next(value for name, value in named.items() if name.endswith("}id"))
        target = next(each.get("Target", "") for each in links.findall(".//{*}Relationship") if each.get("Id") == key)
        return archive.getinfo(posixpath.normpath(posixpath.join("/xl", target)).lstrip("/"))
    except (KeyError, StopIteration, ElementTree.ParseError, zipfile.BadZipFile):
        return None


def _column(name: bytes) -> int:
    number = 0
    for sign in name:
        number = number * 26 + sign - 64
    return number - 1
