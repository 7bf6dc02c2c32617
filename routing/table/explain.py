"""Why a row hit one case and another did not: every row's state with its first failing and its unknown cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from routing.table.evaluate import ByteArray
from routing.table.fields import Field, Operand, date_of
from routing.table.shapes import Cell, Table

CellState = Literal["false", "true", "unknown"]
RowState = Literal["not", "hit", "possible"]
_STATES: Final[tuple[CellState, ...]] = ("false", "true", "unknown")


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


_EN: Final[dict[str, str]] = {
    "any": "any {f}",
    "=": "{f} is {0}",
    "!=": "{f} is not {0}",
    "<": "{f} below {0}",
    "<=": "{f} at most {0}",
    ">": "{f} above {0}",
    ">=": "{f} at least {0}",
    "in": "{f} one of {all}",
    "not_in": "{f} none of {all}",
    "is_missing": "{f} is missing",
    "not_missing": "{f} is known",
}
_ZH: Final[dict[str, str]] = {
    "any": "{f} 任意",
    "=": "{f} 等于 {0}",
    "!=": "{f} 不等于 {0}",
    "<": "{f} 小于 {0}",
    "<=": "{f} 不高于 {0}",
    ">": "{f} 大于 {0}",
    ">=": "{f} 不低于 {0}",
    "in": "{f} 属于 {all}",
    "not_in": "{f} 不属于 {all}",
    "is_missing": "{f} 缺失",
    "not_missing": "{f} 不缺失",
}
_DATES_EN: Final[dict[str, str]] = {
    "<": "{f} before {0}",
    "<=": "{f} not after {0}",
    ">": "{f} after {0}",
    ">=": "{f} not before {0}",
}
_DATES_ZH: Final[dict[str, str]] = {
    "<": "{f} 早于 {0}",
    "<=": "{f} 不晚于 {0}",
    ">": "{f} 晚于 {0}",
    ">=": "{f} 不早于 {0}",
}
_BETWEEN_EN: Final[dict[tuple[bool, bool], str]] = {
    (True, True): "{f} from {0} to {1}",
    (True, False): "{f} from {0} to below {1}",
    (False, True): "{f} above {0} up to {1}",
    (False, False): "{f} above {0} and below {1}",
}


def cell_words(field: Field, cell: Cell, language: str) -> str:
    """What a cell asks as a short phrase in `en` or `zh`: "amount above 39,000", "金额 大于 39,000"."""
    chinese = language.startswith("zh")
    told = [value_words(field, operand, language) for operand in cell.operands]
    label = field.zh if chinese else field.en
    if cell.op == "between":
        if not chinese:
            return _BETWEEN_EN[cell.closed].format(*told, f=label)
        low, high = (f"{end}（{'含' if closed else '不含'}）" for end, closed in zip(told, cell.closed, strict=True))
        return f"{label} 介于 {low}与 {high}之间"
    patterns = (_ZH | _DATES_ZH if chinese else _EN | _DATES_EN) if field.type == "date" else _ZH if chinese else _EN
    return patterns[cell.op].format(*told, f=label, all=("、" if chinese else ", ").join(told))


def value_words(field: Field, value: Operand | None, language: str) -> str:
    """A value of a field as a reader knows it: 39,000; 12.0 %; yes; the words of a choice."""
    chinese = language.startswith("zh")
    if value is None or value != value:
        return "缺失" if chinese else "missing"
    if field.type == "boolean":
        return ("是" if chinese else "yes") if value else ("否" if chinese else "no")
    if isinstance(value, str):
        labels = {choice.key: choice.zh if chinese else choice.en for choice in field.choices}
        return labels.get(value, value)
    if field.type == "date":
        return date_of(value)
    return number_words(value, field.type == "percent")


def number_words(value: float, percent: bool = False) -> str:
    """A number with thousands separators and no digit lost or added; a fraction as a percentage such as 12.0 %."""
    exact = Decimal(repr(float(value))) * (100 if percent else 1)
    whole, _, decimals = f"{exact:,f}".partition(".")
    decimals = decimals.rstrip("0") or ("0" if percent else "")
    return (f"{whole}.{decimals}" if decimals else whole) + (" %" if percent else "")
