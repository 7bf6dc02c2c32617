"""Whether a sheet that is not read may hold loans: passed over, they would be lost and nobody told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Final

from python_calamine import CalamineSheet

from intake.header_words.header_units import squeeze
from intake.header_words.headers import field_matches
from intake.tabular.merged_cells import counted_from
from intake.tabular.sheet_rows import first_number, rows_of
from intake.tabular.table_headers import MAX_TITLE_ROWS, find_header
from intake.tabular.tables import clean_name, is_blank

_COMPARED_ROWS: Final = 20
_SHARED_LEAST: Final = 3
_COUNT: Final = re.compile(
    r".*(笔数|户数|件数|人数|数量|占比|比例)|count|counts|cases|loans|share|numberofloans|loancount"
)
# What tells one loan from another, and what a summary has a row for each of.
_TELLING: Final = ("external_ref", "applicant.id", "applicant.identity_number", "applicant.name", "applicant.phone")
_GROUPING: Final = ("product", "industry", "region", "channel", "applicant.segment")


class ReadSheet:
    """The sheet that is read, as the others are compared with it."""

    def __init__(self, sheet: CalamineSheet, columns: Sequence[str], header_row: int) -> None:
        # "" is a column that is passed over.
        self._columns = list(columns)
        self._named = set(filter(None, columns))
        self._names = {squeeze(name) for name in self._named}
        self._start = (sheet.start or (0, 0))[1]
        rows = list(islice(rows_of(sheet), header_row, header_row + _COMPARED_ROWS))
        # What stands in each column: figures, words, or both.
        self._kinds = [{_is_figure(row[at]) for row in rows if not is_blank([row[at]])} for at in range(sheet.width)]

    def is_like(self, other: CalamineSheet) -> bool:
        """Whether another sheet may hold loans, too: rows under such names, or with an amount and whose it is, or
        rows such as these without any header. A list of codes, notes or a summary by groups holds none."""
        rows = list(islice(rows_of(other), MAX_TITLE_ROWS + 2))
        top, left = first_number(other) - 1, (other.start or (0, 0))[1]
        header = find_header(rows, counted_from(other.merged_cell_ranges, top, left, len(rows)))
        if header is None:
            return False
        shift = (other.start or (0, 0))[1] - self._start
        if any(self._goes_on(header.cells, by) for by in {0, max(shift, 0)}):
            return True
        below = islice(rows_of(other), header.last + 1, None)
        if all(is_blank(row) for row in below):
            return False
        headers = [name for cell in header.cells if (name := clean_name(cell))]
        if set(headers) == self._named:
            return True
        if self._is_summary(headers):
            return False
        has_amount = any(_is_of("amount", name) for name in headers)
        tells_whose = any(_is_of(field, name) for name in headers for field in _TELLING)
        names = {squeeze(name) for name in headers}
        shared = len(names & self._names)
        # A sum by grade or term has two names of the loans, too.
        is_near = shared >= _SHARED_LEAST and shared * 2 >= min(len(names), len(self._names))
        return (is_near and (has_amount or tells_whose)) or (has_amount and tells_whose)

    def _goes_on(self, cells: Sequence[object], shift: int) -> bool:
        """Whether the first row of a sheet is one more row of this one, so that the sheet has no header."""
        row = [(at + shift, _is_figure(cell)) for at, cell in enumerate(cells) if not is_blank([cell])]
        inside = [(at, figure) for at, figure in row if at < min(len(self._columns), len(self._kinds))]
        fits = all(not self._kinds[at] or figure in self._kinds[at] for at, figure in inside)
        return fits and len(inside) * 2 > len(self._columns) > 1 and any(figure for _at, figure in inside)

    def _is_summary(self, headers: Sequence[str]) -> bool:
        """Whether rows are totals, of products and the like, and not loans."""
        if any(_is_of(field, name) for name in headers for field in _TELLING):
            return False
        if any(_COUNT.fullmatch(squeeze(name)) and squeeze(name) not in self._names for name in headers):
            return True
        groups = [name for name in headers if not _is_of("amount", name)]
        return bool(groups) and all(any(_is_of(field, name) for field in _GROUPING) for name in groups)


def _is_of(field: str, header: str) -> bool:
    return field_matches(field, header) is not None


def _is_figure(cell: object) -> bool:
    """Whether a cell holds a number, a date or a text with digits."""
    return any(sign.isdigit() for sign in cell) if isinstance(cell, str) else not isinstance(cell, bool)
