"""What holds for every decision table: missing data never approves, and the fast evaluation is the plain one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.table.check import check
from routing.table.evaluate import evaluate, joined, ways
from routing.table.explain import decode
from routing.table.tables import Table
from tests.routing.table import drawn, reference
from tests.routing.table.drawn import RULES, SIGNATURES

Cases = list[dict[str, Any]]


def routed(table: Table, cases: Cases) -> list[tuple[str, int, bool]]:
    hits = evaluate(table, RULES, reference.columns_of(RULES, cases), len(cases))
    found = ways(table, RULES, hits)
    return [
        (RULES.ways[way], int(row), bool(missing))
        for way, row, missing in zip(found.way, found.row, found.missing, strict=True)
    ]


@settings(max_examples=150, deadline=None)
@given(table=drawn.tables(), cases=drawn.cases())
def test_the_fast_evaluation_is_the_plain_one(table: Table, cases: Cases) -> None:
    assert check(table, RULES) == ()
    hits = evaluate(table, RULES, reference.columns_of(RULES, cases), len(cases))
    states = [[reference.row_state(RULES, row, case) for row in table.rows] for case in cases]
    assert hits.certain.tolist() == [[state is True for state in row] for row in states]
    assert hits.possible.tolist() == [[state is None for state in row] for row in states]
    for place, case in enumerate(cases):
        cells = [[{False: 0, True: 1, None: 2}[s] for s in reference.row_states(RULES, r, case)] for r in table.rows]
        assert [list(row) for row in decode(hits.trace[place].tobytes(), table)] == cells
    assert routed(table, cases) == [reference.way(table, RULES, case) for case in cases]


@settings(max_examples=100, deadline=None)
@given(table=drawn.tables(SIGNATURES), cases=drawn.cases(SIGNATURES), output=st.sampled_from(("signatures", "most")))
def test_joined_outputs_are_those_of_the_plain_evaluation(table: Table, cases: Cases, output: str) -> None:
    hits = evaluate(table, SIGNATURES, reference.columns_of(SIGNATURES, cases), len(cases))
    expected = [reference.joined(table, SIGNATURES, case, output) for case in cases]
    np.testing.assert_array_equal(joined(table, SIGNATURES, hits, output), expected)


@settings(max_examples=200, deadline=None)
@given(table=drawn.tables(), cases=drawn.full_cases(), lost=st.sets(st.sampled_from(sorted(drawn.FIELDS)), min_size=1))
def test_a_lost_value_never_approves_and_never_takes_a_case_from_people(
    table: Table, cases: Cases, lost: set[str]
) -> None:
    poorer = [{**case, **dict.fromkeys(lost)} for case in cases]
    for (before, _row, _missing), (after, _, _) in zip(routed(table, cases), routed(table, poorer), strict=True):
        assert before == "approve" or after != "approve"
        assert before != "review" or after == "review"


@settings(max_examples=150, deadline=None)
@given(table=drawn.tables(), cases=drawn.cases(), lost=st.sets(st.sampled_from(sorted(drawn.FIELDS)), min_size=1))
def test_nor_does_it_approve_where_other_values_were_missing_before(table: Table, cases: Cases, lost: set[str]) -> None:
    poorer = [{**case, **dict.fromkeys(lost)} for case in cases]
    for (before, _row, _missing), (after, _, _) in zip(routed(table, cases), routed(table, poorer), strict=True):
        assert before == "approve" or after != "approve"


@settings(max_examples=60, deadline=None)
@given(table=drawn.tables(), cases=drawn.cases(), data=st.data())
def test_neither_the_order_of_the_cases_nor_of_the_columns_matters(table: Table, cases: Cases, data: Any) -> None:
    order = data.draw(st.permutations(range(len(cases))))
    turned = [dict(reversed(cases[place].items())) for place in order]
    assert routed(table, turned) == [routed(table, cases)[place] for place in order]
    mirrored = Table(
        table.kind,
        table.hit,
        tuple(type(row)(row.id, dict(reversed(list(row.cells.items()))), row.outputs) for row in table.rows),
        table.default,
    )
    assert mirrored.sha256 == table.sha256
    assert routed(mirrored, cases) == routed(table, cases)


@pytest.mark.parametrize("size", [1, 3, 7])
@settings(max_examples=25, deadline=None)
@given(table=drawn.tables(), cases=drawn.cases())
def test_the_size_of_the_blocks_does_not_matter(size: int, table: Table, cases: Cases) -> None:
    columns = reference.columns_of(RULES, cases * 3)
    whole = evaluate(table, RULES, columns, len(cases) * 3)
    parts = evaluate(table, RULES, columns, len(cases) * 3, size=size)
    np.testing.assert_array_equal(parts.certain, whole.certain)
    np.testing.assert_array_equal(parts.possible, whole.possible)
    np.testing.assert_array_equal(parts.trace, whole.trace)
