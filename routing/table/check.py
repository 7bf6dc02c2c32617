"""What a table must hold to be evaluated at all: known fields, operators and operands of their types, and safety.

Safety: where a value is missing the machine may not approve. So a row that asks for a missing value sends to people, a
row that asks for a value to be there approves (without the value it is out, and nothing more careful goes with it), and
the default row, which takes what nobody thought of, does not approve.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from routing.table.fields import ORDERED, WORDED, Field, FieldType, Operand, days_of
from routing.table.shapes import (
    APPROVE,
    DEFAULT,
    MOST_ROWS,
    REVIEW,
    WAY,
    Cell,
    Row,
    Table,
    TableError,
    TableKind,
    Value,
)

MOST_OPERANDS: Final = 200
MOST_CHARACTERS: Final = 500
MOST_WORD: Final = 100
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
# The least and the most operands of each operator.
_COUNTS: Final[Mapping[str, tuple[int, int]]] = {
    **dict.fromkeys(("any", "is_missing", "not_missing"), (0, 0)),
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), (1, 1)),
    "between": (2, 2),
    **dict.fromkeys(("in", "not_in"), (1, MOST_OPERANDS)),
}
_EXPECTED: Final[Mapping[str, tuple[str, str]]] = {
    **dict.fromkeys(("number", "money"), ("a finite number", "有限数值")),
    "percent": ("a fraction such as 0.12", "小数（例如 0.12）"),
    "integer": ("a whole number", "整数"),
    "boolean": ("true or false", "true 或 false"),
    "choice": ("a word", "文字"),
    "text": ("a word of at most 100 characters", "不超过 100 个字符的文字"),
    "date": ("a date such as 2026-01-31", "日期（例如 2026-01-31）"),
}


def check(table: Table, kind: TableKind) -> tuple[TableError, ...]:
    """Everything that forbids to evaluate the table, in the order of its rows; empty where nothing does."""
    return tuple(_problems(table, kind))


def _problems(table: Table, kind: TableKind) -> Iterator[TableError]:
    if table.kind != kind.name:
        yield TableError("", "", f"This is a table of kind {table.kind!r}.", f"这是“{table.kind}”类的决策表。")
    if table.hit not in ("first", "collect"):
        yield TableError("", "hit", "The hit policy is first or collect.", "命中策略只能是 first 或 collect。")
    if len(table.rows) > MOST_ROWS:
        yield TableError("", "", f"At most {MOST_ROWS} rows are allowed.", f"最多允许 {MOST_ROWS} 行。")
    seen: set[str] = set()
    for row in table.rows:
        if not _ID.fullmatch(row.id) or row.id == DEFAULT:
            yield TableError(
                row.id,
                "id",
                "A row needs an id of letters and digits, such as R1.",
                "每行需要由字母和数字组成的编号，例如 R1。",
            )
        elif row.id in seen:
            yield TableError(row.id, "id", "Another row has this id.", "另一行已使用此编号。")
        seen.add(row.id)
        yield from _row_problems(row, kind)
    yield from _output_problems(DEFAULT, table.default, kind)
    if kind.careful and table.default.get(WAY) == APPROVE:
        yield TableError(
            DEFAULT,
            WAY,
            "The default row takes what nobody thought of; it may not approve.",
            "默认行处理所有未考虑到的情形，不得批准。",
        )


def _row_problems(row: Row, kind: TableKind) -> Iterator[TableError]:
    for text, field in ((row.en, "en"), (row.zh, "zh")):
        if not is_plain(text, MOST_CHARACTERS):
            yield TableError(
                row.id,
                field,
                f"One line of at most {MOST_CHARACTERS} characters is expected.",
                f"此处应为不超过 {MOST_CHARACTERS} 个字符的单行文字。",
            )
    for key, cell in row.cells.items():
        if key in kind.registry:
            yield from cell_problems(row.id, kind.registry[key], cell)
            yield from _safety_problems(row, key, cell, kind)
        else:
            yield TableError(row.id, key, "No field of this name is registered.", "没有登记此名称的字段。")
    yield from _output_problems(row.id, row.outputs, kind)


def cell_problems(row: str, field: Field, cell: Cell) -> Iterator[TableError]:
    """What forbids to evaluate one cell of a field."""
    if cell.op not in field.operators:
        yield TableError(
            row,
            field.key,
            f"A field of type {field.type} cannot be asked {cell.op!r}.",
            f"{field.type} 类型的字段不能使用“{cell.op}”。",
        )
        return
    least, most = _COUNTS[cell.op]
    if not least <= len(cell.operands) <= most:
        few = str(least) if least == most else f"{least} to {most}"
        zh = str(least) if least == most else f"{least} 至 {most}"
        yield TableError(row, field.key, f"{cell.op!r} takes {few} values.", f"“{cell.op}”需要 {zh} 个值。")
    for operand in cell.operands:
        if not is_value(operand, field.type):
            en, zh = _EXPECTED[field.type]
            yield TableError(row, field.key, f"{operand!r} is not {en}.", f"“{operand}”不是{zh}。")


def _safety_problems(row: Row, key: str, cell: Cell, kind: TableKind) -> Iterator[TableError]:
    if not kind.careful:
        return
    way = row.outputs.get(WAY)
    if cell.op == "is_missing" and way != REVIEW:
        yield TableError(
            row.id,
            key,
            "A row that asks for a missing value must send the case to people.",
            "以“缺失”为条件的行必须转人工审核。",
        )
    if cell.op == "not_missing" and way != APPROVE:
        yield TableError(
            row.id,
            key,
            "Only a row that approves may ask for a value to be there: without the value the row would be out.",
            "只有批准的行才可使用“不缺失”：否则缺失时该行会失效。",
        )


def _output_problems(row: str, outputs: Mapping[str, Value], kind: TableKind) -> Iterator[TableError]:
    for key, value in outputs.items():
        output = kind.outputs.get(key)
        if output is None:
            yield TableError(row, key, "Tables of this kind say nothing of this name.", "此类决策表没有此名称的输出。")
        elif not is_value(value, output.type):
            en, zh = _EXPECTED[output.type]
            yield TableError(row, key, f"{value!r} is not {en}.", f"“{value}”不是{zh}。")
        elif output.choices and value not in {choice.key for choice in output.choices}:
            words = ", ".join(choice.key for choice in output.choices)
            yield TableError(row, key, f"{value!r} is not one of {words}.", f"“{value}”不在可选值之内：{words}。")
        elif key == WAY and kind.careful and value not in kind.careful:
            words = ", ".join(kind.careful)
            yield TableError(row, key, f"{value!r} is not one of {words}.", f"“{value}”不在可选值之内：{words}。")
        elif output.type in ORDERED and not _in_range(value, output.low, output.high, output.type):
            low, high = _end(output.low), _end(output.high)
            yield TableError(
                row, key, f"{value} lies outside of {low} to {high}.", f"{value} 超出 {low} 至 {high} 的范围。"
            )
    for key, output in kind.outputs.items():
        if (output.required or (key == WAY and kind.careful)) and key not in outputs:
            yield TableError(row, key, "This output is required.", "此输出必填。")


def _end(end: float | None) -> str:
    return "…" if end is None else f"{end:,g}"


def _in_range(value: Value, low: float | None, high: float | None, field_type: FieldType) -> bool:
    figure = days_of(value) if field_type == "date" and isinstance(value, str) else float(value)
    return (low is None or figure >= low) and (high is None or figure <= high)


def is_value(value: Operand, field_type: FieldType) -> bool:
    """Whether a value is of the type; what a field allows beyond its type is not asked here."""
    if field_type == "boolean":
        return isinstance(value, bool)
    if field_type in WORDED:
        return isinstance(value, str) and bool(value) and is_plain(value, MOST_WORD)
    if field_type == "date":
        return isinstance(value, str) and _is_date(value)
    if isinstance(value, int):
        # A whole number beyond this is not kept exactly as a float, and a yes or no is no number.
        return not isinstance(value, bool) and abs(value) <= 2**53
    return isinstance(value, float) and math.isfinite(value) and (field_type != "integer" or value.is_integer())


def is_plain(text: str, most: int) -> bool:
    """Whether a text is one trimmed line that every store, file and page keeps as it is."""
    if not isinstance(text, str) or len(text) > most or text != text.strip():
        return False
    return not any(unicodedata.category(letter) in ("Cc", "Cs", "Cn", "Zl", "Zp") for letter in text)


def _is_date(text: str) -> bool:
    try:
        days_of(text)
    except ValueError:
        return False
    return True
