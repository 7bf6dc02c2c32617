"""How the cases of a stream become bins that a change test watches, and what a change of one of them is called."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scoring.ml.change import Change, Usual, gross_bins, smoothed
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
OTHER: Final = 4
# One odd value in a thousand is nothing to stop for, even where the reference had none: later customers have new ones.
LEAST_FAULTS: Final = 0.001


@dataclass(frozen=True)
class Seen:
    """n cases as they were scored and routed: `values` (n, k), NaN missing; `log_odds` (n,); whether the explanation is
    off (n,), and whether the policy would have the machine approve (n,)."""

    values: FloatArray
    log_odds: FloatArray
    is_off: BoolArray
    approved: BoolArray


@dataclass(frozen=True)
class Chart:
    """Streams of one segment. `merged` maps each feature's bins of the reference to those that are watched; `kinds`
    tells of each watched bin its gross kind."""

    usual: Usual
    edges: tuple[tuple[float, ...], ...]
    merged: tuple[IntArray, ...]
    kinds: tuple[IntArray, ...]

    @classmethod
    def of(
        cls,
        reference: Reference,
        *,
        own: Counts | None,
        signs: Collection[str],
        approvals: tuple[int, int] | None = None,
    ) -> Chart:
        """The chart against the `own` counts of a stream in the bins of the model's reference. Without them only gross
        faults are told, and neither score nor approvals, because other customers are no fault. `approvals` are approved
        and all cases of the policy in force, None until there are enough. Signs not asked for are not watched."""
        shares: dict[str, FloatArray] = {}
        merged, kinds = [], []
        for at, name in enumerate(reference.names):
            mine = np.asarray(own[at]) if own else None
            known = np.asarray(reference.counts[at])
            gross = gross_bins(reference.edges[at], (known if mine is None else known + mine).tolist())
            to, kind = _merge(gross, own=own is not None, signs=signs)
            merged.append(to)
            kinds.append(kind)
            usual = _usual(known, mine, np.asarray(gross))
            shares[name] = np.bincount(to, weights=usual, minlength=len(kind)).astype(np.float64)
        if own and SCORE in signs:
            shares[SCORE] = smoothed(own[-1])
        if ERRORS in signs:
            shares[ERRORS] = smoothed([reference.rows, 0])
        if approvals is not None and APPROVALS in signs:
            shares[APPROVALS] = smoothed([approvals[1] - approvals[0], approvals[0]])
        return cls(Usual.of(shares), reference.edges, tuple(merged), tuple(kinds))

    def bins(self, seen: Seen) -> IntArray:
        """The bin of each case in each stream, (n, streams)."""
        columns = [
            to[place(column, edges)] for column, edges, to in zip(seen.values.T, self.edges, self.merged, strict=False)
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
    is larger."""
    shares = smoothed(known) if own is None else smoothed(own)
    if own is not None:
        unseen = (gross != OTHER) & (own == 0)
        shares = np.where(unseen, np.minimum(shares, smoothed(known)), shares)
    found: FloatArray = np.where(gross == OTHER, shares, np.maximum(shares, LEAST_FAULTS))
    return found


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
