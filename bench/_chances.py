"""How the simulated lender's cases went, and by that the product's propensities of their outcomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from learning.bands import BANDS
from learning.propensities import Shares, propensity_of
from routing.models import Route
from routing.policy import Routed

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

ADVICE: Final = ("approve", "decline")
WAYS: Final = (Route.Way.APPROVE, Route.Way.DECLINE, Route.Way.REVIEW)


@dataclass
class Routes:
    """Of n cases the route of each, one row (n, 6): way, advice, whether drawn for the audit and the chance of that,
    whether explored and the chance of that; and the PD (n,). NaN before a case was routed."""

    count: int
    table: FloatArray = field(init=False)
    pd: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        self.table, self.pd = np.full((self.count, 6), np.nan), np.full(self.count, np.nan)

    def record(self, rows: IntArray, routed: Routed, pd: FloatArray) -> None:
        """What the policy said of the cases `rows` (m,)."""
        columns = (routed.way, routed.advice, routed.audit, routed.audit_probability, routed.explored)
        self.table[rows] = np.column_stack([*columns, routed.exploration_probability])
        self.pd[rows] = pd

    def propensities(self, rows: IntArray, seen: BoolArray, granted: BoolArray) -> FloatArray:
        """The chance (m,) that the outcome of each of these approved cases could be observed, by
        `learning/propensities.py`; NaN where it is not known. `seen` (n,) are the cases that people decided so far, and
        `granted` (n,) what came of them."""
        shares = self._shares(np.flatnonzero(seen), granted)
        band = np.searchsorted(BANDS, self.pd[rows], side="right") + 1.0
        kinds, which = np.unique(np.column_stack([self.table[rows], band]), axis=0, return_inverse=True)
        known = [self._of_kind(kind, shares) for kind in kinds]
        found: FloatArray = np.array(known, dtype=np.float64)[which.ravel()] if len(rows) else np.zeros(0)
        return found

    def _shares(self, seen: IntArray, granted: BoolArray) -> Shares:
        shares = Shares()
        band = np.searchsorted(BANDS, self.pd[seen], side="right") + 1
        groups = np.column_stack([self.table[seen, 2], self.table[seen, 1], band]).astype(np.int64)
        for group in np.unique(groups, axis=0):
            mine = (groups == group).all(axis=1)
            audited, advice, at = group.tolist()
            shares.add((bool(audited), ADVICE[advice], at), int(mine.sum()), int(granted[seen[mine]].sum()))
        return shares

    @staticmethod
    def _of_kind(kind: FloatArray, shares: Shares) -> float:
        if np.isnan(kind[0]):
            return np.nan
        way, advice, audited, audit, explored, explore, band = kind.tolist()
        route = Route(
            way=WAYS[int(way)],
            advice=ADVICE[int(advice)],
            is_audit=bool(audited),
            audit_probability=audit,
            is_exploration=bool(explored),
            exploration_probability=explore,
        )
        # Any PD of the band will do.
        chance, _basis = propensity_of(route, (0.0, *BANDS)[int(band) - 1], shares)
        return np.nan if chance is None else chance
