"""Derived features against figures worked out by hand."""

import numpy as np
import pytest

from scoring.ml.formulas import apply_formula, monthly_instalment, months_between
from scoring.ml.vocabulary import Formula


def instalment(amount: float, rate: float, months: float) -> float:
    return float(monthly_instalment(np.array([amount]), np.array([rate]), np.array([months]))[0])


def test_the_instalment_repays_the_loan_exactly() -> None:
    debt, payment = 28000.0, instalment(28000.0, 14.07, 60)
    for _ in range(60):
        debt = debt * (1 + 0.1407 / 12) - payment
    assert debt == pytest.approx(0.0, abs=1e-7)


def test_the_instalment_is_the_lenders_own_figure() -> None:
    assert round(instalment(28000.0, 14.07, 60), 2) == 652.53


def test_without_interest_the_loan_is_split_evenly() -> None:
    assert instalment(1200.0, 0.0, 12) == 100.0


@pytest.mark.parametrize(
    ("amount", "rate", "months"), [(np.nan, 5, 12), (100, np.nan, 12), (100, 5, np.nan), (100, 5, 0), (100, -1, 12)]
)
def test_an_instalment_that_is_not_defined_is_missing(amount: float, rate: float, months: float) -> None:
    assert np.isnan(instalment(amount, rate, months))


def days(*dates: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(dates, dtype="datetime64[D]").astype(np.int64).astype(np.float64)


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2020-01-31", "2020-02-29", 0),
        ("2020-01-15", "2020-02-15", 1),
        ("2020-01-16", "2020-02-15", 0),
        ("2019-03-05", "2026-01-05", 82),
        ("2026-01-06", "2026-01-05", 0),
        ("2026-01-07", "2026-01-05", np.nan),
    ],
)
def test_only_completed_months_count_and_a_time_zone_makes_no_future(start: str, end: str, months: float) -> None:
    assert np.array_equal(months_between(days(start), days(end)), [months], equal_nan=True)


def test_years_are_completed_too() -> None:
    columns = {
        "born": np.append(days("1980-01-06", "1980-01-05"), np.nan),
        "applied_at": np.repeat(days("2026-01-05"), 3),
    }
    ages = apply_formula(Formula("years_since", date="born"), columns)
    assert np.array_equal(ages, [45, 46, np.nan], equal_nan=True)
