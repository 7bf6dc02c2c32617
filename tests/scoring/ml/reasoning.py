"""What tests of reasons begin with: a row's contributions and facts against the usual norms, and its words."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scoring.ml.champion import Champion, ScoredBatch
from scoring.ml.features import FeatureTable
from scoring.ml.fidelity import Fidelity
from scoring.ml.reasons import (
    Basis,
    Reason,
    reason_rows,
    sentence_of,
)

FloatArray = NDArray[np.float64]

BASE = -2.0

NORMS: dict[str, float | None] = {
    "amount": 15000.0,
    "term_months": 36.0,
    "interest_rate": 11.99,
    "sub_grade": 11.0,
    "annual_income": 68900.0,
    "employment_years": 7.0,
    "income_verified": 1.0,
    "delinquencies_2y": 0.0,
    "inquiries_12m": 2.0,
    "accounts_delinquent_now": 0.0,
    "open_instalment_accounts": 2.0,
    "credit_utilisation": 58.0,
    "loan_to_income": 0.2,
    "instalment_to_income": 0.07,
}


def reasons(
    table: FeatureTable,
    parts: dict[str, float],
    facts: dict[str, float],
    *,
    usual: dict[str, float] | None = None,
    unreadable: tuple[str, ...] = (),
) -> list[Reason]:
    contributions = np.array([[parts.get(name, 0.0) for name in table.names]])
    values = np.array([[facts.get(name, np.nan) for name in table.names]])
    strange = np.array([[name in unreadable for name in table.names]])
    known = usual and {name: usual.get(name, 0.0) for name in table.names}
    (found,) = reason_rows(table, basis(table, contributions, values, usual=known, unreadable=strange))
    return found


def basis(
    table: FeatureTable,
    contributions: FloatArray,
    values: FloatArray,
    *,
    base: float = BASE,
    norms: Mapping[str, float | None] = NORMS,
    usual: Mapping[str, float] | None = None,
    unreadable: NDArray[np.bool_] | None = None,
) -> Basis:
    """What rows are given reasons from, all against the same norms."""
    if unreadable is None:
        unreadable = np.zeros(values.shape, dtype=np.bool_)
    known = np.tile(table.row_of(usual), (len(values), 1)) if usual else None
    return Basis(base, contributions, values, np.tile(table.row_of(norms), (len(values), 1)), known, unreadable)


def basis_of(champion: Champion, batch: ScoredBatch, rows: slice = slice(None), *, usual: bool = False) -> Basis:
    """The same for scored rows, against the population."""
    given = (batch.population.contributions[rows], batch.values[rows])
    known = champion.usual if usual else None
    return basis(
        champion.table,
        *given,
        base=batch.population.base_value,
        norms=champion.norms,
        usual=known,
        unreadable=batch.unreadable[rows],
    )


def asked_of(champion: Champion, batch: ScoredBatch) -> Fidelity:
    """The model itself, which knows nothing beforehand."""
    norms = np.tile(champion.table.row_of(champion.norms), (len(batch), 1))
    return Fidelity(champion.log_odds, batch.log_odds, batch.values, norms)


def en(table: FeatureTable, reason: Reason) -> str:
    return sentence_of(table, reason, "en")


def zh(table: FeatureTable, reason: Reason) -> str:
    return sentence_of(table, reason, "zh-hans")


def unnameable(table: FeatureTable, *names: str) -> FeatureTable:
    """The table with these features barred from what an applicant is told."""
    features = tuple(replace(one, nameable=one.name not in names) for one in table.features)
    return replace(table, features=features)
