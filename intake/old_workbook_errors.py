"""Cells of an .xls whose formula failed: the reader gives them out as empty, which they are not."""

from __future__ import annotations

import io
from pathlib import Path


def failed_in_old_workbook(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """What stands in the failed cells of a sheet, `#N/A` too, by row and column from 0."""
    import xlrd  # only old workbooks need it

    try:
        book = xlrd.open_workbook(path, logfile=io.StringIO(), on_demand=True, ragged_rows=True)
        cells = book.sheet_by_name(sheet)
        return {
            (row, column): xlrd.error_text_from_code.get(cells.cell_value(row, column), "#")
            for row in range(cells.nrows)
            for column, kind in enumerate(cells.row_types(row))
            if kind == xlrd.XL_CELL_ERROR
        }
    except Exception:
        # Of a damaged file it raises whatever comes: the reader of the workbook has the last word over that.
        return {}
