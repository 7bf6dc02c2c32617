"""The promised miss rate and its mirror for good loans: the cut-offs that keep them, and what speaks against them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrc, betaincinv

FloatArray = NDArray[np.float64]

CONFIDENCE: Final = 0.95


def upper_bound(misses: int, bads: int, confidence: float = CONFIDENCE) -> float:
    """Upper limit of the true miss rate when `misses` of `bads` were seen; exact, one-sided.

    Clopper and Pearson (1934): the rate at which so few misses or fewer have a chance of 1 - confidence, the
    `confidence` quantile of Beta(misses + 1, bads - misses). 1 when every bad was missed, or none was seen.
    ValueError unless 0 <= misses <= bads.
    """
    if not 0 <= misses <= bads:
        raise ValueError(f"{misses} misses of {bads} bads cannot be")
    return 1.0 if misses == bads else float(betaincinv(misses + 1, bads - misses, confidence))


def misses_allowed(bads: int, promise: float, confidence: float = CONFIDENCE) -> int:
    """Most misses of `bads` whose upper bound still keeps the promise; -1 where not even none does.

    A promise of 5 % at 95 % confidence needs 59 bads before the machine may approve anybody.
    """
    if promise >= 1.0:
        return bads
    # The bound of m misses is at most the promise exactly when P(Binomial(bads, promise) <= m) <= 1 - confidence.
    chances = bdtr(np.arange(bads), bads, promise)
    return int(np.count_nonzero(chances <= 1.0 - confidence)) - 1


def promised_cut_off(bad_scores: FloatArray, promise: float, confidence: float = CONFIDENCE) -> float:
    """Highest score c such that approving below c misses at most `promise` of all bads, at the given confidence.

    `bad_scores` (m,) are scores of cases that turned bad, given by a model that did not see them; any scale on which
    higher is riskier. The answer is on that scale: -inf where nothing may be approved, inf where everything may.

    Fixed-sequence testing of Learn-then-Test (Angelopoulos, Bates, Candes, Jordan and Lei 2021): the cut-offs are
    tested from the safest upwards, each with an exact binomial test of "its miss rate is above the promise", and the
    last one before the first that is not rejected is taken. The chance that any unsafe cut-off is passed on the way
    is then at most 1 - confidence, with no correction for their number. Misses only grow with the cut-off, so the
    answer is an order statistic of the bads' scores: the classic one-sided tolerance limit.

    What the promise rests on: new bads are exchangeable with these. It is void under drift. Scores out of fold come
    from models trained on fewer rows than the final one, which ranks bads a little better: the promise errs, if at
    all, on the safe side. Folds share rows, so the scores are not quite independent; no correction is known to be
    needed in practice, and none is made.
    """
    allowed = misses_allowed(len(bad_scores), promise, confidence)
    if allowed < 0:
        return -np.inf
    if allowed >= len(bad_scores):
        return np.inf
    return float(np.sort(bad_scores)[allowed])


def promised_decline_cut_off(good_scores: FloatArray, promise: float, confidence: float = CONFIDENCE) -> float:
    """Lowest score d such that declining from d on declines at most `promise` of all goods, at the given confidence.

    `good_scores` (m,) are scores of cases that did not turn bad, given by a model that did not see them; higher is
    riskier. inf where nothing may be declined, -inf where everything may. The machine declines a case at d itself, so
    the answer lies just above the score of the first good that it may not decline.

    The same test as for `promised_cut_off`, from the riskiest cut-off downwards, and it rests on the same: new goods
    are exchangeable with these. The two promises are separate, each at its own confidence. Cases between the two
    cut-offs are for people; where d lies below the approve cut-off there is nothing between them, and both promises
    hold at any single cut-off from d up to it.
    """
    allowed = misses_allowed(len(good_scores), promise, confidence)
    if allowed < 0:
        return np.inf
    if allowed >= len(good_scores):
        return -np.inf
    return float(np.nextafter(np.sort(good_scores)[::-1][allowed], np.inf))


def bads_needed(promise: float, confidence: float = CONFIDENCE) -> int:
    """The fewest bads from which on a promise can be kept by approving anything: 59 for 5 % at 95 %.

    None of n missed has a chance of (1 - promise)^n under a rate at the promise. ValueError for a promise of 0, which
    no number of bads supports, and outside 0..1.
    """
    if not 0.0 < promise <= 1.0:
        raise ValueError(f"a promise of {promise} needs more bads than there are")
    bads = 1 if promise == 1.0 else max(int(np.log(1.0 - confidence) / np.log1p(-promise)), 1)
    while misses_allowed(bads, promise, confidence) < 0:
        bads += 1
    return bads


def promise_refuted(misses: int, bads: int, promise: float, confidence: float = CONFIDENCE) -> bool:
    """Whether so many misses or more are too unlikely under "the true rate is at most the promise".

    One-sided exact binomial test at 1 - confidence. No bads refute nothing.
    """
    return misses > 0 and bool(bdtrc(misses - 1, bads, promise) < 1.0 - confidence)
