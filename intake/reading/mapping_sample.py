"""The first rows of a file as a draft of a mapping keeps them, and rows from anywhere as a table to be read again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from intake.shown.padded_numbers import PaddedNumber
from intake.shown.shown_numbers import ShownNumber
from intake.shown.written_numbers import NumberInSigns
from intake.tabular.tables import BadRow, Table, TableRow
from intake.values.cell_dates import From1904
from intake.values.cells import cell_text
from intake.values.percent_cells import Percentage, WrittenPercentage
from intake.values.shown_months import OfMonth, OfYear, span_of_cell
from intake.values.unread_cells import UnreadCell
from intake.wording.sentences import storable

ROWS_KEPT: Final = 200
CELLS_KEPT: Final = 40_000
# Numbers of a workbook that mean more than the number.
_SHOWN: Final[dict[str, type[float]]] = {"share": Percentage, "percent": WrittenPercentage, "from_1904": From1904}
# Cells that have no form in JSON, each kept as a text under the name of its kind and made again from that.
_EXACT: Final[dict[str, Callable[[Any], object]]] = {
    "decimal": Decimal,
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
    "month": OfMonth.fromisoformat,
    "year": OfYear.fromisoformat,
}
_MADE: Final[dict[str, Callable[[Any], object]]] = {**_SHOWN, **_EXACT}


class RowsTable(Table):
    """A table of rows that are in memory: (row number, row)."""

    def __init__(self, columns: Sequence[str], rows: Sequence[tuple[int, TableRow]]) -> None:
        self.columns = list(columns)
        self.total_rows = len(rows)
        self._rows = rows

    def rows(self) -> Iterator[tuple[int, TableRow]]:
        yield from self._rows


def sample_of(table: Table, name: str, *, rows: int = ROWS_KEPT, cells: int = CELLS_KEPT) -> dict[str, Any]:
    """The first rows of a table as plain JSON, with the broken ones among them: so many, or as many as have so many
    cells."""
    most = max(1, min(rows, cells // max(1, len(table.columns))))
    kept = [_kept(number, row, table.columns) for number, row in islice(table.rows(), most)]
    return {"name": storable(name), "columns": list(table.columns), "rows": kept}


def table_of(sample: Mapping[str, Any]) -> RowsTable:
    """The sample as a table; one without rows where a draft has none."""
    columns = sample.get("columns", [])
    return RowsTable(columns, [_row(each, columns) for each in sample.get("rows", [])])


def text_table(columns: Sequence[str], rows: Iterable[tuple[int, Mapping[str, Any]]]) -> RowsTable:
    """Rows of which only the texts are known; cells that a row lacks are empty."""
    return RowsTable(columns, [(number, {name: row.get(name, "") for name in columns}) for number, row in rows])


def _kept(number: int, row: TableRow, columns: Sequence[str]) -> dict[str, Any]:
    if isinstance(row, BadRow):
        cells = [storable(cell) for cell in row.cells[: len(columns) + 20]]
        return {"n": number, "bad": row.code, "params": dict(row.params), "cells": cells}
    return {"n": number, "cells": [_plain(row[column]) for column in columns]}


def _row(kept: Mapping[str, Any], columns: Sequence[str]) -> tuple[int, TableRow]:
    if "bad" in kept:
        return kept["n"], BadRow(kept["bad"], kept["params"], tuple(kept["cells"]))
    return kept["n"], dict(zip(columns, map(_cell, kept["cells"]), strict=True))


def _cell(kept: object) -> object:
    if isinstance(kept, dict):
        if "told" in kept:
            return NumberInSigns.of(kept["told"], kept["number"])
        if "digits" in kept:
            return PaddedNumber.of(kept["number"], kept["digits"])
        if "unit" in kept:
            return ShownNumber(kept["number"], kept["unit"])
        return next(made(kept[name]) for name, made in _MADE.items() if name in kept)
    return UnreadCell(*kept) if isinstance(kept, list) else kept


def _plain(cell: object) -> str | int | float | bool | list[str] | dict[str, Any] | None:
    """Numbers, flags and nothing as they are; what is no value as what is shown of it and why; percentages as shares,
    and numbers beside the unit that they show or the digits that they are filled up to; fractions, days and moments
    beside their kind, since as texts they would be read by marks and forms; everything else as the text that is read
    like it."""
    for name, kind in _SHOWN.items():
        if type(cell) is kind:
            return {name: float(cell)}
    if isinstance(cell, NumberInSigns):
        return {"number": float(cell), "told": cell.shown}
    if isinstance(cell, PaddedNumber):
        return {"number": float(cell), "digits": cell.digits}
    if isinstance(cell, ShownNumber):
        return {"number": float(cell), "unit": cell.unit}
    if isinstance(cell, UnreadCell):
        return [cell.shown, cell.code]
    if cell is None or isinstance(cell, bool):
        return cell
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else None
    if isinstance(cell, int):
        return cell if abs(cell) < 2**53 else str(cell)
    if isinstance(cell, Decimal):
        return {"decimal": str(cell)}
    if isinstance(cell, date):
        return {span_of_cell(cell) or ("moment" if isinstance(cell, datetime) else "day"): cell.isoformat()}
    return storable(cell if isinstance(cell, str) else cell_text(cell))
