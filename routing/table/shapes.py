"""Decision tables as data: cells, rows, outputs, kinds; their canonical form, its hash, and what can be wrong."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from routing.table.fields import Choice, FieldType, Operand, Operator, Registry

HitPolicy = Literal["first", "collect"]
Combine = Literal["min", "max", "careful"]
Value = float | str

WAY: Final = "way"
APPROVE: Final = "approve"
REVIEW: Final = "review"
# The id of the mandatory last row, which takes what no other row takes.
DEFAULT: Final = "default"
MOST_ROWS: Final = 1000


@dataclass(frozen=True)
class Cell:
    """What a row asks of one field. Dates are written YYYY-MM-DD; `closed` says which ends belong to a `between`."""

    op: Operator
    operands: tuple[Operand, ...] = ()
    closed: tuple[bool, bool] = (True, True)

    def to_dict(self) -> dict[str, Any]:
        content: dict[str, Any] = {"op": self.op}
        if self.operands:
            content["operands"] = [_plain(operand) for operand in self.operands]
        if self.op == "between":
            content["closed"] = list(self.closed)
        return content


@dataclass(frozen=True)
class Row:
    """One rule: it hits where all its cells hold. `en` and `zh` are what a reader is told when it does."""

    id: str
    cells: Mapping[str, Cell]
    outputs: Mapping[str, Value]
    en: str = ""
    zh: str = ""

    @property
    def used(self) -> tuple[tuple[str, Cell], ...]:
        """The cells that ask something, by field key: the order of a trace, however a store orders its keys."""
        return tuple((key, self.cells[key]) for key in sorted(self.cells) if self.cells[key].op != "any")

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "when": {key: cell.to_dict() for key, cell in self.used},
            "then": {key: _plain(value) for key, value in self.outputs.items()},
            "en": self.en,
            "zh": self.zh,
        }


@dataclass(frozen=True)
class Table:
    """A decision table: `first` lets the first row that hits decide, `collect` joins all that hit."""

    kind: str
    hit: HitPolicy
    rows: tuple[Row, ...]
    default: Mapping[str, Value]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON that `read_table` reads back to the same table."""
        return {
            "kind": self.kind,
            "hit": self.hit,
            "rows": [row.to_dict() for row in self.rows],
            "default": {key: _plain(value) for key, value in self.default.items()},
        }

    @property
    def sha256(self) -> str:
        """Hex digest of the table in canonical JSON."""
        text = json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def trace_bytes(self) -> int:
        """Bytes of a case's trace: two bits a used cell."""
        return (2 * sum(len(row.used) for row in self.rows) + 7) // 8

    def row_id(self, index: int) -> str:
        """The id of a row by its place; the place behind the last is the default row's."""
        return DEFAULT if index == len(self.rows) else self.rows[index].id

    def outputs_of(self, index: int) -> Mapping[str, Value]:
        """What the row at this place says; the place behind the last is the default row's."""
        return self.default if index == len(self.rows) else self.rows[index].outputs


@dataclass(frozen=True)
class Output:
    """One thing that rows of a kind of table say. `combine` is how `collect` joins what several rows say."""

    key: str
    type: FieldType
    en: str
    zh: str
    choices: tuple[Choice, ...] = ()
    low: float | None = None
    high: float | None = None
    required: bool = False
    combine: Combine = "max"


@dataclass(frozen=True)
class TableKind:
    """What tables of one kind may ask and say. `careful` ranks the words of the output `way`, the most careful
    highest."""

    name: str
    registry: Registry
    outputs: Mapping[str, Output]
    careful: Mapping[str, int] | None = field(default=None)

    @property
    def ways(self) -> tuple[str, ...]:
        """The words of the output `way`, the least careful first. Raises ValueError where the kind has none."""
        if self.careful is None:
            raise ValueError(f"tables of kind {self.name!r} have no ways")
        return tuple(sorted(self.careful, key=self.careful.__getitem__))


class TableError(ValueError):
    """One thing that is wrong: the row's id ("" for the whole table), the field or output ("" for the row), why."""

    def __init__(self, row: str, field: str, en: str, zh: str) -> None:
        self.row, self.field, self.en, self.zh = row, field, en, zh
        super().__init__(": ".join(part for part in (row, field, en) if part))


class TableErrors(TableError):
    """All that is wrong, in the order of the rows; itself it tells the first."""

    def __init__(self, problems: tuple[TableError, ...]) -> None:
        first = problems[0]
        super().__init__(first.row, first.field, first.en, first.zh)
        self.problems = problems


def _plain(value: Operand) -> Operand:
    """Whole numbers without their .0, so that 39000 and 39000.0 are one table with one hash."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value
