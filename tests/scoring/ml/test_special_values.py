"""Special values are found where they stand for no amount, and nowhere else."""

import numpy as np
import pytest

from scoring.ml.tables.special_values import special_values

RANDOM = np.random.default_rng(0)
INCOMES = RANDOM.lognormal(10, 1, 1000)


def with_values(rest: np.ndarray, *values: float, times: int = 20) -> np.ndarray:
    return np.concatenate([rest.astype(np.float64), np.repeat(values, times)])


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (with_values(RANDOM.integers(300, 850, 900), -999), (-999.0,)),
        (with_values(RANDOM.integers(0, 9, 900), -9, -8, -7), (-9.0, -8.0, -7.0)),
        (with_values(RANDOM.integers(0, 18, 900), 96, 98), (96.0, 98.0)),
        (with_values(RANDOM.integers(0, 7, 900), 999), (999.0,)),
        (with_values(RANDOM.integers(0, 240, 900), -1), (-1.0,)),
        (with_values(-RANDOM.integers(1, 15000, 900), 365243), (365243.0,)),
        (with_values(INCOMES, 99999999), (99999999.0,)),
        (with_values(RANDOM.normal(0, 1, 900), -999999), (-999999.0,)),
    ],
)
def test_a_value_that_stands_for_no_amount_is_found(values: np.ndarray, found: tuple[float, ...]) -> None:
    assert special_values(values) == found


@pytest.mark.parametrize(
    "values",
    [
        RANDOM.integers(-2, 9, 900).astype(np.float64),
        np.array([-1.0, 0.0, 1.0] * 300),
        RANDOM.integers(0, 100, 900).astype(np.float64),
        RANDOM.normal(0, 1, 900),
        with_values(INCOMES, 0.0),
        np.append(INCOMES, INCOMES.max() * 100),
        np.array([0.0, 1.0, 10.0] * 300),
        np.array([0.0, 1.0] * 300),
        np.full(900, np.nan),
        np.array([]),
    ],
)
def test_ordinary_amounts_and_small_codes_have_no_special_values(values: np.ndarray) -> None:
    assert special_values(values) == ()


def test_missing_values_do_not_hide_a_special_one() -> None:
    assert special_values(with_values(RANDOM.integers(300, 850, 900), -999, np.nan)) == (-999.0,)
