"""What the notes of a table say of its money: above its header, in the name of its sheet, below its loans,
in other sheets and in comments."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from intake.header_words.header_units import is_money, money_scale, squeeze, unit_of
from intake.header_words.scale_words import scale_in
from intake.mapped.case_mapping import CaseMapping
from intake.mapped.header_currencies import currency_in
from intake.reading.rows import SAMPLE_ROWS
from intake.tabular.other_headers import OTHER_HEADER
from intake.tabular.stated_units import Stated, stated_in_notes, stated_of_column, stated_units
from intake.tabular.tables import BadRow, Line, Table, TableRow, clean_name, is_blank
from intake.values.cells import cell_text
from intake.values.samples import SampleRow
from intake.values.traditional import simplified

# A number or a day: a row with one of them is a loan, or a total, and no note.
_FIGURE: Final = re.compile(r"[\W\d_]*\d[\W\d_]*")
_CALLED_NOTE: Final = re.compile(r"[(（*]?(备?注|附注|说明|notes?\b|remarks?\b)", re.IGNORECASE)
# The clauses of a note that says nothing but what the header says. Each is matched as a whole: amounts 10,000 times too
# small are worse than a file that is asked about.
_PREFIX: Final = re.compile(r"(?:填表)?(?:备?注(?!册)|附注|说明|notes?)\s*\d{0,2}\s*[:：.]?", re.IGNORECASE)
_CLAUSES: Final = re.compile(r"[,，;；。]+")
_NUMBERING: Final = re.compile(r"[(（]?\d{1,2}[)）.、]")
_LINK: Final = r"(?:的?单位)?[为以是按用:]*"
# 年收入单位为万元, 除注册资本(万元)外, 注册资本、年收入以万元计.
_OF_ITS_UNIT: Final = (
    r"除?{names}(?:[、和及与]{names})*列?" + _LINK + r"(?:in)?\(?(?:人民币)?{unit}元?\)?(?:为单位|计算?|填写|填列|外)*"
)
# 申请金额单位为元, 其余以元为单位.
_OF_YUAN: Final = (
    r"(?:本表|表中|其余|其[他它]|各项|金额|数额|{names})*" + _LINK + r"[均都为以按]*(?:人民币)?元(?:为单位|计)?"
)
# 年收入(万元)含奖金: in these signs nothing can be said of other columns.
_OF_ITS_MEANING: Final = r"{names}\({unit}\)[为按以含税前后口径奖金认缴实部分营业执照工商登记年报上度个申数填列准的]*"
# Who names it may mean every amount.
_OF_ALL: Final = frozenset({"", "金额", "数额", "单位", "amount", "amounts", "unit", "units"})
# Notes may be numbered in a cell of their own.
_NUMBER_OF_NOTE: Final = re.compile(r"\d{1,2}\W?")


def units_of(table: Table, rows: Sequence[SampleRow], below: Sequence[str] | None = None) -> Stated:
    """What a table says of its money outside its header, `rows` being its first ones and `below` its `notes_below`.

    What stands above the header or close below it comes first, then the name of the sheet, the notes below the loans,
    those in other sheets, comments. A currency above the header and a scale elsewhere belong together."""
    stated = replace(stated_units(table.notes, table.columns, rows), likely=_below_group(table))
    if stated.scale or stated.by_column:
        return stated
    other = _of_sheet(table.sheet)
    if not other.code:
        other = stated_in_notes("unit_below_rows", notes_below(table) if below is None else below)
    for code in dict.fromkeys(line.code for line in table.lines):
        if not other.code:
            of_all = [line.said for line in table.lines if line.code == code and _is_of_all(line, table.columns)]
            other = stated_in_notes(code, of_all)
    if not other.code:
        return stated
    said = " ".join(filter(None, (stated.said, other.said)))
    return replace(other, said=said, currency=stated.currency or other.currency)


def _below_group(table: Table) -> Sequence[str]:
    """The columns from the first on above which a scale stands in a line of several names, as that of a group whose
    columns nothing tells; none where no scale stands so."""
    places = [at for note, at in table.note_places.items() if scale_in(note)]
    behind = min(places) - sum(at < min(places) for at in table.spacers) if places else len(table.columns)
    return table.columns[behind:]


def _of_sheet(name: str) -> Stated:
    """What the name of a sheet says, as a note or, "Loans (USD k)", as a header does."""
    stated, scale = stated_in_notes("unit_in_sheet_name", [name]), money_scale(name)
    if stated.code or not scale:
        return stated
    named = currency_in(name)
    return Stated("unit_in_sheet_name", name, scale, "" if named == "CNY" else named)


def units_of_columns(table: Table, mapping: CaseMapping) -> list[Stated]:
    """What the dictionary of a workbook and the comments on its header say of single columns of money."""
    amount = mapping.fields.get("amount")
    of_amount = amount.column if amount else ""
    return [
        stated_of_column(line, is_amount=line.column == of_amount)
        for line in table.lines
        if line.column and (line.column == of_amount or is_money(line.column))
    ]


def lines_beside(table: Table, below: Sequence[str]) -> list[Line]:
    """The lines above a table, the name of its sheet, its `notes_below` and what its workbook says elsewhere."""
    above = [Line("unit_above_header", note) for note in table.notes]
    return [
        *above,
        Line("unit_in_sheet_name", table.sheet),
        *(Line("unit_below_rows", note) for note in below),
        *table.lines,
    ]


def notes_below(table: Table) -> list[str]:
    """The texts of the rows that are notes, among the first ones and the last ones of a table."""
    # What stands below another header is of that one.
    rows = (row for _number, row in table.rows() if not (isinstance(row, BadRow) and row.code == OTHER_HEADER))
    first = [_cells(row) for row in islice(rows, SAMPLE_ROWS)]
    last = table.last_rows() if len(first) == SAMPLE_ROWS else ()
    notes = [text for cells in (*first, *last) for text in _note_in(cells, len(table.columns))]
    return [text for text in notes if not _is_of_some(text, table.columns)]


def _is_of_all(line: Line, columns: Sequence[str]) -> bool:
    """Whether a line of another sheet or of a comment may be of all columns of money."""
    return not line.column and not _is_of_some(line.said, columns, whole=True)


def _is_of_some(note: str, columns: Sequence[str], *, whole: bool = False) -> bool:
    """Whether each clause of a note names a column with the unit that it has in its header, or yuan: such a note says
    nothing of the others. `whole` is one that no row before it can have begun."""
    plain = simplified(unicodedata.normalize("NFKC", note)).casefold()
    prefix = _PREFIX.match(plain.strip())
    if prefix is None and not whole:
        # It may be the end of a note whose beginning stands in the row before.
        return False
    said = re.sub(r"[\s\"'“”‘’「」『』]", "", plain.strip()[prefix.end() if prefix else 0 :])
    clauses = [_NUMBERING.sub("", each, count=1) for each in _CLAUSES.split(said)]
    known = _clauses_of(columns)
    return bool(known) and all(any(re.fullmatch(each, clause) for each in known) for clause in clauses if clause)


def _clauses_of(columns: Sequence[str]) -> list[str]:
    """Patterns of the clauses that say what is known of these columns; none where no column has a unit of its own."""
    by_unit: dict[str, list[str]] = defaultdict(list)
    for column in columns:
        unit, name = unit_of(column), squeeze(column)
        may_mean_others = name in _OF_ALL or any(name in squeeze(each) for each in columns if each != column)
        if unit and money_scale(column) and not may_mean_others:
            by_unit[unit].append(name)
    patterns = [
        pattern.format(names=_one_of(names), unit=re.escape(unit))
        for unit, names in by_unit.items()
        for pattern in (_OF_ITS_UNIT, _OF_ITS_MEANING)
    ]
    plain_money = [squeeze(column) for column in columns if is_money(column) and not money_scale(column)]
    return [*patterns, _OF_YUAN.format(names=_one_of(plain_money or ["金额"]))] if patterns else []


def _one_of(names: Sequence[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, names))})"


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
