"""Why a row hit one case and another did not: every row's state with its first failing and its unknown cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from routing.table.evaluate import ByteArray
from routing.table.fields import Operand
from routing.table.shapes import Cell, Table

CellState = Literal["false", "true", "unknown"]
RowState = Literal["not", "hit", "possible"]
_STATES: tuple[CellState, ...] = ("false", "true", "unknown")


@dataclass(frozen=True)
class ToldCell:
    """One cell of one row for one case: what was asked of which field, what the case holds, how it came out."""

    field: str
    cell: Cell
    value: Operand | None
    state: CellState


@dataclass(frozen=True)
class ToldRow:
    """One row for one case: its state, its first failing cell in the order of the trace, what is unknown."""

    index: int
    id: str
    state: RowState
    failing: ToldCell | None
    unknown: tuple[ToldCell, ...]
    cells: tuple[ToldCell, ...]


def decode(trace: bytes | ByteArray, table: Table) -> tuple[tuple[int, ...], ...]:
    """For every row the states of its used cells by field key: 0 false, 1 true, 2 unknown.

    Raises ValueError where the trace cannot be one of this table.
    """
    packed = bytes(trace)
    counts = [len(row.used) for row in table.rows]
    total = sum(counts)
    states = [packed[place // 4] >> (place % 4 * 2) & 3 for place in range(total)] if len(packed) * 4 >= total else []
    if len(packed) != table.trace_bytes or 3 in states:
        raise ValueError("this trace was not written by this table")
    ends = [sum(counts[: place + 1]) for place in range(len(counts))]
    return tuple(tuple(states[end - count : end]) for end, count in zip(ends, counts, strict=True))


def why(table: Table, trace: bytes | ByteArray, values: Mapping[str, Operand | None]) -> tuple[ToldRow, ...]:
    """Why each row hit one case, might have, or did not: from its trace, which may come from a store, and its values.

    `values` are only told, nothing is evaluated again. Raises ValueError where the trace is not one of this table.
    """
    return tuple(_row(table, index, states, values) for index, states in enumerate(decode(trace, table)))


def _row(table: Table, index: int, states: tuple[int, ...], values: Mapping[str, Operand | None]) -> ToldRow:
    row = table.rows[index]
    cells = tuple(
        ToldCell(key, cell, values.get(key), _STATES[state])
        for (key, cell), state in zip(row.used, states, strict=True)
    )
    failing = next((cell for cell in cells if cell.state == "false"), None)
    unknown = tuple(cell for cell in cells if cell.state == "unknown")
    return ToldRow(index, row.id, "not" if failing else "possible" if unknown else "hit", failing, unknown, cells)
