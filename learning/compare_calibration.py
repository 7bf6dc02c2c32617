"""How right the PDs of two models are on the same loans: in the large, by slope, and by paired squared error."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from intake.health.health import stability
from scoring.ml.calibration import sigmoid
from scoring.ml.intervals import Estimate
from scoring.ml.sample_weights import Weights, mean, mean_error

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

Z: Final = float(ndtri(0.975))
STEPS: Final = 50
NEAR_ENOUGH: Final = 1e-10
BINS: Final = 10
RARE: Final = 1e-6


@dataclass(frozen=True)
class Calibration:
    """Of one model: mean PD less bad rate (`in_the_large`, as a share), and the slope of the outcomes on its log-odds,
    which is 1 where PDs are as spread as they should be; each with its 95 % interval."""

    mean_pd: float
    bad_rate: float
    in_the_large: Estimate
    slope: Estimate


def calibration_of(y: IntArray, log_odds: FloatArray, weights: Weights = None) -> Calibration:
    """Calibration of log-odds (n,) on outcomes (n,).

    In the large: the mean of PD − outcome with its standard error (Spiegelhalter 1986 for the variance by the PDs is
    not used, since it believes them). Slope: the coefficient of a logistic regression of the outcomes on the log-odds
    (Cox 1958), with its Wald interval; with `weights` (n,) by the error of a weighted likelihood (Huber 1967, White
    1982).
    """
    pd = sigmoid(log_odds)
    slope, error = _slope(y, log_odds, weights)
    return Calibration(
        mean_pd=mean(pd, weights),
        bad_rate=mean(y, weights),
        in_the_large=mean_with_interval(pd - y, weights),
        slope=Estimate(slope, slope - Z * error, slope + Z * error),
    )


def brier_difference(y: IntArray, log_odds: FloatArray, other: FloatArray, weights: Weights = None) -> Estimate:
    """Squared error of the first less that of the other, paired by loan: below 0 the first is the better one."""
    return mean_with_interval((sigmoid(log_odds) - y) ** 2 - (sigmoid(other) - y) ** 2, weights)


def mean_with_interval(values: FloatArray, weights: Weights = None) -> Estimate:
    """A mean (of at least one value) with its normal 95 % interval; of a single one the whole line is possible."""
    middle = mean(values, weights)
    half = Z * mean_error(values, weights) if len(values) > 1 else np.inf
    return Estimate(middle, middle - half, middle + half)


def score_stability(champion: FloatArray, challenger: FloatArray) -> float:
    """PSI (chance taken out) of the challenger's log-odds over the tenths of the champion's: by how much the lines of
    the policy would cut other shares of the cases."""
    edges = np.quantile(champion, np.linspace(0, 1, BINS + 1)[1:-1])
    usual, now = (Counter(map(str, np.searchsorted(edges, each).tolist())) for each in (champion, challenger))
    return stability(now, usual)


def _slope(y: IntArray, log_odds: FloatArray, weights: Weights) -> tuple[float, float]:
    """Newton's method on intercept and slope; the error from the inverse information, of weights from the sandwich."""
    counted = np.ones(len(y)) if weights is None else weights
    design = np.column_stack([np.ones(len(y)), log_odds])
    # From the plain bad rate on, where Newton's steps do not overshoot as they do from a slope that is too steep.
    rate = float(np.clip(mean(y, weights), RARE, 1 - RARE))
    found = np.array([np.log(rate / (1 - rate)), 0.0])
    information = np.eye(2)
    for _step in range(STEPS):
        fitted = sigmoid(design @ found)
        information = design.T @ (design * (counted * fitted * (1 - fitted))[:, None])
        step = np.linalg.lstsq(information, design.T @ (counted * (y - fitted)), rcond=None)[0]
        found = found + np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < NEAR_ENOUGH:
            break
    variance = np.linalg.pinv(information)
    if weights is not None:
        scores = design * (weights * (y - sigmoid(design @ found)))[:, None]
        variance = variance @ (scores.T @ scores) @ variance
    return float(found[1]), float(np.sqrt(max(variance[1, 1], 0.0)))
