"""Weights of labels: how much each counts for the loans like it whose outcome nobody could see.

What training and measures do with them, and their effective sample size, is in `scoring/ml/sample_weights.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

MOST_WEIGHT: Final = 20.0


def inverse_propensity(propensity: FloatArray, *, cap: float = MOST_WEIGHT) -> FloatArray:
    """Weights (n,) of mean 1 that go with 1 / `propensity` (n,), each 1 / p at most `cap` before that.

    Of cases like this one the share p could be observed, so each that was stands for 1 / p of them (Horvitz and
    Thompson 1952); dividing by the mean makes it self-normalised (Hájek 1971). The cap trades bias for variance: a loan
    seen with a chance of 1 in 1,000 must not outweigh all others.

    Raises:
        ValueError: a propensity that is unknown (NaN) or lies outside ]0, 1], or a cap below 1.
    """
    if cap < 1.0:
        raise ValueError(f"a cap of {cap} is below 1, the weight of a case that is always observed")
    if not ((propensity > 0.0) & (propensity <= 1.0)).all():
        raise ValueError("a propensity lies outside ]0, 1]; leave out cases of which none is known")
    weights: FloatArray = np.minimum(1.0 / propensity, cap)
    return mean_one(weights)


def label_weights(base: FloatArray, propensity: Sequence[float | None], *, cap: float) -> FloatArray:
    """Weights (n,) of mean 1 of labels with these base weights (n,) and propensities; where none is known a loan stands
    for itself alone. ValueError as of `inverse_propensity`."""
    known = np.array([1.0 if each is None else each for each in propensity], dtype=np.float64)
    return mean_one(base * inverse_propensity(known, cap=cap)) if len(base) else base


def mean_one(weights: FloatArray) -> FloatArray:
    """The same weights (n,) >= 0 on a scale where they are 1 on average; all 0 stays so."""
    total = float(weights.sum())
    scaled: FloatArray = weights * (len(weights) / total) if total > 0.0 else weights
    return scaled


def weighted_share(weights: FloatArray, happened: FloatArray) -> tuple[float, float]:
    """The weighted mean of what happened (n,), 0 or 1, and its standard error: Σw²(y - ȳ)² to the root, over Σw (the
    linearised error of a ratio, Särndal, Swensson and Wretman 1992, 5.6). ValueError where all weights are 0."""
    total = float(weights.sum())
    if total <= 0.0:
        raise ValueError("no weight is above 0")
    mean = float((weights * happened).sum()) / total
    return mean, float(np.sqrt(np.square(weights * (happened - mean)).sum())) / total
