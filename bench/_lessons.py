"""What a lender may learn from, and when: outcomes of granted loans once their window has closed, and models of these.

`Ledger` is the only place where a learner meets an outcome, and it gives none before its time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench._lender import COLUMNS, TERM_MONTHS, Cases
from learning.labels import WINDOW_MONTHS
from scoring.ml.estimators.risk_classifier import RiskClassifier
from scoring.ml.recipes import make_recipe
from scoring.ml.sample_weights import total, training_weights

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# How long a loan is watched before its outcome counts, in months, as learning/labels.py has it.
WINDOW: Final = min(WINDOW_MONTHS, TERM_MONTHS)
# Loans applied for longer ago than this teach nothing any more.
MEMORY: Final = 18
LEARNS_EVERY: Final = 3
RECIPE: Final = "logistic_regression"


@dataclass
class Ledger:
    """Of n cases what became of each so far, as one lender decided: arrays (n,).

    `sent` (n, k) are the values the machine was given when it decided; `propensity` is the chance that the outcome of a
    granted loan would be seen, as far as lots decide about that; `clean` says that no broken source told of it.
    """

    cases: Cases
    sent: FloatArray = field(init=False)
    granted: BoolArray = field(init=False)
    seen: BoolArray = field(init=False)
    by_machine: BoolArray = field(init=False)
    looks: IntArray = field(init=False)
    propensity: FloatArray = field(init=False)
    explored: BoolArray = field(init=False)
    clean: BoolArray = field(init=False)
    decided_at: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.cases)
        self.sent = self.cases.values.copy()
        self.granted = granted_before(self.cases)
        self.seen, self.by_machine, self.explored = (np.zeros(n, dtype=np.bool_) for _each in range(3))
        self.looks = np.zeros(n, dtype=np.int64)
        self.propensity, self.clean = np.ones(n), np.ones(n, dtype=np.bool_)
        self.decided_at = np.where(self.cases.live, np.inf, self.cases.at)

    def matured(self, now: float, memory: float = MEMORY) -> IntArray:
        """The granted loans whose outcome is known at `now` (months), none applied for more than `memory` ago."""
        closed = self.decided_at + WINDOW <= now
        return np.flatnonzero(self.granted & closed & (self.cases.at >= now - memory))

    def outcomes(self, rows: IntArray, now: float) -> IntArray:
        """What came of these loans (m,), 1 = bad. ValueError where one was not granted, or its window is open."""
        if not (self.granted[rows] & (self.decided_at[rows] + WINDOW <= now)).all():
            raise ValueError("an outcome is asked for that nobody knows yet")
        return self.cases.bad[rows].astype(np.int64)


def granted_before(cases: Cases) -> BoolArray:
    """Whom the lender granted a loan before the first month (n,): an old score, and an eye on what only people see."""
    told = 0.6 * cases.values[:, 0] + 0.4 * cases.values[:, 5] + 0.4 * np.log(cases.values[:, 2] + 0.02)
    score = told + 0.35 * cases.seen_risk + 0.5 * cases.old_taste
    before = ~cases.live
    return before & (score < np.quantile(score[before], 0.7))


@dataclass(frozen=True)
class Model:
    """A trained model; `loans` and `bads` it learned from, `effective` how many the weighted loans count for."""

    estimator: RiskClassifier
    loans: int
    bads: int
    effective: float

    @classmethod
    def fit(cls, values: FloatArray, bad: IntArray, *, seed: int, weights: FloatArray | None = None) -> Model:
        """The product's own recipe, with its weights as the product's training takes them."""
        counted = training_weights(len(bad), weights)
        recipe = make_recipe(RECIPE, COLUMNS, seed=seed, rows=len(bad), bads=int(bad.sum()))
        recipe.fit(values, bad, counted)
        return cls(recipe, len(bad), int(bad.sum()), total(len(bad), counted))

    def log_odds(self, values: FloatArray) -> FloatArray:
        """Log-odds (n,) of values (n, k)."""
        return self.estimator.decision_function(values)
