"""A trained champion: scores cases, explains the shown number exactly, and says how far it can be trusted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.ml import doubt
from scoring.ml.calibration import Calibration, sigmoid
from scoring.ml.explanation import Explanation
from scoring.ml.features import FeatureTable, Row, TableValues
from scoring.ml.fidelity import Fidelity, least_fall
from scoring.ml.form import BASELINES, Baseline
from scoring.ml.forms import BlendForm
from scoring.ml.novelty import Novelty
from scoring.ml.pd_interval import PdInterval
from scoring.ml.points import score_points
from scoring.ml.reasons import Basis, Lists, reason_lists

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

# What the shown log-odds may differ from base + contributions; above it nobody may rely on the explanation.
MOST_RESIDUAL = 1e-6


@dataclass(frozen=True)
class Smoke:
    """What the model must give again before it serves (scoring/ml/smoke.py).

    `assessed` holds s assessments field by field, as they are stored of cases, their inputs among the fields. `usual`
    is what each feature contributes at its norm.
    """

    assessed: Mapping[str, list[Any]]
    usual: Mapping[str, float]


@dataclass(frozen=True)
class ScoredBatch:
    """Scores of n rows over k features; log-odds are calibrated natural log-odds of default.

    `pd`, `pd_low`, `pd_high` are probabilities, pd_low <= pd <= pd_high: what the bad rate among loans of this score
    can be, at 90 % (scoring/ml/pd_interval.py). `points` is 600 at 50:1, 20 points to double. `log_odds` = base + a row
    of contributions up to `residual` (n,), against the population and against the loans just approved (`cohort`).
    `doubt` and each of `doubt_parts` lie in 0..1 (see scoring/ml/doubt.py); `novel` (n, k) names what makes a case
    unlike the training loans and `stale` (n, k) what is too old. `cut_off` (n,) is the PD at which approving the case
    earns nothing. `values` (n, k) are what was read, NaN missing; `unreadable` (n, k) what was given but is of no use
    to the model.
    """

    log_odds: FloatArray
    pd: FloatArray
    points: FloatArray
    pd_low: FloatArray
    pd_high: FloatArray
    cut_off: FloatArray
    population: Explanation
    cohort: Explanation
    residual: FloatArray
    doubt: FloatArray
    doubt_parts: dict[str, FloatArray]
    novel: BoolArray
    stale: BoolArray
    values: FloatArray
    unreadable: BoolArray

    def __len__(self) -> int:
        return len(self.log_odds)


class Reasons(NamedTuple):
    """Reasons of n rows, a list each: against the population for the reviewer, for the applicant, and for the reviewer
    against the loans just approved."""

    reviewer: Lists
    applicant: Lists
    cohort: Lists


@dataclass(frozen=True)
class Champion:
    """A trained model with all that scoring, explaining and doubting needs.

    `calibration` turns the blend's log-odds into the shown ones, `member_calibrations` do the same for each member, so
    that members can be compared. Of each feature over the training rows, `norms` holds the median (or the most common
    category), `cohort_norms` the same over the loans just approved, `ranges` the middle 99.8 %, `quantiles` evenly
    spaced quantiles of the numbers, `supplied` the share of loans that had it, `weights` its share of the mean absolute
    contribution (sum 1). `metrics` are out-of-fold, calibrated by the other folds; `card` is what the model card shows;
    `recipe` names what was trained.
    """

    table: FeatureTable
    blend: BlendForm
    calibration: Calibration
    member_calibrations: tuple[Calibration, ...]
    intervals: PdInterval
    novelty: Novelty
    disagreement: doubt.Disagreement
    supplied: Mapping[str, float]
    norms: Mapping[str, float | None]
    cohort_norms: Mapping[str, float | None]
    ranges: Mapping[str, tuple[float, float] | None]
    quantiles: Mapping[str, tuple[float, ...] | None]
    weights: Mapping[str, float]
    metrics: Mapping[str, float]
    card: Mapping[str, Any]
    recipe: Mapping[str, Any]
    seed: int
    dataset_sha256: str
    versions: Mapping[str, str]
    smoke: Smoke

    def log_odds(self, values: FloatArray) -> FloatArray:
        """Calibrated log-odds (n,) of values (n, k), NaN missing."""
        return self.calibration.apply(self.blend.log_odds(values))

    def explain(self, values: FloatArray, baseline: Baseline = "population") -> Explanation:
        """Why values (n, k) have their log-odds, from the average of the baseline's loans on.

        The cohort's average is its exact mean before calibration. The population's is each library's own, by the covers
        that it counted in training: rows in most, and in members of XGBoost the sums of hessians, as in shap. Theirs is
        therefore not the plain mean of their log-odds over the training loans.
        """
        return self._explanations(self.blend.read(values), (baseline,))[0]

    @cached_property
    def usual(self) -> dict[str, float]:
        """What each feature contributes to the case whose every feature is at its norm."""
        contributions = self.explain(self.table.row_of(self.norms)[None, :]).contributions
        return dict(zip(self.table.names, contributions[0].tolist(), strict=True))

    def score(self, rows: Sequence[Row]) -> ScoredBatch:
        """Score, explain and doubt n rows (n may be 0); a row's numbers do not depend on the other rows."""
        return self.score_values(self.table.read(rows))

    def score_values(self, read: TableValues) -> ScoredBatch:
        """The same for rows that the feature table has read already."""
        inputs = self.blend.read(read.values)
        members = self.blend.member_log_odds(inputs)
        log_odds = self.calibration.apply(self.blend.combined(members))
        pd = sigmoid(log_odds)
        population, cohort = self._explanations(inputs, BASELINES)
        pd_low, pd_high = self.intervals.interval(log_odds)
        cut_off = self.table.cut_offs(read.values)
        views = np.array([fit.apply(each) for fit, each in zip(self.member_calibrations, members, strict=True)])
        unlike, novel = self.novelty.score(read.values, read.unreadable)
        parts = {
            "cut_off": doubt.near_cut_off(pd, pd_low, pd_high, cut_off),
            "disagreement": self.disagreement.doubt(views, log_odds, cut_off),
            "novelty": unlike,
            "missing": doubt.missing_weight(read.values, read.unreadable, read.stale, self._weights, self._supplied),
        }
        return ScoredBatch(
            log_odds=log_odds,
            pd=pd,
            points=score_points(log_odds),
            pd_low=pd_low,
            pd_high=pd_high,
            cut_off=cut_off,
            population=population,
            cohort=cohort,
            residual=np.maximum(_residual(population, log_odds), _residual(cohort, log_odds)),
            doubt=doubt.combined(parts),
            doubt_parts=parts,
            novel=novel,
            stale=read.stale,
            values=read.values,
            unreadable=read.unreadable,
        )

    def reasons(self, scored: ScoredBatch) -> Reasons:
        """Why each row has its PD; all that speaks against a case is borne out by the model itself.

        Both baselines are two halves of one batch of 2 n rows, so that the model is asked about both in one call.
        """
        size, sides = len(scored), (scored.population, scored.cohort)
        norms, usual = (np.repeat(each, size, axis=0) for each in self._sides)
        values = np.concatenate([scored.values] * 2)
        basis = Basis(
            base=np.repeat([side.base_value for side in sides], size),
            contributions=np.concatenate([side.contributions for side in sides]),
            values=values,
            norms=norms,
            usual=usual,
            unreadable=np.concatenate([scored.unreadable] * 2),
        )
        asked = self.fidelity(values, np.concatenate([scored.log_odds] * 2), norms)
        seen, told = reason_lists(self.table, basis, asked, seen=slice(None), told=slice(size))
        return Reasons(seen[:size], told, seen[size:])

    def fidelity(self, values: FloatArray, log_odds: FloatArray, norms: FloatArray) -> Fidelity:
        """Who answers whether the model bears a reason out, for values (n, k), their log-odds (n,) and norms."""
        least = least_fall(self.blend, values, norms) * self.calibration.least_slope
        return Fidelity(self.log_odds, log_odds, values, norms, least)

    @cached_property
    def _sides(self) -> tuple[FloatArray, FloatArray]:
        """Norms (2, k) of population and cohort, and what each feature contributes there; nought for the cohort."""
        norms = np.stack([self.table.row_of(each) for each in (self.norms, self.cohort_norms)])
        return norms, np.stack([self.table.row_of(self.usual), np.zeros(len(self.table.names))])

    def _explanations(self, inputs: list[Any], baselines: Sequence[Baseline]) -> list[Explanation]:
        """What the blend's inputs explain from each baseline, on calibrated log-odds.

        No prediction is needed: the raw log-odds are the base and the sum of the contributions. So the residual of a
        scored case compares two ways of computing its log-odds.
        """
        found = []
        for baseline, contributions in zip(baselines, self.blend.explain_from(inputs, baselines), strict=True):
            base, base_value = self._bases[baseline]
            scaled = self.calibration.scale(base + contributions.sum(axis=1), base)[:, None] * contributions
            # What is no number explains nothing: as zeros it leaves a residual, and the case goes to people with the
            # mark.
            found.append(Explanation(base_value, np.where(np.isfinite(scaled), scaled, 0.0)))
        return found

    @cached_property
    def _bases(self) -> dict[Baseline, tuple[float, float]]:
        """Raw and calibrated log-odds that each baseline starts from."""
        raw = {baseline: self.blend.base_value(baseline) for baseline in BASELINES}
        return {each: (base, float(self.calibration.apply(np.array([base]))[0])) for each, base in raw.items()}

    @cached_property
    def _weights(self) -> FloatArray:
        return self.table.row_of(self.weights)

    @cached_property
    def _supplied(self) -> FloatArray:
        return self.table.row_of(self.supplied)


def _residual(explanation: Explanation, log_odds: FloatArray) -> FloatArray:
    """How far base + contributions are from the log-odds (n,)."""
    residual: FloatArray = np.abs(explanation.base_value + explanation.contributions.sum(axis=1) - log_odds)
    return residual
