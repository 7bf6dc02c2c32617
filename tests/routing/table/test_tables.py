"""A table from plain JSON: what is read, what is refused, and what its hash stands for."""

from __future__ import annotations

from typing import Any

import pytest

from routing.table.check import check
from routing.table.fields import Choice, Field, date_of, days_of, registry_of
from routing.table.tables import Cell, Row, Table, TableError, TableErrors, TableKind, read_table
from tests.routing.table.drawn import RULES, SIGNATURES, table

CONTENT: dict[str, Any] = {
    "kind": "rules",
    "hit": "collect",
    "rows": [
        {
            "id": "R1",
            "when": {"amount": {"op": ">", "operands": [39000]}, "age": {"op": "any"}},
            "then": {"way": "review"},
            "en": " Large. ",
            "zh": "大额。",
        },
        {
            "id": "R2",
            "when": {"applied": {"op": "between", "operands": [0, "2026-01-31"], "closed": [True, False]}},
            "then": {"way": "decline", "sla_hours": 24},
        },
    ],
    "default": {"way": "review"},
}


def problems(content: Any, kind: TableKind = RULES) -> list[tuple[str, str, str]]:
    with pytest.raises(TableErrors) as refused:
        read_table(content, kind)
    assert all(one.zh for one in refused.value.problems)
    return [(one.row, one.field, one.en) for one in refused.value.problems]


def row(way: str = "review", **cells: Any) -> dict[str, Any]:
    return {**CONTENT, "rows": [{"id": "R1", "when": cells, "then": {"way": way}}]}


def test_a_table_is_read_into_its_one_form() -> None:
    read = read_table(CONTENT, RULES)
    assert read == Table(
        "rules",
        "collect",
        (
            Row("R1", {"amount": Cell(">", (39_000.0,))}, {"way": "review"}, "Large.", "大额。"),
            Row(
                "R2",
                {"applied": Cell("between", ("1970-01-01", "2026-01-31"), (True, False))},
                {"way": "decline", "sla_hours": 24.0},
            ),
        ),
        {"way": "review"},
    )
    assert read_table(read.to_dict(), RULES) == read
    assert read.to_dict()["rows"][0]["when"] == {"amount": {"op": ">", "operands": [39000]}}


def test_the_hash_stands_for_what_the_table_says_not_for_how_it_is_written() -> None:
    read = read_table(CONTENT, RULES)
    assert read.sha256 == "588fecf9e5220cb6b7fb0e207c78174829e34e9b2a2c925f426430c57f79b90b"
    same = {**CONTENT, "rows": [dict(reversed(one.items())) for one in CONTENT["rows"]]}
    assert read_table(same, RULES).sha256 == read.sha256
    assert read_table({**CONTENT, "hit": "first"}, RULES).sha256 != read.sha256


def test_all_faults_are_told_at_once() -> None:
    content = {
        "kind": "other",
        "hit": "maybe",
        "rows": [
            {"id": "R1", "when": {"amount": {"op": ">", "operands": ["x"]}}, "then": {"way": "perhaps"}},
            {"id": "R1", "when": {"nothing": {"op": "="}}, "then": {"way": "review", "sla_hours": -1, "other": 1}},
            {"when": {"age": {"op": "between", "operands": [18.5, 1], "closed": 1}}, "then": {}, "extra": 1},
            7,
        ],
        "default": {"way": "approve"},
    }
    assert problems(content) == [
        ("#3", "extra", "Nothing of this name is known here."),
        ("#3", "age", "`closed` says of both ends whether they belong to it."),
        ("#4", "", "An object with named fields is expected here."),
        ("", "", "This is a table of kind 'other'."),
        ("", "hit", "The hit policy is first or collect."),
        ("R1", "amount", "'x' is not a finite number."),
        ("R1", "way", "'perhaps' is not one of approve, decline, review."),
        ("R1", "id", "Another row has this id."),
        ("R1", "nothing", "No field of this name is registered."),
        ("R1", "sla_hours", "-1.0 lies outside of 0 to …."),
        ("R1", "other", "Tables of this kind say nothing of this name."),
        ("", "id", "A row needs an id of letters and digits, such as R1."),
        ("", "age", "18.5 is not a whole number."),
        ("", "way", "This output is required."),
        ("", "id", "A row needs an id of letters and digits, such as R1."),
        ("", "way", "This output is required."),
        ("default", "way", "The default row takes what nobody thought of; it may not approve."),
    ]


@pytest.mark.parametrize("way", ["approve", "decline"])
def test_a_row_that_asks_for_a_missing_value_must_send_to_people(way: str) -> None:
    assert problems(row(way, amount={"op": "is_missing"})) == [
        ("R1", "amount", "A row that asks for a missing value must send the case to people.")
    ]
    assert read_table(row("review", amount={"op": "is_missing"}), RULES).rows[0].outputs == {"way": "review"}


@pytest.mark.parametrize("way", ["review", "decline"])
def test_only_a_row_that_approves_may_ask_for_a_value_to_be_there(way: str) -> None:
    assert problems(row(way, amount={"op": "not_missing"})) == [
        (
            "R1",
            "amount",
            "Only a row that approves may ask for a value to be there: without the value the row would be out.",
        )
    ]
    assert read_table(row("approve", amount={"op": "not_missing"}), RULES).rows[0].outputs == {"way": "approve"}


def test_a_default_row_is_mandatory_but_where_no_way_is_told_it_may_say_anything() -> None:
    without = {key: value for key, value in CONTENT.items() if key != "default"}
    assert problems(without) == [
        ("default", "", "A default row is mandatory."),
        ("default", "way", "This output is required."),
    ]
    content = {"kind": "signatures", "hit": "first", "rows": [], "default": {"signatures": 1}}
    assert read_table(content, SIGNATURES).default == {"signatures": 1.0}


@pytest.mark.parametrize(
    ("cell", "en"),
    [
        ({"op": ">", "operands": []}, "'>' takes 1 values."),
        ({"op": "in", "operands": []}, "'in' takes 1 to 200 values."),
        ({"op": "in", "operands": [1.0] * 201}, "'in' takes 1 to 200 values."),
        ({"op": "is_missing", "operands": [1]}, "'is_missing' takes 0 values."),
        ({"op": ">", "operands": [float("nan")]}, "nan is not a finite number."),
        ({"op": ">", "operands": [True]}, "True is not a finite number."),
        ({"op": ">", "operands": [10**400]}, f"{10**400} is not a finite number."),
        ({"op": "matches", "operands": ["a+"]}, "A field of type money cannot be asked 'matches'."),
        ({"op": ["x"]}, "A field of type money cannot be asked \"['x']\"."),
        ({"op": ">", "operands": [{}]}, "A list of numbers or words is expected."),
        ({"op": ">", "operands": "9"}, "A list of numbers or words is expected."),
    ],
)
def test_what_a_cell_may_not_hold(cell: dict[str, Any], en: str) -> None:
    assert problems(row(amount=cell))[0] == ("R1", "amount", en)


@pytest.mark.parametrize(
    ("key", "op", "operand"),
    [
        ("opted_out", "=", 1),
        ("segment", "=", 1),
        ("segment", "=", ""),
        ("region", "=", "two\nlines"),
        ("region", "=", "x" * 101),
        ("applied", "=", "31.1.2026"),
        ("applied", "=", 0.5),
        ("applied", "=", 1e300),
        ("age", "=", 18.5),
    ],
)
def test_an_operand_of_another_type_is_refused(key: str, op: str, operand: Any) -> None:
    cells: dict[str, Any] = {key: {"op": op, "operands": [operand]}}
    assert [problem[:2] for problem in problems(row("review", **cells))] == [("R1", key)]


def test_what_is_no_table_at_all_is_refused() -> None:
    contents: list[Any] = [[], "x", {"rows": {}}, {"rows": [], "default": []}, {**CONTENT, "surprise": 1}]
    for content in contents:
        assert problems(content)


def test_a_table_of_too_many_rows_is_refused() -> None:
    many = table(RULES, "first", {"way": "review"}, *[({}, {"way": "review"})] * 1001)
    assert [problem.en for problem in check(many, RULES)] == ["At most 1000 rows are allowed."]


def test_an_error_names_row_field_and_reason() -> None:
    error = TableError("R1", "amount", "No.", "不。")
    assert (error.row, error.field, error.en, error.zh, str(error)) == (
        "R1",
        "amount",
        "No.",
        "不。",
        "R1: amount: No.",
    )


def test_fields_have_keys_that_can_be_told_apart() -> None:
    for key in ("id", "en", "Amount", "1x", "a-b", ""):
        with pytest.raises(ValueError, match="cannot be the key of a field"):
            Field(key, "number", "x", "x")
    with pytest.raises(ValueError, match="registered twice"):
        registry_of([Field("a", "number", "a", "a")] * 2)
    choice = Field("a", "choice", "a", "a", choices=(Choice("x", "x", "x"),))
    assert (choice.words, ">" in choice.operators, "in" in choice.operators) == (frozenset({"x"}), False, True)


def test_dates_and_days_are_each_others_inverse() -> None:
    assert (days_of("1970-01-02"), date_of(-1.0), days_of(date_of(20_000.0))) == (1.0, "1969-12-31", 20_000.0)
    for days in (0.5, float("nan"), 1e9):
        with pytest.raises(ValueError, match=str(days).split("+")[0]):
            date_of(days)
