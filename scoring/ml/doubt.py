"""Doubt: how far a score can be trusted for this very case, 0 (no reason to doubt) to 1, in four named parts.

Never the distance of the PD to one half: loans are decided at an economic cut-off far below it. Each part can be
checked by a reviewer in one sentence:

* `cut_off`: the PD lies this close to the cut-off, measured in half-widths of its interval (scoring/ml/pd_interval.py)
  on the log-odds: 1 at the cut-off, 0.5 or more where the interval holds it, 0 from two half-widths on.
* `disagreement`: the share of the models' votes that would decide the other way; or, where larger, how unusually far
  apart the models lie: 0.5 where only one in a hundred training loans had them further apart (scoring/ml/tail.py).
* `novelty`: the share of the model's weight on facts that the training loans did not show; or, where larger, how
  unusually the facts go together, on the same scale (scoring/ml/novelty.py).
* `missing`: the share of the model's weight on facts that were not supplied, each counted by the share of training
  loans that had it, or are stale.

The model's weight of a feature is its share of the mean absolute contribution over the training loans, so that a
missing main driver counts more than a missing trifle. The whole is 1 - the product of (1 - part): never below the
largest part, 1 as soon as one part is 1, and 0 for the clear, ordinary, complete case, which is the usual one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from scoring.ml.tail import Tail, row_sums, weight_on

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

# PDs are compared between the floor of Basel III (CRE32: 0.05 %) and its complement, as no book can tell smaller ones
# apart and the log-odds of 0 have no distance to anything.
LEAST_PD = 0.0005
RANGE_QUANTILES = (0.001, 0.999)


def near_cut_off(pd: FloatArray, low: FloatArray, high: FloatArray, cut_off: FloatArray) -> FloatArray:
    """max(0, 1 - d / 2w) (n,) of PDs, the ends of their intervals and cut-offs (n,), low <= pd <= high.

    d is the distance from the PD to the cut-off, w the distance from the PD to the end of its interval on that side,
    but at least half of the whole interval, all in log-odds: a PD near one end of its interval is as uncertain as one
    in the middle. So it is 0.5 or more wherever the cut-off lies in the interval, and half an interval beyond an end.
    With an interval of no width it is 1 at the cut-off and 0 elsewhere.
    """
    at, aim, bottom, top = _clipped_log_odds(np.array([pd, cut_off, low, high]))
    distance, width = np.abs(aim - at), np.maximum(np.where(aim >= at, top - at, at - bottom), (top - bottom) / 2)
    inside = distance <= width
    ratio = np.divide(distance, 2.0 * width, out=np.where(distance > 0, np.inf, 0.0), where=width > 0)
    # Rounding must not take the last digit from an interval whose end is the cut-off.
    doubt: FloatArray = np.maximum(np.where(inside, 0.5, 0.0), 1.0 - ratio)
    return doubt


@dataclass(frozen=True)
class Disagreement:
    """The models' votes and how far apart they usually lie.

    `votes` (models,), sum 1, say how much each model counts; `usual` is the tail of the training loans' distances.
    """

    votes: FloatArray
    usual: Tail

    @classmethod
    def fit(cls, views: FloatArray, shown: FloatArray, weights: FloatArray) -> Self:
        """From calibrated, held-out log-odds of the models (models, n), the shown ones (n,), and the models' weights.

        A vote is the mean of the model's share of the weights (models,), none below 0, and an equal share, so that a
        model which the blend passed over still has a say. Without any weight all votes are equal.
        """
        equal = np.full(len(weights), 1.0 / len(weights))
        total = weights.sum()
        votes = (weights / total + equal) / 2.0 if total > 0 else equal
        return cls(votes, Tail.fit(_distance(views, shown, votes)))

    def opposed(self, views: FloatArray, shown: FloatArray, cut_off: FloatArray) -> FloatArray:
        """Share (n,) of the votes on the other side of the cut-off PD (n,) than the shown log-odds (n,)."""
        with np.errstate(divide="ignore"):
            aim = np.log(cut_off) - np.log1p(-cut_off)
        return weight_on(((views >= aim) != (shown >= aim)).T, self.votes)

    def doubt(self, views: FloatArray, shown: FloatArray, cut_off: FloatArray) -> FloatArray:
        """The larger (n,) of the opposed share and the doubt of the models' mean distance to the shown log-odds."""
        apart = self.usual.doubt(_distance(views, shown, self.votes))
        result: FloatArray = np.maximum(self.opposed(views, shown, cut_off), apart)
        return result

    def to_dict(self) -> dict[str, Any]:
        """Plain lists; JSON keeps every digit."""
        return {"votes": self.votes.tolist(), "usual": self.usual.to_dict()}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """What `to_dict` described."""
        return cls(np.array(content["votes"], dtype=np.float64), Tail.from_dict(content["usual"]))


def missing_weight(
    values: FloatArray, unreadable: BoolArray, stale: BoolArray, weights: FloatArray, supplied: FloatArray
) -> FloatArray:
    """Weight (n,) on values (n, k) that were not supplied or are `stale` (n, k).

    A missing fact counts its weight (k,) times `supplied` (k,), the share of training loans that had it: where most
    had none, the model has learned what that means. A stale fact counts its whole weight. What is unreadable counts as
    novel.
    """
    absent = np.isnan(values) & ~unreadable & ~stale
    doubt: FloatArray = np.minimum(weight_on(absent, weights * supplied) + weight_on(stale, weights), 1.0)
    return doubt


def supplied_share(values: FloatArray) -> FloatArray:
    """Share (k,) of the training values (n, k) that are not missing."""
    share: FloatArray = 1.0 - np.isnan(values).mean(axis=0)
    return share


def combined(parts: Mapping[str, FloatArray]) -> FloatArray:
    """The whole doubt (n,) of its parts (n,); a part that is no number is full doubt, so that people look."""
    trust = 1.0 - np.array(list(parts.values()))
    # Part by part, in order: a product must not depend on the rows beside it.
    whole: FloatArray = 1.0 - np.multiply.reduce(np.where(np.isnan(trust), 0.0, trust), axis=0)
    return whole


def training_range(column: FloatArray) -> tuple[float, float] | None:
    """The observed values between which the middle 99.8 % of a column (n,) lie; None when all are missing."""
    known = column[~np.isnan(column)]
    if not len(known):
        return None
    low, high = np.quantile(known, RANGE_QUANTILES, method="inverted_cdf")
    return float(low), float(high)


def _distance(views: FloatArray, shown: FloatArray, votes: FloatArray) -> FloatArray:
    """Mean (n,) by votes of the models' absolute distances in log-odds to the shown score."""
    return row_sums(np.abs(views - shown).T * votes)


def _clipped_log_odds(pd: FloatArray) -> FloatArray:
    clipped = np.minimum(np.maximum(pd, LEAST_PD), 1.0 - LEAST_PD)
    log_odds: FloatArray = np.log(clipped) - np.log1p(-clipped)
    return log_odds
