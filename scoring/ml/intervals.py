"""Measures with their 95 % intervals: what the number of loans allows to say about a model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from scoring.ml import metrics
from scoring.ml.calibration import sigmoid
from scoring.ml.sample_weights import Weights, effective_size, mean, of_rows

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LEVEL = 0.95
RESAMPLES = 200


class Estimate(NamedTuple):
    """A measure and the ends of its interval, low <= value <= high."""

    value: float
    low: float
    high: float


class ReliabilityPoint(NamedTuple):
    """A bin of a calibration plot: `rows` loans, their mean PD, and their bad rate with its interval."""

    rows: int
    mean_pd: float
    bad_rate: Estimate


@dataclass(frozen=True)
class Difference:
    """AUC of one score less that of another on the same loans; `p_value` is two-sided."""

    difference: float
    standard_error: float
    p_value: float


def wilson(successes: float, trials: float, level: float = LEVEL) -> Estimate:
    """A share with its score interval (Wilson 1927), sound also at 0, at 1 and on few trials; 0..1 without any. Trials
    of unequal weight are as many as their effective size."""
    if not trials:
        return Estimate(float("nan"), 0.0, 1.0)
    z = _quantile(level)
    share = successes / trials
    middle = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * np.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    # At 0 and 1 the end is the share itself; rounding must not move it past.
    return Estimate(share, float(min(max(middle - half, 0.0), share)), float(max(min(middle + half, 1.0), share)))


def auc_interval(y: IntArray, score: FloatArray, level: float = LEVEL, weights: Weights = None) -> Estimate:
    """AUC with DeLong's standard error, the interval formed on the log-odds of the AUC so that it stays in 0..1.

    A perfect ranking has no standard error by DeLong, and its interval is the point. ValueError when a class is absent.
    DeLong, DeLong and Clarke-Pearson 1988; Sun and Xu 2014 for the mid-rank form; Qin and Hotilovac 2008 for the
    log-odds.
    """
    areas, covariance = _delong(y, score[None, :], weights)
    area, variance = float(areas[0]), float(covariance[0, 0])
    if not 0.0 < area < 1.0:
        return Estimate(area, area, area)
    middle = np.log(area / (1 - area))
    half = _quantile(level) * np.sqrt(variance) / (area * (1 - area))
    low, high = sigmoid(np.array([middle - half, middle + half]))
    return Estimate(area, float(low), float(high))


def delong_difference(y: IntArray, score: FloatArray, other: FloatArray, weights: Weights = None) -> Difference:
    """AUC of `score` (n,) less AUC of `other` (n,) on the same outcomes (n,), with DeLong's paired standard error.

    ValueError when a class is absent. The p-value is 1 where the scores rank alike.
    """
    areas, covariance = _delong(y, np.stack([score, other]), weights)
    difference = float(areas[0] - areas[1])
    error = float(np.sqrt(max(0.0, covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])))
    if error == 0.0:
        return Difference(difference, 0.0, 1.0 if difference == 0.0 else 0.0)
    return Difference(difference, error, float(2 * ndtr(-abs(difference) / error)))


def measured_with_intervals(
    y: IntArray, log_odds: FloatArray, *, resamples: int = RESAMPLES, seed: int = 0, weights: Weights = None
) -> dict[str, Estimate]:
    """AUC, Gini, KS, Brier, log-loss and ECE of calibrated log-odds (n,) and outcomes (n,), 1 = bad.

    AUC and Gini by DeLong, the others by bootstrap of loans, each with its weight. ValueError when a class is absent.
    """
    area = auc_interval(y, log_odds, weights=weights)
    pd = sigmoid(log_odds)
    values = {
        "ks": metrics.ks(y, log_odds, weights),
        "brier": metrics.brier(y, pd, weights),
        "log_loss": metrics.log_loss(y, log_odds, weights),
        "ece": metrics.ece(y, pd, weights=weights),
    }
    drawn = _bootstrap(y, log_odds, resamples, seed, weights)
    return {
        "auc": area,
        "gini": Estimate(*(2 * end - 1 for end in area)),
        **{name: _shifted(value, drawn[name]) for name, value in values.items()},
    }


def reliability_points(
    y: IntArray, pd: FloatArray, bins: int = metrics.BINS, weights: Weights = None
) -> list[ReliabilityPoint]:
    """Bins of equal size in order of PD (n,), for a calibration plot; fewer where there are fewer loans."""
    found = []
    for part in metrics.bins_by_size(pd, bins, weights):
        mine = of_rows(weights, part)
        loans = len(part) if mine is None else effective_size(mine)
        bads = int(y[part].sum()) if mine is None else mean(y[part], mine) * loans
        found.append(ReliabilityPoint(len(part), mean(pd[part], mine), wilson(bads, loans)))
    return found


def _quantile(level: float) -> float:
    """The normal quantile with `level` of the probability between it and its negative."""
    return float(ndtri((1 + level) / 2))


def _delong(y: IntArray, scores: FloatArray, weights: Weights) -> tuple[FloatArray, FloatArray]:
    """AUCs (m,) and their covariance (m, m) for scores (m, n).

    With mid-ranks over all loans and within a class, (rank over all - rank within) / size of the other class is each
    loan's own share of the AUC; the covariance is that of these shares' means. Of weighted loans a share counts the
    weights of the other class, and the covariance is that of two ratios (Särndal, Swensson and Wretman 1992, 5.6).
    """
    bads, goods = metrics.class_sizes(y)
    bad, good = scores[:, y == 1], scores[:, y == 0]
    if weights is not None:
        heavy, light = weights[y == 1], weights[y == 0]
        shares = ((metrics.placements(bad, good, light), heavy), (1.0 - metrics.placements(good, bad, heavy), light))
        areas: FloatArray = np.average(shares[0][0], axis=1, weights=heavy)
        return areas, sum((_ratio_covariance(*each) for each in shares), np.zeros((len(scores),) * 2))
    ranks = metrics.mid_ranks(np.concatenate([bad, good], axis=1))
    of_bads = (ranks[:, :bads] - metrics.mid_ranks(bad)) / goods
    of_goods = 1.0 - (ranks[:, bads:] - metrics.mid_ranks(good)) / bads
    covariance = _mean_covariance(of_bads) + _mean_covariance(of_goods)
    return of_bads.mean(axis=1), covariance


def _mean_covariance(shares: FloatArray) -> FloatArray:
    """Covariance (m, m) of the means of shares (m, size); of a single loan nothing is known, and 0 is taken."""
    if shares.shape[1] < 2:
        return np.zeros((len(shares), len(shares)))
    covariance: FloatArray = np.atleast_2d(np.cov(shares)) / shares.shape[1]
    return covariance


def _ratio_covariance(shares: FloatArray, weights: FloatArray) -> FloatArray:
    """The same of means that are weighted by `weights` (size,)."""
    rows = shares.shape[1]
    if rows < 2:
        return np.zeros((len(shares), len(shares)))
    away = weights * (shares - np.average(shares, axis=1, weights=weights)[:, None])
    covariance: FloatArray = away @ away.T * (rows / (rows - 1)) / weights.sum() ** 2
    return covariance


def _bootstrap(
    y: IntArray, log_odds: FloatArray, resamples: int, seed: int, weights: Weights
) -> Mapping[str, FloatArray]:
    """Measures (resamples,) of loans drawn with replacement, each with its weight; NaN where a draw lacks a class.

    A draw is a count per loan, so that the loans are sorted once and every measure is a sum weighted by counts.
    """
    order = np.argsort(log_odds, kind="stable")
    outcome, log_odds = y[order].astype(np.float64), log_odds[order]
    pd = sigmoid(log_odds)
    square, loss = (pd - outcome) ** 2, np.logaddexp(0.0, log_odds) - outcome * log_odds
    ends = np.append(np.flatnonzero(np.diff(log_odds)), len(y) - 1)
    random = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {"ks": [], "brier": [], "log_loss": [], "ece": []}
    for _ in range(resamples):
        counts = np.bincount(random.integers(0, len(y), len(y)), minlength=len(y)).astype(np.float64)
        if weights is not None:
            counts *= weights[order]
        loans = len(y) if weights is None else counts.sum()
        drawn["ks"].append(metrics.weighted_ks(counts, outcome, ends))
        drawn["brier"].append(float(counts @ square) / loans)
        drawn["log_loss"].append(float(counts @ loss) / loans)
        drawn["ece"].append(_weighted_ece(counts, outcome, pd))
    return {name: np.array(values) for name, values in drawn.items()}


def _weighted_ece(counts: FloatArray, outcome: FloatArray, pd: FloatArray) -> float:
    """ECE of loans in order of PD, each `counts` times, in bins of equal size; copies stay together."""
    before = np.cumsum(counts) - counts
    place = np.minimum(before * metrics.BINS / counts.sum(), metrics.BINS - 1).astype(np.int64)
    gaps = np.bincount(place, weights=counts * (pd - outcome))
    return float(np.abs(gaps).sum() / counts.sum())


def _shifted(value: float, drawn: FloatArray, level: float = LEVEL) -> Estimate:
    """Percentile interval of the draws, moved by value - mean of the draws, and never below 0.

    KS and ECE grow with noise, so that draws lie above the value by as much as the value lies above the truth; moved
    they show the spread around the value that is printed.
    """
    usable = drawn[np.isfinite(drawn)]
    if not len(usable):
        return Estimate(value, 0.0, float("inf"))
    low, high = np.quantile(usable, [(1 - level) / 2, (1 + level) / 2]) + value - usable.mean()
    return Estimate(value, float(min(max(low, 0.0), value)), float(max(high, value)))
