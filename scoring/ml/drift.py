"""Has a population moved away from its reference? Stability indices judged by sample size, and which of many moved.

The stability index (PSI; of a feature CSI) of two samples of n and m rows from one population over B bins, divided by
(1/n + 1/m), is chi-square with B - 1 degrees (Yurdakul and Naranjo 2020). So a fixed line of 0.1 cries wolf in small
samples and sleeps in large ones. An alarm here needs both: more than chance, and an effect that matters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, chdtri, kolmogorov, ndtr

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Grade = Literal["few", "calm", "amber", "red"]

LEAST_ROWS: Final = 200
BINS: Final = 10
AMBER: Final = 0.10
RED: Final = 0.25
# Distance of two score distributions (Kolmogorov-Smirnov) and difference of two shares that matter.
KS_BANDS: Final = (0.10, 0.20)
SHARE_BANDS: Final = (0.05, 0.10)
# False discoveries among all alarms of a window, and the level of a single test beside it.
LEVEL: Final = 0.01
# Bins in which fewer rows than this are expected are one bin in a test: chi-square does not hold for them.
LEAST_EXPECTED: Final = 5.0
SCORES_KEPT: Final = 1001


@dataclass(frozen=True)
class Reference:
    """What m rows over k features looked like. `edges` are the inner limits of each feature's bins; `counts` of each
    feature begin with the missing ones, then bin by bin. `scores` are evenly spaced quantiles of the log-odds, the
    limits of whose bins stand last in `edges`."""

    names: tuple[str, ...]
    rows: int
    edges: tuple[tuple[float, ...], ...]
    counts: tuple[tuple[int, ...], ...]
    scores: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"names": list(self.names), "rows": self.rows, "edges": [list(each) for each in self.edges],
                "counts": [list(each) for each in self.counts], "scores": list(self.scores)}  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Reference:
        """What `to_dict` wrote."""
        return cls(
            tuple(data["names"]),
            data["rows"],
            tuple(tuple(each) for each in data["edges"]),
            tuple(tuple(each) for each in data["counts"]),
            tuple(data["scores"]),
        )


@dataclass(frozen=True)
class Shift:
    """One comparison of `rows` rows with a reference: the index or distance, its critical value at the level (one test
    alone), the chance of as much without any drift, and the grade, which also asks whether it matters."""

    name: str
    value: float
    critical: float
    chance: float
    rows: int
    grade: Grade


def make_reference(names: Sequence[str], values: FloatArray, log_odds: FloatArray) -> Reference:
    """The reference of values (m, k), NaN missing, and their log-odds (m,). ValueError without a row."""
    if not len(log_odds):
        raise ValueError("a reference needs rows")
    edges = [edges_of(column) for column in values.T] + [edges_of(log_odds, zero=False)]
    columns = [*values.T, log_odds]
    counts = tuple(
        tuple(int(count) for count in count_bins(column, each)) for column, each in zip(columns, edges, strict=True)
    )
    scores = np.quantile(log_odds, np.linspace(0, 1, SCORES_KEPT))
    return Reference(tuple(names), len(log_odds), tuple(edges), counts, tuple(scores.tolist()))


def edges_of(column: FloatArray, *, zero: bool = True) -> tuple[float, ...]:
    """Inner limits of bins of about equal size over the known values, with a bin below and one above all of them.

    A value that is most of a bin stands alone in one, and so does (`zero`) nought, however rare it was: it is what a
    source sends that has nothing to say.
    """
    known = np.sort(column[np.isfinite(column)])
    if not len(known):
        return ()
    single, counts = np.unique(known, return_counts=True)
    alone = set(single[counts > len(known) / BINS].tolist()) | ({0.0} if zero else set())
    cuts = set(np.quantile(known, np.arange(1, BINS) / BINS, method="lower").tolist())
    cuts |= alone | {float(known[0])} | {float(np.nextafter(each, np.inf)) for each in (*alone, known[-1])}
    return tuple(sorted(cuts))


def place(column: FloatArray, edges: Sequence[float]) -> IntArray:
    """The bin of each value (n,): 0 missing, then from 1 on from below the first edge to above the last."""
    known = np.isfinite(column)
    bins = np.searchsorted(np.asarray(edges, dtype=np.float64), np.where(known, column, 0.0), side="right") + 1
    found: IntArray = np.where(known, bins, 0).astype(np.int64)
    return found


def count_bins(column: FloatArray, edges: Sequence[float]) -> IntArray:
    """How many values (n,) fall into each bin of `place`."""
    found: IntArray = np.bincount(place(column, edges), minlength=len(edges) + 2).astype(np.int64)
    return found


def compare(now: FloatArray, log_odds: FloatArray, reference: Reference, *, level: float = LEVEL) -> list[Shift]:
    """CSI of each feature of values (n, k) in the order of the reference, Benjamini-Hochberg over them at `level`."""
    found = [
        stability(name, count_bins(column, edges), np.asarray(usual), level=level)
        for name, column, edges, usual in zip(reference.names, now.T, reference.edges, reference.counts, strict=False)
    ]
    significant = discoveries([shift.chance for shift in found], level)
    return [
        Shift(each.name, each.value, each.critical, each.chance, each.rows, each.grade if is_one else _calmed(each))
        for each, is_one in zip(found, significant, strict=True)
    ]


def _calmed(shift: Shift) -> Grade:
    return "few" if shift.grade == "few" else "calm"


def score_shift(log_odds: FloatArray, reference: Reference, *, level: float = LEVEL) -> Shift:
    """PSI of the score, log-odds (n,)."""
    return stability("score", count_bins(log_odds, reference.edges[-1]), np.asarray(reference.counts[-1]), level=level)


def stability(name: str, now: IntArray, usual: IntArray, *, level: float = LEVEL) -> Shift:
    """The stability index of counts (b,) against counts (b,), half a row added to every bin."""
    n, m = int(now.sum()), int(usual.sum())
    if n < LEAST_ROWS or m < LEAST_ROWS:
        return Shift(name, float("nan"), float("nan"), float("nan"), n, "few")
    now, usual = _pooled(now, usual)
    bins = len(now)
    if bins < 2:
        return Shift(name, 0.0, 0.0, 1.0, n, "calm")
    p, q = (now + 0.5) / (n + bins / 2), (usual + 0.5) / (m + bins / 2)
    index, unit = float(((p - q) * np.log(p / q)).sum()), 1 / n + 1 / m
    critical, chance = float(chdtri(bins - 1, level)) * unit, float(chdtrc(bins - 1, index / unit))
    return Shift(name, index, critical, chance, n, _grade(index, chance, level, (AMBER, RED)))


def _pooled(now: IntArray, usual: IntArray) -> tuple[IntArray, IntArray]:
    """Without bins that are empty in both, those in which too few are expected as one."""
    share = (now + usual) / (now.sum() + usual.sum())
    rare = share * min(now.sum(), usual.sum()) < LEAST_EXPECTED
    kept = [np.append(each[~rare], each[rare].sum()) for each in (now, usual)]
    there = kept[0] + kept[1] > 0
    return kept[0][there], kept[1][there]


def _grade(effect: float, chance: float, level: float, bands: tuple[float, float]) -> Grade:
    if chance > level or effect < bands[0]:
        return "calm"
    return "red" if effect >= bands[1] else "amber"


def distance(log_odds: FloatArray, reference: Reference, *, level: float = LEVEL) -> Shift:
    """Kolmogorov-Smirnov distance of log-odds (n,) from the reference's; its chance by the limit distribution."""
    n, m = len(log_odds), reference.rows
    if n < LEAST_ROWS or m < LEAST_ROWS:
        return Shift("ks", float("nan"), float("nan"), float("nan"), n, "few")
    mine, theirs = np.sort(log_odds), np.asarray(reference.scores)
    points = np.concatenate([mine, theirs])
    gaps = [
        np.abs(np.searchsorted(mine, points, side) / n - np.searchsorted(theirs, points, side) / len(theirs)).max()
        for side in ("left", "right")
    ]
    gap, scale = float(max(gaps)), float(np.sqrt(n * m / (n + m)))
    chance = float(kolmogorov(gap * scale))
    # One term of the limit series, good to 1e-4 at these levels: Smirnov 1948.
    critical = float(np.sqrt(-np.log(level / 2) / 2)) / scale
    return Shift("ks", gap, critical, chance, n, _grade(gap, chance, level, KS_BANDS))


def share_jump(name: str, hits: int, rows: int, before: int, rows_before: int, *, level: float = LEVEL) -> Shift:
    """How far a share has jumped from the share before; the chance is two-sided, of the pooled normal test."""
    if rows < LEAST_ROWS or rows_before < LEAST_ROWS:
        return Shift(name, float("nan"), float("nan"), float("nan"), rows, "few")
    pooled = (hits + before) / (rows + rows_before)
    spread = float(np.sqrt(pooled * (1 - pooled) * (1 / rows + 1 / rows_before)))
    jump = hits / rows - before / rows_before
    chance = float(2 * ndtr(-abs(jump) / spread)) if spread else 1.0
    critical = spread * float(np.sqrt(chdtri(1, level)))
    return Shift(name, jump, critical, chance, rows, _grade(abs(jump), chance, level, SHARE_BANDS))


def discoveries(chances: Sequence[float], level: float) -> list[bool]:
    """Which of k tests are discoveries when at most `level` of those may be false (Benjamini and Hochberg 1995); a
    test that could not be made (NaN) is none, and does not count."""
    given = np.asarray(chances, dtype=np.float64)
    known = np.sort(given[np.isfinite(given)])
    passed = np.flatnonzero(known <= level * np.arange(1, len(known) + 1) / max(1, len(known)))
    line = known[passed[-1]] if len(passed) else -1.0
    return [bool(each <= line) for each in given]
