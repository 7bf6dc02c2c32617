"""What the notes of a table say of its money: above its header, in the name of its sheet, below its loans."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from intake.cells import cell_text
from intake.header_currencies import currency_in
from intake.header_units import money_scale, says_unit_of_money, squeeze, unit_of
from intake.rows import SAMPLE_ROWS
from intake.samples import SampleRow
from intake.stated_units import Stated, stated_in_notes, stated_units
from intake.tables import BadRow, Table, TableRow, clean_name, is_blank

# A number or a day: a row with one of them is a loan, or a total, and no note.
_FIGURE: Final = re.compile(r"[\W\d_]*\d[\W\d_]*")
_CALLED_NOTE: Final = re.compile(r"[(（*]?(备?注|附注|说明|notes?\b|remarks?\b)", re.IGNORECASE)
# What a note says of some columns alone, or of none: 除注册资本外均为元, "Figures in yuan, not in thousands".
_NOT_OF_ALL: Final = re.compile(r"其余|其他|其它|除.*外|[均以为]元(?!/)|\bnot in\b|\bconverted\b", re.IGNORECASE)
# Notes may be numbered in a cell of their own.
_NUMBER_OF_NOTE: Final = re.compile(r"\d{1,2}\W?")


def units_of(table: Table, rows: Sequence[SampleRow]) -> Stated:
    """What a table says of its money outside its header, `rows` being its first ones.

    What stands above the header or close below it comes first, then the name of the sheet, then the notes below the
    loans. A currency above the header and a scale elsewhere belong together."""
    stated = stated_units(table.notes, table.columns, rows)
    if stated.scale or stated.by_column:
        return stated
    of_sheet = _of_sheet(table.sheet)
    below = of_sheet if of_sheet.code else stated_in_notes("unit_below_rows", _below(table))
    if not below.code:
        return stated
    said = " ".join(filter(None, (stated.said, below.said)))
    return replace(below, said=said, currency=stated.currency or below.currency)


def _of_sheet(name: str) -> Stated:
    """What the name of a sheet says, as a note or, "Loans (USD k)", as a header does."""
    stated, scale = stated_in_notes("unit_in_sheet_name", [name]), money_scale(name)
    # "Branch (K)" is one of several.
    is_letter = len(unit_of(name)) == 1 and unit_of(name).isascii()
    if stated.code or not scale or is_letter:
        return stated
    named = currency_in(name)
    return Stated("unit_in_sheet_name", name, scale, "" if named == "CNY" else named)


def _below(table: Table) -> list[str]:
    """The texts of the rows that are notes, among the first ones and the last ones of a table."""
    first = [_cells(row) for _number, row in islice(table.rows(), SAMPLE_ROWS)]
    last = table.last_rows() if len(first) == SAMPLE_ROWS else ()
    notes = [text for cells in (*first, *last) for text in _note_in(cells, len(table.columns))]
    with_unit = [squeeze(column) for column in table.columns if says_unit_of_money(column)]
    return [text for text in notes if not _NOT_OF_ALL.search(text) and not any(name in text for name in with_unit)]


def _cells(row: TableRow) -> list[object]:
    return list(row.cells if isinstance(row, BadRow) else row.values())


def _note_in(row: Sequence[object], width: int) -> list[str]:
    """The texts of a row that is a note: of words alone, in few of its cells or so called."""
    cells = [cell for cell in row if not is_blank([cell])]
    if cells and _NUMBER_OF_NOTE.fullmatch(cell_text(cells[0])):
        cells = cells[1:]
    texts = [clean_name(cell) for cell in cells if isinstance(cell, str)]
    if not texts or len(texts) < len(cells) or any(map(_FIGURE.fullmatch, texts)):
        return []
    return texts if len(texts) * 2 <= width or _CALLED_NOTE.match(texts[0]) else []
