"""Curves of one column: what a value adds to the log-odds in an additive model, and the kernel that reads many of them.

A curve is made of pieces: below the first edge it is flat, and from each edge on it has a height and a slope. That one
form holds the lines of a logistic regression on ranks, the steps of a scorecard and the codes of a category, so that a
single compiled loop reads a whole row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]

CurveKind = Literal["line", "steps", "codes"]


@dataclass(frozen=True)
class Curve:
    """Log-odds that a value of one column adds.

    A value x with edges[i-1] <= x < edges[i] gives heights[i] + slopes[i] * (x - edges[i-1]); below the first edge
    heights[0]. NaN gives `missing`; a value among `specials` gives its own height, pairs of (value, log-odds).
    """

    kind: CurveKind
    edges: tuple[float, ...]
    heights: tuple[float, ...]
    slopes: tuple[float, ...]
    missing: float
    specials: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        if not len(self.heights) == len(self.slopes) == len(self.edges) + 1:
            raise ValueError("a curve needs one height and one slope more than edges")
        if any(later <= earlier for earlier, later in zip(self.edges, self.edges[1:], strict=False)):
            raise ValueError("the edges of a curve must rise")

    @classmethod
    def line(
        cls,
        knots: Sequence[float],
        heights: Sequence[float],
        missing: float,
        specials: tuple[tuple[float, float], ...] = (),
    ) -> Self:
        """Straight between knots (m,) with their heights (m,), flat outside."""
        places = [float(knot) for knot in knots]
        levels = [float(height) for height in heights]
        slopes = [(levels[i + 1] - levels[i]) / (places[i + 1] - places[i]) for i in range(len(places) - 1)]
        return cls("line", tuple(places), (levels[0], *levels), (0.0, *slopes, 0.0), float(missing), specials)

    @classmethod
    def steps(
        cls,
        edges: Sequence[float],
        heights: Sequence[float],
        missing: float,
        specials: tuple[tuple[float, float], ...] = (),
    ) -> Self:
        """Flat between edges (m,): heights (m + 1,); an edge belongs to the step above it."""
        levels = tuple(float(height) for height in heights)
        return cls("steps", tuple(float(e) for e in edges), levels, (0.0,) * len(levels), float(missing), specials)

    @classmethod
    def codes(cls, heights: Sequence[float], unseen: float, missing: float) -> Self:
        """One height for each code 0, 1, … (m,), and one for every other number."""
        edges = tuple(code - 0.5 for code in range(len(heights) + 1))
        levels = (float(unseen), *(float(height) for height in heights), float(unseen))
        return cls("codes", edges, levels, (0.0,) * len(levels), float(missing))

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and floats; `from_dict` gives the same curve back, bit by bit."""
        return {
            "kind": self.kind,
            "edges": list(self.edges),
            "heights": list(self.heights),
            "slopes": list(self.slopes),
            "missing": self.missing,
            "specials": [list(pair) for pair in self.specials],
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """The curve of `to_dict`; KeyError, TypeError or ValueError when it is none."""
        return cls(
            content["kind"],
            tuple(map(float, content["edges"])),
            tuple(map(float, content["heights"])),
            tuple(map(float, content["slopes"])),
            float(content["missing"]),
            tuple((float(value), float(height)) for value, height in content["specials"]),
        )


class CurveTable:
    """Curves of k columns laid out as arrays; `heights(values)` reads them all."""

    def __init__(self, curves: Sequence[Curve]) -> None:
        self._edges = _floats(edge for curve in curves for edge in curve.edges)
        self._heights = _floats(height for curve in curves for height in curve.heights)
        self._slopes = _floats(slope for curve in curves for slope in curve.slopes)
        self._first = _offsets([len(curve.edges) for curve in curves])
        self._missing = _floats(curve.missing for curve in curves)
        self._special_values = _floats(value for curve in curves for value, _ in curve.specials)
        self._special_heights = _floats(height for curve in curves for _, height in curve.specials)
        self._special_first = _offsets([len(curve.specials) for curve in curves])

    def heights(self, values: FloatArray) -> FloatArray:
        """What each value (n, k) adds to the log-odds (n, k)."""
        from scoring.ml.curve_walk import read_curves  # numba: paid by who predicts

        result = np.empty(values.shape, dtype=np.float64)
        read_curves(
            np.ascontiguousarray(values, dtype=np.float64),
            self._edges,
            self._heights,
            self._slopes,
            self._first,
            self._missing,
            self._special_values,
            self._special_heights,
            self._special_first,
            result,
        )
        return result


def _floats(items: Any) -> FloatArray:
    return np.fromiter(items, dtype=np.float64)


def _offsets(lengths: Sequence[int]) -> IntArray:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int32)]).astype(np.int32)
