"""An explanation as numbers: contributions on the log-odds, and what they are worth in percentage points of PD."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.ml.calibration import sigmoid

FloatArray = NDArray[np.float64]

PERCENTAGE_POINTS = 100.0


@dataclass(frozen=True)
class Explanation:
    """Contributions (n, k) on calibrated log-odds that start from `base_value`; `base_value` + a row = its log-odds."""

    base_value: float
    contributions: FloatArray

    def pd_slope(self) -> FloatArray:
        """Percentage points of PD (n,) that one unit of log-odds is worth; see below."""
        return pd_slope(self.base_value, self.contributions)

    def pd_points(self) -> FloatArray:
        """The contributions as percentage points of PD, same shape; each row sums to PD - base PD."""
        points: FloatArray = self.contributions * self.pd_slope()[:, None]
        return points


def pd_slope(base: float | FloatArray, contributions: FloatArray) -> FloatArray:
    """Percentage points of PD (n,) that one unit of log-odds is worth on a row's way from the base to its own PD.

    `base` is one for all of contributions (n, k) or one a row (n,). Method: Aumann-Shapley (integrated gradients,
    Sundararajan et al. 2017) along the straight line from the base to the case. On a line every contribution is scaled
    by one positive number, the mean slope of the logistic curve, so signs and order stay. Between the log-odds a < b
    the mean slope is (sigma(b) - sigma(a)) / (b - a), computed as sigma(b) sigma(-a) (1 - exp(a - b)) / (b - a), which
    does not cancel; its limit at b = a is sigma'(a).
    """
    total = contributions.sum(axis=1)
    low, high = base + np.minimum(total, 0.0), base + np.maximum(total, 0.0)
    length = np.abs(total)
    step = np.divide(-np.expm1(-length), length, out=np.ones_like(length), where=length > 0)
    slope: FloatArray = PERCENTAGE_POINTS * sigmoid(high) * sigmoid(-low) * step
    return slope
