"""Cells of an .ods that its reader gives out as empty or as nought, because their formula failed, or as the bare number
of a share that everybody sees in percent."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Any, Final
from xml.etree import ElementTree

from intake.archives import BOOK_MOST, bounded, opened_part
from intake.sheet_marks import CELLS_MOST, SheetMarks

CONTENT: Final = "content.xml"
# No program keeps a wider sheet.
COLUMNS_MOST: Final = 16_384
_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CALC: Final = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_CELLS: Final = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


def marks_of_open_document(archive: zipfile.ZipFile, sheet: str) -> SheetMarks:
    """What a sheet does not tell by itself; `#N/A` counts as failed, too.

    Read as a stream: a row is let go before the next.
    """
    marks = SheetMarks()
    here, row = False, 0
    for event, element in _events(archive):
        if event == "start":
            if element.tag == f"{_TABLE}table":
                here, row = element.get(f"{_TABLE}name") == sheet, 0
        elif element.tag == f"{_TABLE}table-row":
            if here:
                failed, percents, uncomputed = _marked_in(element)
                # A repeated row counts as many; what is marked in it is in each.
                times = _times(element, "rows")
                for at in range(row, row + min(times, CELLS_MOST) if failed or percents or uncomputed else row):
                    _add(marks, at, failed, percents)
                    for column in uncomputed:
                        marks.add_uncomputed(at, column)
                row += times
            element.clear()
    return marks


def _add(marks: SheetMarks, row: int, failed: dict[int, str], percents: set[int]) -> None:
    if len(marks.failed) < CELLS_MOST:
        marks.failed |= {(row, column): said for column, said in failed.items()}
    for column in percents:
        marks.percents.setdefault(column, set()).add(row + 1)


def _marked_in(row: ElementTree.Element) -> tuple[dict[int, str], set[int], set[int]]:
    """Of a row the failed cells by column, the columns that show a percentage, and those of formulas without result."""
    failed: dict[int, str] = {}
    percents: set[int] = set()
    uncomputed: set[int] = set()
    column = 0
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        times = _times(cell, "columns")
        columns = range(column, column + min(times, COLUMNS_MOST))
        if said := _said_by_failed(cell):
            failed |= dict.fromkeys(columns, said)
        elif cell.get(f"{_OFFICE}value-type") == "percentage":
            percents.update(columns)
        elif cell.get(f"{_TABLE}formula") is not None and cell.get(f"{_OFFICE}value-type") is None:
            # A result that is an empty text has the type of text.
            uncomputed.update(columns)
        column += times
    return failed, percents, uncomputed


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
