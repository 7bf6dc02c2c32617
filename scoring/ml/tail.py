"""What the parts of the doubt are measured with: weight on facts, and how rare a size is among the training loans."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

# Doubt begins for the strangest two in a hundred, is 0.5 for one in a hundred and nears 1 beyond all.
TAIL_SHARE = 0.02
MOST_LEVELS = 200


@dataclass(frozen=True)
class Tail:
    """Doubt of a size s: max(0, 1 - p / 0.02), where p = (1 + training loans with at least s) / (1 + training loans).

    p is a conformal p-value (Vovk, Gammerman and Shafer 2005; Laxhammar and Falkman 2010 for strangeness): of loans
    that are like the training loans at most a share a has p <= a. So an ordinary case has a doubt of 0.5 or more with
    a chance of 1 %, and a book of fewer than 99 loans, which cannot tell what one in a hundred is, never gives it.
    Sizes above `levels[i - 1]` and up to `levels[i]` have `doubts[i]`; the last doubt is that of sizes beyond all.
    """

    levels: FloatArray
    doubts: FloatArray

    @classmethod
    def fit(cls, sizes: FloatArray) -> "Tail":
        """From the sizes (n,) of the training loans; at most 200 steps are kept, the doubt rounded down between."""
        known = np.sort(sizes)
        reached = len(known) - np.searchsorted(known, known, side="left")
        p = np.append((1.0 + reached) / (1.0 + len(known)), 1.0 / (1.0 + len(known)))
        doubts = np.clip(1.0 - p / TAIL_SHARE, 0.0, 1.0)
        # A level ends one doubt and begins the next; only levels above which the doubt is above zero say anything.
        levels = np.unique(known[np.flatnonzero(doubts[1:] > 0)])
        if len(levels) > MOST_LEVELS:
            levels = levels[np.linspace(0, len(levels) - 1, MOST_LEVELS).round().astype(np.int64)]
        above = doubts[np.searchsorted(known, levels, side="right")]
        return cls(levels, np.append(0.0, above))

    def doubt(self, sizes: FloatArray) -> FloatArray:
        """Doubt (m,) of sizes (m,), 0..1."""
        result: FloatArray = self.doubts[np.searchsorted(self.levels, sizes, side="left")]
        return result

    def to_dict(self) -> dict[str, Any]:
        """Plain lists; JSON keeps every digit."""
        return {"levels": self.levels.tolist(), "doubts": self.doubts.tolist()}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Tail":
        """The steps that `to_dict` described."""
        return cls(**{name: np.array(content[name], dtype=np.float64) for name in ("levels", "doubts")})


def row_sums(parts: FloatArray) -> FloatArray:
    """Sums (n,) of the rows (n, m), each taken in one order whatever the other rows and the layout in memory are.

    A matrix product would not promise it, and a case must score alike alone and in a batch.
    """
    sums: FloatArray = np.ascontiguousarray(parts).sum(axis=1)
    return sums


def weight_on(facts: BoolArray, weights: FloatArray) -> FloatArray:
    """Sum (n,) of the weights (k,) of the facts marked (n, k), 0..1."""
    return np.minimum(row_sums(facts * weights), 1.0)
