"""From rows with outcomes to a champion."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scoring.ml import doubt, metrics
from scoring.ml.calibration import Calibration, sigmoid
from scoring.ml.card import build_card
from scoring.ml.champion import Champion, Smoke
from scoring.ml.features import FeatureTable, Row
from scoring.ml.forms import BlendForm
from scoring.ml.novelty import Novelty
from scoring.ml.pd_interval import PdInterval
from scoring.ml.sample_weights import Weights, training_weights
from scoring.ml.smoke import smoke_of
from scoring.ml.training import Progress, Trained, checked_outcomes, train
from scoring.ml.versions import library_versions
from scoring.ml.whatif import training_quantiles

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Rows that the weights of features are measured on: enough for shares good to a percent, cheap on any book.
WEIGHT_ROWS = 2000
# The cohort: repaid loans just on the approved side of the cut-off.
COHORT_SHARE = 0.05
LEAST_COHORT = 100
MOST_COHORT = 2000
SMOKE_ROWS = 16
STEPS_AFTER_TRAINING = 2


@dataclass(frozen=True)
class HeldOut:
    """A champion, and what models that had not seen it say of each of its training rows: calibrated log-odds (n,)."""

    champion: Champion
    log_odds: FloatArray


def train_champion(
    table: FeatureTable,
    rows: Sequence[Row],
    y: ArrayLike,
    *,
    recipe: str = "blend",
    seed: int = 0,
    dataset_sha256: str = "",
    progress: Progress | None = None,
    weights: ArrayLike | None = None,
) -> Champion:
    """As `train_held_out`, for whoever needs the champion alone."""
    return train_held_out(
        table, rows, y, recipe=recipe, seed=seed, dataset_sha256=dataset_sha256, progress=progress, weights=weights
    ).champion


def train_held_out(
    table: FeatureTable,
    rows: Sequence[Row],
    y: ArrayLike,
    *,
    recipe: str = "blend",
    seed: int = 0,
    dataset_sha256: str = "",
    progress: Progress | None = None,
    weights: ArrayLike | None = None,
) -> HeldOut:
    """Train on rows with outcomes y (1 = bad, 0 = good): the same rows and seed give the same champion.

    `dataset_sha256` names the training set and stays with the champion; `progress(done, total, what)` is called after
    each step. With `weights` (n,) models are trained and measured by them; what is told of the loans themselves (norms,
    ranges, novelty, the cohort, how far models usually are apart) counts each once. TrainingError when outcomes are not
    0 and 1, outcomes or weights do not match the rows, or are fewer than five of a kind.
    """
    tell = progress or (lambda done, total, what: None)
    outcomes, counted = checked_outcomes(len(rows), y), training_weights(len(rows), weights)
    read = table.read(rows)
    steps = [0]

    def tell_training(done: int, total: int, what: str) -> None:
        steps[0] = total
        tell(done, total + STEPS_AFTER_TRAINING, what)

    trained = train(
        read.values, outcomes, table.columns, recipe=recipe, seed=seed, progress=tell_training, weights=counted
    )
    cohort = read.values[just_approved(table, read.values, trained.out_of_fold, outcomes)]
    tell(steps[0] + 1, steps[0] + STEPS_AFTER_TRAINING, "cohort")
    champion = _assembled(table, rows, outcomes, trained, read.values, cohort, seed, counted)
    # Spread over the range of the score.
    by_score = np.argsort(trained.out_of_fold, kind="stable")
    smoke = smoke_of(champion, read.values[by_score[_spread_rows(len(rows), SMOKE_ROWS)]])
    tell(steps[0] + STEPS_AFTER_TRAINING, steps[0] + STEPS_AFTER_TRAINING, "measured")
    return HeldOut(replace(champion, smoke=smoke, dataset_sha256=dataset_sha256), trained.out_of_fold)


def _assembled(
    table: FeatureTable,
    rows: Sequence[Row],
    y: IntArray,
    trained: Trained,
    values: FloatArray,
    cohort: FloatArray,
    seed: int,
    counted: Weights,
) -> Champion:
    """The champion of a training, still without its smoke vectors and the name of its training set."""
    blend, weights = trained.blend.with_cohort(cohort), feature_weights(trained, values)
    return Champion(
        table=table,
        blend=blend,
        calibration=trained.calibration,
        metrics=measured(y, trained.out_of_fold, counted),
        card=build_card(table, rows, y, trained, weights, seed=seed, counted=counted),
        recipe={"name": trained.recipe, "members": {member.name: member.weight for member in blend.members}},
        seed=seed,
        dataset_sha256="",
        versions=library_versions(),
        smoke=Smoke({}, {}),
        **_told_by_members(trained, blend, y, counted),
        **_known_of_loans(table, values, cohort, weights),
    )


class _Told(TypedDict):
    member_calibrations: tuple[Calibration, ...]
    intervals: PdInterval
    disagreement: doubt.Disagreement


def _told_by_members(trained: Trained, blend: BlendForm, y: IntArray, counted: Weights) -> _Told:
    """What the members say of loans that they had not seen: how sure the score is, and how far they are apart."""
    views = [trained.members[member.name] for member in blend.members]
    said = np.stack([view.out_of_fold for view in views])
    weights = np.array([member.weight for member in blend.members])
    return {
        "member_calibrations": tuple(view.calibration for view in views),
        "intervals": PdInterval.fit(trained.out_of_fold, y, counted),
        "disagreement": doubt.Disagreement.fit(said, trained.out_of_fold, weights),
    }


class _Known(TypedDict):
    novelty: Novelty
    supplied: dict[str, float]
    norms: dict[str, float | None]
    cohort_norms: dict[str, float | None]
    ranges: dict[str, tuple[float, float] | None]
    quantiles: dict[str, tuple[float, ...] | None]
    weights: dict[str, float]


def _known_of_loans(table: FeatureTable, values: FloatArray, cohort: FloatArray, weights: FloatArray) -> _Known:
    """What is usual among the training loans (n, k) and those just approved, by features of these weights (k,)."""
    by_name = dict(zip(table.names, values.T, strict=True))
    return {
        "novelty": Novelty.fit(values, table.columns, weights, [feature.group for feature in table.features]),
        "supplied": dict(zip(table.names, doubt.supplied_share(values).tolist(), strict=True)),
        "norms": _norms(table, values),
        "cohort_norms": _norms(table, cohort),
        "ranges": {name: doubt.training_range(column) for name, column in by_name.items()},
        "quantiles": {
            feature.name: training_quantiles(by_name[feature.name], specials) if feature.type == "number" else None
            for feature, specials in zip(table.features, table.columns.specials, strict=True)
        },
        "weights": dict(zip(table.names, weights.tolist(), strict=True)),
    }


def just_approved(table: FeatureTable, values: FloatArray, out_of_fold: FloatArray, y: IntArray) -> NDArray[np.int64]:
    """Rows of the cohort: repaid loans nearest below their own cut-off; the safest ones where none is below it."""
    repaid = np.flatnonzero(y == 0)
    cut_off = table.cut_offs(values)[repaid]
    with np.errstate(divide="ignore"):
        distance = np.log(cut_off) - np.log1p(-cut_off) - out_of_fold[repaid]
    approved = repaid[distance > 0]
    size = int(np.clip(COHORT_SHARE * len(repaid), LEAST_COHORT, MOST_COHORT))
    if len(approved):
        nearest: NDArray[np.int64] = approved[np.argsort(distance[distance > 0], kind="stable")[:size]]
    else:
        nearest = repaid[np.argsort(out_of_fold[repaid], kind="stable")[:size]]
    return nearest


def feature_weights(trained: Trained, values: FloatArray) -> FloatArray:
    """Each feature's share (k,) of the mean absolute contribution over the training rows; sums to 1."""
    size = np.abs(trained.blend.explain(values[_spread_rows(len(values), WEIGHT_ROWS)])).mean(axis=0)
    # A model without a single split leans on nothing in particular.
    shares: FloatArray = size / size.sum() if size.sum() > 0 else np.full(len(size), 1 / len(size))
    return shares


def measured(y: IntArray, log_odds: FloatArray, weights: Weights = None) -> dict[str, float]:
    """Measures of calibrated out-of-fold log-odds (n,); rows and bads are counted, whatever they weigh."""
    pd = sigmoid(log_odds)
    return {
        "rows": float(len(y)),
        "bads": float(y.sum()),
        "auc": metrics.auc(y, log_odds, weights),
        "ks": metrics.ks(y, log_odds, weights),
        "brier": metrics.brier(y, pd, weights),
        "log_loss": metrics.log_loss(y, log_odds, weights),
        "ece": metrics.ece(y, pd, weights=weights),
    }


def _spread_rows(rows: int, most: int) -> NDArray[np.int64]:
    return np.linspace(0, rows - 1, min(most, rows)).astype(np.int64)


def _norms(table: FeatureTable, values: FloatArray) -> dict[str, float | None]:
    return {name: _norm(table, name, column) for name, column in zip(table.names, values.T, strict=True)}


def _norm(table: FeatureTable, name: str, column: FloatArray) -> float | None:
    """What is usual: the median of the amounts, the most common category or, without any amount, special value."""
    feature, known = table.by_name[name], column[~np.isnan(column)]
    if not len(known):
        return None
    amounts = known[~np.isin(known, feature.specials)]
    if feature.type == "number" and len(amounts):
        return float(np.median(amounts))
    values, counts = np.unique(known, return_counts=True)
    return float(values[counts.argmax()])
