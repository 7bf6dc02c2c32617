"""The scorecard: weight of evidence per bin, a logistic regression on top, and points for every bin."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.ml.columns import Columns
from scoring.ml.curves import CurveTable
from scoring.ml.estimators.binning import Binning, Group, bin_amounts, bin_categories
from scoring.ml.estimators.logistic import LogisticFit, fit_logistic
from scoring.ml.estimators.risk_classifier import RiskClassifier
from scoring.ml.folds import stratified_folds
from scoring.ml.forms import AdditiveForm
from scoring.ml.points import POINTS_A_UNIT, POINTS_AT_EVEN
from scoring.ml.sample_weights import Weights, of_rows

FloatArray = NDArray[np.float64]

FOLDS = 5


@dataclass(frozen=True)
class ScorecardRow:
    """One bin of one column as a model card shows it; `monotone` is of the column, `points` add up to the score."""

    column: int
    group: Group
    bad_rate: float
    points: float
    monotone: bool


class ScorecardRisk(RiskClassifier):
    """Weight-of-evidence scorecard.

    The weights of the logistic regression are learned on evidence from other folds: on the evidence of its own rows
    a column of noise with many bins would look like a risk driver. A weight is never negative, since that would
    turn the evidence round; `C` is the inverse penalty towards 0. Learned: `form_`, `binnings_`, `weights_` and
    `card_`, whose points of one row of data (one bin a column) add up to the raw score on the scale of 600 points at
    50:1 and 20 points to double the odds.
    """

    binnings_: tuple[Binning, ...]
    weights_: FloatArray
    card_: tuple[ScorecardRow, ...]

    def __init__(
        self,
        C: float = 1.0,
        categorical: Sequence[bool] | None = None,
        monotone_constraints: Sequence[int] | None = None,
        special_values: Sequence[Sequence[float]] | None = None,
        random_state: Any = None,
    ) -> None:
        self.C = C
        self.categorical = categorical
        self.monotone_constraints = monotone_constraints
        self.special_values = special_values
        self.random_state = random_state

    def _fit_form(
        self, values: FloatArray, bad: FloatArray, columns: Columns, seed: int, weights: Weights
    ) -> AdditiveForm:
        self.binnings_ = _bin(values, bad, columns, weights)
        fit = self._weigh(_evidence_of_others(values, bad, columns, seed, weights), bad, weights)
        self.weights_ = fit.weights
        curves = tuple(one.curve(float(weight)) for one, weight in zip(self.binnings_, fit.weights, strict=True))
        self.card_ = _card(self.binnings_, fit)
        return AdditiveForm.fit(fit.intercept, curves, values, weights)

    def _weigh(self, evidence: FloatArray, bad: FloatArray, weights: Weights) -> LogisticFit:
        width = evidence.shape[1]
        return fit_logistic(evidence, bad, penalty=np.eye(width) / self.C, low=np.zeros(width), weights=weights)


def _bin(values: FloatArray, bad: FloatArray, columns: Columns, weights: Weights) -> tuple[Binning, ...]:
    return tuple(
        bin_categories(column, bad, weights)
        if columns.categorical[index]
        else bin_amounts(column, bad, columns.directions[index], columns.specials[index], weights)
        for index, column in enumerate(values.T)
    )


def _evidence_of_others(
    values: FloatArray, bad: FloatArray, columns: Columns, seed: int, weights: Weights
) -> FloatArray:
    """Weight of evidence (n, k) of each row by bins that were made without its fold."""
    folds = min(FOLDS, int(bad.sum()), int(len(bad) - bad.sum()))
    if folds < 2:
        return CurveTable([one.curve() for one in _bin(values, bad, columns, weights)]).heights(values)
    evidence = np.empty(values.shape)
    fold_of = stratified_folds(bad, folds, seed)
    for fold in range(folds):
        here = fold_of == fold
        curves = [one.curve() for one in _bin(values[~here], bad[~here], columns, of_rows(weights, ~here))]
        evidence[here] = CurveTable(curves).heights(values[here])
    return evidence


def _card(binnings: tuple[Binning, ...], fit: LogisticFit) -> tuple[ScorecardRow, ...]:
    """Points of every bin, those of the intercept spread evenly over the columns."""
    base = (POINTS_AT_EVEN - POINTS_A_UNIT * fit.intercept) / len(binnings)
    return tuple(
        ScorecardRow(
            column,
            group,
            group.bads / group.rows if group.rows else float("nan"),
            base - POINTS_A_UNIT * float(weight) * group.woe,
            binning.monotone,
        )
        for column, (binning, weight) in enumerate(zip(binnings, fit.weights, strict=True))
        for group in (*binning.groups, *binning.apart)
    )
