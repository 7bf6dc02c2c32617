"""Overrides by group: nothing small is told, and nothing hidden can be worked out from the sum."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.small_cells import LEAST_DECISIONS, LEAST_OVERRIDES, Cell, group_rates, hidden_groups, total_is_told
from scoring.ml.intervals import wilson


def test_a_small_group_takes_the_next_smallest_with_it_so_that_the_sum_does_not_tell_it() -> None:
    cells = {"north": Cell(50, 10), "south": Cell(40, 0), "east": Cell(9, 0), "west": Cell(30, 8)}
    assert hidden_groups(cells) == {"east", "west"}
    assert hidden_groups({**cells, "east": Cell(12, 4)}) == {"east", "west"}
    # Two small ones together are small still: 8 decisions.
    assert hidden_groups({**cells, "east": Cell(4, 0), "isle": Cell(4, 0)}) == {"east", "isle", "west"}
    assert hidden_groups({**cells, "east": Cell(10, 0)}) == frozenset()
    assert hidden_groups({}) == frozenset()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.integers(1, 40), st.integers(0, 12)), max_size=6))
def test_what_is_hidden_is_never_one_group_nor_small_altogether_unless_all_is(
    found: dict[str, tuple[int, int]],
) -> None:
    cells = {key: Cell(advised, min(over, advised)) for key, (advised, over) in found.items()}
    hidden = hidden_groups(cells)
    for key in set(cells) - hidden:
        assert cells[key].advised >= LEAST_DECISIONS
        assert not 0 < cells[key].overridden < LEAST_OVERRIDES
    if hidden and hidden != set(cells):
        assert len(hidden) > 1
        assert sum(cells[key].advised for key in hidden) >= LEAST_DECISIONS
        assert not 0 < sum(cells[key].overridden for key in hidden) < LEAST_OVERRIDES


def test_a_group_differs_only_where_that_is_shown() -> None:
    cells = {"a": Cell(100, 50), "b": Cell(100, 10), "c": Cell(100, 30), "d": Cell(9, 9), "e": Cell(11, 6)}
    a, b, c, d, e = group_rates(cells)
    assert (a.key, a.standing, a.rate) == ("a", "more", wilson(50, 100))
    assert (b.standing, c.standing) == ("fewer", "not_shown")
    assert (d.key, d.standing, d.advised, d.overridden, d.rate, d.q_value) == ("d", "hidden", 0, 0, None, None)
    assert e.standing == "hidden"
    assert total_is_told(cells)
    assert not total_is_told({"d": Cell(9, 9)})
    assert group_rates({}) == []


def test_two_groups_are_each_held_against_the_other() -> None:
    one, two = group_rates({"one": Cell(20, 0), "two": Cell(20, 5)})
    # Fisher: 2 * C(20,5) / C(40,5) = 0.0471, for both groups.
    assert [one.q_value, two.q_value] == pytest.approx([0.04712, 0.04712], abs=1e-4)
    assert (one.standing, two.standing) == ("fewer", "more")
