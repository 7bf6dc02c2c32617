"""The evaluation of small tables by hand: what hits, what might, which way, and what a trace holds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from routing.table.columns import Coded, Column
from routing.table.evaluate import Ways, deciding, evaluate, joined, ways
from routing.table.tables import Cell, Output, Table, TableKind
from tests.routing.table.drawn import FIELDS, RULES, SIGNATURES, table

NAN = float("nan")
ABOVE = {"amount": Cell(">", (39_000.0,))}
SAFE = {"pd": Cell("<", (0.03,)), "segment": Cell("=", ("retail",))}
GOOD = {"amount": np.array([5000.0]), "pd": np.array([0.01]), "segment": Coded.of(["retail"])}


def found(given: Table, **columns: Any) -> list[tuple[str, str, bool]]:
    n = len(next(iter(columns.values())))
    routed: Ways = ways(given, RULES, evaluate(given, RULES, columns, n))
    assert [column.dtype.name for column in (routed.way, routed.row, routed.missing)] == ["int8", "int16", "bool"]
    return [
        (RULES.ways[way], given.row_id(row), bool(missing))
        for way, row, missing in zip(routed.way, routed.row, routed.missing, strict=True)
    ]


def test_a_cell_is_true_false_or_unknown() -> None:
    given = table(RULES, "first", {"way": "review"}, (ABOVE | SAFE, {"way": "review"}))
    columns: dict[str, Column] = {
        "amount": np.array([40_000.0, 40_000.0, NAN, NAN, np.inf]),
        "pd": np.array([0.01, 0.03, 0.01, 0.03, 0.01]),
        "segment": Coded.of(["retail", "retail", "retail", "other", "retail"]),
    }
    hits = evaluate(given, RULES, columns, 5)
    assert hits.certain.tolist() == [[True], [False], [False], [False], [False]]
    assert hits.possible.tolist() == [[False], [False], [True], [False], [True]]
    # amount, pd, segment from the lowest bits on; a word that is no choice is unknown.
    assert hits.trace.tolist() == [[0b010101], [0b010001], [0b010110], [0b100010], [0b010110]]


@pytest.mark.parametrize(
    ("cell", "true", "false"),
    [
        (Cell("=", (1.0,)), [1.0], [0.0, 2.0]),
        (Cell("!=", (1.0,)), [0.0, 2.0], [1.0]),
        (Cell("<", (1.0,)), [0.0], [1.0, 2.0]),
        (Cell("<=", (1.0,)), [0.0, 1.0], [2.0]),
        (Cell(">", (1.0,)), [2.0], [0.0, 1.0]),
        (Cell(">=", (1.0,)), [1.0, 2.0], [0.0]),
        (Cell("between", (0.0, 1.0)), [0.0, 0.5, 1.0], [-1.0, 2.0]),
        (Cell("between", (0.0, 1.0), (False, True)), [0.5, 1.0], [0.0]),
        (Cell("between", (0.0, 1.0), (True, False)), [0.0, 0.5], [1.0]),
        (Cell("in", (0.0, 2.0)), [0.0, 2.0], [1.0]),
        (Cell("not_in", (0.0, 2.0)), [1.0], [0.0, 2.0]),
        (Cell("not_missing"), [0.0], [NAN, np.inf]),
        (Cell("is_missing"), [NAN, -np.inf], [0.0]),
    ],
)
def test_every_operator_on_figures(cell: Cell, true: list[float], false: list[float]) -> None:
    given = table(RULES, "first", {"way": "review"}, ({"rate": cell}, {"way": "review"}))
    values = np.array(true + false)
    hits = evaluate(given, RULES, {"rate": values}, len(values))
    assert hits.certain[:, 0].tolist() == [True] * len(true) + [False] * len(false)
    assert not hits.possible.any()


@pytest.mark.parametrize(
    ("key", "cell", "certain", "possible"),
    [
        ("segment", Cell("=", ("small",)), [0, 1, 0, 0, 0], [0, 0, 1, 1, 1]),
        ("segment", Cell("not_in", ("small",)), [1, 0, 0, 0, 0], [0, 0, 1, 1, 1]),
        ("segment", Cell("is_missing"), [0, 0, 1, 1, 1], [0, 0, 0, 0, 0]),
        ("region", Cell("in", ("small", "x")), [0, 1, 0, 1, 0], [0, 0, 1, 0, 1]),
        ("region", Cell("!=", ("small",)), [1, 0, 0, 1, 0], [0, 0, 1, 0, 1]),
    ],
)
def test_every_operator_on_words(key: str, cell: Cell, certain: list[int], possible: list[int]) -> None:
    given = table(RULES, "first", {"way": "review"}, ({key: cell}, {"way": "review"}))
    hits = evaluate(given, RULES, {key: Coded.of(["retail", "small", None, "x", ""])}, 5)
    assert hits.certain[:, 0].tolist() == certain
    assert hits.possible[:, 0].tolist() == possible


def test_a_flag_that_is_neither_yes_nor_no_is_unknown_and_a_date_is_compared_in_days() -> None:
    cells = {"opted_out": Cell("=", (True,)), "applied": Cell(">=", ("1970-01-02",))}
    given = table(RULES, "first", {"way": "review"}, (cells, {"way": "review"}))
    hits = evaluate(given, RULES, {"opted_out": np.array([1.0, 0.5, 0.0]), "applied": np.array([1.0, 1.0, 1.0])}, 3)
    assert hits.certain[:, 0].tolist() == [True, False, False]
    assert hits.possible[:, 0].tolist() == [False, True, False]


def test_under_first_the_first_row_decides_unless_one_before_it_might() -> None:
    given = table(
        RULES,
        "first",
        {"way": "decline"},
        (ABOVE, {"way": "review"}),
        (SAFE, {"way": "approve"}),
        ({"age": Cell("<", (18.0,))}, {"way": "decline"}),
    )
    assert found(given, **GOOD) == [("approve", "R2", False)]
    assert found(given, **GOOD | {"amount": np.array([40_000.0])}) == [("review", "R1", False)]
    assert found(given, **GOOD | {"amount": np.array([NAN])}) == [("review", "R1", True)]
    # The age is not known either, but its row stands behind the one that decides.
    assert found(given, **GOOD | {"pd": np.array([NAN])}) == [("review", "R2", True)]
    # A possible row of the same way as the default changes nothing.
    assert found(given, **GOOD | {"pd": np.array([0.5])}) == [("decline", "default", False)]


def test_under_collect_the_most_careful_way_wins() -> None:
    given = table(
        RULES,
        "collect",
        {"way": "review"},
        (SAFE, {"way": "approve"}),
        ({"age": Cell("<", (18.0,))}, {"way": "decline"}),
        ({"age": Cell("<", (16.0,))}, {"way": "decline"}),
        (ABOVE, {"way": "review"}),
    )
    known = GOOD | {"age": np.array([30.0])}
    assert found(given, **known) == [("approve", "R1", False)]
    assert found(given, **known | {"age": np.array([10.0])}) == [("decline", "R2", False)]
    large = {"age": np.array([10.0]), "amount": np.array([40_000.0])}
    assert found(given, **known | large) == [("review", "R4", False)]
    assert found(given, **known | {"age": np.array([NAN])}) == [("review", "R2", True)]
    # A possible approval cannot stand against a certain decline.
    assert found(given, **known | {"age": np.array([10.0]), "pd": np.array([NAN])}) == [("decline", "R2", False)]
    # Where nothing is certain the default row would send to people too, but the approval is what is in doubt.
    assert found(given, **known | {"pd": np.array([NAN])}) == [("review", "R1", True)]


def test_where_nothing_is_certain_a_possible_approval_keeps_the_default_from_declining() -> None:
    given = table(RULES, "collect", {"way": "decline"}, (SAFE, {"way": "approve"}))
    assert found(given, **GOOD | {"pd": np.array([NAN])}) == [("review", "R1", True)]
    assert found(given, **GOOD | {"pd": np.array([0.5])}) == [("decline", "default", False)]


def test_a_field_without_a_column_is_missing_for_all() -> None:
    given = table(RULES, "first", {"way": "review"}, (ABOVE | {"segment": Cell("is_missing")}, {"way": "review"}))
    hits = evaluate(given, RULES, {}, 2)
    assert (hits.certain.tolist(), hits.possible.tolist()) == ([[False], [False]], [[True], [True]])
    assert hits.trace.tolist() == [[0b0110], [0b0110]]


def test_an_empty_table_and_no_cases_are_tables_and_cases_too() -> None:
    given = table(RULES, "first", {"way": "decline"})
    hits = evaluate(given, RULES, {}, 2)
    assert (hits.certain.shape, hits.possible.shape, hits.trace.shape) == ((2, 0), (2, 0), (2, 0))
    assert ways(given, RULES, hits).way.tolist() == [1, 1]
    given = table(RULES, "collect", {"way": "decline"}, (ABOVE, {"way": "review"}), ({}, {"way": "approve"}))
    assert evaluate(given, RULES, {}, 0).trace.shape == (0, 1)
    assert found(given, amount=np.array([1.0])) == [("approve", "R2", False)]


def test_a_column_of_another_form_or_length_is_refused() -> None:
    given = table(RULES, "first", {"way": "review"}, (ABOVE | SAFE, {"way": "review"}))
    with pytest.raises(ValueError, match="amount: 1 values for 2 cases"):
        evaluate(given, RULES, {"amount": np.array([1.0])}, 2)
    with pytest.raises(ValueError, match="segment: a column of words is expected"):
        evaluate(given, RULES, {"segment": np.array([1.0])}, 1)
    with pytest.raises(ValueError, match="amount: a column of figures is expected"):
        evaluate(given, RULES, {"amount": Coded.of(["x"])}, 1)


def test_outputs_of_kinds_without_ways_are_joined_on_the_careful_side() -> None:
    rows = (
        ({"amount": Cell(">", (1000.0,))}, {"signatures": 1.0, "most": 500.0}),
        ({"pd": Cell(">", (0.1,))}, {"signatures": 2.0, "most": 700.0}),
    )
    columns = {"amount": np.array([2000.0, 2000.0, 1.0, 1.0, NAN]), "pd": np.array([0.2, NAN, 0.01, NAN, 0.2])}
    collect = table(SIGNATURES, "collect", {"signatures": 0.0}, *rows)
    hits = evaluate(collect, SIGNATURES, columns, 5)
    np.testing.assert_array_equal(joined(collect, SIGNATURES, hits, "signatures"), [2, 2, 0, 2, 2])
    np.testing.assert_array_equal(joined(collect, SIGNATURES, hits, "most"), [500, 500, NAN, 700, 500])
    first = table(SIGNATURES, "first", {"signatures": 0.0}, *rows)
    hits = evaluate(first, SIGNATURES, columns, 5)
    np.testing.assert_array_equal(joined(first, SIGNATURES, hits, "signatures"), [1, 1, 0, NAN, NAN])
    row, doubt = deciding(first, hits)
    assert (row.tolist(), doubt.tolist()) == ([0, 0, 2, 2, 1], [False, False, False, True, True])


def test_words_cannot_be_joined_and_ways_need_a_rank() -> None:
    words = TableKind("words", FIELDS, {"word": Output("word", "choice", "word", "词")})
    given = table(words, "first", {"word": "x"})
    with pytest.raises(ValueError, match="word: only figures can be joined"):
        joined(given, words, evaluate(given, words, {}, 1), "word")
    with pytest.raises(ValueError, match="tables of kind 'words' have no ways"):
        ways(given, words, evaluate(given, words, {}, 1))
