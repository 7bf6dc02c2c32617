"""An explanation in percentage points of PD: the same sums, whatever their size."""

import numpy as np
import pytest

from scoring.ml.calibration import sigmoid
from scoring.ml.champion import Champion
from scoring.ml.explanation import Explanation
from tests.scoring.ml.conftest import Book


def test_points_of_pd_sum_from_the_base_to_the_case(champion: Champion, book: Book) -> None:
    batch = champion.score(book.rows)
    for explanation in (batch.population, batch.cohort):
        contributions, points = explanation.contributions, explanation.pd_points()
        base_pd = 1 / (1 + np.exp(-explanation.base_value))
        assert points.shape == contributions.shape
        assert np.abs(points.sum(axis=1) - 100 * (batch.pd - base_pd)).max() < 1e-5
        assert (np.sign(points) == np.sign(contributions)).all()
        assert (np.argsort(points, axis=1, kind="stable") == np.argsort(contributions, axis=1, kind="stable")).all()


@pytest.mark.parametrize("total", [0.0, 1e-300, 1e-15, -1e-9, 1e-4, -3.0, 40.0, -700.0, 5000.0, -5000.0])
def test_points_of_pd_hold_for_sums_of_any_size(total: float) -> None:
    contributions = np.array([[0.7 + total, -0.7]])
    moved = contributions.sum()
    points = Explanation(-2.0, contributions).pd_points()
    slope = np.exp(-2.0) / (1 + np.exp(-2.0)) ** 2
    expected = sigmoid(np.array(moved - 2.0)) - sigmoid(np.array(-2.0)) if abs(moved) > 1e-5 else slope * moved
    assert points.sum() == pytest.approx(100 * expected, abs=1e-8)
    assert np.isfinite(points).all()
