"""A test that looks at every case of a stream as it comes: has the stream left its reference, and since which case?

For each feature an e-detector of the CUSUM kind (Shin, Ramdas and Rinaldo, E-detectors, 2023): every case multiplies
the evidence by q(bin) / p(bin), where p is the reference's share of the bin and q what the cases since the evidence
began foretell (their counts, begun with a little of everything). Under the reference that ratio is 1 on average, so
the evidence less the number of cases is a supermartingale, and P(evidence ever >= c within T cases) <= T / c: for all
features together at most `chance` with c = features * T / chance. That holds whatever q is, as long as it was known
before the case. Here it is the mean of two: the cases since the evidence began, which find a bin that was never used
after three of them, and the last fifteen or so, which find that common bins are used in other shares. An allowance is
taken off each case, so that a shift too small to matter never adds up. A constant, a nought where there never was one,
missing values and a slow shift are all the same to it: bins that fill otherwise.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# How many cases the first guess of q is worth, and how much of it is spread evenly over all bins.
GUESS_WORTH: Final = 2.0
GUESS_EVEN: Final = 0.1
# Of the recent cases each is worth so much less than the next: together they are worth fifteen.
FADES: Final = 1 - 1 / 15
# A stability index of 0.1 is about 0.05 nats a case.
ALLOWANCE: Final = 0.05
# In the place of a bin: the case says nothing about this stream.
UNHEARD: Final = -1


@dataclass(frozen=True)
class Usual:
    """Shares of the bins of k streams, side by side: `share` (b,), each stream's from `start` (k + 1,) on."""

    names: tuple[str, ...]
    start: IntArray
    share: FloatArray
    stream: IntArray

    @classmethod
    def of(cls, by_stream: Mapping[str, FloatArray]) -> Usual:
        """From the share of each bin by stream, all above zero; they are made to sum to 1."""
        sizes = np.array([len(each) for each in by_stream.values()], dtype=np.int64)
        shares = [each / each.sum() for each in by_stream.values()]
        return cls(
            tuple(by_stream),
            np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            np.concatenate(shares) if shares else np.zeros(0),
            np.repeat(np.arange(len(sizes)), sizes),
        )

    @property
    def watched(self) -> int:
        """How many streams can change at all: those of more than one bin."""
        return int((np.diff(self.start) > 1).sum())

    @property
    def signature(self) -> str:
        """Tells streams and shares from any others: evidence against one reference is none against another."""
        return hashlib.sha256(repr((self.names, self.share.round(9).tolist())).encode()).hexdigest()[:16]

    @property
    def guess(self) -> FloatArray:
        """What is foretold before anything was seen (b,)."""
        sizes = np.diff(self.start)
        found: FloatArray = (1 - GUESS_EVEN) * self.share + GUESS_EVEN / sizes[self.stream]
        return found


def smoothed(counts: Sequence[float] | IntArray) -> FloatArray:
    """Shares (b,) of counts (b,), half a row added to each: what was never seen is rare, not impossible."""
    given = np.asarray(counts, dtype=np.float64)
    found: FloatArray = (given + 0.5) / (given.sum() + len(given) / 2)
    return found


@dataclass
class Evidence:
    """What is known of k streams so far: log evidence (k,), counts (b,) and cases (k,) since it began, and the key of
    the case it began with (k,), 0 where there is none. `recent` (b,) are the counts of recent cases, faded, and `worth`
    what they are worth together."""

    log: FloatArray
    counts: FloatArray
    cases: IntArray
    began: IntArray
    recent: FloatArray
    worth: float = 0.0

    @classmethod
    def none(cls, usual: Usual) -> Evidence:
        """Nothing seen yet."""
        streams = len(usual.names)
        whole = np.zeros(streams, dtype=np.int64)
        return cls(np.zeros(streams), np.zeros(len(usual.share)), whole, whole.copy(), np.zeros(len(usual.share)))

    def to_dict(self, usual: Usual) -> dict[str, Any]:
        """For JSON; `usual` is what it was gathered against."""
        told = {name: getattr(self, name).tolist() for name in ("log", "counts", "cases", "began")}
        recent = self.recent.round(6).tolist()
        return {"against": usual.signature, **told, "recent": recent, "worth": self.worth}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], usual: Usual) -> Evidence:
        """What `to_dict` wrote; nothing seen, where it was gathered against something else."""
        if data.get("against") != usual.signature:
            return cls.none(usual)
        return cls(
            np.asarray(data["log"], dtype=np.float64),
            np.asarray(data["counts"], dtype=np.float64),
            np.asarray(data["cases"], dtype=np.int64),
            np.asarray(data["began"], dtype=np.int64),
            np.asarray(data["recent"], dtype=np.float64),
            float(data["worth"]),
        )


@dataclass(frozen=True)
class Change:
    """A stream that left its reference: in which `bin` most, how many of `cases` since the case `since` fell into it,
    the share that was usual, and the natural log of the evidence."""

    name: str
    bin: int
    share: float
    usual: float
    cases: int
    since: int
    log_evidence: float


@dataclass
class Detector:
    """Watches k streams against `usual`; opens at `line`, the log of the evidence that is enough."""

    usual: Usual
    line: float
    allowance: float = ALLOWANCE
    evidence: Evidence = field(init=False)

    def __post_init__(self) -> None:
        self.evidence = Evidence.none(self.usual)
        self._guess = self.usual.guess

    def watch(self, bins: IntArray, keys: IntArray) -> list[Change]:
        """Take in the bins (n, k), UNHEARD where a case says nothing, of n cases with the given keys (n,), in their
        order; the streams that have left their reference, at the first case at which one has. The cases after it are
        not looked at."""
        for row, key in zip(bins, keys, strict=True):
            self._take(row, int(key))
            if (self.evidence.log >= self.line).any():
                return self.changes()
        return []

    def _take(self, row: IntArray, key: int) -> None:
        now, usual = self.evidence, self.usual
        heard = row != UNHEARD
        at = usual.start[:-1] + np.where(heard, row, 0)
        guess = GUESS_WORTH * self._guess[at]
        foretold = (now.counts[at] + guess) / (now.cases + GUESS_WORTH)
        foretold = (foretold + (now.recent[at] + guess) / (now.worth + GUESS_WORTH)) / 2
        now.began[heard & (now.cases == 0)] = key
        # A stream of which the case says nothing multiplies by one: whatever is left out beforehand leaves the bound.
        now.log += np.where(heard, np.log(foretold / usual.share[at]) - self.allowance, 0.0)
        now.recent *= FADES
        now.recent[at[heard]] += 1
        now.worth = now.worth * FADES + 1
        now.counts[at[heard]] += 1
        now.cases += heard
        over = now.log <= 0
        now.log[over], now.cases[over], now.began[over] = 0.0, 0, 0
        now.counts[over[usual.stream]] = 0.0

    def changes(self) -> list[Change]:
        """The streams whose evidence is enough, the strongest first."""
        found = [self._change(int(number)) for number in np.flatnonzero(self.evidence.log >= self.line)]
        return sorted(found, key=lambda each: -each.log_evidence)

    def _change(self, number: int) -> Change:
        first, last = self.usual.start[number], self.usual.start[number + 1]
        counts, usual = self.evidence.counts[first:last], self.usual.share[first:last]
        cases = int(self.evidence.cases[number])
        share = counts / cases
        weight = np.where(counts > 0, counts * np.log(np.maximum(share, 1e-300) / usual), -np.inf)
        most = int(np.argmax(weight))
        return Change(
            name=self.usual.names[number],
            bin=most,
            share=float(share[most]),
            usual=float(usual[most]),
            cases=cases,
            since=int(self.evidence.began[number]),
            log_evidence=float(self.evidence.log[number]),
        )


def line_for(streams: int, *, chance: float, cases: int) -> float:
    """The log of the evidence at which one of `streams` streams is called changed: at most `chance` of a false call
    within `cases` cases that come from the reference."""
    return math.log(streams * cases / chance)


def gross_bins(edges: Sequence[float], counts: Sequence[int]) -> list[int]:
    """For each bin of `drift.place` the gross one: 0 missing, 1 below all that is usual, 2 above it, 3 nought, 4 usual.

    What differs here is a fault rather than another kind of customer, so that it can be told of a stream of which
    nobody knows yet what is usual for it.
    """
    zero = next((place + 2 for place, (one, two) in enumerate(pairwise(edges)) if one == 0.0 < two < 1e-300), -1)
    known = [place for place, count in enumerate(counts) if place and count]
    first, last = (known[0], known[-1]) if known else (1, len(counts) - 1)
    kinds = [1 if place < first else 2 if place > last else 4 for place in range(len(counts))]
    kinds[0] = 0
    if zero >= 0:
        kinds[zero] = 3
    return kinds
