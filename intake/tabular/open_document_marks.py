"""Cells of an .ods that its reader gives out as empty or as nought, because their formula failed, or as the bare number
of a share or money that everybody sees in percent or in another currency, or as a day of which everybody sees the month
alone; and which of them are merged."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree import ElementTree

from intake.shown.currency_cells import beside, foreign_sign, sign_of
from intake.tabular.archives import BOOK_MOST, bounded, opened_part
from intake.tabular.open_document_styles import COLUMNS_MOST, CellStyles
from intake.tabular.sheet_marks import CELLS_MOST, COMMENT_MOST, SheetMarks, tells_of_number

CONTENT: Final = "content.xml"
_STYLES: Final = "styles.xml"
_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CALC: Final = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
# of:=SUM([.B2:.C2])
_OF_LANGUAGE: Final = re.compile(r"^(?:\w+:)?=", re.ASCII)
_CELLS: Final = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


def marks_of_open_document(archive: zipfile.ZipFile, sheet: str, first_rows: range = range(0)) -> SheetMarks:
    """What a sheet does not tell by itself; `#N/A` counts as failed, too.

    Read as a stream: a row is let go before the next.
    """
    marks, styles = SheetMarks(), CellStyles()
    if _STYLES in archive.namelist():
        for event, element in _events(archive, _STYLES):
            if event == "end":
                styles.take(element)
    here, row = False, 0
    for event, element in _events(archive, CONTENT):
        if event == "start":
            if element.tag == f"{_TABLE}table":
                here, row = element.get(f"{_TABLE}name") == sheet, 0
        elif element.tag == f"{_TABLE}table-column":
            if here:
                styles.take_column(element, _times(element, "columns"))
        elif element.tag == f"{_TABLE}table-row":
            if here:
                found = _marked_in(element, styles)
                if row in first_rows:
                    marks.comments |= {(row, column): said for column, said in _comments_in(element).items()}
                # A repeated row counts as many; what is marked in it is in each.
                times = _times(element, "rows")
                for at in range(row, row + min(times, CELLS_MOST) if found.is_any else row):
                    _add(marks, at, found, first_rows)
                row += times
            element.clear()
        else:
            styles.take(element)
    return marks


@dataclass
class _Marked:
    """The marked cells of one row by column."""

    failed: dict[int, str] = field(default_factory=dict)
    percents: set[int] = field(default_factory=set)
    signs: dict[int, str] = field(default_factory=dict)
    forms: dict[int, str] = field(default_factory=dict)
    spans: dict[int, str] = field(default_factory=dict)
    uncomputed: dict[int, str] = field(default_factory=dict)
    # How many rows and columns each is merged over.
    merged: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def is_any(self) -> bool:
        return any((self.failed, self.percents, self.signs, self.forms, self.spans, self.uncomputed, self.merged))


def _add(marks: SheetMarks, row: int, found: _Marked, first_rows: range) -> None:
    if len(marks.failed) < CELLS_MOST:
        marks.failed |= {(row, column): said for column, said in found.failed.items()}
    marks.add_shown(row, found.percents, found.signs, found.forms)
    marks.add_spans(row, found.spans)
    for column, formula in found.uncomputed.items():
        marks.add_uncomputed(row, column, formula)
    for column, (rows, columns) in found.merged.items():
        # Over columns alone it matters in the header only.
        if len(marks.merged) < CELLS_MOST and (rows > 1 or row in first_rows):
            marks.merged.append(((row, column), (row + rows - 1, column + columns - 1)))


def _marked_in(row: ElementTree.Element, styles: CellStyles) -> _Marked:
    found = _Marked()
    column = 0
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        times, kind = _times(cell, "columns"), cell.get(f"{_OFFICE}value-type")
        columns = range(column, column + min(times, COLUMNS_MOST))
        if said := _said_by_failed(cell):
            found.failed |= dict.fromkeys(columns, said)
        elif kind == "percentage":
            found.percents.update(columns)
        elif kind == "currency":
            code = foreign_sign(cell.get(f"{_OFFICE}currency", ""))
            signs = {at: beside(code, sign_of(styles.shown(cell, row, at).bare_form)) for at in columns}
            found.signs |= {at: sign for at, sign in signs.items() if sign}
        elif kind == "float":
            forms = {at: styles.shown(cell, row, at).form for at in columns}
            found.forms |= {at: form for at, form in forms.items() if tells_of_number(form)}
        elif kind == "date":
            spans = {at: styles.shown(cell, row, at).span for at in columns}
            found.spans |= {at: span for at, span in spans.items() if span}
        elif kind is None and (formula := cell.get(f"{_TABLE}formula")) is not None:
            # A result that is an empty text has the type of text.
            found.uncomputed |= dict.fromkeys(columns, _OF_LANGUAGE.sub("", formula, count=1))
        over = _count(cell, "number-rows-spanned"), _count(cell, "number-columns-spanned")
        if over != (1, 1):
            found.merged[column] = over
        column += times
    return found


def _comments_in(row: ElementTree.Element) -> dict[int, str]:
    """What is written on the cells of a row, by column."""
    comments, column = {}, 0
    for cell in row:
        if cell.tag in _CELLS:
            if (comment := cell.find(f"{_OFFICE}annotation")) is not None:
                said = "\n".join("".join(line.itertext()) for line in comment.iter(f"{_TEXT}p"))
                comments[column] = said[:COMMENT_MOST]
            column += _times(cell, "columns")
    return comments


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
    return _count(element, f"number-{what}-repeated")


def _count(element: ElementTree.Element, what: str) -> int:
    count = element.get(f"{_TABLE}{what}", "1")
    return int(count) if count.isdecimal() and len(count) < 9 else 1


def _events(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, ElementTree.Element]]:
    part = archive.getinfo(name)
    parser: Any = ElementTree.XMLPullParser(("start", "end"))
    try:
        with opened_part(archive, part) as stream:
            for chunk in bounded(stream, part.compress_size, BOOK_MOST):
                parser.feed(chunk)
                yield from parser.read_events()
    except ElementTree.ParseError:
        # The reader of the workbook has the last word over what is no XML.
        return
