"""Measures of a model on known outcomes; numbers only, no words and no charts.

With `weights` (n,) each loan counts as many times as it stands for (scoring/ml/sample_weights.py).
"""

import numpy as np
from numpy.typing import NDArray

from scoring.ml.sample_weights import Weights, mean, of_rows, total

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

BINS = 10


def auc(y: IntArray, score: FloatArray, weights: Weights = None) -> float:
    """Chance that a bad scores above a good, ties half (Mann-Whitney); ValueError when a class is absent."""
    bads, goods = class_sizes(y)
    if weights is not None:
        return mean(placements(score[y == 1], score[y == 0], weights[y == 0]), weights[y == 1])
    ranks = mid_ranks(score)
    return float((ranks[y == 1].sum() - bads * (bads + 1) / 2) / (bads * goods))


def gini(y: IntArray, score: FloatArray) -> float:
    """2 * AUC - 1 (accuracy ratio), -1 to 1; ValueError when a class is absent."""
    return 2.0 * auc(y, score) - 1.0


def ks(y: IntArray, score: FloatArray, weights: Weights = None) -> float:
    """Kolmogorov-Smirnov: largest gap between the score distributions of bads and goods, 0 to 1."""
    bads, goods = class_sizes(y)
    order = np.argsort(score, kind="stable")
    ordered, outcome = score[order], y[order]
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    if weights is not None:
        return weighted_ks(weights[order], outcome.astype(np.float64), ends)
    gap = np.cumsum(outcome)[ends] / bads - np.cumsum(1 - outcome)[ends] / goods
    return float(np.abs(gap).max())


def brier(y: IntArray, pd: FloatArray, weights: Weights = None) -> float:
    """Mean squared distance of PD and outcome."""
    return mean((pd - y) ** 2, weights)


def log_loss(y: IntArray, log_odds: FloatArray, weights: Weights = None) -> float:
    """Mean negative log-likelihood in nats, from log-odds, so that no PD near 0 or 1 is clipped."""
    return mean(np.logaddexp(0.0, log_odds) - y * log_odds, weights)


def ece(y: IntArray, pd: FloatArray, bins: int = BINS, weights: Weights = None) -> float:
    """Expected calibration error over bins of equal size: mean of |mean PD - bad rate|, weighted by the bin's size.

    Equal sizes rather than equal widths, because PDs of loans crowd near zero (Nixon et al. 2019, adaptive ECE).
    """
    gaps = (
        abs(mean(pd[part], mine) - mean(y[part], mine)) * total(len(part), mine)
        for part in bins_by_size(pd, bins, weights)
        for mine in (of_rows(weights, part),)
    )
    return float(sum(gaps) / total(len(y), weights))


def bins_by_size(pd: FloatArray, bins: int = BINS, weights: Weights = None) -> list[IntArray]:
    """Rows in order of PD (n,), in at most so many bins that hold equally many loans by their weights."""
    order = np.argsort(pd, kind="stable")
    if weights is None:
        parts = np.array_split(order, bins)
    else:
        before = np.cumsum(weights[order]) - weights[order]
        place = np.minimum(before * bins / weights.sum(), bins - 1).astype(np.int64)
        parts = np.split(order, np.flatnonzero(np.diff(place)) + 1)
    return [part for part in parts if len(part)]


def placements(scores: FloatArray, among: FloatArray, weights: FloatArray) -> FloatArray:
    """Share (..., m) of `weights` (n,) of the scores `among` (..., n) below each of `scores` (..., m), ties half."""
    if scores.ndim > 1:
        return np.stack([placements(one, other, weights) for one, other in zip(scores, among, strict=True)])
    order = np.argsort(among, kind="stable")
    sums = np.append(0.0, np.cumsum(weights[order]))
    below, upto = (np.searchsorted(among, scores, side, sorter=order) for side in ("left", "right"))
    shares: FloatArray = (sums[below] + sums[upto]) / (2.0 * sums[-1])
    return shares


def weighted_ks(weights: FloatArray, outcome: FloatArray, ends: IntArray) -> float:
    """KS of outcomes (n,) in order of score, `ends` being the last place of each score; NaN when a class is absent."""
    bad, all_ = np.cumsum(weights * outcome), np.cumsum(weights)
    good = all_ - bad
    if not bad[-1] or not good[-1]:
        return float("nan")
    return float(np.abs(bad[ends] / bad[-1] - good[ends] / good[-1]).max())


def mid_ranks(scores: FloatArray) -> FloatArray:
    """Ranks from 1 on along the last axis, equal scores in the middle of theirs."""
    # Loaded where it is used: it costs every worker 0.3 s and 23 MB, and scoring has no use for it.
    from scipy.stats import rankdata

    ranks: FloatArray = rankdata(scores, axis=-1)
    return ranks


def class_sizes(y: IntArray) -> tuple[int, int]:
    """Bads and goods; ValueError when a class is absent."""
    bads = int(y.sum())
    if not 0 < bads < len(y):
        raise ValueError("both outcomes are needed")
    return bads, len(y) - bads
