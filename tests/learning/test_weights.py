"""Weights of labels: inverse propensities with their cap, and what a weighted sample is worth."""

from __future__ import annotations

import numpy as np
import pytest

from learning.weights import inverse_propensity, weighted_share
from scoring.ml.sample_weights import effective_size


def test_a_loan_seen_one_time_in_four_stands_for_four() -> None:
    weights = inverse_propensity(np.array([1.0, 1.0, 1.0, 0.25]))
    assert weights.tolist() == pytest.approx([4 / 7, 4 / 7, 4 / 7, 16 / 7])
    assert weights.mean() == pytest.approx(1.0)


def test_no_loan_stands_for_more_than_the_cap() -> None:
    weights = inverse_propensity(np.array([1.0, 0.001]), cap=3.0)
    assert weights.tolist() == pytest.approx([0.5, 1.5])


def test_the_usual_cap_is_twenty() -> None:
    weights = inverse_propensity(np.array([1.0, 0.001]))
    assert weights[1] / weights[0] == pytest.approx(20.0)


@pytest.mark.parametrize("propensity", [0.0, -0.1, 1.1, np.nan])
def test_what_is_no_known_chance_is_refused(propensity: float) -> None:
    with pytest.raises(ValueError, match="outside"):
        inverse_propensity(np.array([1.0, propensity]))


def test_a_cap_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="cap"):
        inverse_propensity(np.array([1.0]), cap=0.5)


def test_of_no_loans_there_are_no_weights_and_nothing_to_learn() -> None:
    assert inverse_propensity(np.array([])).tolist() == []
    assert effective_size(np.array([])) == 0.0
    assert effective_size(np.zeros(3)) == 0.0


def test_equal_weights_count_every_loan_and_unequal_ones_fewer() -> None:
    assert effective_size(np.full(8, 2.5)) == pytest.approx(8.0)
    # (3 + 1)² / (9 + 1)
    assert effective_size(np.array([3.0, 1.0])) == pytest.approx(1.6)


def test_a_weighted_share_has_the_error_of_a_ratio() -> None:
    share, error = weighted_share(np.array([1.0, 1.0, 2.0]), np.array([0.0, 0.0, 1.0]))
    # Each weight times how far its loan lies from 0.5: 0.5, 0.5 and 1, over 4.
    assert [share, error] == pytest.approx([0.5, (0.25 + 0.25 + 1.0) ** 0.5 / 4])
    with pytest.raises(ValueError, match="above 0"):
        weighted_share(np.zeros(2), np.ones(2))
