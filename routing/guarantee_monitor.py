"""Whether a promised miss rate still holds while outcomes mature: a test that may be looked at any day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from routing.guarantee import CONFIDENCE

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

# holds: no more misses than promised. in_doubt: more, but luck may explain them; or no bad yet. broken: no longer luck.
State = Literal["holds", "in_doubt", "broken"]

# How much of the largest bet is staked, denser where a broken promise usually lies: at a small multiple of itself.
STAKES: Final = ((np.arange(32) + 0.5) / 32) ** 2
HALVINGS: Final = 30
# Beyond e^700 a float ends; the evidence is overwhelming long before.
MOST: Final = 700.0


@dataclass(frozen=True)
class PromiseWatch:
    """What n bads say so far. `evidence` (n,) is the e-value after each: at most 1 on average, at any time, while the
    promise holds, so that 20 is evidence against it at 5 %. `miss_rate` is weighted and NaN without bads; it lies above
    `least_miss_rate` with the given confidence, on whatever day one looks."""

    bads: int
    miss_rate: float
    least_miss_rate: float
    evidence: FloatArray
    state: State


def watch_promise(
    missed: BoolArray,
    promise: float,
    confidence: float = CONFIDENCE,
    *,
    weights: FloatArray | None = None,
    largest: float | None = None,
) -> PromiseWatch:
    """The live check of a promise: of all bads the machine approves at most `promise` (above 0, below 1).

    `missed` (n,) says of every bad, in the order in which they matured, whether the machine approved it. A case that
    the blind audit took from the machine counts as approved by it: the machine would have approved it, and whether
    people then stopped it is no merit of the cut-off. `weights` (n,) are one over the chance that this bad's outcome
    is seen at all, `largest` the largest that can occur (unset: the largest seen). ValueError for a promise of 0 or 1,
    or weights that are not above zero or above `largest`.

    When weights are needed: an audited case that a person declined has no outcome, so either audited cases count by
    their own chance, or they are left out and the machine's other approvals weigh 1 / (1 - audit rate). Declined cases
    have none either: if some are approved at random, they weigh one over that chance. Without them the bads that were
    stopped are missing below the line, the rate is too high rather than too low, and `broken` may be false while
    `holds` is safe.

    Test by betting (Waudby-Smith and Ramdas 2024): while the rate is at most x, each term
    1 + s (w / largest) (miss - x) / x with 0 <= s < 1 has a mean of at most 1 given the past, so the product, and the
    mean of products over several s, reaches 1 / (1 - confidence) at any time with a chance of at most 1 - confidence
    (Ville 1939). No number of looks and no stopping rule spoils it. The bound collects every rate that is refuted so.
    It rests on bads maturing in an order that does not depend on who approved them: where the machine's bads show
    sooner, look at whole vintages.
    """
    if not 0.0 < promise < 1.0:
        raise ValueError(f"a promise of {promise} cannot be tested")
    given = np.ones(len(missed)) if weights is None else weights
    most = float(given.max(initial=0.0)) if largest is None else largest
    if not (given > 0).all() or (given > most).any():
        raise ValueError(f"weights must be above 0 and at most {most:g}")
    if not len(missed):
        return PromiseWatch(0, np.nan, 0.0, np.zeros(0), "in_doubt")
    misses, line = missed.astype(np.float64), -np.log(1.0 - confidence)
    evidence = _evidence(misses, given / most, promise)
    rate = float(misses @ given / given.sum())
    state: State = "broken" if evidence.max() >= line else "holds" if rate <= promise else "in_doubt"
    return PromiseWatch(
        len(missed), rate, _least(misses, given / most, line), np.exp(np.minimum(evidence, MOST)), state
    )


def _evidence(misses: FloatArray, weights: FloatArray, rate: float) -> FloatArray:
    """Log of the mean capital (n,) against "at most this rate" after each bad; `weights` (n,) in 0..1."""
    bets = np.log1p(STAKES[:, None] * (weights * (misses - rate) / rate))
    evidence: FloatArray = np.logaddexp.reduce(np.cumsum(bets, axis=1), axis=0) - np.log(len(STAKES))
    return evidence


def _least(misses: FloatArray, weights: FloatArray, line: float) -> float:
    """The highest rate below which every rate is refuted; evidence only falls as the rate grows."""
    low, high = 0.0, 1.0
    for _halving in range(HALVINGS):
        middle = (low + high) / 2
        refuted = _evidence(misses, weights, middle).max() >= line
        low, high = (middle, high) if refuted else (low, middle)
    return low
