"""Derived features against figures worked out by hand."""

import numpy as np
import pytest

from scoring.ml.formulas import monthly_instalment


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
