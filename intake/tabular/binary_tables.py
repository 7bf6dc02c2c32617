"""Tables in spreadsheets (read by calamine) and Parquet files (read by pyarrow).

pyarrow is loaded with the first such file: it takes a worker half a second and 60 MB that most never need.
"""

import datetime as dt
import math
from collections import deque
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, TypeGuard

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from intake.shown.currency_cells import shown_in
from intake.shown.padded_numbers import padded
from intake.shown.written_numbers import written_out
from intake.tabular.merged_cells import MergedCells, counted_from, downwards, is_of_a_group
from intake.tabular.notes_sheets import NotesSheets, sentences
from intake.tabular.other_headers import OtherHeaders
from intake.tabular.other_sheets import ReadSheet
from intake.tabular.sheet_marks import MISSING
from intake.tabular.sheet_rows import first_number, rows_of
from intake.tabular.table_headers import MAX_TITLE_ROWS, Header, find_header
from intake.tabular.tables import (
    LAST_ROWS,
    Line,
    Naming,
    Table,
    TableError,
    TableRow,
    column_names,
    fit,
    is_blank,
)
from intake.tabular.workbook_marks import marks_of
from intake.values.cell_dates import From1904, may_be_day
from intake.values.percent_cells import Percentage, WrittenPercentage
from intake.values.shown_months import as_shown
from intake.values.unread_cells import UnreadCell, text_of_bytes
from intake.wording.sentences import storable

_BATCH_ROWS = 2_000


class SheetTable(Table):
    """The first visible sheet of a workbook that holds anything. A sheet is held in memory as a whole."""

    def __init__(self, path: Path, naming: Naming = column_names) -> None:
        try:
            workbook = CalamineWorkbook.from_path(path)
            self._sheet, before, behind = _first_table(workbook)
            top = first_number(self._sheet)
            self._marks = marks_of(path, self._sheet.name, range(top - 1, top + MAX_TITLE_ROWS + 1))
        except (CalamineError, OSError, ValueError) as problem:
            raise TableError("table_damaged") from problem
        self._first_number, self._first_column = top, (self._sheet.start or (0, 0))[1]
        self._merged = self._sheet.merged_cell_ranges or self._marks.merged
        merged = counted_from(self._merged, top - 1, self._first_column, MAX_TITLE_ROWS + 2)
        header = find_header(list(islice(rows_of(self._sheet), MAX_TITLE_ROWS + 2)), merged)
        if header is None:
            raise TableError("table_empty")
        self._header, self._header_row = header, self._first_number + header.last
        names = naming(header.cells, header.spacers)
        self.take_names(names)
        self._of_groups = [place for place, name in enumerate(names) if is_of_a_group(name)]
        self.notes, self.note_places = header.notes, header.note_places
        self.sheet = self._sheet.name
        end = self._first_number + self._sheet.height
        # For its reader the sheet ends where only formulas without results follow.
        self._rows_behind = sorted({row + 1 for row, _column in self._marks.uncomputed if row + 1 >= end})
        self.total_rows = max(self._sheet.height - header.last - 1, 0) + len(self._rows_behind)
        read = ReadSheet(self._sheet, names, header.last + 1)
        alike, notes = [], NotesSheets(self.columns)
        for name in (*before, *behind):
            other = workbook.get_sheet_by_name(name)
            if name in behind and read.is_like(other):
                alike.append(name)
            else:
                notes.take(other)
        if alike:
            raise TableError("sheets_alike", names=", ".join(storable(name) for name in (self._sheet.name, *alike)))
        self.lines = [*notes.lines, *self._comments(header)]

    def _comments(self, header: Header) -> Iterator[Line]:
        """What is written on the cells of the header and above it. On the upper of two lines it is of the group below,
        unless nothing stands there."""
        names = iter(self.columns)
        columns = {at: next(names) for at in range(len(self.columns) + len(self.spacers)) if at not in self.spacers}
        for (row, at), said in sorted(self._marks.comments.items()):
            line, place = row + 1 - self._first_number, at - self._first_column
            if line > header.last:
                continue
            below = header.lines[line - header.last - 1 :][1:] if line > header.last - len(header.lines) else ()
            is_of_one = line == header.last or (below and all(is_blank(each[place : place + 1]) for each in below))
            column = columns.get(place, "") if is_of_one else ""
            yield from (Line("unit_in_comment", each, column) for each in sentences(said))

    def rows(self) -> Iterator[tuple[int, TableRow]]:
        """Every row below the header that is not blank, in order, with its number."""
        ranges = downwards(self._merged)
        filled = [number - 1 for number, _cells in self._filled()] if ranges else []
        merged = MergedCells(ranges, self._first_column, self._of_groups, filled)
        others = OtherHeaders(self._header, self.notes)
        for number, told in self._filled():
            row = fit(merged.told(number - 1, told), self.columns, self.spacers)
            yield number, others.told(number, told, row)
        for number in self._rows_behind:
            cells = self._told(number, [None] * self._sheet.width)
            yield number, others.told(number, cells, fit(cells, self.columns, self.spacers))

    def _filled(self) -> Iterator[tuple[int, list[object]]]:
        """The rows below the header that hold anything of their own: one of nothing but formulas without results does,
        one that only shares a merged cell does not."""
        for number, cells in enumerate(rows_of(self._sheet), self._first_number):
            if number > self._header_row and not is_blank(told := self._told(number, cells)):
                yield number, told

    def last_rows(self) -> Sequence[Sequence[object]]:
        """The last rows of the sheet."""
        return deque(rows_of(self._sheet), maxlen=LAST_ROWS)

    def _told(self, number: int, cells: Sequence[object]) -> list[object]:
        """The cells of a row as they are, those whose formula failed or has no result as such, shares as percentages,
        money of another currency with its sign, whole numbers with the zeros before them or as the identifiers that
        are shown of them, and days of which only the month or year is shown as its first."""
        plain = [_plain(cell) for cell in cells]
        if self._marks.is_from_1904:
            plain = [From1904(cell) if _is_number(cell) and may_be_day(cell) else cell for cell in plain]
        for shown_as, marked in ((Percentage, self._marks.percents), (WrittenPercentage, self._marks.written)):
            for at, rows in marked.items():
                place = at - self._first_column
                if number in rows and 0 <= place < len(plain) and _is_number(cell := plain[place]):
                    plain[place] = shown_as(cell)
        for at, signs in self._marks.signs.items():
            place = at - self._first_column
            if number in signs and 0 <= place < len(plain) and _is_number(cell := plain[place]):
                plain[place] = shown_in(signs[number], cell)
        for at, filled in self._marks.padded.items():
            place = at - self._first_column
            if number in filled and 0 <= place < len(plain) and _is_number(cell := plain[place]):
                plain[place] = padded(cell, filled[number])
        for at, forms in self._marks.written_out.items():
            place = at - self._first_column
            if number in forms and 0 <= place < len(plain) and _is_number(cell := plain[place]):
                plain[place] = written_out(cell, forms[number])
        for at, spans in self._marks.spans.items():
            place = at - self._first_column
            if number in spans and 0 <= place < len(plain):
                plain[place] = as_shown(plain[place], spans[number])
        if self._marks.failed:
            for at in range(self._first_column, self._first_column + len(plain)):
                failed = self._marks.failed.get((number - 1, at))
                if failed:
                    # Of an .ods the reader may give out nought.
                    told = None if failed == MISSING else UnreadCell(failed, "formula_failed")
                    plain[at - self._first_column] = told
        if self._marks.uncomputed:
            for at in range(self._first_column, self._first_column + len(plain)):
                if formula := self._marks.uncomputed.get((number - 1, at)):
                    plain[at - self._first_column] = UnreadCell(formula, "formula_uncomputed")
        return plain


def _is_number(cell: object) -> TypeGuard[float]:
    """An .xls holds most whole numbers as such, and no other kind of workbook does."""
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _first_table(workbook: CalamineWorkbook) -> tuple[CalamineSheet, list[str], list[str]]:
    """The first visible sheet with a header of two names and a row below it, or else the first that holds anything; and
    the names of the other visible sheets before and behind it."""
    visible = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    first: CalamineSheet | None = None
    for position, name in enumerate(visible):
        found = workbook.get_sheet_by_name(name)
        if found.height > 1 and found.width > 1:
            return found, visible[:position], visible[position + 1 :]
        first = first or (found if found.height else None)
    if first is None:
        raise TableError("table_empty")
    return first, [], []


class ParquetTable(Table):
    """A Parquet file, read in batches: memory does not grow with the file."""

    def __init__(self, path: Path, naming: Naming = column_names) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._path = path
        try:
            with pq.ParquetFile(path) as file:
                self.columns = naming(file.schema_arrow.names, ())
                self.total_rows = file.metadata.num_rows
            if not self.columns:
                raise TableError("table_empty")
        except (pa.ArrowException, OSError, ValueError) as problem:
            raise TableError("table_damaged") from problem

    def rows(self) -> Iterator[tuple[int, TableRow]]:
        """Every row that is not blank; the first is number 2, as if the names stood above it."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        number = 1
        try:
            with pq.ParquetFile(self._path) as file:
                for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                    for cells in zip(*(_python_values(column) for column in batch.columns), strict=True):
                        number += 1
                        plain = [_plain(cell) for cell in cells]
                        if not is_blank(plain):
                            yield number, dict(zip(self.columns, plain, strict=True))
        except (pa.ArrowException, OSError) as problem:
            raise TableError("table_damaged") from problem


def _python_values(column: Any) -> list[object]:
    """The values of a column of Arrow."""
    import pyarrow as pa

    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        # Python's datetime ends at microseconds.
        column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    if pa.types.is_float32(column.type) or pa.types.is_float16(column.type):
        # 5000.1 as it was written, not the 5000.10009765625 of a longer number.
        return [None if text is None else float(text) for text in column.cast(pa.string()).to_pylist()]
    try:
        values: list[object] = column.to_pylist()
    except (ValueError, OverflowError, pa.ArrowException):
        # Text that is no UTF-8, or a moment beyond the years that Python counts: only its own rows are refused.
        return [_python_value(value) for value in column]
    return values


def _python_value(value: Any) -> object:
    import pyarrow as pa

    try:
        return value.as_py()
    except (ValueError, OverflowError, pa.ArrowException):
        pass
    if pa.types.is_string(value.type) or pa.types.is_large_string(value.type):
        return text_of_bytes(value.as_buffer().to_pybytes())
    is_day = pa.types.is_date32(value.type)
    return UnreadCell(f"{value.type} {value.cast(pa.int32() if is_day else pa.int64()).as_py()}", "cell_beyond_reading")


def _plain(cell: object) -> object:
    """One cell as text, number, flag, date or None; anything nested as its text, bytes as UTF-8 or UnreadCell."""
    if cell is None or isinstance(cell, str | bool | int | Decimal | dt.date | UnreadCell):
        return cell
    if isinstance(cell, float):
        return None if math.isnan(cell) else cell
    if isinstance(cell, bytes):
        return text_of_bytes(cell)
    return str(cell)
