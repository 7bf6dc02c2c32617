"""Parcelling: what declined cases would have come to if they had paid so many times worse than granted loans of their
band of the PD. An assumption with figures, no knowledge.

Inferring outcomes of declined applicants has "modest potential" to better a model (Kozodoi et al. 2024, with a
randomised holdout), and labels made from a model's own PD teach it its own opinion. What it is good for is the question
how wrong the assumption may be before a decision turns: declining a band costs less than approving it as long as its
bad rate is above the cut-off, so it turns at the factor cut-off / bad rate of the granted. Where a random arm approved
some declines, what they came to stands beside it, and is knowledge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scoring.ml.intervals import Estimate, wilson

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

EDGES: Final = (0.02, 0.05, 0.10, 0.20)
# Of fewer granted loans no rate is stated, and nothing is inferred from it.
LEAST_LOANS: Final = 30


@dataclass(frozen=True)
class Parcel:
    """One band of the PD, `low` to, without, `high`. `declined` cases of it were never granted; of `granted` loans that
    people or the machine approved `bads` were bad. `inferred` is the bad rate taken for the declined ones, `turns_at`
    the factor at which approving them would cost no more than declining; both None where too few loans tell. `explored`
    is the bad rate of `explored_loans` declines that a random arm approved, with its 95 % interval."""

    low: float
    high: float
    declined: int
    granted: int
    bads: int
    inferred: float | None
    turns_at: float | None
    explored_loans: int
    explored: Estimate | None


def band_of(pd: FloatArray) -> IntArray:
    """The band 0 to 4 of each PD (n,)."""
    return np.searchsorted(EDGES, pd, side="right").astype(np.int64)


def parcels_of(
    declined: FloatArray, pd: FloatArray, bad: BoolArray, explored: BoolArray, *, factor: float, cut_off: float | None
) -> tuple[Parcel, ...]:
    """The five bands from the PDs of declined cases (d,), and PDs, outcomes and whether it was explored of loans (n,),
    all PDs as they stood when the case was decided. ValueError unless the factor lies above 0."""
    if not factor > 0.0:
        raise ValueError("the factor lies above 0")
    of_declined, of_loans = band_of(declined), band_of(pd)
    limits = (0.0, *EDGES, 1.0)
    found = []
    for band in range(len(EDGES) + 1):
        usual, drawn = (of_loans == band) & ~explored, (of_loans == band) & explored
        granted, bads = int(usual.sum()), int(bad[usual].sum())
        rate = bads / granted if granted >= LEAST_LOANS and bads else None
        found.append(
            Parcel(
                low=limits[band],
                high=limits[band + 1],
                declined=int((of_declined == band).sum()),
                granted=granted,
                bads=bads,
                inferred=None if rate is None else min(1.0, factor * rate),
                turns_at=None if rate is None or cut_off is None else cut_off / rate,
                explored_loans=int(drawn.sum()),
                explored=wilson(int(bad[drawn].sum()), int(drawn.sum())) if drawn.any() else None,
            )
        )
    return tuple(found)


def inferred_bads(pd: FloatArray, drawn: FloatArray, parcels: tuple[Parcel, ...]) -> FloatArray:
    """1 bad, 0 good, NaN where nothing is inferred (n,) of declined cases with these PDs and draws in [0, 1)."""
    rates = np.array([np.nan if each.inferred is None else each.inferred for each in parcels])[band_of(pd)]
    return np.where(np.isnan(rates), np.nan, (drawn < rates).astype(np.float64))
