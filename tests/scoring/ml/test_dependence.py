"""The tree of dependences on loans whose dependences are known."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from scoring.ml.dependence import PRIOR_LOANS, DependenceTree, Pair

IntArray = NDArray[np.int64]


def chain(size: int) -> IntArray:
    """b follows a, c follows b, and d follows nothing; each of four bins."""
    random = np.random.default_rng(0)

    def follow(other: IntArray) -> IntArray:
        return np.where(random.random(size) < 0.8, other, random.integers(0, 4, size))

    a = random.integers(0, 4, size)
    b = follow(a)
    return np.column_stack([a, b, follow(b), random.integers(0, 4, size)])


def test_the_tree_follows_the_strongest_links_and_leaves_chance_apart() -> None:
    pairs = DependenceTree.fit(chain(20000), [4, 4, 4, 4], "abcd").pairs
    assert {frozenset({pair.child, pair.parent}) for pair in pairs} == {frozenset({0, 1}), frozenset({1, 2})}


def test_one_column_and_columns_that_are_never_given_have_no_links() -> None:
    assert DependenceTree.fit(np.zeros((50, 1), dtype=np.int64), [1], "a").pairs == ()
    never = DependenceTree.fit(np.column_stack([np.full(50, -1), np.arange(50) % 3]), [2, 3], "ab")
    assert never.pairs == ()
    assert never.strangeness(np.zeros((5, 2), dtype=np.int64)).shape == (5, 0)


def test_a_table_says_how_many_times_rarer_a_value_is_beside_the_other() -> None:
    parent, child = np.repeat([0, 1], 500), np.repeat([0, 1, 0, 1], [450, 50, 250, 250])
    pair = Pair.fit(1, 0, np.column_stack([parent, child]), [2, 2])
    alone = np.array([701, 301]) / 1002
    expected = np.log(alone[1] / ((50 + PRIOR_LOANS * alone[1]) / (500 + PRIOR_LOANS)))
    assert pair.table[0, 1] == pytest.approx(expected, abs=1e-12)
    assert pair.table[0, 0] == 0.0  # more common beside it than alone


def test_a_value_never_seen_beside_the_other_stays_finite() -> None:
    pair = Pair.fit(1, 0, np.repeat([[0, 0], [1, 1]], 1000, axis=0), [3, 2])
    assert np.isfinite(pair.table).all()
    assert pair.table[0, 1] == pytest.approx(np.log((1000 + PRIOR_LOANS) / PRIOR_LOANS), abs=1e-9)
    assert pair.table[2].tolist() == [0.0, 0.0]  # of a parent that no loan had nothing is known


def test_each_pair_looks_up_its_own_table_and_what_is_missing_is_not_strange() -> None:
    first = Pair(child=1, parent=0, table=np.array([[0.0, 2.0], [3.0, 0.0]]))
    second = Pair(child=2, parent=1, table=np.array([[0.0, 5.0, 6.0], [7.0, 0.0, 8.0]]))
    places = np.array([[0, 1, 0], [1, 0, 2], [1, -1, 2], [-1, 1, 2], [1, 1, -1]])
    assert DependenceTree((first, second)).strangeness(places).tolist() == [[2, 7], [3, 6], [0, 0], [0, 8], [0, 0]]


def test_other_loans_fill_the_same_pairs_with_their_own_tables() -> None:
    tree, other = DependenceTree.fit(chain(3000), [4] * 4, "abcd"), chain(3000)[:1000]
    again = tree.of_loans(other, [4] * 4)
    assert [(pair.child, pair.parent) for pair in again.pairs] == [(pair.child, pair.parent) for pair in tree.pairs]
    for pair in again.pairs:
        assert pair.table.tolist() == Pair.fit(pair.child, pair.parent, other, [4] * 4).table.tolist()


def test_a_stored_tree_comes_back_digit_for_digit() -> None:
    tree, places = DependenceTree.fit(chain(500), [4] * 4, "abcd"), chain(900)
    again = DependenceTree.from_dict(json.loads(json.dumps(tree.to_dict())))
    assert again.strangeness(places).tolist() == tree.strangeness(places).tolist()


def test_columns_of_one_meaning_are_not_set_against_each_other() -> None:
    places = chain(20000)
    joined = {frozenset((pair.child, pair.parent)) for pair in DependenceTree.fit(places, [4] * 4, "aabc").pairs}
    assert frozenset((0, 1)) in {
        frozenset((pair.child, pair.parent)) for pair in DependenceTree.fit(places, [4] * 4, "abcd").pairs
    }
    assert frozenset((0, 1)) not in joined
    assert joined
