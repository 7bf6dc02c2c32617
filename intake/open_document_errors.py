"""Cells of an .ods whose formula failed: the reader gives them out as empty or as nought, which they are not."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Any, Final
from xml.etree import ElementTree

from intake.archives import BOOK_MOST, bounded, opened_part

CONTENT: Final = "content.xml"
CELLS_MOST: Final = 1_000_000
_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CALC: Final = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_CELLS: Final = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


def failed_in_open_document(archive: zipfile.ZipFile, sheet: str) -> dict[tuple[int, int], str]:
    """What stands in the failed cells of a sheet, `#N/A` too, by row and column from 0.

    Read as a stream: a row is let go before the next.
    """
    found: dict[tuple[int, int], str] = {}
    here, row = False, 0
    for event, element in _events(archive):
        if event == "start":
            if element.tag == f"{_TABLE}table":
                here, row = element.get(f"{_TABLE}name") == sheet, 0
        elif element.tag == f"{_TABLE}table-row":
            if here:
                failed = _failed_of(element)
                # A repeated row counts as many; what fails in it fails in each.
                times = _times(element, "rows") if failed else 1
                for at in range(row, row + min(times, CELLS_MOST)):
                    if len(found) < CELLS_MOST:
                        found |= {(at, column): said for column, said in failed.items()}
                row += _times(element, "rows")
            element.clear()
    return found


def _failed_of(row: ElementTree.Element) -> dict[int, str]:
    """The failed cells of a row by column."""
    failed: dict[int, str] = {}
    column = 0
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        times = _times(cell, "columns")
        if said := _said_by_failed(cell):
            failed |= dict.fromkeys(range(column, column + min(times, CELLS_MOST - len(failed))), said)
        column += times
    return failed


def _said_by_failed(cell: ElementTree.Element) -> str:
    """What a cell shows in the place of a value, "" where its formula did not fail."""
    if cell.get(f"{_TABLE}formula") is None and cell.get(f"{_CALC}value-type") != "error":
        return ""
    said = "".join("".join(line.itertext()) for line in cell.iter(f"{_TEXT}p")).strip()
    is_failed = cell.get(f"{_CALC}value-type") == "error"
    # Writers that do not know that mark keep an error as its text alone.
    is_told = cell.get(f"{_OFFICE}value-type") == "string" and said.startswith(("#N/A", "#REF!", "#DIV/0!", "Err:"))
    is_told = is_told or said in ("#VALUE!", "#NAME?", "#NUM!", "#NULL!")
    return (said or "#") if is_failed or is_told else ""


def _times(element: ElementTree.Element, what: str) -> int:
    count = element.get(f"{_TABLE}number-{what}-repeated", "1")
    return int(count) if count.isdecimal() and len(count) < 9 else 1


def _events(archive: zipfile.ZipFile) -> Iterator[tuple[str, ElementTree.Element]]:
    part = archive.getinfo(CONTENT)
    parser: Any = ElementTree.XMLPullParser(("start", "end"))
    try:
        with opened_part(archive, part) as stream:
            for chunk in bounded(stream, part.compress_size, BOOK_MOST):
                parser.feed(chunk)
                yield from parser.read_events()
    except ElementTree.ParseError:
        # The reader of the workbook has the last word over what is no XML.
        return
