"""Decision tables from plain JSON, or everything that is wrong with them; and the shapes that a table is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from routing.table.check import check
from routing.table.fields import ORDERED, FieldType, Operand, Operator, date_of
from routing.table.shapes import (
    APPROVE,
    DEFAULT,
    REVIEW,
    WAY,
    Cell,
    HitPolicy,
    Output,
    Row,
    Table,
    TableError,
    TableErrors,
    TableKind,
)

__all__ = [
    "APPROVE",
    "DEFAULT",
    "REVIEW",
    "WAY",
    "Cell",
    "HitPolicy",
    "Output",
    "Row",
    "Table",
    "TableError",
    "TableErrors",
    "TableKind",
    "read_table",
]

_TABLE = frozenset({"kind", "hit", "rows", "default"})
_ROW = frozenset({"id", "when", "then", "en", "zh"})
_CELL = frozenset({"op", "operands", "closed"})


def read_table(content: Mapping[str, Any], kind: TableKind) -> Table:
    """The table that `content` (as of `Table.to_dict`) describes; `any` cells are left out, numbers become floats.

    Raises TableErrors with all problems: what is no table at all, then what `check` forbids.
    """
    problems: list[TableError] = []
    table = _table(content, kind, problems)
    found = (*problems, *check(table, kind))
    if found:
        raise TableErrors(found)
    return table


def _table(content: Mapping[str, Any], kind: TableKind, problems: list[TableError]) -> Table:
    content = _object(content, "", "", _TABLE, problems)
    given = content.get("rows", ())
    if not isinstance(given, list | tuple):
        problems.append(TableError("", "rows", "A list of rows is expected.", "此处应为行的列表。"))
        given = ()
    rows = tuple(_row(row, place, kind, problems) for place, row in enumerate(given, 1))
    default = content.get("default")
    if default is None:
        problems.append(TableError("default", "", "A default row is mandatory.", "必须有默认行。"))
    outputs = _outputs(default or {}, "default", kind, problems)
    return Table(str(content.get("kind", kind.name)), cast(HitPolicy, str(content.get("hit"))), rows, outputs)


def _row(given: Any, place: int, kind: TableKind, problems: list[TableError]) -> Row:
    row = _object(given, f"#{place}", "", _ROW, problems)
    name = str(row.get("id") or "")
    shown = name or f"#{place}"
    when = _object(row.get("when", {}), shown, "when", None, problems)
    cells = {key: _cell(cell, shown, key, kind, problems) for key, cell in when.items()}
    then = _outputs(row.get("then", {}), shown, kind, problems)
    en, zh = (str(row.get(language) or "").strip() for language in ("en", "zh"))
    return Row(name, {key: cell for key, cell in cells.items() if cell.op != "any"}, then, en, zh)


def _cell(given: Any, row: str, key: str, kind: TableKind, problems: list[TableError]) -> Cell:
    cell = _object(given, row, key, _CELL, problems)
    operands, closed = cell.get("operands", ()), cell.get("closed", (True, True))
    if not isinstance(operands, list | tuple) or any(
        not isinstance(operand, int | float | str) for operand in operands
    ):
        problems.append(TableError(row, key, "A list of numbers or words is expected.", "此处应为数字或文字的列表。"))
        operands = ()
    if not isinstance(closed, list | tuple) or [type(end) for end in closed] != [bool, bool]:
        problems.append(
            TableError(
                row, key, "`closed` says of both ends whether they belong to it.", "closed 应分别说明两端是否包含在内。"
            )
        )
        closed = (True, True)
    field_type = kind.registry[key].type if key in kind.registry else "text"
    read = tuple(_value(operand, field_type) for operand in operands)
    # What only a `between` has is the same for all others, so that equal questions are equal cells.
    op = cast(Operator, str(cell.get("op", "any")))
    return Cell(op, read, (closed[0], closed[1]) if op == "between" else (True, True))


def _outputs(given: Any, row: str, kind: TableKind, problems: list[TableError]) -> dict[str, float | str]:
    return dict(_told(_object(given, row, "then", None, problems), row, kind, problems))


def _told(
    given: Mapping[str, Any], row: str, kind: TableKind, problems: list[TableError]
) -> Iterator[tuple[str, float | str]]:
    for key, value in given.items():
        if isinstance(value, int | float | str):
            yield key, _value(value, kind.outputs[key].type if key in kind.outputs else "text")
        elif value is not None:
            problems.append(TableError(row, key, "A number or a word is expected.", "此处应为数字或文字。"))


def _value(value: Operand, field_type: FieldType) -> Operand:
    """A value in its one form: numbers as floats, dates as YYYY-MM-DD (given so, or in days since 1970-01-01)."""
    if isinstance(value, bool | str) or field_type not in ORDERED:
        return value
    try:
        return date_of(value) if field_type == "date" else float(value) + 0.0
    except (ValueError, OverflowError):
        return value


def _object(
    given: Any, row: str, field: str, known: frozenset[str] | None, problems: list[TableError]
) -> Mapping[str, Any]:
    if not isinstance(given, Mapping) or any(not isinstance(key, str) for key in given):
        problems.append(
            TableError(row, field, "An object with named fields is expected here.", "此处应为包含命名字段的对象。")
        )
        return {}
    strange = [key for key in given if known is not None and key not in known]
    problems += [
        TableError(row, key, "Nothing of this name is known here.", "此处没有此名称的内容。") for key in strange
    ]
    return given
