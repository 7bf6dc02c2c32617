"""The promised miss rate kept in every segment that has bads enough, and in the others taken together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from routing.guarantee import CONFIDENCE, misses_allowed, promised_cut_off

FloatArray = NDArray[np.float64]

# own: a cut-off of its own. pooled: too few bads, so it shares the cut-off of all such segments. none: these have too
# few together as well, and the machine may approve nobody in them.
Standing = Literal["own", "pooled", "none"]


@dataclass(frozen=True)
class SegmentCutOff:
    """What holds in a segment: approve below `cut_off`, with `misses_allowed` of the `bads` that the promise is made
    on (the segment's own, or those of the pool). -inf and -1 where nothing may be approved."""

    standing: Standing
    cut_off: float
    bads: int
    misses_allowed: int


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
) -> SegmentCutOffs:
    """A cut-off for each segment with bads enough to keep the promise, and one for the rest together.

    `bad_scores` (m,) and `segments` (m,) belong to cases that turned bad; a model that did not see them gave the
    scores, and higher is riskier. 5 % at 95 % needs 59 bads. Each cut-off is that of `promised_cut_off` on the bads of
    its segment, so it rests on the same, segment by segment. ValueError where the two differ in length.

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
    known = np.unique(names)
    level = 1.0 - (1.0 - confidence) / max(len(known), 1) if joint else confidence
    own = [name for name in known if misses_allowed(int((names == name).sum()), promise, level) >= 0]
    rest = _cut_off(bad_scores[~np.isin(names, own)], promise, level, "pooled")
    of = {
        str(name): _cut_off(bad_scores[names == name], promise, level, "own") if name in own else rest for name in known
    }
    return SegmentCutOffs(of, rest)


def _cut_off(bad_scores: FloatArray, promise: float, confidence: float, standing: Standing) -> SegmentCutOff:
    allowed = misses_allowed(len(bad_scores), promise, confidence)
    return SegmentCutOff(
        standing=standing if allowed >= 0 else "none",
        cut_off=promised_cut_off(bad_scores, promise, confidence),
        bads=len(bad_scores),
        misses_allowed=allowed,
    )
