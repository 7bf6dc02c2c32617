"""What the training loans showed in one column, and the bins that its values fall into."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from scoring.ml.curves import Curve

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# Fewer than one loan in a thousand at either end, or with a category, is not what the training loans showed.
RARE_SHARE = 0.001
NUMBER_BINS = 8
CATEGORY_BINS = 12


@dataclass(frozen=True)
class SeenValues:
    """`points` are categories or special values that at least one loan in a thousand had, ascending, and `point_bins`
    their bins: one each for the most common, a shared one for the rest. Other values fall between `edges`, into bins
    from the shared one on. Numbers within `span`, ends included, were seen too."""

    points: tuple[float, ...]
    point_bins: tuple[int, ...]
    edges: tuple[float, ...]
    span: tuple[float, float] | None

    @classmethod
    def fit(cls, column: FloatArray, *, categorical: bool, specials: tuple[float, ...]) -> Self:
        """From the training values (n,) of a column, NaN missing."""
        given = column[~np.isnan(column)]
        pointed = np.full(len(given), True) if categorical else np.isin(given, specials)
        points, counts = np.unique(given[pointed], return_counts=True)
        common = counts >= RARE_SHARE * len(given)
        points, counts = points[common], counts[common]
        rank = np.empty(len(points), dtype=np.int64)
        rank[np.argsort(-counts, kind="stable")] = np.arange(len(points))
        bins = tuple(np.minimum(rank, CATEGORY_BINS - 1).tolist())
        amounts = given[~pointed]
        if not len(amounts):
            return cls(tuple(points.tolist()), bins, (), None)
        low, high = np.quantile(amounts, (RARE_SHARE, 1 - RARE_SHARE), method="inverted_cdf")
        edges = np.unique(np.quantile(amounts, np.arange(1, NUMBER_BINS) / NUMBER_BINS, method="inverted_cdf"))
        return cls(tuple(points.tolist()), bins, tuple(edges.tolist()), (float(low), float(high)))

    @cached_property
    def bins(self) -> int:
        """Number of bins."""
        return self._shared + len(self.edges) + 1

    def read(self, column: FloatArray) -> tuple[BoolArray, IntArray]:
        """Where a value (n,) is given that was not seen, and each value's bin, -1 where missing."""
        given = ~np.isnan(column)
        places = np.where(given, self._shared + np.searchsorted(self._edges, column, side="left"), -1)
        low, high = self.span or (np.inf, -np.inf)
        new = given & ~((column >= low) & (column <= high))
        if self.points:
            at = np.minimum(np.searchsorted(self._points, column), len(self.points) - 1)
            hit = self._points[at] == column
            places = np.where(hit, self._point_bins[at], places)
            new &= ~hit
        return new, places

    def curves(self) -> tuple[Curve, Curve]:
        """`read` as two curves of a value: 1 where it is new, and its bin. They read many columns in one go."""
        inside = () if self.span is None else (self.span[0], _just_above(self.span[1]))
        new = (1.0,) if self.span is None else (1.0, 0.0, 1.0)
        bins = [float(place) for place in range(self._shared, self.bins)]
        return (
            Curve.steps(inside, new, 0.0, tuple((point, 0.0) for point in self.points)),
            Curve.steps(
                [_just_above(edge) for edge in self.edges],
                bins,
                -1.0,
                tuple((point, float(place)) for point, place in zip(self.points, self.point_bins, strict=True)),
            ),
        )

    @cached_property
    def _shared(self) -> int:
        return min(len(self.points), CATEGORY_BINS - 1)

    @cached_property
    def _points(self) -> FloatArray:
        return np.array(self.points)

    @cached_property
    def _point_bins(self) -> IntArray:
        return np.array(self.point_bins, dtype=np.int64)

    @cached_property
    def _edges(self) -> FloatArray:
        return np.array(self.edges, dtype=np.float64)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """What `dataclasses.asdict` described, also after JSON made lists of its tuples."""
        points, point_bins, edges = (tuple(content[name]) for name in ("points", "point_bins", "edges"))
        span = content["span"]
        return cls(points, point_bins, edges, None if span is None else (span[0], span[1]))


def _just_above(number: float) -> float:
    """The next number: a curve's piece begins with its edge, a bin and a span end with theirs."""
    return float(np.nextafter(number, np.inf))
