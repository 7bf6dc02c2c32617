"""The models of one fold of a backtest: the champion, the candidates it was made of, and plain references."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from learning.references import REFERENCES, LogOdds
from scoring.ml.calibration import sigmoid
from scoring.ml.columns import Columns
from scoring.ml.metrics import auc, brier, ece, ks, log_loss
from scoring.ml.recipes import make_recipe
from scoring.ml.training import Trained, train

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
# What is done so far, as a share of the whole, and what is being done.
Progress = Callable[[float, str], None]

# Share of a fold's time that the champion takes, roughly: only a progress bar asks.
CHAMPION_SHARE: Final = 0.9
EXPLAINED_ROWS: Final = 1000


@dataclass(frozen=True)
class FoldModels:
    """What one fold was trained to."""

    trained: Trained
    references: Mapping[str, LogOdds]

    def log_odds(self, values: FloatArray) -> dict[str, FloatArray]:
        """Log-odds (n,) of values (n, k) by every model; the champion's under the name of its recipe.

        Calibrated for the champion and its candidates; the references speak for themselves, as they were fitted.
        """
        found = {name: member.log_odds(values) for name, member in self.trained.members.items()}
        found[self.trained.recipe] = self.trained.log_odds(values)
        return found | {name: log_odds(values) for name, log_odds in self.references.items()}

    def additivity_error(self, values: FloatArray) -> float:
        """Largest difference between the champion's log-odds and base value + contributions, all calibrated.

        Measured on rows spread evenly over values (n, k).
        """
        sample = values[np.unique(np.linspace(0, len(values) - 1, EXPLAINED_ROWS).astype(np.int64))]
        blend, calibration = self.trained.blend, self.trained.calibration
        raw, base = blend.log_odds(sample), blend.base_value()
        contributions = calibration.scale(raw, base)[:, None] * blend.explain(sample)
        start = calibration.apply(np.array([base]))[0]
        return float(np.abs(start + contributions.sum(axis=1) - calibration.apply(raw)).max())


@dataclass(frozen=True)
class ModelFigures:
    """How well a model tells bads from goods over all test folds: `auc` and `ks` are means of the folds (scores of
    different folds are not comparable), `brier`, `log_loss` (nats) and `ece` are of all test rows together."""

    auc: float
    ks: float
    brier: float
    log_loss: float
    ece: float

    @classmethod
    def over(cls, folds: Sequence[tuple[IntArray, FloatArray]]) -> ModelFigures:
        """From outcomes (n,) and log-odds (n,) of each fold."""
        y, log_odds = (np.concatenate(part) for part in zip(*folds, strict=True))
        pd = sigmoid(log_odds)
        return cls(
            auc=float(np.mean([auc(outcomes, scores) for outcomes, scores in folds])),
            ks=float(np.mean([ks(outcomes, scores) for outcomes, scores in folds])),
            brier=brier(y, pd),
            log_loss=log_loss(y, log_odds),
            ece=ece(y, pd),
        )


def train_fold(
    values: FloatArray, y: IntArray, columns: Columns, *, recipe: str, seed: int, progress: Progress
) -> FoldModels:
    """Train the champion's recipe (a blend trains every recipe as its candidate) and the references."""
    trained = train(
        values,
        y,
        columns,
        recipe=recipe,
        seed=seed,
        progress=lambda done, total, what: progress(CHAMPION_SHARE * done / max(total, 1), what),
    )
    progress(CHAMPION_SHARE, "references")
    return FoldModels(trained, {name: fit(values, y, columns, seed) for name, fit in REFERENCES.items()})


def fit_alone(recipe: str, values: FloatArray, y: IntArray, columns: Columns, seed: int) -> LogOdds:
    """One fit of a recipe, not calibrated; gives log-odds (n,) of values (n, k)."""
    estimator = make_recipe(recipe, columns, seed=seed, rows=len(y), bads=int(y.sum()))
    log_odds: LogOdds = estimator.fit(values, y).form_.log_odds
    return log_odds


def without(columns: Columns, places: Sequence[int]) -> tuple[list[int], Columns]:
    """The places that remain when some are taken out, and what a recipe must know of them."""
    kept = [place for place in range(len(columns)) if place not in set(places)]
    return kept, Columns(
        tuple(columns.categorical[place] for place in kept),
        tuple(columns.directions[place] for place in kept),
        tuple(columns.specials[place] for place in kept),
    )
