"""The table of refused rows that is given out to be mended: its own columns, which are none of the lender's."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from intake.values.outliers import Note

ROW = "riskreview_row"
REASONS = "riskreview_reasons"
# Cells beyond the last column of a broken row stand under these names.
_EXTRA = re.compile(r"extra_\d+", re.ASCII)
ZEROS_PUT_BACK: Final = "zeros_put_back"


class PutBack(str):
    """The text of a cell as it was given out, which came back without its zeros."""


def added_columns(columns: Sequence[str]) -> list[str]:
    """The columns of a mended table that come from here; none where the table was never given out."""
    if ROW not in columns:
        return []
    return [column for column in columns if column in (ROW, REASONS) or _EXTRA.fullmatch(column)]


def extra_columns(columns: Sequence[str]) -> list[str]:
    """The columns of a mended table that held the surplus cells of broken rows."""
    return [column for column in added_columns(columns) if column not in (ROW, REASONS)]


def extra_names(columns: Sequence[str], count: int) -> list[str]:
    """Names for cells beyond the last column: `extra_1` and so on, without those that are columns already."""
    taken = set(columns)
    names = (f"extra_{number}" for number in range(1, len(columns) + count + 1))
    return [name for name in names if name not in taken][:count]


def returned_columns(columns: Sequence[str], names: Iterable[str]) -> list[str]:
    """The columns of the table that is given out: those of the file in its own order, then what its rows have more."""
    return [name for name in dict.fromkeys([*columns, *names]) if name not in (ROW, REASONS)]


def notes_of_zeros(row: Mapping[str, object], read: Collection[str]) -> tuple[Note, ...]:
    """That cells of a mended row stand as they were given out, not as they came back, of the columns that are read."""
    if ROW not in row:
        return ()
    return tuple(
        Note(column, ZEROS_PUT_BACK, {"column": column})
        for column, cell in row.items()
        if isinstance(cell, PutBack) and column in read
    )
