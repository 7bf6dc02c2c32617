"""Statistics that hold on few cases: exact shares, differences of shares, trends, and many questions asked at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.special import betaincinv, gammaln, ndtr

from scoring.ml.intervals import LEVEL, Estimate, wilson

# Of tables that are as likely as the one seen but for rounding.
TIE: Final = 1 + 1e-7


def exact_share(successes: int, trials: int, level: float = LEVEL) -> Estimate:
    """A share with its exact interval (Clopper and Pearson 1934); 0..1 without trials."""
    if not trials:
        return Estimate(float("nan"), 0.0, 1.0)
    tail = (1 - level) / 2
    low = float(betaincinv(successes, trials - successes + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, trials - successes, 1 - tail)) if successes < trials else 1.0
    return Estimate(successes / trials, low, high)


def adjusted_p_values(p_values: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg 1995: for each, the smallest share of false findings among all at which it counts as one.
    In the order given; [] for none."""
    count = len(p_values)
    order = sorted(range(count), key=lambda place: p_values[place])
    adjusted, least = [1.0] * count, 1.0
    for rank in range(count, 0, -1):
        place = order[rank - 1]
        least = min(least, p_values[place] * count / rank)
        adjusted[place] = least
    return adjusted


def fisher_p(first: int, of_first: int, second: int, of_second: int) -> float:
    """Two-sided p-value of `first` of `of_first` against `second` of `of_second` (Fisher's exact test: all tables with
    these sums that are no likelier than the one seen)."""
    drawn, others, chosen = of_first, of_second, first + second
    lowest, highest = max(0, chosen - others), min(chosen, drawn)
    at = np.arange(lowest, highest + 1)
    logs = -(gammaln(at + 1) + gammaln(drawn - at + 1) + gammaln(chosen - at + 1) + gammaln(others - chosen + at + 1))
    chances = np.exp(logs - logs.max())
    return float(min(1.0, chances[chances <= chances[first - lowest] * TIE].sum() / chances.sum()))


def difference_of_shares(first: int, of_first: int, second: int, of_second: int) -> Estimate:
    """first/of_first - second/of_second with the interval of Newcombe 1998 (method 10, from Wilson's of each); the
    whole range where either has no trials."""
    if not of_first or not of_second:
        return Estimate(float("nan"), -1.0, 1.0)
    one, two = wilson(first, of_first), wilson(second, of_second)
    gap = one.value - two.value
    below = float(np.hypot(one.value - one.low, two.high - two.value))
    above = float(np.hypot(one.high - one.value, two.value - two.low))
    return Estimate(gap, max(-1.0, gap - below), min(1.0, gap + above))


def trend_p(successes: Sequence[int], trials: Sequence[int]) -> float:
    """Two-sided p-value that shares rise or fall along equally spaced groups (Cochran 1954, Armitage 1955); 1 where
    nothing could."""
    events, counts = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    total = float(counts.sum())
    share = float(events.sum()) / total if total else 0.0
    places = np.arange(len(counts), dtype=np.float64)
    middle = float(places @ counts) / total if total else 0.0
    spread = share * (1 - share) * float(((places - middle) ** 2) @ counts)
    if spread <= 0:
        return 1.0
    return float(2 * ndtr(-abs(float((places - middle) @ events)) / np.sqrt(spread)))
