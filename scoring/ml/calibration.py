"""Calibration: monotone maps of log-odds, so that a PD of 5 % means five bad loans in a hundred.

A calibrated explanation must still add up. Any map g has, between the base value b and the log-odds z of a case, the
secant slope s = (g(z) - g(b)) / (z - b), so that g(b) + s * contributions adds up to g(z). As every g here increases,
s is above zero: signs, order and relative sizes of the contributions of a case stay as they were. The result is the
Shapley value of the calibrated model only where g is a straight line (sigmoid calibration); for a bent map it is the
explanation of the raw log-odds, rescaled case by case.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from scoring.ml.errors import TrainingError
from scoring.ml.folds import stratified_folds
from scoring.ml.sample_weights import Weights, count, mean, mean_error, of_rows, quantile, total

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Below this a model has no say; slopes stay above zero so that calibration never turns the order round.
LEAST_SLOPE = 1e-3
MOST_ITERATIONS = 100
TOLERANCE = 1e-12
RIDGE = 1e-12
# With fewer loans the straight line wins or draws, and a comparison is mostly noise.
LEAST_ROWS_TO_CHOOSE = 1000
FOLDS = 5


def sigmoid(log_odds: FloatArray) -> FloatArray:
    """1 / (1 + exp(-x)), without overflow."""
    result: FloatArray = np.exp(-np.logaddexp(0.0, -log_odds))
    return result


class Calibration(Protocol):
    """A strictly increasing map of log-odds of default."""

    kind: ClassVar[str]

    def apply(self, log_odds: FloatArray) -> FloatArray:
        """Calibrated log-odds, same shape."""

    def scale(self, log_odds: FloatArray, base: float) -> FloatArray:
        """Secant slope above zero, same shape; the derivative where log-odds and base are equal."""

    @property
    def least_slope(self) -> float:
        """What calibrated log-odds rise at least by for each unit of log-odds, above zero."""

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers under their names, and the kind; `calibration_from_dict` gives the same map back."""


@dataclass(frozen=True)
class LogOddsCalibration:
    """Calibrated log-odds = slope * log-odds + intercept, slope > 0.

    Platt scaling on log-odds (Platt 1999; smoothed targets and Newton's method as in Lin, Lin and Weng 2007). Chosen
    over isotonic regression because with a few hundred bads steps over-fit, and because a straight line keeps SHAP
    contributions exact: they are scaled by the slope.
    """

    slope: float
    intercept: float
    kind: ClassVar[str] = "sigmoid"

    def __post_init__(self) -> None:
        if not (np.isfinite(self.slope) and np.isfinite(self.intercept) and self.slope > 0):
            raise ValueError(f"slope {self.slope} must be above zero and intercept {self.intercept} finite")

    def apply(self, log_odds: FloatArray) -> FloatArray:
        """Calibrated log-odds, same shape."""
        result: FloatArray = self.slope * log_odds + self.intercept
        return result

    def scale(self, log_odds: FloatArray, base: float) -> FloatArray:
        """The slope, for every case and base."""
        return np.full(np.shape(log_odds), self.slope)

    @property
    def least_slope(self) -> float:
        """The slope."""
        return self.slope

    def to_dict(self) -> dict[str, Any]:
        """Slope, intercept and kind."""
        return {"kind": self.kind, **asdict(self)}

    @classmethod
    def fit(cls, log_odds: FloatArray, y: IntArray, weights: Weights = None) -> "LogOddsCalibration":
        """Maximum likelihood on out-of-fold log-odds (n,) and outcomes (n,), 1 = bad; TrainingError on one class."""
        (slope,), intercept = _fit_linear(log_odds[:, None], y, weights)
        return cls(slope, intercept)


@dataclass(frozen=True)
class BetaCalibration:
    """Calibrated log-odds = bad_slope * -ln(1 - p) + good_slope * ln(p) + intercept, p the uncalibrated PD.

    Beta calibration (Kull, Silva Filho and Flach 2017) with `centre` 0: `good_slope` rules where PDs are small,
    `bad_slope` where they are large, and both are the slope of a straight line when equal. Loans crowd far below
    p = 0.5, where the bend would hardly be used, so p is taken relative to the odds at `centre`, the typical log-odds
    of the calibration loans: p = sigmoid(log-odds - centre). Both slopes are above zero and bound the slope anywhere.
    """

    good_slope: float
    bad_slope: float
    intercept: float
    centre: float = 0.0
    kind: ClassVar[str] = "beta"

    def __post_init__(self) -> None:
        numbers = (self.good_slope, self.bad_slope, self.intercept, self.centre)
        if not (np.isfinite(numbers).all() and self.good_slope > 0 and self.bad_slope > 0):
            raise ValueError(f"of {numbers} all must be finite and both slopes above zero")

    def apply(self, log_odds: FloatArray) -> FloatArray:
        """Calibrated log-odds, same shape."""
        centred = log_odds - self.centre
        bad, good = np.logaddexp(0.0, centred), -np.logaddexp(0.0, -centred)
        result: FloatArray = self.bad_slope * bad + self.good_slope * good + self.intercept
        return result

    def scale(self, log_odds: FloatArray, base: float) -> FloatArray:
        """Secant slope, same shape: the two slopes weighted by the secant slope of ln(1 + e^x), which is in 0..1."""
        share = _softplus_slope(log_odds - self.centre, base - self.centre)
        result: FloatArray = self.bad_slope * share + self.good_slope * (1.0 - share)
        return result

    @property
    def least_slope(self) -> float:
        """The smaller of both: the slope anywhere lies between them."""
        return min(self.good_slope, self.bad_slope)

    def to_dict(self) -> dict[str, Any]:
        """Slopes, intercept, centre and kind."""
        return {"kind": self.kind, **asdict(self)}

    @classmethod
    def fit(cls, log_odds: FloatArray, y: IntArray, weights: Weights = None) -> "BetaCalibration":
        """Maximum likelihood on out-of-fold log-odds (n,) and outcomes (n,), 1 = bad; TrainingError on one class."""
        centre = float(np.median(log_odds) if weights is None else quantile(log_odds, 0.5, weights))
        design = np.column_stack([-np.logaddexp(0.0, centre - log_odds), np.logaddexp(0.0, log_odds - centre)])
        (good_slope, bad_slope), intercept = _fit_linear(design, y, weights)
        return cls(good_slope, bad_slope, intercept, centre)


def choose_calibration(log_odds: FloatArray, y: IntArray, seed: int = 0, weights: Weights = None) -> Calibration:
    """The family for out-of-fold log-odds (n,) and outcomes (n,), 1 = bad, fitted on all of them by their weights.

    Sigmoid below 1,000 loans (of `weights`, their sum). Above, beta where its log-loss over five folds is lower by more
    than one standard error of the paired difference; the simpler one otherwise (the rule of one standard error, Breiman
    et al. 1984).
    TrainingError on one class.
    """
    simple = LogOddsCalibration.fit(log_odds, y, weights)
    if total(len(y), weights) < LEAST_ROWS_TO_CHOOSE or min(y.sum(), len(y) - y.sum()) < 2 * FOLDS:
        return simple
    fold_of = stratified_folds(y, FOLDS, seed)
    gain = _held_out_losses(LogOddsCalibration.fit, log_odds, y, fold_of, weights)
    gain -= _held_out_losses(BetaCalibration.fit, log_odds, y, fold_of, weights)
    if mean(gain, weights) > mean_error(gain, weights):
        return BetaCalibration.fit(log_odds, y, weights)
    return simple


def calibration_from_dict(content: Mapping[str, Any]) -> Calibration:
    """The map that `to_dict` described; ValueError on an unknown kind or numbers that cannot be."""
    families: dict[object, Callable[..., Calibration]] = {"sigmoid": LogOddsCalibration, "beta": BetaCalibration}
    family = families.get(content.get("kind"))
    if family is None:
        raise ValueError(f"unknown kind of calibration: {content.get('kind')}")
    return family(**{name: number for name, number in content.items() if name != "kind"})


def _softplus_slope(x: FloatArray, base: float) -> FloatArray:
    """(ln(1 + e^x) - ln(1 + e^base)) / (x - base), in 0..1, the derivative at x = base.

    Near the base the difference is ln(1 + sigmoid(base) * (e^h - 1)) with h = x - base, which loses no digits.
    """
    step = x - base
    near = np.abs(step) < 1.0
    small = np.where(near & (step != 0.0), step, 1.0)
    large = np.where(near, 1.0, step)
    at_base = sigmoid(np.asarray(base, dtype=np.float64))
    close = np.where(step == 0.0, at_base, np.log1p(at_base * np.expm1(small)) / small)
    distant = (np.logaddexp(0.0, x) - np.logaddexp(0.0, base)) / large
    return np.clip(np.where(near, close, distant), 0.0, 1.0)


def _held_out_losses(
    fit: Callable[[FloatArray, IntArray, Weights], Calibration],
    log_odds: FloatArray,
    y: IntArray,
    fold_of: IntArray,
    weights: Weights,
) -> FloatArray:
    """Negative log-likelihood (n,) of each loan under the map fitted on the other folds."""
    losses = np.zeros(len(y))
    for fold in range(FOLDS):
        here = fold_of == fold
        calibrated = fit(log_odds[~here], y[~here], of_rows(weights, ~here)).apply(log_odds[here])
        losses[here] = np.logaddexp(0.0, calibrated) - y[here] * calibrated
    return losses


def _fit_linear(design: FloatArray, y: IntArray, weights: Weights) -> tuple[list[float], float]:
    """Slopes of the columns (n, m), each at least LEAST_SLOPE, and the intercept, of greatest likelihood."""
    bads, goods = count(y == 1, weights), count(y == 0, weights)
    if not bads or not goods:
        raise TrainingError(
            "one_class", "Calibration needs loans of both outcomes.", "校准需要同时包含好、坏两类结果的贷款。"
        )
    targets = np.where(y == 1, (bads + 1) / (bads + 2), 1 / (goods + 2))
    free = np.ones(design.shape[1] + 1, dtype=np.bool_)
    while True:
        found = _newton(np.column_stack([design, np.ones(len(y))]), targets, free, weights)
        low = free[:-1] & (found[:-1] < LEAST_SLOPE)
        if not low.any():
            return found[:-1].tolist(), float(found[-1])
        # Active set: one slope after the other, the lowest first, is held at its bound.
        free[np.argmin(np.where(low, found[:-1], np.inf))] = False


def _newton(design: FloatArray, targets: FloatArray, free: NDArray[np.bool_], weights: Weights) -> FloatArray:
    """Newton's method with halving on the mean cross-entropy, which is convex; what is not free is LEAST_SLOPE."""
    usual, loans = mean(targets, weights), total(len(targets), weights)
    at = np.where(free, 0.0, LEAST_SLOPE)
    at[-1] = np.log(usual / (1 - usual))
    loss = _cross_entropy(design @ at, targets, weights)
    for _ in range(MOST_ITERATIONS):
        fitted = sigmoid(design @ at)
        miss, variance = fitted - targets, fitted * (1 - fitted)
        if weights is not None:
            miss, variance = weights * miss, weights * variance
        gradient = np.where(free, design.T @ miss / loans, 0.0)
        curvature = (design * variance[:, None]).T @ design / loans + RIDGE * np.eye(len(at))
        curvature[~free, :] = curvature[:, ~free] = 0.0
        curvature[~free, ~free] = 1.0
        step, width = np.linalg.solve(curvature, gradient), 1.0
        while (new := _cross_entropy(design @ (at - width * step), targets, weights)) > loss and width > TOLERANCE:
            width /= 2
        if loss - new <= TOLERANCE:
            break
        at, loss = at - width * step, new
    return at


def _cross_entropy(log_odds: FloatArray, targets: FloatArray, weights: Weights) -> float:
    return mean(np.logaddexp(0.0, log_odds) - targets * log_odds, weights)
