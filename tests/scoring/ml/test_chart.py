"""What of a stream is a fault: noughts and gaps at once, what lies just outside and new categories not at all."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from scoring.ml.change import UNHEARD, Detector, line_for
from scoring.ml.chart import Chart, Near, Seen
from scoring.ml.drift import make_reference

FloatArray = NDArray[np.float64]
GROSS = ("missing", "range")
NAMES = ("income", "purpose", "delinquencies")


def book(rows: int, seed: int = 1) -> FloatArray:
    """Incomes, a category of which the kinds 1 and 3 occur, and a small count."""
    random = np.random.default_rng(seed)
    kinds = random.choice([1.0, 3.0], rows)
    return np.column_stack([random.uniform(12_000, 150_000, rows), kinds, random.poisson(0.4, rows)])


def chart_of(rows: int, own: bool = False) -> Chart:
    values = book(rows)
    reference = make_reference(NAMES, values, values[:, 0] / 1e5)
    signs = ("missing", "range", "distribution") if own else GROSS
    return Chart.of(reference, own=reference.counts if own else None, signs=signs, categories=("purpose",))


def opened_after(chart: Chart, values: FloatArray) -> int | None:
    """Which of the cases, counted from one, opens it at the usual rules of twenty streams; None where none does."""
    detector = Detector(chart.usual, line_for(20, chance=0.01, cases=10_000))
    nothing = np.zeros(len(values), dtype=np.bool_)
    bins = chart.bins(Seen(values, values[:, 0], nothing, nothing))
    for at, row in enumerate(bins):
        if detector.watch(row[None], np.array([at])):
            return at + 1
    return None


def with_income(value: float, rows: int = 40) -> FloatArray:
    values = book(rows, seed=2)
    values[:, 0] = value
    return values


@pytest.mark.parametrize(("value", "after"), [(0.0, 4), (np.nan, 4), (9.0, 4), (1_800_000.0, 4), (250_000.0, None)])
def test_a_fault_opens_it_with_its_fourth_case_and_an_amount_just_above_never(value: float, after: int | None) -> None:
    assert opened_after(chart_of(5_000), with_income(value)) == after


def test_a_small_reference_takes_one_case_more_to_be_sure() -> None:
    assert opened_after(chart_of(500), with_income(0.0)) == 5


def test_what_one_in_a_hundred_has_is_no_fault_where_three_hundred_happened_to_have_none() -> None:
    chart, random = chart_of(300), np.random.default_rng(3)
    values = book(5_000, seed=4)
    values[random.random(5_000) < 0.01, 0] = 0.0
    assert opened_after(chart, values) is None


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("kind", [0.0, 2.0, 7.0, np.inf])
def test_a_category_that_was_never_there_says_nothing(kind: float, own: bool) -> None:
    values = book(60, seed=5)
    values[::2, 1] = kind
    chart = chart_of(5_000, own)
    assert opened_after(chart, values) is None
    nothing = np.zeros(60, dtype=np.bool_)
    assert set(chart.bins(Seen(values, values[:, 0], nothing, nothing))[::2, 1]) == {UNHEARD}


def test_known_categories_in_other_shares_are_told_against_the_streams_own_cases() -> None:
    values = book(400, seed=6)
    values[:, 1] = 3.0
    assert opened_after(chart_of(5_000), values) is None
    found = opened_after(chart_of(5_000, own=True), values)
    assert found is not None
    assert found < 60


def test_just_outside_is_up_to_twice_the_largest_and_half_of_the_least() -> None:
    edges, counts = (0.0, 5e-324, 10.0, 20.0, np.nextafter(40.0, np.inf)), (0, 0, 0, 0, 30, 30, 0)
    near = Near.of(edges, counts)
    assert near == Near(10.0, 40.0, 5.0, 80.0)
    assert near.held(np.array([4.0, 5.0, 15.0, 80.0, 81.0, 0.0])).tolist() == [4.0, 10.0, 15.0, 40.0, 81.0, 0.0]
