"""What can be promised with how many people: cut-offs and shares over a grid of promises and review shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from routing.guarantee import CONFIDENCE, promised_cut_off, upper_bound

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class FrontierPoint:
    """One promise against one review share. The machine approves below `approve_below` and declines from today's
    decline cut-off on; people see what lies between. `approved`, `reviewed` and `declined` are shares of all cases and
    add up to 1; `kept` is whether `reviewed` is within the `review_share`."""

    promise: float
    review_share: float
    approve_below: float
    approved: float
    reviewed: float
    declined: float
    kept: bool


@dataclass(frozen=True)
class Book:
    """Cases with a known end, scored by a model that did not see them: `bad_scores` (m,), `good_scores` (k,), higher is
    riskier. Weights say what shares are shares of: ones for cases, amounts for money, one over the chance of being in
    the book where it is a sample. Promises count bads and know no weights."""

    bad_scores: FloatArray
    good_scores: FloatArray
    bad_weights: FloatArray
    good_weights: FloatArray

    @classmethod
    def of(
        cls,
        bad_scores: FloatArray,
        good_scores: FloatArray,
        bad_weights: FloatArray | None = None,
        good_weights: FloatArray | None = None,
    ) -> Self:
        """A book in which every case counts once, unless weights say otherwise. ValueError for one without cases."""
        if not len(bad_scores) + len(good_scores):
            raise ValueError("a book without cases has no shares")
        return cls(
            bad_scores,
            good_scores,
            np.ones(len(bad_scores)) if bad_weights is None else bad_weights,
            np.ones(len(good_scores)) if good_weights is None else good_weights,
        )

    def share_below(self, score: float) -> float:
        """Share of all cases below a score."""
        below = float(self.bad_weights[self.bad_scores < score].sum())
        below += float(self.good_weights[self.good_scores < score].sum())
        return below / float(self.bad_weights.sum() + self.good_weights.sum())

    def lowest_within(self, share: float, decline_from: float) -> float:
        """Lowest score c such that the cases from c up to below `decline_from` are at most this share; -inf where all
        below it are."""
        scores = np.concatenate([self.bad_scores, self.good_scores])
        weights = np.concatenate([self.bad_weights, self.good_weights])
        below = scores < decline_from
        levels, place = np.unique(scores[below], return_inverse=True)
        # Shares are added up from the decline cut-off downwards; cases of one score stay together.
        seen = np.cumsum(np.bincount(place, weights[below], minlength=len(levels))[::-1])[::-1] / weights.sum()
        fits = int(np.count_nonzero(seen <= share + 1e-9))
        if fits == len(levels):
            return -np.inf
        return float(levels[-fits]) if fits else decline_from


def frontier(
    book: Book,
    decline_from: float,
    *,
    promises: Sequence[float],
    review_shares: Sequence[float],
    confidence: float = CONFIDENCE,
) -> list[FrontierPoint]:
    """Every promise against every review share, at today's decline cut-off; promise by promise.

    The approve cut-off is that of `promised_cut_off`, but never above `decline_from`, where only declines begin. Where
    a point is not kept, `reviewed` says what share it would take. Each point is a promise of its own at the given
    confidence. They are estimates for choosing one: whoever picks the best-looking of many on the same bads has not
    tested that one alone, and the live check is what tells.
    """
    points = []
    for promise in promises:
        below = min(promised_cut_off(book.bad_scores, promise, confidence), decline_from)
        approved, declined = book.share_below(below), 1.0 - book.share_below(decline_from)
        reviewed = max(1.0 - approved - declined, 0.0)
        points += [
            FrontierPoint(promise, share, below, approved, reviewed, declined, reviewed <= share + 1e-9)
            for share in review_shares
        ]
    return points


def least_promise(book: Book, decline_from: float, review_share: float, confidence: float = CONFIDENCE) -> float:
    """The smallest miss rate that can be promised when people see at most `review_share` of all cases.

    They see the riskiest cases that the machine does not decline; it approves what lies below. The bound is that of
    Clopper and Pearson on the bads there, as in `promised_cut_off`, so a promise a hair above the answer is kept on the
    frontier. 0 where people see everything that is not declined; 1 where no bad tells anything.
    """
    below = book.lowest_within(review_share, decline_from)
    if below == -np.inf:
        return 0.0
    return upper_bound(int((book.bad_scores < below).sum()), len(book.bad_scores), confidence)
