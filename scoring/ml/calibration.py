"""Calibration: a sigmoid on log-odds, so that a PD of 5 % means five bad loans in a hundred."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.ml.errors import TrainingError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Below this a model has no say; the slope stays above zero so that calibration never turns the order round.
LEAST_SLOPE = 1e-3
MOST_ITERATIONS = 100
TOLERANCE = 1e-12
RIDGE = 1e-12


def sigmoid(log_odds: FloatArray) -> FloatArray:
    """1 / (1 + exp(-x)), without overflow."""
    result: FloatArray = np.exp(-np.logaddexp(0.0, -log_odds))
    return result


@dataclass(frozen=True)
class LogOddsCalibration:
    """Calibrated log-odds = slope * log-odds + intercept, slope > 0.

    Platt scaling on log-odds (Platt 1999; smoothed targets and Newton's method as in Lin, Lin and Weng 2007). Chosen
    over isotonic regression because with a few hundred bads steps over-fit, and because a straight line keeps SHAP
    contributions exact: they are scaled by the slope.
    """

    slope: float
    intercept: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.slope) and np.isfinite(self.intercept) and self.slope > 0):
            raise ValueError(f"slope {self.slope} must be above zero and intercept {self.intercept} finite")

    def apply(self, log_odds: FloatArray) -> FloatArray:
        """Calibrated log-odds, same shape."""
        result: FloatArray = self.slope * log_odds + self.intercept
        return result

    @classmethod
    def fit(cls, log_odds: FloatArray, y: IntArray) -> "LogOddsCalibration":
        """Maximum likelihood on out-of-fold log-odds (n,) and outcomes (n,), 1 = bad; TrainingError on one class."""
        bads = int(y.sum())
        goods = len(y) - bads
        if not bads or not goods:
            raise TrainingError(
                "one_class", "Calibration needs loans of both outcomes.", "校准需要同时包含好、坏两类结果的贷款。"
            )
        targets = np.where(y == 1, (bads + 1) / (bads + 2), 1 / (goods + 2))
        slope, intercept = _newton(log_odds, targets, fixed_slope=None)
        if slope < LEAST_SLOPE:
            slope, intercept = _newton(log_odds, targets, fixed_slope=LEAST_SLOPE)
        return cls(slope, intercept)


def _newton(log_odds: FloatArray, targets: FloatArray, fixed_slope: float | None) -> tuple[float, float]:
    """Newton's method with halving on the mean cross-entropy, which is convex in both parameters."""
    design = np.column_stack([log_odds, np.ones_like(log_odds)])
    mean = targets.mean()
    free = np.array([fixed_slope is None, True])
    at = np.array([0.0 if fixed_slope is None else fixed_slope, np.log(mean / (1 - mean))])
    loss = _cross_entropy(design @ at, targets)
    for _ in range(MOST_ITERATIONS):
        fitted = sigmoid(design @ at)
        gradient = np.where(free, design.T @ (fitted - targets) / len(targets), 0.0)
        curvature = (design * (fitted * (1 - fitted))[:, None]).T @ design / len(targets) + RIDGE * np.eye(2)
        curvature[~free, :] = curvature[:, ~free] = 0.0
        curvature[~free, ~free] = 1.0
        step, width = np.linalg.solve(curvature, gradient), 1.0
        while (new := _cross_entropy(design @ (at - width * step), targets)) > loss and width > TOLERANCE:
            width /= 2
        if loss - new <= TOLERANCE:
            break
        at, loss = at - width * step, new
    return float(at[0]), float(at[1])


def _cross_entropy(log_odds: FloatArray, targets: FloatArray) -> float:
    return float(np.mean(np.logaddexp(0.0, log_odds) - targets * log_odds))
