"""Why a row hit and another did not, from a stored trace; and cells in words of both languages."""

from __future__ import annotations

import numpy as np
import pytest

from routing.table.columns import Coded, Column
from routing.table.evaluate import evaluate
from routing.table.explain import ToldCell, cell_words, decode, value_words, why
from routing.table.tables import Cell
from tests.routing.table.drawn import FIELDS, RULES, table

ABOVE = Cell(">", (39_000.0,))
TABLE = table(
    RULES,
    "first",
    {"way": "review"},
    ({"amount": ABOVE, "pd": Cell("<", (0.03,)), "segment": Cell("=", ("large",))}, {"way": "review"}),
    ({"amount": Cell("<", (10.0,)), "pd": Cell("<", (0.05,))}, {"way": "decline"}),
    ({"amount": Cell("not_missing")}, {"way": "approve"}),
)


def test_every_row_tells_its_state_its_first_failing_and_its_unknown_cells() -> None:
    columns: dict[str, Column] = {"amount": np.array([50_000.0]), "segment": Coded.of(["large"])}
    stored = evaluate(TABLE, RULES, columns, 1).trace[0].tobytes()
    assert decode(stored, TABLE) == ((1, 2, 1), (0, 2), (1,))
    told = why(TABLE, stored, {"amount": 50_000.0, "segment": "large"})
    assert [(row.index, row.id, row.state) for row in told] == [
        (0, "R1", "possible"),
        (1, "R2", "not"),
        (2, "R3", "hit"),
    ]
    assert told[0].failing is None
    assert told[0].unknown == (ToldCell("pd", Cell("<", (0.03,)), None, "unknown"),)
    assert told[1].failing == ToldCell("amount", Cell("<", (10.0,)), 50_000.0, "false")
    assert [cell.state for cell in told[0].cells] == ["true", "unknown", "true"]
    assert (told[2].failing, told[2].unknown) == (None, ())


@pytest.mark.parametrize("trace", [b"", b"\x00", b"\x00\x00\x00", b"\xff\x00"])
def test_a_trace_of_another_table_is_refused(trace: bytes) -> None:
    with pytest.raises(ValueError, match="this trace was not written by this table"):
        why(TABLE, trace, {})


@pytest.mark.parametrize(
    ("key", "cell", "en", "zh"),
    [
        ("amount", ABOVE, "amount above 39,000", "金额 大于 39,000"),
        ("amount", Cell("<=", (1234.5,)), "amount at most 1,234.5", "金额 不高于 1,234.5"),
        ("pd", Cell("<", (0.12,)), "PD below 12.0 %", "违约概率 小于 12.0 %"),
        ("pd", Cell(">=", (0.0725,)), "PD at least 7.25 %", "违约概率 不低于 7.25 %"),
        ("age", Cell("between", (18.0, 65.0)), "age from 18 to 65", "年龄 介于 18（含）与 65（含）之间"),
        (
            "age",
            Cell("between", (18.0, 65.0), (True, False)),
            "age from 18 to below 65",
            "年龄 介于 18（含）与 65（不含）之间",
        ),
        (
            "age",
            Cell("between", (18.0, 65.0), (False, True)),
            "age above 18 up to 65",
            "年龄 介于 18（不含）与 65（含）之间",
        ),
        ("segment", Cell("=", ("small",)), "segment is small firm", "客群 等于 小微"),
        ("segment", Cell("!=", ("small",)), "segment is not small firm", "客群 不等于 小微"),
        ("segment", Cell("in", ("small", "retail")), "segment one of small firm, retail", "客群 属于 小微、零售"),
        ("region", Cell("not_in", ("x", "y")), "region none of x, y", "地区 不属于 x、y"),
        ("opted_out", Cell("=", (True,)), "opted out is yes", "拒绝自动决策 等于 是"),
        ("applied", Cell(">", ("2026-01-31",)), "applied on after 2026-01-31", "申请日期 晚于 2026-01-31"),
        ("rate", Cell("is_missing"), "rate is missing", "利率 缺失"),
        ("rate", Cell("not_missing"), "rate is known", "利率 不缺失"),
        ("rate", Cell("any"), "any rate", "利率 任意"),
    ],
)
def test_a_cell_in_words(key: str, cell: Cell, en: str, zh: str) -> None:
    assert (cell_words(FIELDS[key], cell, "en"), cell_words(FIELDS[key], cell, "zh-hans")) == (en, zh)


def test_values_in_words() -> None:
    assert value_words(FIELDS["pd"], None, "en") == "missing"
    assert value_words(FIELDS["pd"], float("nan"), "zh") == "缺失"
    assert value_words(FIELDS["opted_out"], 0.0, "zh") == "否"
    assert value_words(FIELDS["segment"], "retail", "zh") == "零售"
    assert value_words(FIELDS["applied"], 0.0, "en") == "1970-01-01"
    assert value_words(FIELDS["rate"], -1_234_567.25, "en") == "-1,234,567.25"
    assert value_words(FIELDS["rate"], 0.1, "en") == "0.1"
