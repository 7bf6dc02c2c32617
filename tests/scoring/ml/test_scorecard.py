"""The scorecard: bins, their evidence, and points that add up to 600 at 50:1."""

from math import log

import numpy as np
import pytest

from scoring.ml.estimators.binning import bin_amounts, bin_categories
from scoring.ml.estimators.scorecard import ScorecardRisk
from tests.scoring.ml.recipe_data import COLUMNS, make_loans

RANDOM = np.random.default_rng(0)
AMOUNT = np.repeat(np.arange(100.0), 20)
RISING = (RANDOM.random(2000) < 0.05 + 0.004 * AMOUNT).astype(np.float64)
HUMP = (RANDOM.random(2000) < np.where(np.abs(AMOUNT - 50) < 20, 0.5, 0.1)).astype(np.float64)


def test_bins_follow_one_another_and_hold_every_row_once() -> None:
    column = AMOUNT.copy()
    column[:30], column[30:70] = np.nan, -999.0
    binning = bin_amounts(column, RISING, 0, (-999.0,))
    assert binning.groups[0].low is None
    assert binning.groups[-1].high is None
    assert [one.high for one in binning.groups[:-1]] == [one.low for one in binning.groups[1:]]
    assert sum(one.rows for one in (*binning.groups, *binning.apart)) == 2000
    assert {one.kind: one.rows for one in binning.apart} == {"special": 40, "missing": 30}


def test_evidence_is_the_log_of_bad_odds_against_those_of_all_shrunk_by_ten_mean_rows() -> None:
    group = bin_amounts(AMOUNT, RISING, 0, ()).groups[0]
    mean = RISING.mean()
    bads, goods = group.bads + 10 * mean, group.rows - group.bads + 10 * (1 - mean)
    assert group.woe == pytest.approx(log(bads / goods) - log(mean / (1 - mean)), abs=1e-12)


def test_neighbours_that_hardly_differ_are_one_bin() -> None:
    noise = RANDOM.permutation(RISING)
    assert len(bin_amounts(AMOUNT, noise, 0, ()).groups) <= 4
    assert len(bin_amounts(AMOUNT, RISING, 0, ()).groups) >= 5


@pytest.mark.parametrize("direction", [1, -1])
def test_a_direction_makes_evidence_monotone(direction: int) -> None:
    free, bound = bin_amounts(AMOUNT, HUMP, 0, ()), bin_amounts(AMOUNT, HUMP, direction, ())
    assert not free.monotone
    assert bound.monotone
    assert (direction * np.diff([one.woe for one in bound.groups]) >= 0).all()


def test_an_empty_bin_says_nothing() -> None:
    missing = bin_amounts(AMOUNT, RISING, 0, ()).apart[-1]
    assert (missing.kind, missing.rows, missing.woe) == ("missing", 0, 0.0)


def test_rare_categories_are_pooled() -> None:
    codes = np.concatenate([np.zeros(1000), np.ones(990), np.full(6, 2.0), np.full(4, 3.0)])
    binning = bin_categories(codes, RISING)
    assert [one.codes for one in binning.groups] == [(0,), (1,)]
    assert [(one.kind, one.rows) for one in binning.apart] == [("rare", 10), ("missing", 0)]


def test_points_of_the_bins_of_a_loan_add_up_to_its_score() -> None:
    loans = make_loans(1000)
    model = ScorecardRisk(
        categorical=COLUMNS.categorical,
        monotone_constraints=COLUMNS.directions,
        special_values=COLUMNS.specials,
        random_state=0,
    ).fit(loans.values, loans.y)
    loan = np.array([[15.0, np.nan, 1.0, -999.0, 0.0]])
    points = 0.0
    for column, value in enumerate(loan[0]):
        rows = [row for row in model.card_ if row.column == column]
        points += next(row.points for row in rows if _holds(row.group, float(value)))
    factor = 20 / log(2)
    assert points == pytest.approx(600 - factor * (log(50) + model.decision_function(loan)[0]), abs=1e-9)


def _holds(group: object, value: float) -> bool:
    kind, low, high, codes = (getattr(group, name) for name in ("kind", "low", "high", "codes"))
    if np.isnan(value) or value == -999.0:
        return bool(kind == ("missing" if np.isnan(value) else "special"))
    if kind == "codes":
        return value in codes
    return bool(kind == "amounts" and (low is None or low <= value) and (high is None or value < high))


def test_columns_of_noise_get_little_weight_on_the_average_and_none_is_negative() -> None:
    loans = make_loans(2000)
    weights = []
    for draw in range(4):
        noise = np.random.default_rng(draw).integers(0, 60, 2000).astype(np.float64)
        values = np.column_stack([loans.values, noise])
        model = ScorecardRisk(categorical=(*COLUMNS.categorical, True), random_state=0).fit(values, loans.y)
        assert model.weights_[0] > 0.9
        assert (model.weights_ >= 0).all()
        weights.append(model.weights_[-1])
    assert np.mean(weights) < 0.2
