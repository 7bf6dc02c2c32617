"""Sheets of cells as CSV and XLSX, in and out, within limits, and never a formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from routing.table.fields import Operand
from routing.table.shapes import MOST_ROWS, TableError

# A table's rows, its default row, its title rows.
MOST_LINES: Final = MOST_ROWS + 3
MOST_COLUMNS: Final = 100
MOST_BYTES: Final = 5 * 1024 * 1024
MOST_UNPACKED: Final = 50 * 1024 * 1024
MOST_ENTRIES: Final = 200
_CHUNK: Final = 1 << 16
# What reading an archive that is damaged, or is no spreadsheet, has been seen to end in.
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)

Sheet = list[list[Operand]]

# What a spreadsheet may take for a formula or a command, also behind spaces, also in full width (OWASP ASVS
# 5.0, V1.2.10).
_DANGEROUS: Final = re.compile(r"'*\s*[=+\-@|%\t\r\n\0＝＋－＠]")


def escaped(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet might take it for a formula."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def unescaped(text: str) -> str:
    """The text before `escaped`."""
    return text[1:] if text.startswith("'") and _DANGEROUS.match(text[1:]) else text


def to_csv(sheet: Sheet) -> bytes:
    """UTF-8 with a mark at the beginning, by which spreadsheet programs know it; numbers stay numbers."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    for line in sheet:
        writer.writerow([escaped(cell) if isinstance(cell, str) else _plain(cell) for cell in line])
    return stream.getvalue().encode("utf-8-sig")


def to_xlsx(sheet: Sheet, title: str) -> bytes:
    """One worksheet of typed cells."""
    # Loaded where a spreadsheet is read or written: it costs a start 0.16 s and 25 MB.
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet(title[:31])
    for line in sheet:
        page.append([_worded(page, cell) if isinstance(cell, str) else cell for cell in line])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _worded(page: Any, text: str) -> Any:
    """A cell of text, also of `#NAME?`, which would else be written as an error. None where there is none."""
    from openpyxl.cell import WriteOnlyCell

    if not text:
        return None
    cell = WriteOnlyCell(page, escaped(text))
    cell.data_type = "s"
    return cell


def from_csv(data: bytes) -> Sheet:
    """The cells as texts. Raises TableError where the file is too large or none."""
    _limit(len(data) <= MOST_BYTES)
    text = _decoded(data)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as problem:
        raise TableError("", "", f"This is no CSV file: {problem}.", f"此文件不是 CSV：{problem}。") from problem
    return _within_limits([unescaped(cell) for cell in line] for line in lines)


def from_xlsx(data: bytes) -> Sheet:
    """The cells of the first worksheet, typed. Raises TableError where it is too large, none, or has a formula."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    _limit(len(data) <= MOST_BYTES)
    _inspect(data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        page = book.worksheets[0]
        page.reset_dimensions()
        lines = page.iter_rows(max_row=MOST_LINES + 1, max_col=MOST_COLUMNS + 1)
        return _within_limits([_cell(cell, place) for cell in line] for place, line in enumerate(lines, 1))
    except TableError:
        raise
    except (*_BROKEN, InvalidFileException) as problem:
        raise _no_xlsx() from problem


def _inspect(data: bytes) -> None:
    """Refuses an archive that grows too large when it is unpacked, and what no table needs: macros, XML entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _limit(len(entries) <= MOST_ENTRIES)
            unpacked = 0
            for entry in entries:
                if "vbaproject" in entry.filename.lower() or "macrosheets" in entry.filename.lower():
                    raise TableError("", "", "Files with macros are refused.", "拒绝含有宏的文件。")
                with archive.open(entry) as stream:
                    head = b""
                    while chunk := stream.read(_CHUNK):
                        # Declared sizes can lie: what really comes out is counted.
                        unpacked += len(chunk)
                        _limit(unpacked <= MOST_UNPACKED)
                        if b"<!DOCTYPE" in head + chunk or b"<!ENTITY" in head + chunk:
                            raise _no_xlsx()
                        head = chunk[-16:]
    except TableError:
        raise
    except _BROKEN as problem:
        raise _no_xlsx() from problem


def _cell(cell: Any, line: int) -> Operand:
    if cell.data_type == "f":
        place = f"{cell.column_letter}{line}"
        raise TableError(
            str(line), "", f"Cell {place} holds a formula; write its value.", f"单元格 {place} 是公式；请填写其值。"
        )
    if cell.data_type == "e":
        place = f"{cell.column_letter}{line}"
        raise TableError(str(line), "", f"Cell {place} holds an error.", f"单元格 {place} 是错误值。")
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, bool | int | float):
        return value
    return unescaped(str(value))


def _plain(value: float | bool) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else repr(value)


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError("", "", "This file is no text in UTF-8 or GB 18030.", "此文件不是 UTF-8 或 GB 18030 编码的文本。")


def _within_limits(lines: Iterator[Sequence[Operand]]) -> Sheet:
    """The lines without what is empty at their ends."""
    sheet: Sheet = []
    for line in lines:
        _limit(len(sheet) < MOST_LINES + 1)
        width = max((place for place, cell in enumerate(line, 1) if cell != ""), default=0)
        _limit(width <= MOST_COLUMNS)
        sheet.append(list(line[:width]))
    while sheet and not sheet[-1]:
        sheet.pop()
    _limit(len(sheet) <= MOST_LINES)
    return sheet


def _limit(kept: bool) -> None:
    if not kept:
        raise TableError(
            "",
            "",
            f"The file is too large: at most {MOST_ROWS:,} rows, {MOST_COLUMNS} columns and 5 MB.",
            f"文件过大：最多 {MOST_ROWS:,} 行、{MOST_COLUMNS} 列、5 MB。",
        )


def _no_xlsx() -> TableError:
    return TableError("", "", "This is no XLSX file that can be read.", "此文件不是可读取的 XLSX。")
