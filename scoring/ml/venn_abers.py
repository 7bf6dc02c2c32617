"""Venn-ABERS: two values between which the PD of a score lies by how loans of about this score turned out.

The new loan is added to the calibration loans once as good and once as bad, isotonic regression of outcomes on scores
is fitted to both, and its values at the new loan are p0 and p1 (Vovk and Petej 2014, "Venn-Abers predictors"). One of
the two is the perfectly calibrated one, so the width p1 - p0 is what the loans cannot tell: narrow where many loans
scored alike, wide at the ends and in small books.

Both are step functions of the score (Vovk, Petej and Fedorova 2015, section on inductive Venn-ABERS). Between two
calibration scores a loan added as bad is pooled with the group above and one added as good with the group below, so
p1 on (s[i-1], s[i]] and p0 on [s[i], s[i+1]) are constant; below all scores p0 = 0, above all p1 = 1. The steps are
computed once: the pooled blocks of everything before and of everything after a group are kept, and only blocks next
to the added loan are merged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.ml.errors import TrainingError
from scoring.ml.sample_weights import Weights

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Larger books have neighbouring scores pooled into so many groups of about equal size: a quarter of a second to fit,
# a few hundred steps to store, and a score moves within its group by less than such a book can tell.
MOST_GROUPS = 20_000
# Weights are counted in whole parts of one loan, so that equal bad rates stay equal; the loan that is added is one.
PARTS = 1_000_000


@dataclass(frozen=True)
class VennAbers:
    """Steps of both functions: p0 is `p0[i]` from `p0_scores[i]` on, p1 is `p1[i]` up to and with `p1_scores[i]`."""

    p0_scores: FloatArray
    p0: FloatArray
    p1_scores: FloatArray
    p1: FloatArray

    @classmethod
    def fit(
        cls, scores: FloatArray, y: IntArray, weights: Weights = None, *, most_groups: int = MOST_GROUPS
    ) -> "VennAbers":
        """From held-out (out-of-fold) scores (n,), more is riskier, and outcomes (n,), 1 = bad.

        With out-of-fold scores all loans serve as calibration loans; the guarantee then holds as far as the models of
        the folds rank like the final one. Under `weights` (n,) the isotonic regressions are weighted and the new loan
        weighs one: what it would weigh itself (Tibshirani et al. 2019) nobody knows before it is decided, so the
        guarantee then holds only as far as weights on a scale of the effective sample size stand for the applicants.
        TrainingError without loans.
        """
        if not len(y):
            raise TrainingError("no_loans", "An interval needs loans with outcomes.", "区间需要有结果的贷款。")
        first, last, sizes, bads = _groups(scores, y, weights, most_groups)
        one = 1 if weights is None else PARTS
        p0, p1 = _added_values(_Sums([0, *np.cumsum(sizes).tolist()], [0, *np.cumsum(bads).tolist()], one))
        # A step is kept where it begins (p0) or ends (p1) with a new value.
        begins = np.concatenate([[True], np.diff(p0) != 0])
        ends = np.concatenate([np.diff(p1) != 0, [True]])
        return cls(first[begins], p0[begins], last[ends], p1[ends])

    def interval(self, scores: FloatArray) -> tuple[FloatArray, FloatArray]:
        """p0 (m,) and p1 (m,) of scores (m,), probabilities with p0 <= p1; a binary search each."""
        below, above = self._levels
        low: FloatArray = below[np.searchsorted(self.p0_scores, scores, side="right")]
        high: FloatArray = above[np.searchsorted(self.p1_scores, scores, side="left")]
        return low, high

    @cached_property
    def _levels(self) -> tuple[FloatArray, FloatArray]:
        """p0 with what lies below all scores, p1 with what lies above."""
        return np.concatenate([[0.0], self.p0]), np.concatenate([self.p1, [1.0]])

    def to_dict(self) -> dict[str, Any]:
        """Plain lists; JSON keeps every digit."""
        return {name: getattr(self, name).tolist() for name in ("p0_scores", "p0", "p1_scores", "p1")}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "VennAbers":
        """The steps that `to_dict` described."""
        return cls(**{name: np.array(values, dtype=np.float64) for name, values in content.items()})


def _groups(
    scores: FloatArray, y: IntArray, weights: Weights, most_groups: int
) -> tuple[FloatArray, FloatArray, IntArray, IntArray]:
    """Lowest score, highest score, loans and bads of each group, in order of score; equal scores share a group."""
    distinct, place = np.unique(scores, return_inverse=True)
    parts = np.ones(len(y)) if weights is None else np.maximum(np.rint(weights * PARTS), 1.0)
    sizes, bads = (np.bincount(place, weights=each).astype(np.int64) for each in (parts, parts * y))
    if len(distinct) <= most_groups:
        return distinct, distinct, sizes, bads
    middle = np.cumsum(sizes) - sizes / 2
    group = np.minimum(middle * most_groups / sizes.sum(), most_groups - 1).astype(np.int64)
    starts = np.flatnonzero(np.concatenate([[True], np.diff(group) != 0]))
    stops = np.append(starts[1:], len(distinct)) - 1
    return distinct[starts], distinct[stops], np.add.reduceat(sizes, starts), np.add.reduceat(bads, starts)


@dataclass(frozen=True)
class _Sums:
    """Loans and bads (groups + 1) before each group; whole numbers, so that equal bad rates are equal. `one` loan."""

    loans: list[int]
    bads: list[int]
    one: int

    def block(self, low: int, high: int) -> tuple[int, int]:
        """Bads and loans of the groups from `low` up to, without, `high`."""
        return self.bads[high] - self.bads[low], self.loans[high] - self.loans[low]


def _added_values(sums: _Sums) -> tuple[FloatArray, FloatArray]:
    """p0 and p1 (groups,): values of a loan added as good just above, as bad just below, each group."""
    groups = len(sums.loans) - 1
    # The last isotonic block of the groups up to i begins at starts[i]; the first of those from i on ends at stops[i].
    starts, stops = list(range(groups)), list(range(1, groups + 1))
    for i in range(groups):
        while starts[i] and _at_least(sums.block(starts[starts[i] - 1], starts[i]), sums.block(starts[i], i + 1)):
            starts[i] = starts[starts[i] - 1]
    for i in reversed(range(groups)):
        while stops[i] < groups and _at_least(sums.block(i, stops[i]), sums.block(stops[i], stops[stops[i]])):
            stops[i] = stops[stops[i]]
    p0 = np.array([_value(sums, starts, stops, i + 1, 0) for i in range(groups)])
    p1 = np.array([_value(sums, starts, stops, i, 1) for i in range(groups)])
    return p0, p1


def _value(sums: _Sums, starts: list[int], stops: list[int], place: int, outcome: int) -> float:
    """Isotonic value of a loan of this outcome added between the groups before `place` and those from it on."""
    low = high = place
    bads, loans = outcome * sums.one, sums.one
    while True:
        if high < len(stops) and _at_least((bads, loans), sums.block(high, stops[high])):
            high = stops[high]
        elif low and _at_least(sums.block(starts[low - 1], low), (bads, loans)):
            low = starts[low - 1]
        else:
            return bads / loans
        bads, loans = sums.block(low, high)
        bads, loans = bads + outcome * sums.one, loans + sums.one


def _at_least(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """The bad rate of one block, (bads, loans), is at least that of the other."""
    return one[0] * other[1] >= other[0] * one[1]
