"""What can be said against a table before it is saved, and the findings that single cells give."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from routing.table.check import cell_problems
from routing.table.explain import value_words
from routing.table.fields import ORDERED, Field, figure_of
from routing.table.shapes import Cell, Row, TableError, TableKind

Severity = Literal["error", "warning"]
_NOWHERE: Final[Mapping[str, Cell]] = MappingProxyType({})


@dataclass(frozen=True)
class Finding:
    """One thing that an admin is told. An error refuses to save, a warning is shown.

    `rows` are ids (empty: the whole table), `field` the key of the field or output, or ""; `example` is a region that
    shows it, as the cells of a row.
    """

    code: str
    severity: Severity
    rows: tuple[str, ...]
    field: str
    en: str
    zh: str
    example: Mapping[str, Cell] = dataclasses.field(default_factory=lambda: _NOWHERE)


def of_problem(problem: TableError) -> Finding:
    """What forbids to evaluate the table, as a finding."""
    return Finding("invalid", "error", (problem.row,) if problem.row else (), problem.field, problem.en, problem.zh)


def of_cells(row: Row, kind: TableKind) -> Iterator[Finding]:
    """Operands outside of the field's range or choices, ends in the wrong order, values that come twice."""
    for key, cell in row.used:
        told = kind.registry.get(key)
        if told is not None and not any(cell_problems(row.id, told, cell)):
            yield from _of_cell(row.id, told, cell)


def _of_cell(row: str, told: Field, cell: Cell) -> Iterator[Finding]:
    for operand in cell.operands:
        en, zh = (value_words(told, operand, language) for language in ("en", "zh"))
        if told.type == "choice" and operand not in told.words:
            words = (f"“{en}” is no choice.", f"“{zh}”不在可选值之内。")
            yield Finding("unknown_choice", "error", (row,), told.key, *words)
        elif told.type in ORDERED and _outside(told, figure_of(told.type, operand)):
            in_en, in_zh = ([_end(told, end, language) for end in (told.low, told.high)] for language in ("en", "zh"))
            yield Finding(
                "out_of_range",
                "error",
                (row,),
                told.key,
                f"{en} lies outside of {in_en[0]} to {in_en[1]}.",
                f"{zh} 超出 {in_zh[0]} 至 {in_zh[1]} 的范围。",
            )
    if cell.op == "between" and figure_of(told.type, cell.operands[0]) > figure_of(told.type, cell.operands[1]):
        yield Finding(
            "low_above_high", "error", (row,), told.key, "The lower end is above the upper one.", "下限高于上限。"
        )
    if cell.op in ("in", "not_in") and len(set(cell.operands)) < len(cell.operands):
        yield Finding("doubled_value", "warning", (row,), told.key, "A value comes twice.", "有重复的值。")


def _outside(told: Field, figure: float) -> bool:
    return (told.low is not None and figure < told.low) or (told.high is not None and figure > told.high)


def _end(told: Field, end: float | None, language: str) -> str:
    return "…" if end is None else value_words(told, end, language)
