"""Binning of one column by weight of evidence, for scorecards; monotone where a direction is asked for.

Our own and not optbinning's, because that brings two solver suites (cvxpy and ortools) for what the merge rule below
does in forty lines.

Weight of evidence is ln(bad odds of the bin / bad odds of all), so more is riskier and 0 is the mean. Amounts start
in at most 10 bins of equal size; the two neighbours that differ least (chi-square of their 2 x 2 table) are joined as
long as they differ by less than `LEAST_CHI_SQUARE` or one of them is too small or runs against the direction.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.ml.curves import Curve
from scoring.ml.estimators.encoding import common_codes, special_mask
from scoring.ml.sample_weights import Weights, count, mean, of_rows, quantile, total

FloatArray = NDArray[np.float64]

MOST_STARTING_BINS = 10
# A bin needs this share of all rows. It may be all good or all bad, because its evidence is shrunk.
LEAST_SHARE = 0.02
# Neighbours that differ by less are one bin: the 90 % point of chi-square with one degree of freedom.
LEAST_CHI_SQUARE = 2.71
LEAST_ROWS_OF_A_CATEGORY = 30
# Rows at the mean bad rate added to every bin, so that a small bin says little and an empty one nothing.
SHRINKAGE_ROWS = 10.0


@dataclass(frozen=True)
class Group:
    """Training loans that share one weight of evidence: `low` <= amount < `high`, or the codes, or a special value, or
    the missing. `rows` and `bads` count them by their weights."""

    kind: str
    low: float | None
    high: float | None
    codes: tuple[int, ...]
    rows: float
    bads: float
    woe: float


@dataclass(frozen=True)
class Binning:
    """Groups of one column: its amounts in rising order or its categories, then the apart (special, rare, missing)."""

    categorical: bool
    groups: tuple[Group, ...]
    apart: tuple[Group, ...]

    @property
    def monotone(self) -> bool:
        """Whether the weight of evidence only rises or only falls over the amounts."""
        steps = np.diff([group.woe for group in self.groups])
        return not self.categorical and bool((steps >= 0).all() or (steps <= 0).all())

    def curve(self, weight: float = 1.0) -> Curve:
        """Weight times weight of evidence as a curve of the value."""
        apart = {group.kind: weight * group.woe for group in self.apart if group.kind != "special"}
        if self.categorical:
            heights = [apart["rare"]] * (1 + max((code for group in self.groups for code in group.codes), default=-1))
            for group in self.groups:
                for code in group.codes:
                    heights[code] = weight * group.woe
            return Curve.codes(heights, apart["rare"], apart["missing"])
        specials = tuple((group.low, weight * group.woe) for group in self.apart if group.low is not None)
        edges = [group.low for group in self.groups[1:] if group.low is not None]
        heights = [weight * group.woe for group in self.groups] or [0.0]
        return Curve.steps(edges, heights, apart["missing"], specials)


@dataclass(frozen=True)
class _All:
    """Of all loans: how many they are by their weights, and their bad rate."""

    loans: float
    mean: float

    @classmethod
    def of(cls, bad: FloatArray, weights: Weights) -> "_All":
        return cls(total(len(bad), weights), mean(bad, weights))


def bin_amounts(
    column: FloatArray, bad: FloatArray, direction: int, specials: tuple[float, ...], weights: Weights = None
) -> Binning:
    """Bins of amounts (n,) with outcomes (n,), 1.0 = bad."""
    absent, special = np.isnan(column), special_mask(column, specials)
    known, everyone = ~absent & ~special, _All.of(bad, weights)
    mine = of_rows(weights, known)
    edges = _starting_edges(column[known], mine)
    place = np.searchsorted(edges, column[known], side="right")
    parts = np.ones(len(place)) if mine is None else mine
    rows, bads = (
        np.bincount(place, each, minlength=len(edges) + 1).astype(np.float64) for each in (parts, parts * bad[known])
    )
    edges, rows, bads = _merged(edges, rows, bads, direction, everyone)
    woe = _woe(rows, bads, everyone)
    lows, highs = [None, *edges.tolist()], [*edges.tolist(), None]
    groups = tuple(
        Group("amounts", low, high, (), float(row), float(one), float(evidence))
        for low, high, row, one, evidence in zip(lows, highs, rows, bads, woe, strict=True)
    )
    apart = [_group("special", column == value, bad, weights, low=value) for value in specials]
    return Binning(False, groups if known.any() else (), (*apart, _group("missing", absent, bad, weights)))


def bin_categories(column: FloatArray, bad: FloatArray, weights: Weights = None) -> Binning:
    """One group a common code of a column (n,); rare and unseen codes share one."""
    common = common_codes(column, LEAST_ROWS_OF_A_CATEGORY)
    absent = np.isnan(column)
    groups = tuple(_group("codes", column == code, bad, weights, codes=(code,)) for code in common)
    rare = _group("rare", ~np.isin(column, common) & ~absent, bad, weights)
    return Binning(True, groups, (rare, _group("missing", absent, bad, weights)))


def _group(
    kind: str,
    where: NDArray[np.bool_],
    bad: FloatArray,
    weights: Weights,
    *,
    low: float | None = None,
    codes: tuple[int, ...] = (),
) -> Group:
    rows, bads = count(where, weights), count(bad[where], of_rows(weights, where))
    woe = _woe(np.array([rows]), np.array([bads]), _All.of(bad, weights))
    return Group(kind, low, low, codes, rows, bads, float(woe[0]))


def _woe(rows: FloatArray, bads: FloatArray, everyone: _All) -> FloatArray:
    """Shrunk weight of evidence of groups (g,) against all loans; 0 for a group without rows."""
    usual = everyone.mean
    bads, goods = bads + SHRINKAGE_ROWS * usual, rows - bads + SHRINKAGE_ROWS * (1.0 - usual)
    evidence: FloatArray = np.where(rows > 0.0, np.log(bads / goods) - np.log(usual / (1.0 - usual)), 0.0)
    return evidence


def _starting_edges(known: FloatArray, weights: Weights) -> FloatArray:
    """At most 9 rising edges between values that occur, at quantiles; an edge is the least value of its bin."""
    distinct = np.unique(known)
    if len(distinct) > MOST_STARTING_BINS:
        shares = np.linspace(0.0, 1.0, MOST_STARTING_BINS + 1)[1:-1]
        distinct = np.unique(np.append(distinct[0], quantile(known, shares, weights)))
    edges: FloatArray = distinct[1:]
    return edges


def _merged(
    edges: FloatArray, rows: FloatArray, bads: FloatArray, direction: int, everyone: _All
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Edges, rows and bads after joining neighbours by the rule of this module."""
    while len(edges):
        apart = _chi_square(rows, bads)
        small = rows < LEAST_SHARE * everyone.loans
        against = direction * np.diff(_woe(rows, bads, everyone)) < 0
        must = small[:-1] | small[1:] | against | (apart < LEAST_CHI_SQUARE)
        if not must.any():
            break
        # Bins that cannot stand come first, the most alike of them; then any pair that is too much alike.
        urgent = small[:-1] | small[1:] | against
        candidates = np.where(urgent if urgent.any() else must, apart, np.inf)
        at = int(np.argmin(candidates))
        rows[at] += rows[at + 1]
        bads[at] += bads[at + 1]
        edges, rows, bads = np.delete(edges, at), np.delete(rows, at + 1), np.delete(bads, at + 1)
    return edges, rows, bads


def _chi_square(rows: FloatArray, bads: FloatArray) -> FloatArray:
    """Pearson's chi-square (g - 1,) of each pair of neighbours, 0 where all are good or all bad."""
    n, m, a, b = rows[:-1], rows[1:], bads[:-1], bads[1:]
    share = (a + b) / np.maximum(n + m, 1.0)
    spread = share * (1.0 - share) * (n + m)
    gap = a * m - b * n
    with np.errstate(divide="ignore", invalid="ignore"):
        found = gap**2 / (spread * n * m)
    result: FloatArray = np.where(np.isfinite(found), found, 0.0)
    return result
