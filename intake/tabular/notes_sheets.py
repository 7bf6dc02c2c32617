"""What the other sheets of a workbook say of its table: sheets of notes (填表说明, README) and data dictionaries, which
hold no loans and are not read otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from python_calamine import CalamineSheet

from intake.header_words.header_units import squeeze
from intake.tabular.sheet_rows import rows_of
from intake.tabular.tables import Line, clean_name, is_blank
from intake.values.cells import cell_text

CODE: Final = "unit_in_notes_sheet"
# A workbook says what it has to say in less.
_ROWS_MOST: Final = 500
_SIGNS_MOST: Final = 100_000
# So far from its left edge a dictionary names the column of which a row is.
_NAMES_AMONG: Final = 3
_FIGURE: Final = re.compile(r"[\W\d_]*\d[\W\d_]*")
_NUMBER_OF_NOTE: Final = re.compile(r"\d{1,2}\W?")
# In a table of figures a line says in what that one is; a sheet called so has notes whatever else stands there.
_CALLED_NOTES: Final = re.compile(
    r"说明|須知|须知|备注|備註|附注|注释|口径|字典|指南|填报|要求|定义|封面|notes?\b|read\s?me|dictionar|glossar|legend|guide"
    r"|instruction|definition|metadata|about|cover",
    re.IGNORECASE,
)
# In a dictionary these are none of the columns of another table.
_OF_NO_COLUMN: Final = re.compile(
    r"(金额|数额|期限|利率|货币|币种|计量)?(单位)?|币别|备?注|附注|说明|(all)?(amounts?|figures|values)|units?|currency|terms?|notes?|remarks?"
)
_LETTER: Final = re.compile(r"[A-Za-z]")
_SENTENCES: Final = re.compile(r"[\n。；;]+")


class NotesSheets:
    """The lines in sheets of notes and dictionaries beside a table of these columns."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = {squeeze(name): name for name in reversed(columns) if squeeze(name)}
        self._named = set(columns)
        self._left = _SIGNS_MOST
        self.lines: list[Line] = []

    def take(self, sheet: CalamineSheet) -> None:
        """Take the lines of one more sheet, up to what a workbook may say altogether."""
        for line in self._lines_in(sheet):
            self._left -= len(line.said)
            if self._left < 0:
                return
            self.lines.append(line)

    def _lines_in(self, sheet: CalamineSheet) -> Iterator[Line]:
        of_columns, free = [], []
        for cells in islice(rows_of(sheet), _ROWS_MOST):
            row = [cell for cell in cells if not is_blank([cell])]
            if row and _NUMBER_OF_NOTE.fullmatch(cell_text(row[0])):
                row = row[1:]
            named = [at for at, cell in enumerate(row[:_NAMES_AMONG]) if self._column(cell)]
            if len(named) == 1 and len(row) > 1:
                of_columns.append((row, named[0]))
            elif row and not named:
                free.append(row)
        if any(map(_is_figure, (cell for row in free for cell in row))) and not _CALLED_NOTES.search(sheet.name):
            return
        for row, at in of_columns:
            yield from self._of_column(row, at)
        for row in free:
            is_label = len(row) == 2 and (not of_columns or bool(_OF_NO_COLUMN.fullmatch(squeeze(clean_name(row[0])))))
            if (len(row) == 1 or is_label) and not any(map(_is_figure, row)):
                yield from (Line(CODE, said) for said in sentences(": ".join(map(str, row))))

    def _of_column(self, row: Sequence[object], at: int) -> Iterator[Line]:
        """The cells of a row of a dictionary; its name of the column may say a unit, too. One letter says whether a
        column may be empty, or its type, and a figure is an example."""
        column = self._column(row[at])
        for place, cell in enumerate(row):
            is_said = clean_name(cell) != column if place == at else not _LETTER.fullmatch(cell_text(cell))
            if is_said and not _is_figure(cell):
                yield from (Line(CODE, said, column) for said in sentences(str(cell)))

    def _column(self, cell: object) -> str:
        """The column of the table that a cell names, "" for none."""
        name = clean_name(cell) if isinstance(cell, str) else ""
        return name if name in self._named else self._columns.get(squeeze(name), "")


def sentences(text: str) -> list[str]:
    """The sentences of a cell or a comment."""
    return [said for each in _SENTENCES.split(text) if (said := clean_name(each))]


def _is_figure(cell: object) -> bool:
    return not isinstance(cell, str) or _FIGURE.fullmatch(cell) is not None
