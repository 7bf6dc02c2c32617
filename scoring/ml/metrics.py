"""Measures of a model on known outcomes; numbers only, no words and no charts."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

BINS = 10


def auc(y: IntArray, score: FloatArray) -> float:
    """Chance that a bad scores above a good, ties half (Mann-Whitney); ValueError when a class is absent."""
    bads, goods = class_sizes(y)
    ranks = mid_ranks(score)
    return float((ranks[y == 1].sum() - bads * (bads + 1) / 2) / (bads * goods))


def gini(y: IntArray, score: FloatArray) -> float:
    """2 * AUC - 1 (accuracy ratio), -1 to 1; ValueError when a class is absent."""
    return 2.0 * auc(y, score) - 1.0


def ks(y: IntArray, score: FloatArray) -> float:
    """Kolmogorov-Smirnov: largest gap between the score distributions of bads and goods, 0 to 1."""
    bads, goods = class_sizes(y)
    order = np.argsort(score, kind="stable")
    ordered, outcome = score[order], y[order]
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    gap = np.cumsum(outcome)[ends] / bads - np.cumsum(1 - outcome)[ends] / goods
    return float(np.abs(gap).max())


def brier(y: IntArray, pd: FloatArray) -> float:
    """Mean squared distance of PD and outcome."""
    return float(np.mean((pd - y) ** 2))


def log_loss(y: IntArray, log_odds: FloatArray) -> float:
    """Mean negative log-likelihood in nats, from log-odds, so that no PD near 0 or 1 is clipped."""
    return float(np.mean(np.logaddexp(0.0, log_odds) - y * log_odds))


def ece(y: IntArray, pd: FloatArray, bins: int = BINS) -> float:
    """Expected calibration error over bins of equal size: mean of |mean PD - bad rate|, weighted by the bin's size.

    Equal sizes rather than equal widths, because PDs of loans crowd near zero (Nixon et al. 2019, adaptive ECE).
    """
    order = np.argsort(pd, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return float(sum(abs(pd[part].mean() - y[part].mean()) * len(part) for part in parts) / len(y))


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
