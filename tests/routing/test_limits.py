"""The limit that a table grants, the amount beside the asked one, and what the loan costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from routing.limits import Loans, grant, instalment
from routing.table.tables import Cell, Output, TableKind
from tests.routing.table.drawn import FIELDS, table

NAN = float("nan")
LIMITS = TableKind(
    "limits",
    FIELDS,
    {
        key: Output(key, "money" if key in ("base", "floor", "cap") else "number", key, key, combine="min")
        for key in ("base", "per_income", "coefficient", "floor", "cap")
    },
)
TABLE = table(
    LIMITS,
    "first",
    {"base": 1000.0},
    ({"pd": Cell("<", (0.02,))}, {"base": 50_000.0, "per_income": 0.5, "coefficient": 1.2, "cap": 40_000.0}),
    ({"pd": Cell("<", (0.1,))}, {"per_income": 0.2, "floor": 3000.0}),
    ({"pd": Cell("<", (0.2,))}, {"coefficient": 2.0}),
)
LOANS = Loans(asked=20_000.0, income=100_000.0, pd=0.01, lgd=0.5, yearly_rate=0.12, term_months=12.0)


def test_the_limit_is_base_or_multiple_times_coefficient_between_floor_and_cap() -> None:
    pd = np.array([0.01, 0.01, 0.05, 0.05, 0.15, 0.5])
    income = np.array([100_000.0, 20_000.0, 100_000.0, 1000.0, 1000.0, 1000.0])
    found = grant(TABLE, LIMITS, {"pd": pd}, 6, replace(LOANS, income=income, pd=pd))
    np.testing.assert_array_equal(found.base, [50_000, 50_000, NAN, NAN, NAN, 1000])
    np.testing.assert_array_equal(found.per_income, [0.5, 0.5, 0.2, 0.2, NAN, NAN])
    np.testing.assert_array_equal(found.coefficient, [1.2, 1.2, NAN, NAN, 2, NAN])
    np.testing.assert_array_equal(found.floor, [NAN, NAN, 3000, 3000, NAN, NAN])
    np.testing.assert_array_equal(found.cap, [40_000, 40_000, NAN, NAN, NAN, NAN])
    np.testing.assert_array_equal(found.limit, [40_000, 12_000, 20_000, 3000, NAN, 1000])
    np.testing.assert_array_equal(found.granted, [20_000, 12_000, 20_000, 3000, NAN, 1000])
    assert found.row.tolist() == [0, 0, 1, 1, 2, 3]
    assert found.missing.tolist() == [False, False, False, False, True, False]
    np.testing.assert_allclose(found.expected_loss, [100, 60, 500, 75, NAN, 250], rtol=1e-12)


def test_what_is_missing_leaves_the_limit_to_people() -> None:
    pd = np.array([NAN, 0.05, 0.5])
    found = grant(TABLE, LIMITS, {"pd": pd}, 3, replace(LOANS, income=NAN, pd=pd))
    np.testing.assert_array_equal(found.limit, [NAN, NAN, 1000])
    np.testing.assert_array_equal(found.granted, [NAN, NAN, 1000])
    assert found.missing.tolist() == [True, True, False]
    assert np.isnan(found.service_share).all()


def test_an_amount_that_is_not_known_is_neither_over_the_limit_nor_within_it() -> None:
    granted = table(LIMITS, "first", {"base": 5000.0})
    asked = np.array([4000.0, 6000.0, np.nan])
    found = grant(granted, LIMITS, {}, 3, Loans(asked, np.nan, 0.1, 0.5, 0.1, 12.0))
    np.testing.assert_array_equal(found.over, [0.0, 1.0, np.nan])


def test_under_collect_a_possible_row_counts_on_the_careful_side() -> None:
    collect = replace(TABLE, hit="collect")
    found = grant(collect, LIMITS, {"pd": np.array([NAN])}, 1, LOANS)
    # The lowest of each: base 1,000 of the default, a fifth of the income, cap 40,000; the floor lifts it to 3,000.
    np.testing.assert_array_equal(found.limit, [3000])
    assert (found.row.tolist(), found.missing.tolist()) == ([3], [False])


def test_instalments_pay_a_loan_off_to_the_last_cent() -> None:
    paid = float(instalment(np.array([10_000.0]), np.array([0.06]), np.array([24.0]))[0])
    assert round(paid, 2) == 443.21
    rest = 10_000.0
    for _ in range(24):
        rest = rest * (1 + 0.06 / 12) - paid
    assert abs(rest) < 1e-8


@pytest.mark.parametrize(
    ("rate", "months", "expected"),
    [(0.0, 10.0, 100.0), (1e-12, 10.0, 100.0), (0.12, 0.0, NAN), (NAN, 10.0, NAN), (0.12, NAN, NAN)],
)
def test_an_instalment_at_the_edges(rate: float, months: float, expected: float) -> None:
    found = instalment(np.array([1000.0]), np.array([rate]), np.array([months]))
    np.testing.assert_allclose(found, [expected], rtol=1e-9)


def test_the_share_of_income_counts_existing_debts_and_is_not_known_without_income() -> None:
    income = np.array([100_000.0, 100_000.0, 0.0])
    existing = np.array([0.0, 5000.0, 0.0])
    loans = replace(LOANS, income=income, yearly_rate=0.0, term_months=20.0, existing_service=existing)
    found = grant(TABLE, LIMITS, {"pd": np.array([0.01, 0.01, 0.5])}, 3, loans)
    np.testing.assert_allclose(found.yearly_service, [12_000, 12_000, 600])
    np.testing.assert_allclose(found.service_share, [0.12, 0.17, NAN])
