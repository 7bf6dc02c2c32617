"""Weights of loans in training and in measures: how many like it each stands for; None says that each counts once.

An outcome that was seen with chance p stands for 1 / p loans, most of which nobody could see. What a model learns or is
measured by are then sums over w instead of counts (Horvitz and Thompson 1952; Hájek 1971 for the division by Σw).

Heavy weights must not pass for evidence. In a training the weights are on a scale on which they add up to the effective
sample size (Σw)² / Σw² (Kish 1965), and so penalties, shrinkage, capacities and intervals know how little such loans
tell. Weights that are all alike are no weights.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scoring.ml.errors import TrainingError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
# One above 0 a loan (n,), or None.
Weights = FloatArray | None


def effective_size(weights: FloatArray) -> float:
    """How many loans of equal weight tell as much as those of `weights` (n,): (Σw)² / Σw² (Kish 1965); 0 of none."""
    squares = float(np.square(weights).sum())
    return float(weights.sum()) ** 2 / squares if squares > 0.0 else 0.0


def training_weights(rows: int, given: ArrayLike | None) -> Weights:
    """Weights (n,) that add up to their effective size; None where none are given or all are alike.

    TrainingError when they do not match the rows or are not finite and above 0.
    """
    if given is None:
        return None
    weights = np.asarray(given, dtype=np.float64)
    if weights.shape != (rows,):
        raise TrainingError(
            "weights_length",
            f"{rows} loans but {weights.size} weights.",
            f"贷款 {rows} 笔，权重却有 {weights.size} 个。",
        )
    if not (np.isfinite(weights) & (weights > 0.0)).all():
        raise TrainingError("weight", "The weight of a loan is a number above 0.", "贷款的权重须为大于 0 的数。")
    if (weights == weights[0]).all():
        return None
    scaled: FloatArray = weights * (effective_size(weights) / weights.sum())
    return scaled


def of_rows(weights: Weights, rows: BoolArray | IntArray) -> Weights:
    """The weights of some rows."""
    return None if weights is None else weights[rows]


def count(where: NDArray[Any], weights: Weights = None) -> float:
    """How many loans it holds for (n,), 0 or 1 each, by their weights."""
    return float(where.sum()) if weights is None else float(weights[where.astype(np.bool_)].sum())


def mean(values: NDArray[Any], weights: Weights = None) -> float:
    """The mean of values (n,)."""
    return float(values.mean() if weights is None else np.average(values, weights=weights))


def total(rows: int, weights: Weights = None) -> float:
    """How many loans `rows` rows are, by their weights."""
    return float(rows) if weights is None else float(weights.sum())


def quantile(values: FloatArray, shares: ArrayLike, weights: Weights = None) -> FloatArray:
    """Quantiles of values (n,), each a value that occurs (the inverse of the distribution function)."""
    at = np.asarray(shares, dtype=np.float64)
    found: FloatArray = np.quantile(values, at, method="inverted_cdf", weights=weights)
    return found


def mean_error(values: FloatArray, weights: Weights = None) -> float:
    """Standard error of the mean of values (n,), with Bessel's correction; of weighted ones that of a ratio, √Σw²(v -
    v̄)² / Σw (Särndal, Swensson and Wretman 1992, 5.6). NaN for fewer than two."""
    rows = len(values)
    if rows < 2:
        return float("nan")
    if weights is None:
        return float(values.std(ddof=1) / np.sqrt(rows))
    away = weights * (values - mean(values, weights))
    return float(np.sqrt(np.square(away).sum() * rows / (rows - 1)) / weights.sum())
