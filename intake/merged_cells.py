"""Cells of a sheet that are merged down over several rows: the value stands in the first row, and is meant for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from intake.sentences import storable
from intake.unread_cells import UnreadCell

# ((first row, first column), (last row, last column)), from nought.
Range = tuple[tuple[int, int], tuple[int, int]]


class MergedCells:
    """Tells the rows of a sheet, given one after the other, with what is merged down into them.

    A branch, a customer or a term is that of every row. An amount of money may be the sum of several loans as well as
    the income of one person: rows that would share one (columns at these places are `sums`) say so by name.
    """

    def __init__(self, ranges: Iterable[Range] | None, first_column: int, sums: Collection[int]) -> None:
        self._sums = sums
        self._begin: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for (top, left), (bottom, _right) in ranges or ():
            if bottom > top:
                self._begin[top].append((left - first_column, bottom))
        self._open: dict[int, tuple[int, object]] = {}

    def told(self, row: int, cells: Sequence[object]) -> list[object]:
        """The cells of a row (from nought), its empty ones within a merged range filled."""
        told = list(cells)
        for place, (bottom, value) in [*self._open.items()]:
            if row > bottom:
                del self._open[place]
            elif told[place] in (None, ""):
                told[place] = value
        for place, bottom in self._begin.get(row, ()):
            if 0 <= place < len(told) and told[place] not in (None, ""):
                self._open[place] = (bottom, self._for_all(place, told[place]))
        return told

    def _for_all(self, place: int, value: object) -> object:
        is_sum = place in self._sums and value is not None and not isinstance(value, bool)
        return UnreadCell(storable(str(value)), "cell_merged") if is_sum else value
