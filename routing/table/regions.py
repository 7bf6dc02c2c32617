"""A table's conditions as boxes over a finite grid: what rows cover together, and what they leave over.

Between the cut points of a table all values of a field behave alike, so each field falls into finitely many pieces,
and a row is a box: one set of pieces a field, kept as the bits of a number. Subtracting boxes is exact, and its work is
bounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from routing.table.columns import Coded, Column
from routing.table.evaluate import evaluate
from routing.table.fields import ORDERED, WORDED, Field, Operand, date_of, figure_of, registry_of
from routing.table.shapes import Cell, Row, Table, TableKind

# One number a field: which of its pieces belong to the box.
Box = tuple[int, ...]


class TooMuchWork(Exception):
    """The bounded work is used up before everything was looked at."""


class Effort:
    """How many comparisons of boxes may still be made, as a part of a larger effort where one is given."""

    def __init__(self, most: int, part_of: Effort | None = None) -> None:
        self.left, self.part_of = most, part_of

    def spend(self) -> None:
        """Raises TooMuchWork where nothing is left."""
        if self.left <= 0:
            raise TooMuchWork
        self.left -= 1
        if self.part_of is not None:
            self.part_of.spend()


@dataclass(frozen=True)
class Piece:
    """Values of one field that no cell tells apart; `value` is one of them (None: missing), figures lie between the
    ends without the ends, or are the one figure where both are the same."""

    value: Operand | None
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True)
class Axis:
    """One field in pieces, figures in their order."""

    field: Field
    pieces: tuple[Piece, ...]

    @property
    def all(self) -> int:
        return (1 << len(self.pieces)) - 1


class Grid:
    """The pieces of all fields that a table asks about, and its rows as boxes.

    `more` are further cells by field, as of rows, that can be asked as boxes too.
    """

    def __init__(self, table: Table, kind: TableKind, more: Iterable[Mapping[str, Cell]] = ()) -> None:
        asked: dict[str, list[Cell]] = {}
        for cells in (*(dict(row.used) for row in table.rows), *more):
            for key, cell in cells.items():
                asked.setdefault(key, []).append(cell)
        fields = [field for key, field in kind.registry.items() if key in asked]
        self.axes = tuple(_axis(field, asked[field.key]) for field in fields)
        self._masks: dict[tuple[str, Cell], int] = {}
        self.everything: Box = tuple(axis.all for axis in self.axes)
        self.boxes: tuple[Box, ...] = tuple(self.box(dict(row.used)) for row in table.rows)

    def box(self, cells: Mapping[str, Cell]) -> Box:
        """Where all of these cells are true."""
        return tuple(
            self.mask(axis, cells[axis.field.key]) if axis.field.key in cells else axis.all for axis in self.axes
        )

    def mask(self, axis: Axis, cell: Cell) -> int:
        """The pieces in which a cell is true."""
        asked = (axis.field.key, cell)
        if asked not in self._masks:
            self._masks[asked] = _mask(axis, cell)
        return self._masks[asked]

    def region(self, box: Box) -> dict[str, Cell]:
        """A part of a box, not always all of it, as the cells of a row; a field of which all belongs is left out."""
        described = zip(self.axes, box, strict=True)
        return {axis.field.key: _described(axis, mask) for axis, mask in described if mask != axis.all}


def meet(one: Box, other: Box) -> bool:
    """Whether two boxes have something in common."""
    for mine, its in zip(one, other, strict=True):  # noqa: SIM110  a generator would take twice the time
        if not mine & its:
            return False
    return True


def within(inner: Box, outer: Box) -> bool:
    """Whether the outer box holds all of the inner one."""
    return not any(mine & ~its for mine, its in zip(inner, outer, strict=True))


def left_over(box: Box, cuts: Sequence[Box], effort: Effort) -> Iterator[Box]:
    """Disjoint boxes that together are `box` without all `cuts`. Raises TooMuchWork when the effort is spent."""
    if not all(box):
        return
    waiting = [(box, 0)]
    while waiting:
        rest, place = waiting.pop()
        while place < len(cuts):
            effort.spend()
            if meet(rest, cuts[place]):
                break
            place += 1
        if place == len(cuts):
            yield rest
        else:
            waiting.extend((part, place + 1) for part in _without(rest, cuts[place]))


def _without(box: Box, cut: Box) -> Iterator[Box]:
    """`box` without `cut` in at most one part a field: outside the cut in it, inside the cut in all fields before."""
    inside: list[int] = []
    for place, (mine, its) in enumerate(zip(box, cut, strict=True)):
        if mine & ~its:
            yield (*inside, mine & ~its, *box[place + 1 :])
        inside.append(mine & its)


def _axis(field: Field, cells: Sequence[Cell]) -> Axis:
    if field.type in WORDED:
        pieces = _word_pieces(field, sorted({str(word) for cell in cells for word in cell.operands}))
    elif field.type == "boolean":
        pieces = [Piece(0.0, 0, 0), Piece(1.0, 1, 1)]
    else:
        figures = {figure_of(field.type, operand) for cell in cells for operand in cell.operands}
        pieces = _figure_pieces(field, figures)
    if any(cell.op in ("is_missing", "not_missing") for cell in cells):
        pieces.append(Piece(None))
    return Axis(field, tuple(pieces))


def _word_pieces(field: Field, asked: Sequence[str]) -> list[Piece]:
    if field.type == "choice":
        return [Piece(choice.key) for choice in field.choices]
    # All words that nobody asks about are one piece; the word that stands for it is none of those asked.
    return [*(Piece(word) for word in asked), Piece("\0".join(("other", *asked)))]


def _figure_pieces(field: Field, figures: Iterable[float]) -> list[Piece]:
    low = -math.inf if field.low is None else field.low
    high = math.inf if field.high is None else field.high
    cuts = {float(figure) for figure in (*figures, low, high) if low <= figure <= high}
    points = sorted(cuts - {-math.inf, math.inf})
    whole = field.type in ("integer", "date")
    pieces: list[Piece] = []
    before = -math.inf
    for point in points:
        if point > low:
            pieces += _between(before, point, whole)
        if not whole or point.is_integer():
            pieces.append(Piece(point, point, point))
        before = point
    if not points or before < high:
        pieces += _between(before, math.inf, whole)
    return pieces


def _between(low: float, high: float, whole: bool) -> list[Piece]:
    """The open interval as a piece, or nothing where no value lies in it."""
    if math.isinf(low) and math.isinf(high):
        return [Piece(0.0)]
    if math.isinf(low) or math.isinf(high):
        end, side = (high, -1) if math.isinf(low) else (low, 1)
        value = end + side * max(1.0, abs(end))
        return [Piece(math.floor(value) + 0.0 if side < 0 else math.ceil(value) + 0.0, low, high)]
    value = math.floor(low) + 1.0 if whole else low / 2 + high / 2
    return [Piece(value, low, high)] if low < value < high else []


def _mask(axis: Axis, cell: Cell) -> int:
    """Asks the evaluation itself, so that the analysis cannot mean something else by a cell."""
    values = [piece.value for piece in axis.pieces]
    column: Column
    if axis.field.type in WORDED:
        column = Coded.of([None if value is None else str(value) for value in values])
    else:
        column = np.array([math.nan if value is None else float(value) for value in values], dtype=np.float64)
    table = Table("", "first", (Row("R1", {axis.field.key: cell}, {}),), {})
    kind = TableKind("", registry_of([axis.field]), {})
    true = evaluate(table, kind, {axis.field.key: column}, len(values)).certain[:, 0]
    return sum(1 << place for place, holds in enumerate(true) if holds)


def _described(axis: Axis, mask: int) -> Cell:
    """Some values of a field as a cell: of figures the first pieces that hang together."""
    known = [place for place, piece in enumerate(axis.pieces) if piece.value is not None]
    chosen = [place for place in known if mask >> place & 1]
    if not chosen or chosen == known:
        return Cell("is_missing") if not chosen else Cell("not_missing")
    if axis.field.type == "boolean":
        return Cell("=", (bool(axis.pieces[chosen[0]].value),))
    if axis.field.type not in ORDERED:
        return _described_words(axis, known, chosen)
    end = next((place for place in chosen if place + 1 not in chosen), chosen[-1])
    return _described_figures(axis, chosen[0], end, known[-1])


def _described_words(axis: Axis, known: list[int], chosen: list[int]) -> Cell:
    if axis.field.type == "text" and known[-1] in chosen:
        return Cell("not_in", tuple(str(axis.pieces[place].value) for place in known if place not in chosen))
    return Cell("=" if len(chosen) == 1 else "in", tuple(str(axis.pieces[place].value) for place in chosen))


def _described_figures(axis: Axis, start: int, end: int, last: int) -> Cell:
    first, final = axis.pieces[start], axis.pieces[end]

    def operand(figure: float) -> Operand:
        return date_of(figure) if axis.field.type == "date" else figure

    closed = (first.low == first.high, final.low == final.high)
    if start == end and closed[0]:
        return Cell("=", (operand(first.low),))
    if start == 0:
        return Cell("<=" if closed[1] else "<", (operand(final.high),))
    if end == last:
        return Cell(">=" if closed[0] else ">", (operand(first.low),))
    return Cell("between", (operand(first.low), operand(final.high)), closed)
