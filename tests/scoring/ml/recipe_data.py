"""Loans for tests of recipes: a few columns of every kind, with outcomes of a known rule."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.ml.columns import Columns

FloatArray = NDArray[np.float64]

NO_RECORD = -999.0
# rate (more is riskier), income (more is safer), purpose (category), months since a default (-999: never), noise
COLUMNS = Columns(
    categorical=(False, False, True, False, False),
    directions=(1, -1, 0, -1, 0),
    specials=((), (), (), (NO_RECORD,), ()),
)
PURPOSE_LOG_ODDS = np.array([0.8, 0.0, -0.6, 0.3, 0.0])


@dataclass(frozen=True)
class Loans:
    values: FloatArray
    y: NDArray[np.int64]


def make_loans(rows: int, seed: int = 0) -> Loans:
    """A sixth of incomes is missing, half of the loans have no record of a default."""
    random = np.random.default_rng(seed)
    rate = random.uniform(5, 30, rows).round(1)
    income = random.lognormal(10.0, 0.6, rows).round(-2)
    purpose = random.choice(5, rows, p=[0.3, 0.3, 0.2, 0.19, 0.01]).astype(np.float64)
    months = np.where(random.random(rows) < 0.5, NO_RECORD, random.integers(1, 120, rows).astype(np.float64))
    rule = -1.5 + 0.12 * (rate - 15) - 0.9 * (np.log(income) - 10) + PURPOSE_LOG_ODDS[purpose.astype(int)]
    rule += np.where(months == NO_RECORD, -0.5, 0.8 - 0.01 * months)
    y = (random.random(rows) < 1 / (1 + np.exp(-rule))).astype(np.int64)
    income[random.random(rows) < 1 / 6] = np.nan
    return Loans(np.column_stack([rate, income, purpose, months, random.normal(size=rows)]), y)
