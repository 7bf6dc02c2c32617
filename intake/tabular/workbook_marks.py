"""Cells of a workbook that its reader gives out as something else than what stands there, of every kind of workbook."""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from intake.tabular.archives import BOOK_MOST, bounded, opened, opened_part
from intake.tabular.cell_comments import column_of, comments_on
from intake.tabular.old_workbook_marks import marks_of_old_workbook
from intake.tabular.open_document_marks import CONTENT, marks_of_open_document
from intake.tabular.sheet_marks import CELLS_MOST, MISSING, SheetMarks, tells_of_number
from intake.tabular.styled_cells import PREFIX, StyledCells
from intake.values.shown_months import span_of_form

_FORMULA: Final = rb"(?:<%bf\b[^>]{0,999}/>|<%bf\b[^>]{0,999}>[^<]{0,9000}</%bf\s?>)" % (PREFIX, PREFIX, PREFIX)
_CELL: Final = re.compile(
    rb"<%bc\b([^>]{0,200})>\s{0,99}(?:%b\s{0,99})?<%bv>(#[^<]{1,20})</%bv\s?>" % (PREFIX, _FORMULA, PREFIX, PREFIX)
)
# Behind a formula stands no value, or an empty one that is not the empty text that the formula gave.
_UNCOMPUTED: Final = re.compile(
    rb"<%bc\b([^>]{0,200})>\s{0,99}(%b)\s{0,99}(<%bv\s?/>|<%bv>\s{0,99}</%bv\s?>)?\s{0,99}</%bc\s?>"
    % (PREFIX, _FORMULA, PREFIX, PREFIX, PREFIX, PREFIX)
)
_TAG: Final = re.compile(rb"<[^>]*>")
_TEXT: Final = re.compile(rb"""\st\s?=\s?["']str["']""")
_PLACE: Final = re.compile(rb"""\sr\s?=\s?["']([A-Z]{1,3})(\d{1,7})["']""")
_FAILED: Final = re.compile(rb"""\st\s?=\s?["']e["']""")
# With a prefix or without it; every part that holds one of them holds one of these.
_SIGNS_OF_ANY: Final = (b"v>#", b"<f", b":f")
_OVERLAP: Final = 10_000


def marks_of(path: Path, sheet: str, first_rows: range) -> SheetMarks:
    """What a sheet of an .xlsx, .ods or .xls does not tell by itself, and the comments on its first rows, from 0.

    The workbook was looked through before: it declares no entities and unpacks to no more than memory holds.
    """
    if not zipfile.is_zipfile(path):
        return marks_of_old_workbook(path, sheet, first_rows)
    with opened(path) as archive:
        if CONTENT in archive.namelist():
            return marks_of_open_document(archive, sheet, first_rows)
        part = _part_of(archive, sheet)
        if part is None:
            return SheetMarks()
        styled = StyledCells(archive, part)
        marks = SheetMarks(is_from_1904=_is_from_1904(archive), comments=comments_on(archive, part, first_rows))
        for letters, number, form in styled.in_forms(lambda form: tells_of_number(form) or span_of_form(form)):
            column = column_of(letters.encode())
            marks.add_form(number - 1, column, form)
            if span := span_of_form(form):
                marks.add_spans(number - 1, {column: span})
        _mark_formulas(marks, archive, part)
        return marks


def _mark_formulas(marks: SheetMarks, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Marks the cells whose formula failed or was never computed."""
    for text in _texts(archive, part):
        for attributes, value in _CELL.findall(text):
            place = _PLACE.search(attributes)
            if place and _FAILED.search(attributes) and value != MISSING.encode() and len(marks.failed) < CELLS_MOST:
                marks.failed[int(place[2]) - 1, column_of(place[1])] = value.decode("utf-8", "backslashreplace")
        for attributes, formula, value in _UNCOMPUTED.findall(text):
            place = _PLACE.search(attributes)
            if place and not (value and _TEXT.search(attributes)):
                # Of a formula that several cells share, only the first of them holds the text.
                said = html.unescape(_TAG.sub(b"", formula).decode("utf-8", "backslashreplace"))
                marks.add_uncomputed(int(place[2]) - 1, column_of(place[1]), said)


def _texts(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The parts of a sheet that hold a formula or a failed cell, each with the end of the one before."""
    tail = b""
    with opened_part(archive, part) as stream:
        for chunk in bounded(stream, part.compress_size, BOOK_MOST):
            text = tail + chunk
            if any(sign in text for sign in _SIGNS_OF_ANY):
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


def _is_from_1904(archive: zipfile.ZipFile) -> bool:
    """Whether the days of a workbook are counted from 1904, as once on a Macintosh."""
    # No entities in it, as was looked through before.
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
    return any(each.get("date1904") in ("1", "true") for each in book.findall("{*}workbookPr"))
