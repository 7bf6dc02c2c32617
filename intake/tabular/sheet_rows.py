"""The rows of a sheet of a workbook, numbered as everybody sees them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from python_calamine import CalamineSheet


def first_number(sheet: CalamineSheet) -> int:
    """The number of the first row that holds anything, counted from 1."""
    return int((sheet.start or (0, 0))[0]) + 1


def rows_of(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """The rows from there on. The reader of workbooks begins with the blank rows above it, though neither its start nor
    its height counts them: what is said of a cell by its row would stand that far below it."""
    return islice(sheet.iter_rows(), first_number(sheet) - 1, None)
