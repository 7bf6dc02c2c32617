"""What is said against a table before it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from routing.table.analysis import analyse
from routing.table.columns import Coded, Column
from routing.table.evaluate import evaluate
from routing.table.findings import Finding
from routing.table.regions import Effort, Grid, TooMuchWork, left_over
from routing.table.shapes import HitPolicy
from routing.table.tables import Cell, Row, Table
from tests.routing.table import drawn
from tests.routing.table.drawn import RULES, SIGNATURES, table

ALL: tuple[dict[str, Cell], dict[str, Any]] = ({}, {"way": "review"})
APPROVE, DECLINE, REVIEW = ({"way": way} for way in ("approve", "decline", "review"))


def told(findings: Sequence[Finding], *codes: str) -> list[tuple[str, str, tuple[str, ...], str]]:
    assert all(one.en and one.zh for one in findings)
    chosen = [one for one in findings if not codes or one.code in codes]
    return [(one.severity, one.code, one.rows, one.field) for one in chosen]


def amount(op: Any, *operands: float) -> dict[str, Cell]:
    return {"amount": Cell(op, operands)}


def above(most: float) -> tuple[dict[str, Cell], ...]:
    return (amount(">", most),)


def test_a_table_without_fault_has_no_finding() -> None:
    given = table(
        RULES,
        "first",
        REVIEW,
        (amount("<", 100.0), APPROVE),
        (amount("between", 100.0, 500.0), DECLINE),
        (amount(">", 500.0), REVIEW),
    )
    assert analyse(given, RULES, reserved=above(100.0)) == ()


def test_what_cannot_be_evaluated_is_an_error_and_nothing_more_is_asked() -> None:
    given = table(RULES, "first", APPROVE, ({"nothing": Cell("=", (1.0,))}, REVIEW), ALL, ALL)
    assert told(analyse(given, RULES)) == [
        ("error", "invalid", ("R1",), "nothing"),
        ("error", "invalid", ("default",), "way"),
    ]


@pytest.mark.parametrize(
    ("cells", "severity", "code", "en", "zh"),
    [
        (amount(">", -5.0), "error", "out_of_range", "-5 lies outside of 0 to ….", "-5 超出 0 至 … 的范围。"),
        (
            {"pd": Cell("<", (3.0,))},
            "error",
            "out_of_range",
            "300.0 % lies outside of 0.0 % to 100.0 %.",
            "300.0 % 超出 0.0 % 至 100.0 % 的范围。",
        ),
        (
            amount("between", 5.0, 3.0),
            "error",
            "low_above_high",
            "The lower end is above the upper one.",
            "下限高于上限。",
        ),
        (
            {"segment": Cell("in", ("retail", "retial"))},
            "error",
            "unknown_choice",
            "“retial” is no choice.",
            "“retial”不在可选值之内。",
        ),
        ({"region": Cell("in", ("x", "x"))}, "warning", "doubled_value", "A value comes twice.", "有重复的值。"),
        (
            {"age": Cell("between", (18.0, 19.0), (False, False))},
            "error",
            "never_true",
            "No value can fulfil “age above 18 and below 19”.",
            "没有任何值能满足“年龄 介于 18（不含）与 19（不含）之间”。",
        ),
        (
            {"segment": Cell("not_in", ("retail", "small", "large"))},
            "error",
            "never_true",
            "No value can fulfil “segment none of retail, small firm, large”.",
            "没有任何值能满足“客群 不属于 零售、小微、大型”。",
        ),
    ],
)
def test_a_cell_beyond_its_field_is_told(cells: dict[str, Cell], severity: str, code: str, en: str, zh: str) -> None:
    findings = [one for one in analyse(table(RULES, "first", REVIEW, (cells, REVIEW)), RULES) if one.code != "gap"]
    assert [(one.severity, one.code, one.rows, one.field, one.en, one.zh) for one in findings] == [
        (severity, code, ("R1",), next(iter(cells)), en, zh)
    ]


def test_a_row_behind_a_wider_one_is_never_reached() -> None:
    given = table(RULES, "first", REVIEW, (amount(">", 10.0), REVIEW), (amount(">", 20.0), REVIEW))
    findings = analyse(given, RULES)
    assert told(findings, "unreachable") == [("warning", "unreachable", ("R2", "R1"), "")]
    assert findings[0].en == "R2 is never reached: earlier rows take all of it (R1)."
    assert findings[0].zh == "R2 永远不会命中：前面的行已全部覆盖（R1）。"


def test_a_row_that_earlier_ones_cover_only_together_is_never_reached() -> None:
    halves = ((amount("<=", 10.0), REVIEW), (amount(">", 10.0), REVIEW))
    given = table(RULES, "first", REVIEW, *halves, ({"age": Cell(">", (30.0,))}, REVIEW))
    assert told(analyse(given, RULES)) == [("warning", "unreachable", ("R3", "R1", "R2"), "")]
    ajar = table(RULES, "first", REVIEW, (amount("<", 10.0), REVIEW), halves[1], ({"age": Cell(">", (30.0,))}, REVIEW))
    assert told(analyse(ajar, RULES), "unreachable") == []


def test_whole_numbers_leave_no_room_between_neighbours() -> None:
    rows = (({"age": Cell("<=", (30.0,))}, REVIEW), ({"age": Cell(">=", (31.0,))}, REVIEW))
    assert analyse(table(RULES, "first", REVIEW, *rows), RULES) == ()


def test_a_row_for_missing_values_is_reached_behind_rows_for_known_ones() -> None:
    rows = (
        ({"rate": Cell("<=", (5.0,))}, REVIEW),
        ({"rate": Cell(">", (5.0,))}, REVIEW),
        ({"rate": Cell("is_missing")}, REVIEW),
    )
    assert analyse(table(RULES, "first", REVIEW, *rows), RULES) == ()


def test_under_collect_a_row_that_a_more_careful_one_always_joins_never_matters() -> None:
    rows = ((amount("<", 10.0), APPROVE), (amount("<", 20.0), DECLINE), (amount(">=", 10.0), REVIEW))
    given = table(RULES, "collect", REVIEW, *rows)
    assert told(analyse(given, RULES)) == [("warning", "never_matters", ("R1", "R2"), "")]
    signatures = table(
        SIGNATURES,
        "collect",
        {"signatures": 0.0},
        (amount(">", 20.0), {"signatures": 1.0}),
        (amount(">=", 0.0), {"signatures": 2.0}),
    )
    assert told(analyse(signatures, SIGNATURES)) == [("warning", "never_matters", ("R1", "R2"), "")]


def test_rows_that_overlap_with_another_way_are_shown_under_first_only() -> None:
    rows = ((amount(">", 10.0), REVIEW), ({"age": Cell(">", (30.0,))}, APPROVE), ({"age": Cell("<=", (30.0,))}, REVIEW))
    findings = analyse(table(RULES, "first", REVIEW, *rows), RULES)
    assert told(findings) == [("warning", "overlap", ("R2", "R1"), "")]
    assert findings[0].en == "Some cases of R2 are decided otherwise by earlier rows (R1)."
    assert told(analyse(table(RULES, "collect", REVIEW, *rows), RULES), "overlap") == []


@pytest.mark.parametrize("hit", ["first", "collect"])
def test_rows_that_ask_the_same_contradict_or_repeat_each_other(hit: HitPolicy) -> None:
    same = table(RULES, hit, REVIEW, ({"age": Cell("<", (30.0,))}, REVIEW), ({"age": Cell("<=", (29.0,))}, DECLINE))
    assert told(analyse(same, RULES), "contradiction") == [("error", "contradiction", ("R1", "R2"), "")]
    twice = table(RULES, hit, REVIEW, ALL, ALL)
    assert told(analyse(twice, RULES)) == [("warning", "doubled_row", ("R1", "R2"), "")]


def test_a_gap_is_told_with_a_region_that_only_the_default_row_takes() -> None:
    rows = (
        (amount(">", 39_000.0), REVIEW),
        ({"pd": Cell("<", (0.03,))}, APPROVE),
        ({"pd": Cell(">", (0.2,)), "segment": Cell("in", ("retail", "small"))}, DECLINE),
    )
    given = table(RULES, "collect", REVIEW, *rows)
    gaps = [one for one in analyse(given, RULES) if one.code == "gap"]
    assert [(one.severity, one.en, dict(one.example)) for one in gaps] == [
        (
            "warning",
            "Only the default row takes: amount at most 39,000, PD above 20.0 %, segment is large.",
            {"amount": Cell("<=", (39_000.0,)), "pd": Cell(">", (0.2,)), "segment": Cell("=", ("large",))},
        ),
        (
            "warning",
            "Only the default row takes: amount at most 39,000, PD from 3.0 % to 20.0 %.",
            {"amount": Cell("<=", (39_000.0,)), "pd": Cell("between", (0.03, 0.2))},
        ),
    ]
    assert gaps[1].zh == "仅由默认行处理：金额 不高于 39,000，违约概率 介于 3.0 %（含）与 20.0 %（含）之间。"


@pytest.mark.parametrize("hit", ["first", "collect"])
def test_nothing_may_be_approved_above_the_authority(hit: HitPolicy) -> None:
    low_pd = {"pd": Cell("<", (0.03,))}
    without_limit = table(RULES, hit, REVIEW, (low_pd, APPROVE))
    findings = [one for one in analyse(without_limit, RULES, reserved=above(30_000.0)) if one.code != "gap"]
    assert told(findings) == [("error", "above_authority", ("R1",), "amount")]
    assert findings[0].en == (
        "R1 approves cases that people must see (amount above 30,000): no row that comes before it takes all of them."
    )
    assert findings[0].zh == "R1 会批准必须由人工审核的申请（金额 大于 30,000）：没有优先于它的行将其全部截住。"
    assert told(analyse(without_limit, RULES), "above_authority") == []
    too_high = table(RULES, hit, REVIEW, (low_pd | amount("<=", 30_001.0), APPROVE))
    assert told(analyse(too_high, RULES, reserved=above(30_000.0)), "above_authority") != []
    limited = table(RULES, hit, REVIEW, (low_pd | amount("<=", 30_000.0), APPROVE))
    assert told(analyse(limited, RULES, reserved=above(30_000.0)), "above_authority") == []
    # Another row takes all larger cases from it.
    guarded = table(RULES, hit, REVIEW, (amount(">", 30_000.0), REVIEW), (low_pd, APPROVE))
    assert told(analyse(guarded, RULES, reserved=above(30_000.0)), "above_authority") == []
    assert told(analyse(guarded, RULES, reserved=above(29_999.0)), "above_authority") != []


def test_a_large_table_is_looked_at_in_bounded_time_and_what_was_not_looked_at_is_said() -> None:
    random = np.random.default_rng(0)
    rows = []
    for place in range(200):
        low = random.uniform(0, 60, size=3)
        keys = ("amount", "rate", "pd")
        cells = {
            key: Cell("between", (a, a + 20) if key != "pd" else (a / 60, 1.0))
            for key, a in zip(keys, low.tolist(), strict=True)
        }
        rows.append(Row(f"R{place}", cells, {"way": ("approve", "decline", "review")[place % 3]}))
    findings = analyse(Table("rules", "first", tuple(rows), REVIEW), RULES, reserved=above(10.0))
    assert told(findings[-1:]) == [("warning", "not_all_looked_at", (), "")]


def test_work_beyond_the_effort_is_refused() -> None:
    with pytest.raises(TooMuchWork):
        list(left_over((3,), [(1,), (2,)], Effort(1)))
    part = Effort(10, Effort(1))
    with pytest.raises(TooMuchWork):
        list(left_over((3,), [(1,), (2,)], part))


@settings(max_examples=40, deadline=None)
@given(table=drawn.tables(most_rows=4))
def test_unreachable_rows_and_gaps_are_those_that_every_combination_shows(table: Table) -> None:
    """Every combination of pieces is evaluated for itself, and must tell the same."""
    grid = Grid(table, RULES)
    pieces = [axis.pieces for axis in grid.axes]
    if np.prod([len(one) for one in pieces], dtype=float) > 5000:
        return
    points = list(product(*([piece.value for piece in one] for one in pieces)))
    columns: dict[str, Column] = {}
    for place, axis in enumerate(grid.axes):
        values = [point[place] for point in points]
        if axis.field.type in ("choice", "text"):
            columns[axis.field.key] = Coded.of([None if value is None else str(value) for value in values])
        else:
            columns[axis.field.key] = np.array([np.nan if value is None else float(value) for value in values])
    certain = evaluate(table, RULES, columns, len(points)).certain
    findings = analyse(table, RULES)
    if any(one.code in ("unknown_choice", "low_above_high") for one in findings):
        return
    if table.hit == "first":
        for place, row in enumerate(table.rows):
            boxes = grid.boxes
            if boxes[place] in boxes[:place] or not certain[:, place].any():
                continue
            reached = bool((certain[:, place] & ~certain[:, :place].any(axis=1)).any())
            hidden = any(one.code == "unreachable" and one.rows[0] == row.id for one in findings)
            assert hidden != reached
    gap = bool(table.rows) and not certain.any(axis=1).all()
    assert any(one.code == "gap" for one in findings) == gap
