"""Doubt: how far a score can be trusted for this very case, 0 (no reason to doubt) to 1, in three parts.

Every part is a share that a reviewer can check:

* `disagreement`: 1 - (lowest odds of default / highest odds) over the champion and the models that were each trained
  without a fifth of the loans. 0 when all agree; 0.5 when one sees twice the odds of another.
* `missing`: the share of the model's weight that stands on facts not supplied.
* `novelty`: the share of the model's weight that stands on values which the training loans did not show: outside the
  middle 99.8 % of them, an unknown category, an amount in another currency.

The model's weight of a feature is its share of the mean absolute SHAP contribution over the training loans, so that
a missing main driver counts more than a missing trifle. The whole is 1 - (1 - a)(1 - b)(1 - c): never below the
largest part, and 1 as soon as one part is 1.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

RANGE_QUANTILES = (0.001, 0.999)


def disagreement(log_odds: FloatArray) -> FloatArray:
    """1 - lowest odds / highest odds (n,) from calibrated log-odds (models, n)."""
    spread: FloatArray = -np.expm1(log_odds.min(axis=0) - log_odds.max(axis=0))
    return spread


def missing_weight(values: FloatArray, unreadable: BoolArray, weights: FloatArray) -> FloatArray:
    """Weight (n,) on values (n, k) that were not supplied."""
    absent = np.isnan(values) & ~unreadable
    return _share(absent, weights)


def novel_weight(
    values: FloatArray, unreadable: BoolArray, low: FloatArray, high: FloatArray, weights: FloatArray
) -> FloatArray:
    """Weight (n,) on values (n, k) outside [low, high] (k,) or not readable; NaN bounds hold no value in."""
    supplied = ~np.isnan(values)
    inside = (values >= low) & (values <= high)
    return _share((supplied & ~inside) | unreadable, weights)


def combined(parts: Mapping[str, FloatArray]) -> FloatArray:
    """The whole doubt (n,) of its parts (n,)."""
    trust: FloatArray = np.prod([1.0 - part for part in parts.values()], axis=0)
    return 1.0 - trust


def training_range(column: FloatArray) -> tuple[float, float] | None:
    """The observed values between which the middle 99.8 % of a column (n,) lie; None when all are missing."""
    known = column[~np.isnan(column)]
    if not len(known):
        return None
    low, high = np.quantile(known, RANGE_QUANTILES, method="inverted_cdf")
    return float(low), float(high)


def _share(mask: BoolArray, weights: FloatArray) -> FloatArray:
    share: FloatArray = np.clip(mask @ weights, 0.0, 1.0)
    return share
