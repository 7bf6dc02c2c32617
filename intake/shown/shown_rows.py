"""Rows as their cells show them, for whoever mends a refused one: what comes back as text is read as the cell was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from intake.shown.shown_numbers import ShownNumber, shown_with_unit
from intake.values.percent_cells import Percentage, shown_text

Cells = Iterable[tuple[str, object]]
# All that most tables hold: no question for each of their cells.
_SHOWN_AS_THEY_ARE: Final = frozenset({str, int, float, bool, datetime, type(None)})


def cells_shown_otherwise(row: Mapping[str, object]) -> tuple[tuple[str, object], ...]:
    """The cells of a row, with their columns, that show something else than the number that stands in them."""
    if _SHOWN_AS_THEY_ARE.issuperset(map(type, row.values())):
        return ()
    return tuple([told for told in row.items() if isinstance(told[1], Percentage | ShownNumber)])


def as_shown(texts: Mapping[str, str], cells: Cells) -> dict[str, str]:
    """The texts of a row with these of its cells as they are shown: 4.35%, 3年, 07702."""
    return {**texts, **{column: shown_with_unit(cell, shown_text(cell)) for column, cell in cells}}
