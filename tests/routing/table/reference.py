"""The decision table once more, in plain Python, one case and one cell at a time: what the fast one must agree with."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from routing.table.columns import Coded, Column
from routing.table.fields import WORDED, Field, days_of
from routing.table.tables import Cell, Row, Table, TableKind

Case = Mapping[str, float | str | None]


def columns_of(kind: TableKind, cases: Sequence[Case]) -> dict[str, Column]:
    """The cases' values as columns; of a field that no case has, there is none."""
    columns: dict[str, Column] = {}
    for key, field in kind.registry.items():
        values: list[Any] = [case.get(key) for case in cases]
        if field.type in WORDED:
            columns[key] = Coded.of(values)
        elif any(value is not None for value in values):
            columns[key] = np.array([math.nan if value is None else value for value in values], dtype=np.float64)
    return columns


def cell_state(field: Field, cell: Cell, value: float | str | None) -> bool | None:
    """True, false, or None for unknown."""
    if isinstance(value, str):
        missing = not value or (field.type == "choice" and value not in field.words)
    else:
        missing = value is None or not math.isfinite(value) or (field.type == "boolean" and value not in (0, 1))
    if cell.op in ("is_missing", "not_missing"):
        return missing == (cell.op == "is_missing")
    if missing or value is None:
        return None
    operands: list[Any] = [days_of(str(one)) if field.type == "date" else one for one in cell.operands]
    at: Any = value
    match cell.op:
        case "=" | "in":
            return at in operands
        case "!=" | "not_in":
            return at not in operands
        case "between":
            low, high = operands
            return bool((low <= at if cell.closed[0] else low < at) and (at <= high if cell.closed[1] else at < high))
    return bool(
        {"<": at < operands[0], "<=": at <= operands[0], ">": at > operands[0], ">=": at >= operands[0]}[cell.op]
    )


def row_states(kind: TableKind, row: Row, case: Case) -> list[bool | None]:
    """The states of a row's cells by field key."""
    keys = sorted(key for key in row.cells if row.cells[key].op != "any")
    return [cell_state(kind.registry[key], row.cells[key], case.get(key)) for key in keys]


def row_state(kind: TableKind, row: Row, case: Case) -> bool | None:
    """True for certain, false for impossible, None for possible."""
    states = row_states(kind, row, case)
    if False in states:
        return False
    return None if None in states else True


def way(table: Table, kind: TableKind, case: Case) -> tuple[str, int, bool]:
    """The way, the place of the deciding row, and whether people look because a value is missing."""
    assert kind.careful is not None
    rank, last = kind.careful, len(table.rows)
    states = [row_state(kind, row, case) for row in table.rows]
    says = [str(row.outputs["way"]) for row in table.rows] + [str(table.default["way"])]
    certain = [place for place in range(last) if states[place]]
    if table.hit == "first":
        found = certain[0] if certain else last
        doubts = [place for place in range(found) if states[place] is None and says[place] != says[found]]
    else:
        found = max(certain, key=lambda place: (rank[says[place]], -place)) if certain else last
        doubts = [
            place
            for place in range(last)
            if states[place] is None
            and says[place] != says[found]
            and (not certain or rank[says[place]] > rank[says[found]])
        ]
    return ("review", doubts[0], True) if doubts else (says[found], found, False)


def joined(table: Table, kind: TableKind, case: Case, output: str) -> float:
    """One output of a table that ranks no ways; NaN where the table does not say."""
    states = [row_state(kind, row, case) for row in table.rows]
    default = float(table.default.get(output, math.nan))
    if table.hit == "first":
        for row, state in zip(table.rows, states, strict=True):
            if state is not False:
                return float(row.outputs.get(output, math.nan)) if state else math.nan
        return default
    told = [row.outputs.get(output) for row, state in zip(table.rows, states, strict=True) if state is not False]
    told += [] if True in states else [default]
    figures = [float(value) for value in told if value is not None and not math.isnan(float(value))]
    join = min if kind.outputs[output].combine == "min" else max
    return join(figures, default=math.nan)
