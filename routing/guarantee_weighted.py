"""The promised miss rate where outcomes were observed with unequal chances: weighted bads, a bound that still holds."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.guarantee import CONFIDENCE

FloatArray = NDArray[np.float64]

# How much of the largest bet is staked; the evidence is the mean over all of them.
STAKES: Final = np.linspace(0.02, 1.0, 50)


def weighted_cut_off(
    bad_scores: FloatArray,
    weights: FloatArray,
    promise: float,
    confidence: float = CONFIDENCE,
    *,
    largest: float | None = None,
) -> float:
    """Highest score c such that approving below c misses at most `promise` of all bads that the weights stand for.

    `bad_scores` (m,) are of cases that turned bad and whose outcome was observed with a known chance; `weights` (m,)
    are one over that chance. `largest` is the largest weight that the design can give (one over its smallest chance);
    unset, the largest one seen, which is right where every chance of the design occurs. -inf where nothing may be
    approved, inf where everything may. ValueError for weights that are not above zero or above `largest`.

    Test by betting (Waudby-Smith and Ramdas 2024, Estimating means of bounded random variables by betting): under "the
    miss rate is above the promise x" every term 1 - s (w / largest) (miss - x) / (1 - x) with 0 <= s <= 1 has a mean of
    at most 1, so the product over independent bads exceeds 1 / (1 - confidence) with a chance of at most
    1 - confidence (Markov); so does the mean of the products over several s. A miss more only lowers it, so testing
    the cut-offs from the safest upwards (fixed sequence, as in `promised_cut_off`) costs no correction.
    Counts that are rounded to an "effective sample size" and put into an exact binomial bound would be tighter, but
    that bound is only approximate: it may break the promise more often than stated, so it is not used. With equal
    weights `promised_cut_off` is exact and needs fewer bads (59 instead of 87 for 5 %).

    What the promise covers: bads with a chance above zero of being observed. Declined cases have no outcome and no
    weight repairs that; unless some are approved at random (exploration) and enter with one over that chance, the
    promise is about bads like those of granted loans alone.
    """
    if promise >= 1.0:
        return np.inf
    most = float(weights.max(initial=0.0)) if largest is None else largest
    if not (weights > 0).all() or (weights > most).any():
        raise ValueError(f"weights must be above 0 and at most {most:g}")
    order = np.argsort(bad_scores, kind="stable")
    passed = int(np.count_nonzero(_evidence(weights[order] / most, promise) >= -np.log(1.0 - confidence)))
    return float(bad_scores[order[passed - 1]]) if passed else -np.inf


def _evidence(weights: FloatArray, promise: float) -> FloatArray:
    """Log of the mean capital (m,) against "above the promise" when the first 0, 1, … m - 1 bads are missed.

    `weights` (m,) are in 0..1 and in the order of the scores.
    """
    staked = STAKES[:, None] * weights
    with np.errstate(divide="ignore"):
        missed = np.log1p(-staked)
    spared = np.log1p(staked * promise / (1.0 - promise))
    before = np.pad(np.cumsum(missed, axis=1), ((0, 0), (1, 0)))[:, :-1]
    after = np.cumsum(spared[:, ::-1], axis=1)[:, ::-1]
    evidence: FloatArray = np.logaddexp.reduce(before + after, axis=0) - np.log(len(STAKES))
    return evidence
