"""What a column showed: spans, categories, special values, and the bins they fall into."""

import json
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from scoring.ml.curves import CurveTable
from scoring.ml.seen_values import SeenValues

FloatArray = NDArray[np.float64]


def read(seen: SeenValues, values: tuple[float, ...]) -> list[list[float]]:
    """What `read` says, and that the curves say the same, also just beside the values."""
    column = np.array(values)
    column = np.concatenate([column, np.nextafter(column, -np.inf), np.nextafter(column, np.inf)])
    found = seen.read(column)
    for curve, answers in zip(seen.curves(), found, strict=True):
        assert CurveTable([curve]).heights(column[:, None])[:, 0].tolist() == answers.tolist()
    return [answers[: len(values)].tolist() for answers in found]


def new(seen: SeenValues, *values: float) -> list[float]:
    return read(seen, values)[0]


def bins(seen: SeenValues, *values: float) -> list[float]:
    return read(seen, values)[1]


def numbers(column: FloatArray, *specials: float) -> SeenValues:
    return SeenValues.fit(column, categorical=False, specials=specials)


def categories(column: FloatArray) -> SeenValues:
    return SeenValues.fit(column, categorical=True, specials=())


def test_numbers_outside_the_middle_of_what_was_seen_are_new() -> None:
    seen = numbers(np.append(np.arange(10000.0), np.nan))
    assert seen.span == (9.0, 9989.0)
    assert new(seen, 8.0, 9.0, 4000.5, 9989.0, 9990.0, np.nan) == [True, False, False, False, True, False]


def test_any_value_is_new_where_training_had_none() -> None:
    for seen in (numbers(np.full(100, np.nan)), categories(np.full(100, np.nan))):
        assert new(seen, 1.0, np.nan) == [True, False]
        assert bins(seen, 1.0, np.nan) == [0, -1]
        assert seen.bins == 1


def test_a_special_value_is_known_where_loans_had_it_and_moves_no_span() -> None:
    seen = numbers(np.concatenate([np.linspace(0, 100, 900), np.full(100, -999.0)]), -999.0, -998.0)
    assert seen.span == (0.0, 100.0)
    assert new(seen, -999.0, -998.0, -5.0) == [False, True, True]
    assert bins(seen, -999.0)[0] == 0


def test_a_category_that_fewer_than_one_in_a_thousand_had_is_new() -> None:
    column = np.repeat([0.0, 1.0, 2.0], [4000, 5, 3])
    assert new(categories(column), 0.0, 1.0, 2.0, 3.0) == [False, False, True, True]


def test_numbers_fall_into_eighths_edges_below() -> None:
    seen = numbers(np.arange(1.0, 801.0))
    assert seen.edges == (100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 700.0)
    assert bins(seen, -5.0, 100.0, 100.5, 700.0, 701.0, 1e9) == [0, 0, 1, 6, 7, 7]
    assert seen.bins == 8


def test_a_flag_has_a_bin_for_each_side() -> None:
    assert bins(numbers(np.repeat([0.0, 1.0], [90, 10])), 0.0, 1.0) == [0, 1]


def test_the_rarest_of_many_categories_share_a_bin_and_are_still_known() -> None:
    seen = categories(np.repeat(np.arange(20.0), np.arange(20, 0, -1) * 10))
    assert seen.bins == 12
    assert bins(seen, 0.0, 10.0, 11.0, 19.0, 77.0) == [0, 10, 11, 11, 11]
    assert new(seen, 0.0, 10.0, 11.0, 19.0, 77.0) == [False, False, False, False, True]


def test_stored_values_come_back() -> None:
    seen = numbers(np.concatenate([np.linspace(0, 1, 990), np.full(10, -1.0)]), -1.0)
    for one in (seen, categories(np.arange(3.0))):
        assert SeenValues.from_dict(json.loads(json.dumps(asdict(one)))) == one
