"""Loans that are made up by a known rule, and a champion trained on them."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from scoring.ml.champion import Champion
from scoring.ml.features import FeatureTable, feature_table_for
from scoring.ml.pipeline import train_champion

PROOFS = ("not_verified", "source_verified", "verified")


@dataclass(frozen=True)
class Book:
    """Rows as a case gives them, and what became of the loans (1 = bad)."""

    rows: list[dict[str, object]]
    y: NDArray[np.int64]


def make_book(size: int, seed: int) -> Book:
    """Loans whose odds of default rise with rate and utilisation; a tenth lacks the length of employment."""
    random = np.random.default_rng(seed)
    rate = random.uniform(5, 30, size).round(2)
    used = random.integers(0, 130, size)
    odds = -4.5 + 0.12 * rate + 0.012 * used
    y = (random.random(size) < 1 / (1 + np.exp(-odds))).astype(np.int64)
    years, unknown = random.integers(0, 11, size), random.random(size) < 0.1
    rows: list[dict[str, object]] = [
        {
            "amount": float(random.integers(10, 400) * 100),
            "term_months": int(random.choice([36, 60])),
            "currency": "USD",
            "interest_rate": float(rate[i]),
            "sub_grade": int(1 + rate[i] // 1),
            "annual_income": float(random.integers(20, 200) * 1000),
            "employment_years": None if unknown[i] else int(years[i]),
            "income_verified": str(random.choice(PROOFS)),
            "delinquencies_2y": int(random.poisson(0.3)),
            "inquiries_12m": int(random.poisson(2)),
            "accounts_delinquent_now": int(random.random() < 0.02),
            "open_instalment_accounts": int(random.poisson(2)),
            "credit_utilisation": float(used[i]),
        }
        for i in range(size)
    ]
    return Book(rows, y)


@pytest.fixture(scope="session")
def table() -> FeatureTable:
    return feature_table_for("consumer")


@pytest.fixture(scope="session")
def book() -> Book:
    return make_book(2000, seed=7)


@pytest.fixture(scope="session")
def champion(table: FeatureTable, book: Book) -> Champion:
    return train_champion(table, book.rows, book.y)
