"""What the notes of a table say of its money: above its header, in the name of its sheet, below its loans."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from intake.cells import cell_text
from intake.header_currencies import currency_in
from intake.header_units import is_money, money_scale, squeeze, unit_of
from intake.rows import SAMPLE_ROWS
from intake.samples import SampleRow
from intake.stated_units import Stated, says_scale, stated_in_notes, stated_units
from intake.tables import BadRow, Table, TableRow, clean_name, is_blank
from intake.traditional import simplified

# A number or a day: a row with one of them is a loan, or a total, and no note.
_FIGURE: Final = re.compile(r"[\W\d_]*\d[\W\d_]*")
_CALLED_NOTE: Final = re.compile(r"[(（*]?(备?注|附注|说明|notes?\b|remarks?\b)", re.IGNORECASE)
# A column with its unit, as a note names them: 年收入（万元）, 年收入单位：万元, and not 申请金额、年收入均为万元.
_OF_ONE: Final = r"(?<![、和及与跟/&]){name}[\s\"”」]*(?:[(（\[【]|单位|为|以|按|[:：]|in\b|\s)*{unit}[)）\]】]?"
# What says something of other columns than those that a note names with their units.
_OF_OTHERS: Final = re.compile(
    r"金额|数额|其余|其他|其它|同|均|各|全部|所有|以上|amounts?\b|\ball\b|\bothers?\b|\bsame\b"
)
# Who names it may mean every amount.
_OF_ALL: Final = frozenset({"", "金额", "数额", "单位", "amount", "amounts", "unit", "units"})
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
    if stated.code or not scale:
        return stated
    named = currency_in(name)
    return Stated("unit_in_sheet_name", name, scale, "" if named == "CNY" else named)


def _below(table: Table) -> list[str]:
    """The texts of the rows that are notes, among the first ones and the last ones of a table."""
    first = [_cells(row) for _number, row in islice(table.rows(), SAMPLE_ROWS)]
    last = table.last_rows() if len(first) == SAMPLE_ROWS else ()
    notes = [text for cells in (*first, *last) for text in _note_in(cells, len(table.columns))]
    return [text for text in notes if not _is_of_some(text, table.columns)]


def _is_of_some(note: str, columns: Sequence[str]) -> bool:
    """Whether a note names columns with the units that they have in their headers, and no unit but yuan of anything
    else. One that may say more is a note of all: amounts 10,000 times too small are worse than a file that is asked
    about."""
    plain = simplified(unicodedata.normalize("NFKC", note)).casefold()
    rest = plain
    for column in columns:
        unit, name = unit_of(column), squeeze(column)
        may_mean_others = name in _OF_ALL or any(name in squeeze(each) for each in columns if each != column)
        if unit and money_scale(column) and not may_mean_others:
            rest = re.sub(_OF_ONE.format(name=re.escape(name), unit=re.escape(unit)), " ", rest)
    if rest == plain or says_scale(rest):
        return False
    names_others = any(is_money(each) and squeeze(each) in squeeze(rest) for each in columns)
    return "元" in rest or not (names_others or _OF_OTHERS.search(rest))


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
