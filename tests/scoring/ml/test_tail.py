"""The tail against its definition, and what it promises of ordinary cases."""

import json

import numpy as np
import pytest

from scoring.ml.tail import MOST_LEVELS, TAIL_SHARE, Tail, weight_on


@pytest.mark.parametrize("digits", [0, 2, 12])
def test_doubt_is_that_of_the_conformal_p_value(digits: int) -> None:
    sizes = np.random.default_rng(0).exponential(size=3000).round(digits)
    new = np.concatenate([sizes[:500], np.linspace(0, 12, 400).round(digits)])
    p = (1 + (sizes[None, :] >= new[:, None]).sum(axis=1)) / 3001
    assert Tail.fit(sizes).doubt(new).tolist() == pytest.approx(np.maximum(0, 1 - p / TAIL_SHARE).tolist(), abs=1e-12)


def test_one_in_a_hundred_ordinary_cases_has_a_doubt_of_a_half() -> None:
    random = np.random.default_rng(1)
    doubt = Tail.fit(random.normal(size=20000)).doubt(random.normal(size=20000))
    assert (doubt >= 0.5).mean() == pytest.approx(0.01, abs=0.003)
    assert (doubt > 0).mean() == pytest.approx(0.02, abs=0.004)


def test_a_small_book_cannot_tell_what_one_in_a_hundred_looks_like() -> None:
    sizes = np.arange(99.0)
    assert Tail.fit(sizes).doubt(np.array([1e9]))[0] == pytest.approx(1 - 0.01 / TAIL_SHARE)
    assert Tail.fit(sizes[:48]).doubt(np.array([1e9])).tolist() == [0.0]


def test_equal_sizes_are_all_usual_and_anything_above_is_not() -> None:
    tail = Tail.fit(np.zeros(5000))
    assert tail.doubt(np.array([0.0])).tolist() == [0.0]
    assert tail.doubt(np.array([1e-9]))[0] > 0.98


def test_a_large_book_is_thinned_and_never_doubts_more_for_it() -> None:
    sizes = np.random.default_rng(2).exponential(size=50000)
    tail, new = Tail.fit(sizes), np.linspace(0, 15, 2000)
    exact = np.maximum(0, 1 - (1 + (sizes[None, :] >= new[:, None]).sum(axis=1)) / 50001 / TAIL_SHARE)
    assert len(tail.levels) <= MOST_LEVELS
    assert (tail.doubt(new) <= exact + 1e-12).all()
    assert np.abs(tail.doubt(new) - exact).max() < 0.01


def test_a_stored_tail_comes_back_digit_for_digit() -> None:
    tail, new = Tail.fit(np.random.default_rng(3).normal(size=2000)), np.linspace(-5, 5, 999)
    again = Tail.from_dict(json.loads(json.dumps(tail.to_dict())))
    assert again.doubt(new).tolist() == tail.doubt(new).tolist()


def test_weight_on_facts_does_not_depend_on_the_other_rows() -> None:
    random = np.random.default_rng(4)
    facts, weights = random.random((301, 23)) < 0.4, random.dirichlet(np.ones(23))
    together = weight_on(np.asfortranarray(facts), weights)
    assert together.tolist() == [float(weight_on(row[None, :], weights)[0]) for row in facts]
    assert together.tolist() == pytest.approx((facts @ weights).tolist(), abs=1e-15)
