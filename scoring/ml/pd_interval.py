"""The interval of a PD: what the bad rate among loans of this score can be, by the loans that scored about alike.

Two things can be wrong with the PD of a score. The loans may be few: it is then known as badly as a rate of so many
loans is. On the log-odds a rate p of m loans has the standard error 1 / sqrt(m p (1 - p)), and `Z` of these on either
side of the shown log-odds hold 90 %. For m stand the out-of-fold loans of nearest score: those within `REACH` of
log-odds, but no more than a tenth of the book. All loans together say more about the level of a smooth calibration; a
tenth is what leaves room for its bends, and for the final model ranking a little otherwise than those of the folds
(`python -m bench.interval` measures the share that is covered on made-up loans, whose PD is known).

Or the smooth calibration may not fit here. The Venn-ABERS interval (scoring/ml/venn_abers.py), which follows the
outcomes and knows no smooth line, shows it: where it reaches further, so does the interval.

The PD rises with the score, so no lower end may lie below that of a safer score, nor an upper end above that of a
riskier one: the ends are made to rise, which narrows the interval where loans become few. The PD lies in the interval
by construction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from scoring.ml.calibration import sigmoid
from scoring.ml.sample_weights import Weights, effective_size
from scoring.ml.venn_abers import VennAbers

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

INTERVAL_LEVEL = 0.90
# The normal quantile with that much between it and its negative.
Z = 1.6448536269514722
REACH = 0.25
MOST_OF_BOOK = 0.10
# Ends are computed at scores so far apart, or at so many, and straight lines lie between them.
STEP = 0.05
MOST_KNOTS = 400
# Beyond the riskiest and the safest loan there are none of about this score: one is taken, over this much of log-odds.
BEYOND = 2.0
# Where a PD is that near 0 or 1, its odds overflow before they matter.
MOST_LOG_ODDS = 30.0


@dataclass(frozen=True)
class PdInterval:
    """How far the ends lie `below` and `above` the shown log-odds at `scores` (all (knots,)), and the Venn-ABERS steps.

    Between knots the distances are straight lines, beyond them they stay.
    """

    scores: FloatArray
    below: FloatArray
    above: FloatArray
    venn_abers: VennAbers

    @classmethod
    def fit(cls, scores: FloatArray, y: IntArray, weights: Weights = None) -> Self:
        """From calibrated out-of-fold log-odds (n,) and outcomes (n,), 1 = bad. TrainingError without loans.

        With `weights` (n,) the loans near a score, and those of the book, are as many as tell the same unweighted.
        """
        steps = VennAbers.fit(scores, y, weights)
        order = np.argsort(scores, kind="stable")
        known = scores[order]
        first, last = known[0] - BEYOND, known[-1] + BEYOND
        knots = np.linspace(first, last, min(int(np.ceil((last - first) / STEP)) + 1, MOST_KNOTS))
        start, stop = np.searchsorted(known, knots - REACH), np.searchsorted(known, knots + REACH, side="right")
        near, book = (stop - start).astype(np.float64), float(len(known))
        if weights is not None:
            near, book = _effective_between(weights[order], start, stop), effective_size(weights)
        loans = np.maximum(np.minimum(near, MOST_OF_BOOK * book), 1.0)
        pd = sigmoid(np.clip(knots, -MOST_LOG_ODDS, MOST_LOG_ODDS))
        half = Z / np.sqrt(loans * pd * (1.0 - pd))
        low = np.maximum.accumulate(knots - half)
        high = np.minimum.accumulate((knots + half)[::-1])[::-1]
        return cls(knots, knots - low, high - knots, steps)

    def interval(self, log_odds: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Ends (m,) of the PDs of calibrated log-odds (m,): low <= PD <= high."""
        low, high = self.venn_abers.interval(log_odds)
        below, above = (np.interp(log_odds, self.scores, each) for each in (self.below, self.above))
        bottom, top = sigmoid(np.array([log_odds - below, log_odds + above]))
        return np.minimum(low, bottom), np.maximum(high, top)

    def to_dict(self) -> dict[str, Any]:
        """Plain lists; JSON keeps every digit."""
        knots = {name: getattr(self, name).tolist() for name in ("scores", "below", "above")}
        return {**knots, "venn_abers": self.venn_abers.to_dict()}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """The interval that `to_dict` described."""
        scores, below, above = (np.array(content[name], dtype=np.float64) for name in ("scores", "below", "above"))
        return cls(scores, below, above, VennAbers.from_dict(content["venn_abers"]))


def _effective_between(weights: FloatArray, start: IntArray, stop: IntArray) -> FloatArray:
    """Effective size (knots,) of the loans `start` to, without, `stop` of `weights` (n,); 0 of none."""
    sums, squares = (np.append(0.0, np.cumsum(each)) for each in (weights, np.square(weights)))
    above, below = (sums[stop] - sums[start]) ** 2, squares[stop] - squares[start]
    size: FloatArray = np.divide(above, below, out=np.zeros(len(start)), where=stop > start)
    return size
