"""How the cases of a stream become bins that a change test watches, and what a change of one of them is called.

Not everything that the reference never had is a fault. A number just outside the range it showed counts as the
outermost it showed; a category it never had tells nothing of its own: what it does to decisions shows in the score
and the approvals, and monitoring compares the shares of categories. Noughts, gaps, and numbers far outside are faults.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scoring.ml.change import UNHEARD, Change, Usual, gross_bins, smoothed
from scoring.ml.drift import Reference, place

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
# Of each feature and then of the score, as in a Reference.
Counts = Sequence[Sequence[int]]

SCORE: Final = "score"
ERRORS: Final = "errors"
APPROVALS: Final = "approvals"
# What a bin that fills is a sign of, by its gross kind.
SIGN_OF_KIND: Final = ("missing", "range", "range", "range", "distribution")
MISSING, OTHER = 0, 4
# One odd value in a thousand is nothing to stop for, even where the reference had none: later customers have new ones.
LEAST_FAULTS: Final = 0.001
# What none of m cases had may still be the share 3 / m of all: the upper end of its 95 % interval (Hanley and
# Lippman-Hand 1983). So a small reference does not call a rare value a fault.
RULE_OF_THREE: Final = 3.0
# A number up to so many times the largest that was seen lies just outside; a wrong unit is off by more.
NEAR: Final = 2.0


@dataclass(frozen=True)
class Seen:
    """n cases as they were scored and routed: `values` (n, k), NaN missing, infinite a category that the feature table
    does not know; `log_odds` (n,); whether the explanation is off (n,), and whether the policy would have the machine
    approve (n,)."""

    values: FloatArray
    log_odds: FloatArray
    is_off: BoolArray
    approved: BoolArray


@dataclass(frozen=True)
class Near:
    """The range [low, high] that a reference showed, and up to where [least, most] a number lies just outside it."""

    low: float = -np.inf
    high: float = np.inf
    least: float = -np.inf
    most: float = np.inf

    @classmethod
    def of(cls, edges: Sequence[float], counts: Sequence[int]) -> Near:
        """From the edges and counts of a feature's bins, the missing ones first; of amounts by their ratio."""
        known = [place for place, count in enumerate(counts) if place and count]
        if not known or known[0] < 2 or known[-1] > len(edges):
            return cls()
        low, high = edges[known[0] - 2], float(np.nextafter(edges[known[-1] - 1], -np.inf))
        if low < 0.0:
            return cls(low, high, low - (high - low) / NEAR, high + (high - low) / NEAR)
        return cls(low, high, low / NEAR, high * NEAR)

    def held(self, column: FloatArray) -> FloatArray:
        """The values (n,), those just outside as the outermost that was seen."""
        near = (column >= self.least) & (column <= self.most)
        found: FloatArray = np.where(near, np.clip(column, self.low, self.high), column)
        return found


@dataclass(frozen=True)
class Chart:
    """Streams of one segment. `merged` maps each feature's bins of the reference to those that are watched, UNHEARD
    where a bin tells nothing; `kinds` tells of each watched bin its gross kind, `near` of each feature the range that
    was seen and how far just outside it reaches."""

    usual: Usual
    edges: tuple[tuple[float, ...], ...]
    merged: tuple[IntArray, ...]
    kinds: tuple[IntArray, ...]
    near: tuple[Near, ...]

    @classmethod
    def of(
        cls,
        reference: Reference,
        *,
        own: Counts | None,
        signs: Collection[str],
        approvals: tuple[int, int] | None = None,
        categories: Collection[str] = (),
    ) -> Chart:
        """The chart against the `own` counts of a stream in the bins of the model's reference. Without them only gross
        faults are told, and neither score nor approvals, because other customers are no fault. `approvals` are approved
        and all cases of the policy in force, None until there are enough. Signs not asked for are not watched. Features
        whose values are kinds and no amounts are `categories`."""
        shares: dict[str, FloatArray] = {}
        merged, kinds, near = [], [], []
        for at, name in enumerate(reference.names):
            mine = np.asarray(own[at]) if own else None
            known = np.asarray(reference.counts[at])
            seen = known if mine is None else known + mine
            is_category = name in categories
            gross = _of_category(seen) if is_category else gross_bins(reference.edges[at], seen.tolist())
            to, kind = _merge(gross, own=own is not None, signs=signs)
            unheard = is_category & (seen == 0) & (np.asarray(gross) == OTHER)
            usual = _usual(known, mine, np.asarray(gross))
            shares[name] = np.bincount(to, weights=usual, minlength=len(kind)).astype(np.float64)
            merged.append(np.where(unheard, UNHEARD, to))
            kinds.append(kind)
            near.append(Near() if is_category else Near.of(reference.edges[at], seen.tolist()))
        if own and SCORE in signs:
            shares[SCORE] = smoothed(own[-1])
        if ERRORS in signs:
            shares[ERRORS] = smoothed([reference.rows, 0])
        if approvals is not None and APPROVALS in signs:
            shares[APPROVALS] = smoothed([approvals[1] - approvals[0], approvals[0]])
        return cls(Usual.of(shares), reference.edges, tuple(merged), tuple(kinds), tuple(near))

    def bins(self, seen: Seen) -> IntArray:
        """The bin of each case in each stream, (n, streams)."""
        columns = [
            np.where(np.isposinf(column), UNHEARD, to[place(near.held(column), edges)])
            for column, edges, to, near in zip(seen.values.T, self.edges, self.merged, self.near, strict=False)
        ]
        if SCORE in self.usual.names:
            columns.append(place(seen.log_odds, self.edges[-1]))
        if ERRORS in self.usual.names:
            columns.append(seen.is_off.astype(np.int64))
        if APPROVALS in self.usual.names:
            columns.append(seen.approved.astype(np.int64))
        return np.stack(columns, axis=1)

    def sign_of(self, change: Change) -> str:
        """What a change is a sign of."""
        if change.name in (SCORE, ERRORS, APPROVALS):
            return change.name
        return SIGN_OF_KIND[self.kinds[self.usual.names.index(change.name)][change.bin]]


def _usual(known: IntArray, own: IntArray | None, gross: IntArray) -> FloatArray:
    """The share of each bin (b,). A fault that a stream's own cases never showed is as rare as in the reference, which
    is larger; one that neither showed is as rare as so many cases can tell."""
    shares = smoothed(known) if own is None else smoothed(own)
    if own is not None:
        unseen = (gross != OTHER) & (own == 0)
        shares = np.where(unseen, np.minimum(shares, smoothed(known)), shares)
    never = known if own is None else known + own
    least = np.where(never == 0, np.maximum(LEAST_FAULTS, RULE_OF_THREE / max(int(never.sum()), 1)), LEAST_FAULTS)
    found: FloatArray = np.where(gross == OTHER, shares, np.maximum(shares, least))
    return found


def _of_category(seen: IntArray) -> list[int]:
    """The gross kind of each bin of a feature whose values are kinds: only what is missing can be a fault."""
    return [MISSING, *[OTHER] * (len(seen) - 1)]


def _merge(kinds: list[int], *, own: bool, signs: Collection[str]) -> tuple[IntArray, IntArray]:
    """For each bin (b,) the watched one, and of each watched one (w,) its kind."""
    watched: dict[tuple[int, int], int] = {}
    to = []
    for at, kind in enumerate(kinds):
        is_asked = SIGN_OF_KIND[kind] in signs
        # A fault is one bin of its own; usual values are told apart only against the stream's own reference.
        key = (OTHER, at if own and is_asked and kind == OTHER else -1) if kind == OTHER or not is_asked else (kind, 0)
        to.append(watched.setdefault(key, len(watched)))
    return np.array(to, dtype=np.int64), np.array([kind for kind, _at in watched], dtype=np.int64)
