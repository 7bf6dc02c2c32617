"""Which rows hit, for n cases at once, where a value that is missing makes a cell neither true nor false.

The logic is Kleene's strong three-valued one (Introduction to Metamathematics, 1952, section 64): a row is certain when
all its cells are true, impossible when one is false, and possible when none is false and at least one is unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.table.columns import BoolArray, Coded, Column, FloatArray
from routing.table.fields import WORDED, Field, figure_of
from routing.table.shapes import REVIEW, WAY, Cell, Table, TableKind

ByteArray = NDArray[np.uint8]
# Cases that are looked at together: few enough that their columns stay in the processor's cache.
BLOCK: Final = 32768
_ONE: Final = np.uint8(1)
# Where each of the four cells of a byte of the trace lies in it.
_SHIFTS: Final = tuple(np.uint8(2 * place) for place in range(4))


@dataclass(frozen=True)
class Hits:
    """`certain` and `possible` (n, rows), never both. `trace` (n, bytes): two bits a used cell, row by row, within a
    row by field key, the first in the lowest bits: 0 false, 1 true, 2 unknown."""

    certain: BoolArray
    possible: BoolArray
    trace: ByteArray


@dataclass(frozen=True)
class Ways:
    """The way of n cases: `way` (n,) a place in the kind's ways, `row` (n,) the place of the deciding row (behind the
    last: the default), `missing` (n,) whether people must look because a possible row might have decided otherwise."""

    way: NDArray[np.int8]
    row: NDArray[np.int16]
    missing: BoolArray


# What is known of one cell in one block: where it is true, where it is unknown (None: nowhere), both as trace bits.
_State = tuple[BoolArray, BoolArray | None, ByteArray]
_Test = Callable[[slice], BoolArray]


@dataclass(frozen=True)
class _Unknown:
    """Where the values of one field in one block are unknown, in the forms that every cell of the field needs."""

    where: BoolArray
    known: BoolArray
    bits: ByteArray

    @classmethod
    def of(cls, where: BoolArray | None) -> _Unknown | None:
        return None if where is None else cls(where, ~where, np.left_shift(where.view(np.uint8), _ONE))


def evaluate(table: Table, kind: TableKind, columns: Mapping[str, Column], n: int, *, size: int = BLOCK) -> Hits:
    """Evaluate a table on n cases, `size` at a time. A field without a column is missing for all of them.

    Raises ValueError where a column has another length than n or is not of its field's form.
    """
    used = [row.used for row in table.rows]
    certain = np.ones((len(used), n), dtype=np.bool_)
    possible = np.zeros((len(used), n), dtype=np.bool_)
    trace = np.zeros((table.trace_bytes, n), dtype=np.uint8)
    readers = {key: _reader(kind.registry[key], columns.get(key), n) for row in used for key, _cell in row}
    tests = {asked: readers[asked[0]].test(asked[1]) for row in used for asked in row}
    often = {asked for asked, times in Counter(asked for row in used for asked in row).items() if times > 1}
    for start in range(0, n, size):
        block = slice(start, min(start + size, n))
        unknown = {key: _Unknown.of(reader.unknown(block)) for key, reader in readers.items()}
        kept: dict[tuple[str, Cell], _State] = {}
        place = 0
        for index, row in enumerate(used):
            states = []
            for asked in row:
                state = kept.get(asked) or _state(asked[1], tests[asked], unknown[asked[0]], block)
                if asked in often:
                    kept[asked] = state
                trace[place // 4, block] |= np.left_shift(state[2], _SHIFTS[place % 4])
                place += 1
                states.append(state)
            _join(states, certain[index, block], possible[index, block])
    return Hits(certain.T, possible.T, trace.T)


def _state(cell: Cell, test: _Test, unknown: _Unknown | None, block: slice) -> _State:
    if cell.op in ("is_missing", "not_missing"):
        missing = np.zeros(block.stop - block.start, dtype=np.bool_) if unknown is None else unknown.where
        true = missing if cell.op == "is_missing" else ~missing
        return true, None, true.view(np.uint8)
    true = test(block)
    if unknown is None:
        return true, None, true.view(np.uint8)
    # NaN differs from every number and is below none, and infinity is a number to NumPy: what is unknown is not true.
    true &= unknown.known
    return true, unknown.where, true.view(np.uint8) | unknown.bits


def _join(states: list[_State], certain: BoolArray, possible: BoolArray) -> None:
    """Fill one row of the table in one block: `certain` (all true so far) and `possible` (all false so far)."""
    opened: BoolArray | None = None
    for true, unknown, _bits in states:
        if unknown is not None:
            opened = certain.copy() if opened is None else opened
            opened &= true | unknown
        elif opened is not None:
            opened &= true
        certain &= true
    if opened is not None:
        np.greater(opened, certain, out=possible)


@dataclass(frozen=True)
class _Figures:
    """Reads a column of figures."""

    field: Field
    values: FloatArray

    def unknown(self, block: slice) -> BoolArray | None:
        values = self.values[block]
        known = (values == 0) | (values == 1) if self.field.type == "boolean" else np.isfinite(values)
        return None if known.all() else ~known

    def test(self, cell: Cell) -> _Test:
        values, closed = self.values, cell.closed
        figures = [figure_of(self.field.type, operand) for operand in cell.operands]
        if cell.op == "between":
            low, high = figures
            above, below = (np.greater_equal if closed[0] else np.greater), (np.less_equal if closed[1] else np.less)
            return lambda block: above(values[block], low) & below(values[block], high)
        if cell.op in ("in", "="):
            return lambda block: _is_one_of(values[block], figures)
        if cell.op in ("not_in", "!="):
            return lambda block: ~_is_one_of(values[block], figures)
        if cell.op in ("is_missing", "not_missing"):
            return lambda block: np.isnan(values[block])
        compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}[cell.op]
        return lambda block: compare(values[block], figures[0])


class _Words:
    """Reads a column of words. Each question is answered once a word; the last place answers for code -1."""

    def __init__(self, field: Field, column: Coded) -> None:
        choices = field.words if field.type == "choice" else None
        known = [bool(word) and (choices is None or word in choices) for word in column.words]
        self.column, self.missing = column, ~np.array([*known, False])

    def unknown(self, block: slice) -> BoolArray | None:
        missing: BoolArray = self.missing[self.column.codes[block]]
        return missing if missing.any() else None

    def test(self, cell: Cell) -> _Test:
        expected = cell.op not in ("!=", "not_in")
        answers = np.array([*((word in cell.operands) == expected for word in self.column.words), False])
        codes = self.column.codes
        return lambda block: answers[codes[block]]


def _is_one_of(values: FloatArray, figures: list[float]) -> BoolArray:
    found: BoolArray = values == figures[0]
    for figure in figures[1:]:
        found |= values == figure
    return found


def _reader(field: Field, column: Column | None, n: int) -> _Figures | _Words:
    worded = field.type in WORDED
    if column is None:
        column = Coded(np.full(n, -1, dtype=np.int32), ()) if worded else np.full(n, np.nan)
    if isinstance(column, Coded) != worded:
        raise ValueError(f"{field.key}: a column of {'words' if worded else 'figures'} is expected")
    if len(column) != n:
        raise ValueError(f"{field.key}: {len(column)} values for {n} cases")
    if isinstance(column, Coded):
        return _Words(field, column)
    return _Figures(field, np.ascontiguousarray(column, dtype=np.float64))


def ways(table: Table, kind: TableKind, hits: Hits) -> Ways:
    """The way of each case, of a kind that ranks its ways.

    `first`: the first certain row decides, unless a possible row of another way stands before it. `collect`: the most
    careful way of all certain rows, unless a possible row would be more careful still; where nothing is certain the
    default row counts, and every possible row of another way might have decided. Then people look.
    """
    words = kind.ways
    rank = np.array([words.index(str(outputs[WAY])) for outputs in (*(r.outputs for r in table.rows), table.default)])
    n, last = len(hits.certain), len(table.rows)
    row = np.full(n, last, dtype=np.int16)
    if table.hit == "first":
        for index in reversed(range(last)):
            row[hits.certain[:, index]] = index
    else:
        # From the least careful to the most, and upwards within a way: what is written last stands.
        for index in sorted(range(last), key=lambda place: (rank[place], -place)):
            row[hits.certain[:, index]] = index
    way = rank[row].astype(np.int8)
    missing = np.zeros(n, dtype=np.bool_)
    found = row.copy()
    for index in range(last):
        stronger = (found > index) if table.hit == "first" else (found == last) | (rank[index] > way)
        doubt = hits.possible[:, index] & stronger & (way != rank[index]) & ~missing
        row[doubt] = index
        missing |= doubt
    way[missing] = words.index(REVIEW)
    return Ways(way, row, missing)


def known(table: Table, kind: TableKind, columns: Mapping[str, Column], n: int) -> BoolArray:
    """Of which cases (n,) every field is known that some row asks about. Raises ValueError as `evaluate` does."""
    found = np.ones(n, dtype=np.bool_)
    for key in {key for row in table.rows for key, _cell in row.used}:
        unknown = _reader(kind.registry[key], columns.get(key), n).unknown(slice(0, n))
        if unknown is not None:
            found &= ~unknown
    return found


def deciding(table: Table, hits: Hits) -> tuple[NDArray[np.int16], BoolArray]:
    """The place of the first certain row (n,), behind the last for the default, and whether a possible row stands
    before it (n,)."""
    last = len(table.rows)
    row = np.full(len(hits.certain), last, dtype=np.int16)
    doubt = np.full(len(hits.certain), last, dtype=np.int16)
    for index in reversed(range(last)):
        row[hits.certain[:, index]] = index
        doubt[hits.possible[:, index]] = index
    return row, doubt < row


def joined(table: Table, kind: TableKind, hits: Hits, output: str) -> FloatArray:
    """What the table says of one output, (n,), NaN where it says nothing; of kinds that rank no ways.

    `collect` joins what certain and possible rows say by the output's `combine`, so that doubt errs on the careful
    side; the default row counts where no row is certain. `first` gives what the first certain row says, NaN where a
    possible row stands before it. Raises ValueError where the output is not a figure.
    """
    told = kind.outputs[output]
    if told.type in WORDED or told.combine == "careful":
        raise ValueError(f"{output}: only figures can be joined")
    says = [float(outputs.get(output, np.nan)) for outputs in (*(row.outputs for row in table.rows), table.default)]
    if table.hit == "first":
        row, doubt = deciding(table, hits)
        return np.where(doubt, np.nan, np.array(says)[row])
    join = np.fmin if told.combine == "min" else np.fmax
    result = np.where(hits.certain.any(axis=1), np.nan, says[-1])
    for index, value in enumerate(says[:-1]):
        counts = hits.certain[:, index] | hits.possible[:, index]
        result = np.where(counts, join(result, value), result)
    return result
