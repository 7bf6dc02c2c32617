"""The policy against the plain ways in a few numbers, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from learning.judged_routing import routing_summary
from routing.backtest import Figures, FloatArray


def ways(**costs: float) -> dict[str, Figures]:
    return {name: Figures(0, 0, 0, 0, 0, 0, cost) for name, cost in costs.items()}


def folds(over_threshold: list[float], over_no_review: list[float]) -> dict[str, FloatArray]:
    return {"threshold": np.array(over_threshold), "no_review": np.array(over_no_review)}


SAME = folds([0.0] * 3, [0.0] * 3)


def test_the_share_of_the_way_to_the_oracle_and_the_luck_in_it() -> None:
    found = routing_summary(
        ways(policy=0.45, threshold=0.5, uncertainty=0.7, random=0.6, no_review=0.48, oracle=0.3),
        [folds([0.0, 0.2], [0.0, 0.4]), folds([0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0])],
    )
    assert found == {
        "closed": pytest.approx(0.25),
        "cheapest_plain": "no_review",
        "above_cheapest": pytest.approx(-0.0625),
        # Four times that variance against the cheapest way, as a share of its cost of 0.48.
        "above_cheapest_error": pytest.approx(np.sqrt(0.02) / 2 / 0.48),
        "saved": pytest.approx(0.05),
        # The first fold's variance of 0.01 over 2 rows; the second has none; the mean of two folds.
        "saved_error": pytest.approx(np.sqrt(0.005) / 2),
    }


def test_a_dearer_policy_shows_below_zero() -> None:
    found = routing_summary(
        ways(policy=0.6, threshold=0.5, uncertainty=0.7, random=0.6, no_review=0.55, oracle=0.3), [SAME]
    )
    assert found["closed"] == pytest.approx(-0.5)
    assert found["above_cheapest"] == pytest.approx(0.2)
    assert found["saved_error"] == 0.0


def test_where_nothing_is_to_be_gained_no_share_is_closed() -> None:
    found = routing_summary(
        ways(policy=0.0, threshold=0.0, uncertainty=0.0, random=0.0, no_review=0.0, oracle=0.0), [SAME]
    )
    assert found["closed"] is found["above_cheapest"] is found["above_cheapest_error"] is None
