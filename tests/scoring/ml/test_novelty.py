"""Novelty: single facts by hand, facts that do not go together, and how often ordinary loans are called new."""

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from scoring.ml.columns import Columns
from scoring.ml.novelty import Novelty

FloatArray = NDArray[np.float64]
COLUMNS = Columns((False, False, True, False), (0, 0, 0, 0), ((), (-999.0,), (), ()))
WEIGHTS = np.array([0.4, 0.3, 0.2, 0.1])


def loans(size: int, seed: int) -> FloatArray:
    """An amount, an income that goes with it (-999 unknown), a category, and a score that mostly is missing."""
    random = np.random.default_rng(seed)
    amount = random.lognormal(9, 0.5, size)
    income = np.where(random.random(size) < 0.1, -999.0, amount * random.lognormal(1, 0.15, size))
    kind = random.choice([0.0, 1.0, 2.0], size, p=[0.7, 0.2, 0.1])
    return np.column_stack([amount, income, kind, np.where(random.random(size) < 0.9, np.nan, random.random(size))])


@pytest.fixture(scope="module")
def novelty() -> Novelty:
    return Novelty.fit(loans(8000, seed=0), COLUMNS, WEIGHTS)


def score(novelty: Novelty, row: list[float], unreadable: tuple[int, ...] = ()) -> tuple[Any, list[int]]:
    mask = np.zeros((1, 4), dtype=np.bool_)
    mask[0, list(unreadable)] = True
    found, named = novelty.score(np.array([row]), mask)
    return float(found[0]), np.flatnonzero(named[0]).tolist()


def test_an_ordinary_loan_is_not_new(novelty: Novelty) -> None:
    assert score(novelty, [8000.0, 22000.0, 0.0, np.nan]) == (0.0, [])


def test_facts_outside_what_training_showed_count_their_weight_and_are_named(novelty: Novelty) -> None:
    assert score(novelty, [np.nan, np.nan, 7.0, 3.0]) == (pytest.approx(0.3), [2, 3])
    assert score(novelty, [np.nan, 5.0, np.nan, np.nan]) == (pytest.approx(0.3), [1])


def test_what_cannot_be_read_is_new(novelty: Novelty) -> None:
    assert score(novelty, [np.nan, 22000.0, np.nan, np.nan], unreadable=(0,)) == (pytest.approx(0.4), [0])


def test_a_special_value_that_loans_had_is_not_new_and_another_is(novelty: Novelty) -> None:
    assert score(novelty, [8000.0, -999.0, 0.0, np.nan]) == (0.0, [])
    assert score(novelty, [np.nan, -998.0, 0.0, np.nan]) == (pytest.approx(0.3), [1])


def test_ordinary_facts_that_do_not_go_together_are_new_and_named(novelty: Novelty) -> None:
    amounts = loans(8000, seed=0)[:, 0]
    small, large = np.quantile(amounts, [0.05, 0.95])
    found, named = score(novelty, [large, small * np.e, 0.0, np.nan])
    assert found > 0.9
    assert named == [0, 1]


def test_a_loan_of_which_nothing_is_known_is_not_new(novelty: Novelty) -> None:
    assert score(novelty, [np.nan] * 4) == (0.0, [])


def test_of_new_ordinary_loans_about_one_in_a_hundred_is_called_new(novelty: Novelty) -> None:
    found, _ = novelty.score(loans(20000, seed=1), np.zeros((20000, 4), dtype=np.bool_))
    assert (found >= 0.5).mean() == pytest.approx(0.01, abs=0.005)
    assert np.median(found) == 0.0


def test_a_small_book_does_not_call_its_own_kind_new() -> None:
    small = Novelty.fit(loans(300, seed=2), COLUMNS, WEIGHTS)
    found, _ = small.score(loans(20000, seed=3), np.zeros((20000, 4), dtype=np.bool_))
    assert (found >= 0.5).mean() < 0.04


def test_facts_that_the_model_does_not_use_make_no_case_new() -> None:
    unused = Novelty.fit(loans(3000, seed=0), COLUMNS, np.array([0.0, 0.0, 1.0, 0.0]))
    small, large = np.quantile(loans(3000, seed=0)[:, 0], [0.05, 0.95])
    assert score(unused, [large, small * np.e, 0.0, np.nan])[0] == 0.0


def test_a_case_is_as_new_alone_as_among_others() -> None:
    random = np.random.default_rng(4)
    values = random.normal(size=(600, 1)) + random.normal(0, 0.6, (600, 23))
    weights = random.dirichlet(np.ones(23))
    fitted, mask = Novelty.fit(values, Columns.plain(23), weights), np.zeros(values.shape, dtype=np.bool_)
    values[:50] = random.permuted(values[:50], axis=0)
    found, named = fitted.score(np.asfortranarray(values), mask)
    assert (found > 0).sum() > 20
    for row in range(len(values)):
        alone, alone_named = fitted.score(values[[row]], mask[[row]])
        assert (alone[0], alone_named[0].tolist()) == (found[row], named[row].tolist())


def test_no_rows_give_no_scores(novelty: Novelty) -> None:
    found, named = novelty.score(np.empty((0, 4)), np.empty((0, 4), dtype=np.bool_))
    assert (found.shape, named.shape) == ((0,), (0, 4))


def test_stored_novelty_comes_back_digit_for_digit(novelty: Novelty) -> None:
    values, mask = loans(500, seed=6)[:, [1, 0, 2, 3]], np.zeros((500, 4), dtype=np.bool_)
    again = Novelty.from_dict(json.loads(json.dumps(novelty.to_dict())))
    for before, after in zip(novelty.score(values, mask), again.score(values, mask), strict=True):
        assert before.tolist() == after.tolist()
