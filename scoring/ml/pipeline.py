"""From rows with outcomes to a champion, and from a champion to scores with their explanation and doubt."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold

from scoring.ml import doubt, metrics
from scoring.ml.calibration import LogOddsCalibration, sigmoid
from scoring.ml.errors import TrainingError
from scoring.ml.features import FeatureTable, Row
from scoring.ml.recipes import GradientBoostingRisk
from scoring.ml.shapley import TreeShapley
from scoring.ml.trees import TreeModel
from scoring.ml.versions import library_versions

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Progress = Callable[[int, int, str], None]

FOLDS = 5
STEPS = FOLDS + 3
# Rows that the weights of features are measured on: enough for shares good to a percent, cheap on any book.
WEIGHT_ROWS = 2000
# Score points: 600 at odds of 50 good to 1 bad, 20 points double the odds; more is safer.
POINTS_AT_BASE = 600.0
BASE_ODDS = 50.0
POINTS_TO_DOUBLE = 20.0
# What the shown log-odds may differ from base + contributions; a case above it must not be shown an explanation.
MOST_RESIDUAL = 1e-6


@dataclass(frozen=True)
class ScoredBatch:
    """Scores of n rows over k features; log-odds are calibrated natural log-odds of default.

    `pd`, `pd_low`, `pd_high` are probabilities, pd_low <= pd <= pd_high: the range over the champion and the five
    models that were each trained without a fifth of the loans. `points` is 600 at 50:1, 20 points to double.
    `log_odds` = `base_value` + a row of `contributions` (n, k) up to `residual` (n,). `doubt` and each of
    `doubt_parts` lie in 0..1 (see scoring/ml/doubt.py). `values` (n, k) are what was read, NaN missing;
    `unreadable` (n, k) marks those that were given but are of no use to the model.
    """

    log_odds: FloatArray
    pd: FloatArray
    points: FloatArray
    pd_low: FloatArray
    pd_high: FloatArray
    base_value: float
    contributions: FloatArray
    residual: FloatArray
    doubt: FloatArray
    doubt_parts: dict[str, FloatArray]
    values: FloatArray
    unreadable: BoolArray

    def __len__(self) -> int:
        return len(self.log_odds)


@dataclass(frozen=True)
class Champion:
    """A trained model with all that scoring, explaining and doubting needs.

    `norms` holds the median (or the most common category) of each
    feature over the training rows, `ranges` their middle 99.8 %, `weights` the shares of mean absolute contribution
    (sum 1). `metrics` are out-of-fold, calibrated by the other folds. `recipe` is the estimator's parameters.
    """

    table: FeatureTable
    model: TreeModel
    fold_models: tuple[TreeModel, ...]
    calibration: LogOddsCalibration
    norms: Mapping[str, float | None]
    ranges: Mapping[str, tuple[float, float] | None]
    weights: Mapping[str, float]
    metrics: Mapping[str, float]
    recipe: Mapping[str, Any]
    seed: int
    versions: Mapping[str, str]

    @cached_property
    def explainer(self) -> TreeShapley:
        """The model's explainer; the first use imports shap."""
        return TreeShapley(self.model)

    def score(self, rows: Sequence[Row]) -> ScoredBatch:
        """Score, explain and doubt n rows (n may be 0); a row's numbers do not depend on the other rows."""
        read = self.table.read(rows)
        log_odds = self.calibration.apply(self.model.log_odds(read.values))
        contributions = self.calibration.slope * self.explainer.explain(read.values)
        base_value = self.calibration.slope * self.explainer.base_value + self.calibration.intercept
        folds = (self.calibration.apply(fold.log_odds(read.values)) for fold in self.fold_models)
        views = np.stack([log_odds, *folds])
        parts = {
            "disagreement": doubt.disagreement(views),
            "missing": doubt.missing_weight(read.values, read.unreadable, self._weights),
            "novelty": doubt.novel_weight(read.values, read.unreadable, *self._bounds, self._weights),
        }
        return ScoredBatch(
            log_odds=log_odds,
            pd=sigmoid(log_odds),
            points=score_points(log_odds),
            pd_low=sigmoid(views.min(axis=0)),
            pd_high=sigmoid(views.max(axis=0)),
            base_value=base_value,
            contributions=contributions,
            residual=np.abs(base_value + contributions.sum(axis=1) - log_odds),
            doubt=doubt.combined(parts),
            doubt_parts=parts,
            values=read.values,
            unreadable=read.unreadable,
        )

    @cached_property
    def _weights(self) -> FloatArray:
        return np.array([self.weights[name] for name in self.table.names])

    @cached_property
    def _bounds(self) -> tuple[FloatArray, FloatArray]:
        bounds = np.array([self.ranges[name] or (np.nan, np.nan) for name in self.table.names])
        return bounds[:, 0], bounds[:, 1]


def score_points(log_odds: FloatArray) -> FloatArray:
    """Score points (n,) of log-odds of default: 600 + 20 / ln 2 * (ln(good : bad odds) - ln 50)."""
    points: FloatArray = POINTS_AT_BASE - POINTS_TO_DOUBLE / np.log(2.0) * (log_odds + np.log(BASE_ODDS))
    return points


def train_champion(
    table: FeatureTable,
    rows: Sequence[Row],
    y: ArrayLike,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> Champion:
    """Train on rows with outcomes y (1 = bad, 0 = good): the same rows and seed give the same champion.

    Five stratified folds give out-of-fold log-odds, the calibration is fitted on these, the model on all rows, and
    the five fold models are kept for the range of the PD. `progress(done, total, what)` is called after each step.
    TrainingError when outcomes are not 0 and 1, do not match the rows, or are fewer than five of a kind.
    """
    tell = progress or (lambda done, total, what: None)
    outcomes = _outcomes(rows, y)
    values = table.matrix(rows)
    recipe = GradientBoostingRisk(monotone_constraints=list(table.directions), random_state=seed)
    tell(1, STEPS, "features read")
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(values, outcomes)
    fold_of, log_odds = np.zeros(len(outcomes), dtype=np.int64), np.zeros(len(outcomes))
    fold_models = []
    for number, (train, test) in enumerate(folds):
        model = clone(recipe).fit(values[train], outcomes[train])
        fold_of[test], log_odds[test] = number, model.decision_function(values[test])
        fold_models.append(model.model_)
        tell(number + 2, STEPS, f"fold {number + 1} of {FOLDS} trained")
    final = recipe.fit(values, outcomes)
    tell(FOLDS + 2, STEPS, "model trained on all loans")
    champion = Champion(
        table=table,
        model=final.model_,
        fold_models=tuple(fold_models),
        calibration=LogOddsCalibration.fit(log_odds, outcomes),
        norms={name: _norm(table, name, column) for name, column in zip(table.names, values.T, strict=True)},
        ranges={name: doubt.training_range(column) for name, column in zip(table.names, values.T, strict=True)},
        weights=_weights(table.names, final.model_, values),
        metrics=_measure(outcomes, log_odds, fold_of),
        recipe={"name": type(recipe).__name__, **recipe.get_params()},
        seed=seed,
        versions=library_versions(),
    )
    tell(STEPS, STEPS, "calibrated and measured")
    return champion


def _outcomes(rows: Sequence[Row], y: ArrayLike) -> IntArray:
    given = np.asarray(y)
    if given.shape != (len(rows),):
        raise TrainingError(
            "length",
            f"{len(rows)} loans but {given.size} outcomes.",
            f"贷款 {len(rows)} 笔，结果却有 {given.size} 个。",
        )
    if not np.isin(given, (0, 1)).all():
        raise TrainingError("outcome", "An outcome is 1 (bad) or 0 (good).", "结果只能是 1（坏）或 0（好）。")
    outcomes: IntArray = given.astype(np.int64)
    bads = int(outcomes.sum())
    if min(bads, len(outcomes) - bads) < FOLDS:
        raise TrainingError(
            "too_few",
            f"Training needs at least {FOLDS} bad and {FOLDS} good loans; there are {bads} and {len(outcomes) - bads}.",
            f"训练至少需要好、坏贷款各 {FOLDS} 笔；现有坏 {bads} 笔、好 {len(outcomes) - bads} 笔。",
        )
    return outcomes


def _norm(table: FeatureTable, name: str, column: FloatArray) -> float | None:
    known = column[~np.isnan(column)]
    if not len(known):
        return None
    if table.by_name[name].type == "number":
        return float(np.median(known))
    return float(np.bincount(known.astype(np.int64)).argmax())


def _weights(names: Sequence[str], model: TreeModel, values: FloatArray) -> dict[str, float]:
    sample = values[np.linspace(0, len(values) - 1, min(WEIGHT_ROWS, len(values))).astype(np.int64)]
    size = np.abs(TreeShapley(model).explain(sample)).mean(axis=0)
    # A model without a single split leans on nothing in particular.
    shares = size / size.sum() if size.sum() > 0 else np.full(len(names), 1 / len(names))
    return dict(zip(names, shares.tolist(), strict=True))


def _measure(y: IntArray, log_odds: FloatArray, fold_of: IntArray) -> dict[str, float]:
    """Out-of-fold measures; each fold is calibrated by the other four, so that no loan judges itself."""
    calibrated = np.zeros(len(y))
    for fold in range(FOLDS):
        here = fold_of == fold
        calibrated[here] = LogOddsCalibration.fit(log_odds[~here], y[~here]).apply(log_odds[here])
    pd = sigmoid(calibrated)
    return {
        "rows": float(len(y)),
        "bads": float(y.sum()),
        "auc": metrics.auc(y, calibrated),
        "ks": metrics.ks(y, calibrated),
        "brier": metrics.brier(y, pd),
        "log_loss": metrics.log_loss(y, calibrated),
        "ece": metrics.ece(y, pd),
    }
