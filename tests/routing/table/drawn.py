"""Drawn decision tables and cases, and the small kinds of tables that the tests of this folder share."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from routing.table.fields import ORDERED, Choice, Field, date_of, registry_of
from routing.table.tables import Cell, Output, Row, Table, TableKind

FIELDS = registry_of(
    [
        Field("amount", "money", "amount", "金额", low=0),
        Field("pd", "percent", "PD", "违约概率", low=0, high=1),
        Field("age", "integer", "age", "年龄", unit="years", low=18, high=100),
        Field("rate", "number", "rate", "利率"),
        Field("opted_out", "boolean", "opted out", "拒绝自动决策"),
        Field(
            "segment",
            "choice",
            "segment",
            "客群",
            choices=(
                Choice("retail", "retail", "零售"),
                Choice("small", "small firm", "小微"),
                Choice("large", "large", "大型"),
            ),
        ),
        Field("region", "text", "region", "地区"),
        Field("applied", "date", "applied on", "申请日期"),
    ]
)
WAYS = tuple(Choice(key, key, zh) for key, zh in (("approve", "批准"), ("decline", "拒绝"), ("review", "人工审核")))
RULES = TableKind(
    "rules",
    FIELDS,
    {
        "way": Output("way", "choice", "way", "结果", WAYS, required=True, combine="careful"),
        "sla_hours": Output("sla_hours", "number", "hours", "时限", low=0),
    },
    {"approve": 0, "decline": 1, "review": 2},
)
SIGNATURES = TableKind(
    "signatures",
    FIELDS,
    {
        "signatures": Output("signatures", "integer", "signatures", "签字数", low=0, high=2),
        "most": Output("most", "money", "at most", "上限", combine="min"),
    },
)

FIGURES = (0.0, 1.0, 18.0, 40.0)
WORDS = ("retail", "small", "large")
REGIONS = ("north", "= south", "东; 区", '"q"', "missing")


def table(kind: TableKind, hit: Any, default: dict[str, Any], *rows: tuple[dict[str, Cell], dict[str, Any]]) -> Table:
    """A table whose rows are R1, R2, …"""
    numbered = (Row(f"R{place}", cells, outputs) for place, (cells, outputs) in enumerate(rows, 1))
    return Table(kind.name, hit, tuple(numbered), default)


def values(field: Field) -> st.SearchStrategy[Any]:
    """A value of a field that cells often ask for, and now and then one that cannot be read."""
    if field.type == "choice":
        return st.sampled_from((*WORDS, "unknown", ""))
    if field.type == "text":
        return st.sampled_from((*REGIONS, "elsewhere", ""))
    if field.type == "boolean":
        return st.sampled_from((0.0, 1.0, 0.5))
    return st.sampled_from((*FIGURES, 0.5, -1.0, 39.0, float("inf"), float("nan")))


def operands(field: Field) -> st.SearchStrategy[Any]:
    if field.type == "choice":
        return st.sampled_from(WORDS)
    if field.type == "text":
        return st.sampled_from(REGIONS)
    if field.type == "boolean":
        return st.booleans()
    return st.sampled_from(FIGURES).map(date_of if field.type == "date" else float)


@st.composite
def cells(draw: st.DrawFn, field: Field, way: str | None) -> Cell:
    """A cell that is allowed for the field in a row of this way (None: a kind without ways)."""
    allowed = set(field.operators)
    if way not in (None, "review"):
        allowed.discard("is_missing")
    if way not in (None, "approve"):
        allowed.discard("not_missing")
    op = draw(st.sampled_from(sorted(allowed)))
    one = operands(field)
    if op in ("any", "is_missing", "not_missing"):
        return Cell(op)
    if op in ("in", "not_in"):
        return Cell(op, tuple(draw(st.lists(one, min_size=1, max_size=3, unique=True))))
    if op == "between":
        return Cell(op, tuple(sorted((draw(one), draw(one)))), draw(st.tuples(st.booleans(), st.booleans())))
    return Cell(op, (draw(one),))


@st.composite
def tables(draw: st.DrawFn, kind: TableKind = RULES, most_rows: int = 5) -> Table:
    """A table that passes `check`."""
    rows = []
    for place in range(draw(st.integers(0, most_rows))):
        outputs = draw(outcomes(kind))
        way = outputs.get("way")
        keys = draw(st.lists(st.sampled_from(sorted(kind.registry)), unique=True, max_size=4))
        asked = {key: draw(cells(kind.registry[key], way)) for key in keys}
        rows.append(Row(f"R{place}", {key: cell for key, cell in asked.items() if cell.op != "any"}, outputs))
    default = {"way": draw(st.sampled_from(("decline", "review")))} if kind.careful else draw(outcomes(kind))
    return Table(kind.name, draw(st.sampled_from(("first", "collect"))), tuple(rows), default)


def outcomes(kind: TableKind) -> st.SearchStrategy[dict[str, Any]]:
    if kind.careful:
        return st.fixed_dictionaries(
            {"way": st.sampled_from(sorted(kind.careful))}, optional={"sla_hours": st.sampled_from((4.0, 24.5))}
        )
    return st.fixed_dictionaries(
        {}, optional={"signatures": st.sampled_from((0.0, 1.0, 2.0)), "most": st.sampled_from((-5.5, 1000.0))}
    )


def cases(kind: TableKind = RULES) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Cases whose values may be missing."""
    one = st.fixed_dictionaries({key: st.none() | values(field) for key, field in kind.registry.items()})
    return st.lists(one, min_size=1, max_size=6)


def full_values(field: Field) -> st.SearchStrategy[Any]:
    """A value that can be read."""
    if field.type == "boolean":
        return st.sampled_from((0.0, 1.0))
    return st.sampled_from((*FIGURES, 39.0)) if field.type in ORDERED else operands(field)


def full_cases(kind: TableKind = RULES) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Cases of which everything is known."""
    one = st.fixed_dictionaries({key: full_values(field) for key, field in kind.registry.items()})
    return st.lists(one, min_size=1, max_size=6)
