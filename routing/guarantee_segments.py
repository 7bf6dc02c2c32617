"""The promised miss rate kept in every segment that has bads enough, and in the others taken together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from routing.guarantee import CONFIDENCE, misses_allowed, promised_cut_off
from routing.guarantee_weighted import weighted_cut_off

FloatArray = NDArray[np.float64]

# own: a cut-off of its own. pooled: too few bads, so it shares the cut-off of all such segments. none: these have too
# few together as well, and the machine may approve nobody in them.
Standing = Literal["own", "pooled", "none"]


@dataclass(frozen=True)
class SegmentCutOff:
    """What holds in a segment: approve below `cut_off`, with `misses_allowed` of the `bads` that the promise is made
    on (the segment's own, or those of the pool). -inf and -1 where nothing may be approved. `weighted` says that these
    bads were observed with unequal chances, and how many may be missed then depends on which."""

    standing: Standing
    cut_off: float
    bads: int
    misses_allowed: int
    weighted: bool = False


@dataclass(frozen=True)
class SegmentCutOffs:
    """The cut-off of each segment, and `rest`: that of the pooled segments, and of one that was never seen."""

    of: Mapping[str, SegmentCutOff]
    rest: SegmentCutOff

    def cut_off(self, segment: str) -> float:
        """Approve below this score in the segment."""
        return self.of.get(segment, self.rest).cut_off


def segment_cut_offs(
    bad_scores: FloatArray,
    segments: Sequence[str],
    promise: float,
    confidence: float = CONFIDENCE,
    *,
    joint: bool = False,
    weights: FloatArray | None = None,
    pooled: Collection[str] = (),
) -> SegmentCutOffs:
    """A cut-off for each segment with bads enough to keep the promise, and one for the rest together.

    `bad_scores` (m,) and `segments` (m,) belong to cases that turned bad; a model that did not see them gave the
    scores, and higher is riskier. 5 % at 95 % needs 59 bads. Each cut-off is that of `promised_cut_off` on the bads of
    its segment, so it rests on the same, segment by segment. ValueError where the two differ in length.
    `weights` (m,) are one over the chance that a bad's outcome was observed at all (unset: all alike): where they
    differ within a segment, its cut-off is that of `weighted_cut_off`. `pooled` names segments that never get one of
    their own, as that of the cases whose segment is not known.

    Each segment is a promise of its own: "of this segment's bads at most x, with 95 % confidence". Nothing is chosen
    among the segments by their scores (who has a cut-off of its own follows from counts alone), so no correction for
    their number is due. "All these promises hold at once" is a stronger statement: `joint` makes it by giving each the
    confidence 1 - (1 - confidence) / number of segments (Bonferroni), which needs more bads. The pooled promise is for
    the rest as a whole: a single segment within it may lie above, and does not cover a segment that was never seen
    unless its bads are like those of the pool.
    """
    names = np.asarray(segments, dtype=np.str_)
    if names.shape != bad_scores.shape:
        raise ValueError(f"{len(bad_scores)} scores but {len(names)} segments")
    given = np.ones(len(bad_scores)) if weights is None else weights
    known = np.unique(names)
    level = 1.0 - (1.0 - confidence) / max(len(known), 1) if joint else confidence

    def cut_off(here: NDArray[np.bool_], standing: Standing) -> SegmentCutOff:
        return _cut_off(bad_scores[here], given[here], promise, level, standing)

    # Whether any cut-off can be kept follows from counts and weights alone, never from the scores.
    alone = {str(name): cut_off(names == name, "own") for name in known if name not in pooled}
    own = {name: found for name, found in alone.items() if found.standing == "own"}
    rest = cut_off(~np.isin(names, list(own)), "pooled")
    return SegmentCutOffs({str(name): own.get(str(name), rest) for name in known}, rest)


def _cut_off(
    bad_scores: FloatArray, weights: FloatArray, promise: float, confidence: float, standing: Standing
) -> SegmentCutOff:
    weighted = len(weights) > 0 and bool((weights != weights[0]).any())
    if weighted:
        cut_off = weighted_cut_off(bad_scores, weights, promise, confidence)
        allowed = int((bad_scores < cut_off).sum()) if cut_off > -np.inf else -1
    else:
        cut_off = promised_cut_off(bad_scores, promise, confidence)
        allowed = misses_allowed(len(bad_scores), promise, confidence)
    return SegmentCutOff(standing if allowed >= 0 else "none", cut_off, len(bad_scores), allowed, weighted)
