"""From a matrix with outcomes to a blend of calibrated models, each loan judged by models that never saw it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone

from scoring.ml.calibration import Calibration, choose_calibration
from scoring.ml.columns import Columns
from scoring.ml.errors import TrainingError
from scoring.ml.estimators.blend import BlendRisk
from scoring.ml.folds import stratified_folds
from scoring.ml.forms import AnyForm, BlendForm, Member
from scoring.ml.recipes import make_recipe
from scoring.ml.sample_weights import Weights, count, of_rows, total, training_weights

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Progress = Callable[[int, int, str], None]

FOLDS = 5
# A model alone has nobody to disagree with: the first of these that it is not itself is trained beside it.
SECOND_OPINIONS = ("logistic_regression", "gradient_boosting")
LEAST_OPINIONS = 2


@dataclass(frozen=True)
class View:
    """One model of a blend: `out_of_fold` (n,) are its calibrated log-odds of loans that it was not trained on."""

    name: str
    form: AnyForm
    calibration: Calibration
    out_of_fold: FloatArray

    def log_odds(self, values: FloatArray) -> FloatArray:
        """Calibrated log-odds (n,) of values (n, k)."""
        return self.calibration.apply(self.form.log_odds(values))


@dataclass(frozen=True)
class Trained:
    """What training gives. `blend` sums members on raw log-odds and `calibration` makes them the shown ones.

    `out_of_fold` (n,) are calibrated log-odds of each loan, by members, weights and a calibration that did not see it;
    `fold_of` (n,) its fold; `raw_out_of_fold` (n,) the same before calibration. `views` holds every candidate, also
    those that got no weight.
    """

    recipe: str
    blend: BlendForm
    calibration: Calibration
    out_of_fold: FloatArray
    raw_out_of_fold: FloatArray
    fold_of: IntArray
    views: tuple[View, ...]

    def log_odds(self, values: FloatArray) -> FloatArray:
        """Calibrated log-odds (n,) of values (n, k)."""
        return self.calibration.apply(self.blend.log_odds(values))

    @cached_property
    def members(self) -> Mapping[str, View]:
        """The candidates by name."""
        return {view.name: view for view in self.views}


@dataclass(frozen=True)
class _Fitted:
    """Models and what they say of loans they did not see: `member_out_of_fold` (n, m), `out_of_fold` (n,), raw."""

    blend: BlendForm
    forms: Mapping[str, AnyForm]
    member_out_of_fold: FloatArray
    out_of_fold: FloatArray
    fold_of: IntArray


def train(
    values: ArrayLike,
    y: ArrayLike,
    columns: Columns,
    *,
    recipe: str = "blend",
    seed: int = 0,
    progress: Progress | None = None,
    weights: ArrayLike | None = None,
) -> Trained:
    """Train on values (n, k), NaN missing, and outcomes y (n,), 1 = bad: the same input and seed give the same models.

    `weights` (n,), above 0: what each loan counts in fits, blend, calibrations, and thereby in all that is measured
    out of fold; on any scale, since only their ratios are used (`training_weights`).

    TrainingError when outcomes are not 0 and 1, outcomes or weights do not match the rows, or are fewer than five of a
    kind; KeyError for an unknown recipe.
    """
    matrix = np.asarray(values, dtype=np.float64)
    outcomes = checked_outcomes(len(matrix), y)
    counted = training_weights(len(matrix), weights)
    tell = progress or (lambda done, total, what: None)
    if recipe == "blend":
        fitted = _fit_blend(matrix, outcomes, columns, seed, tell, counted)
    else:
        fitted = _fit_alone(matrix, outcomes, columns, recipe, seed, tell, counted)
    views = tuple(
        View(name, form, *_calibrated(raw, outcomes, fitted.fold_of, seed, counted))
        for (name, form), raw in zip(fitted.forms.items(), fitted.member_out_of_fold.T, strict=True)
    )
    calibration, out_of_fold = _calibrated(fitted.out_of_fold, outcomes, fitted.fold_of, seed, counted)
    return Trained(recipe, fitted.blend, calibration, out_of_fold, fitted.out_of_fold, fitted.fold_of, views)


def checked_outcomes(rows: int, y: ArrayLike) -> IntArray:
    """Outcomes (n,) as integers; TrainingError when they cannot train a model."""
    given = np.asarray(y)
    if given.shape != (rows,):
        raise TrainingError(
            "length",
            f"{rows} loans but {given.size} outcomes.",
            f"贷款 {rows} 笔，结果却有 {given.size} 个。",
        )
    if not np.isin(given, (0, 1)).all():
        raise TrainingError("outcome", "An outcome is 1 (bad) or 0 (good).", "结果只能是 1（坏）或 0（好）。")
    outcomes: IntArray = given.astype(np.int64)
    bads = int(outcomes.sum())
    if min(bads, rows - bads) < FOLDS:
        raise TrainingError(
            "too_few",
            f"Training needs at least {FOLDS} bad and {FOLDS} good loans; there are {bads} and {rows - bads}.",
            f"训练至少需要好、坏贷款各 {FOLDS} 笔；现有坏 {bads} 笔、好 {rows - bads} 笔。",
        )
    return outcomes


def _sizes(y: IntArray, weights: Weights) -> tuple[int, int]:
    """Loans and bads, by their weights as many as tell the same: what the capacity of a recipe follows."""
    return round(total(len(y), weights)), round(count(y, weights))


def _fit_blend(
    values: FloatArray, y: IntArray, columns: Columns, seed: int, tell: Progress, weights: Weights
) -> _Fitted:
    rows, bads = _sizes(y, weights)
    estimator = cast(BlendRisk, make_recipe("blend", columns, seed=seed, rows=rows, bads=bads))
    estimator.fit(values, y, weights, progress=tell)
    forms = estimator.member_forms_
    blend = _with_second_opinion(estimator.form_, forms)
    return _Fitted(blend, forms, estimator.member_out_of_fold_, estimator.out_of_fold_, estimator.fold_of_)


def _with_second_opinion(blend: BlendForm, forms: Mapping[str, AnyForm]) -> BlendForm:
    members = list(blend.members)
    for name, form in forms.items():
        if len(members) >= LEAST_OPINIONS:
            break
        if all(member.name != name for member in members):
            members.append(Member(name, 0.0, form))
    return BlendForm(blend.intercept, tuple(members))


def _fit_alone(
    values: FloatArray, y: IntArray, columns: Columns, recipe: str, seed: int, tell: Progress, weights: Weights
) -> _Fitted:
    rows, bads = _sizes(y, weights)
    names = [recipe, next(name for name in SECOND_OPINIONS if name != recipe)]
    fold_of, raw = stratified_folds(y, FOLDS, seed), np.zeros((len(y), len(names)))
    forms: dict[str, AnyForm] = {}
    total, done = len(names) * (FOLDS + 1), 0
    for column, name in enumerate(names):
        estimator = make_recipe(name, columns, seed=seed, rows=rows, bads=bads)
        for fold in range(FOLDS):
            here = fold_of == fold
            model = clone(estimator).fit(values[~here], y[~here], of_rows(weights, ~here))
            raw[here, column] = model.decision_function(values[here])
            done += 1
            tell(done, total, name)
        forms[name] = estimator.fit(values, y, weights).form_
        done += 1
        tell(done, total, name)
    members = tuple(Member(name, float(name == recipe), form) for name, form in forms.items())
    return _Fitted(BlendForm(0.0, members), forms, raw, raw[:, 0], fold_of)


def _calibrated(
    raw: FloatArray, y: IntArray, fold_of: IntArray, seed: int, weights: Weights
) -> tuple[Calibration, FloatArray]:
    """The calibration of all loans, and log-odds (n,) that the calibration of the other folds makes of each fold."""
    calibrated = np.zeros(len(y))
    for fold in np.unique(fold_of):
        here = fold_of == fold
        calibrated[here] = choose_calibration(raw[~here], y[~here], seed, of_rows(weights, ~here)).apply(raw[here])
    return choose_calibration(raw, y, seed, weights), calibrated
