"""Distances by rank, and a choice of past loans that shows both sides of the line."""

from __future__ import annotations

import numpy as np
import pytest

from scoring.ml.similar import choose, differences, distances, told_apart

NAN = np.nan


def test_a_number_differs_by_its_ranks_and_a_category_wholly_or_not_at_all() -> None:
    here = np.array([30.0, 1.0, NAN, -999.0])
    pool = np.array(
        [[10.0, 1.0, NAN, -999.0], [20.0, 0.0, 5.0, 7.0], [30.0, NAN, NAN, -999.0], [4000.0, 1.0, 6.0, NAN]]
    )
    parts = differences(here, pool, whole=[False, True, False, False], specials=[(), (), (), (-999.0,)])
    assert parts.tolist() == [[0.5, 0, 0, 0], [0.25, 1, 1, 1], [0, 1, 0, 0], [0.25, 0, 1, 1]]
    assert distances(parts, np.array([2.0, 1.0, 1.0, 0.0])).tolist() == [0.25, 0.625, 0.25, 0.375]
    assert distances(parts, np.zeros(4)).tolist() == parts.mean(axis=1).tolist()


def test_a_missing_number_of_the_pool_differs_wholly_from_a_known_one() -> None:
    parts = differences(np.array([5.0]), np.array([[NAN], [5.0]]), whole=[False], specials=[()])
    assert parts.tolist() == [[1.0], [0.0]]


@pytest.mark.parametrize(
    ("pd", "line", "expected"),
    [
        # Approved by its figure: the way to the line goes up.
        (0.05, 0.10, [(0, "nearest"), (1, "nearest"), (3, "between"), (4, "beyond")]),
        (0.15, 0.10, [(0, "nearest"), (1, "nearest"), (4, "between"), (2, "beyond")]),
    ],
)
def test_the_choice_goes_from_the_nearest_over_the_way_to_the_line_to_its_other_side(
    pd: float, line: float, expected: list[tuple[int, str]]
) -> None:
    distance = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    pds = np.array([0.05, 0.04, 0.03, 0.08, 0.12])
    bads = np.array([False, True, False, False, False])
    assert [(each.row, each.why) for each in choose(distance, pds, bads, pd=pd, line=line)] == expected


def test_where_all_turned_out_alike_the_nearest_that_did_not_is_shown_too() -> None:
    distance, pds = np.arange(6) / 10, np.array([0.05, 0.05, 0.2, 0.05, 0.05, 0.3])
    bads = np.array([False, False, False, False, True, True])
    chosen = choose(distance, pds, bads, pd=0.05, line=0.1)
    assert [(each.row, each.why) for each in chosen] == [
        (0, "nearest"), (1, "nearest"), (2, "beyond"), (4, "otherwise")
    ]  # fmt: skip


def test_a_small_pool_gives_what_it_has() -> None:
    none = np.array([])
    assert choose(none, none, none.astype(bool), pd=0.1, line=0.2) == []
    one = choose(np.array([0.0]), np.array([0.1]), np.array([True]), pd=0.1, line=0.2)
    assert [(each.row, each.why) for each in one] == [(0, "nearest")]


def test_what_sets_a_loan_apart_is_named_by_weight_and_not_when_it_is_the_same() -> None:
    weights = np.array([1.0, 5.0, 2.0, 0.0, 3.0])
    assert told_apart(np.array([0.9, 0.3, 0.05, 1.0, 0.4]), weights) == [1, 4, 0]
    assert told_apart(np.array([0.0, 0.05, 0.0, 1.0, 0.0]), weights) == []
