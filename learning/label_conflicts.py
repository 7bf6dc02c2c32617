"""Labels that a model which never saw them finds hard to believe: confident learning, for a person to look at.

Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels" (J. Artif. Intell.
Res. 70): the threshold of a class is the mean probability that loans labelled so have of it; a loan is in conflict
where its probability of the other class reaches that class's threshold and the probability of its own does not. In
credit that is no proof of a wrong label: good risks go bad. So nothing is removed; the hardest to believe come first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Conflicts:
    """`rows` (m,) are the loans in conflict, the hardest to believe first; the thresholds of good and bad. `expected`
    are so many as chance alone brings where every label is right and every PD true."""

    rows: IntArray
    expected: float
    good_threshold: float
    bad_threshold: float


def find_conflicts(pd: FloatArray, bad: IntArray) -> Conflicts:
    """Conflicts between out-of-fold PDs (n,) and outcomes (n,), 1 = bad. ValueError when a class is absent."""
    if not 0 < bad.sum() < len(bad):
        raise ValueError("both outcomes are needed")
    probability = np.column_stack([1.0 - pd, pd])
    thresholds = np.array([probability[bad == kind, kind].mean() for kind in (0, 1)])
    own = probability[np.arange(len(bad)), bad]
    other = 1.0 - own
    found = np.flatnonzero((other >= thresholds[1 - bad]) & (own < thresholds[bad]))
    order = np.argsort(own[found], kind="stable")
    # A loan whose good outcome would be in conflict is good with 1 - PD all the same, and the other way round.
    reaches = probability >= thresholds
    doubts_good, doubts_bad = reaches[:, 1] & ~reaches[:, 0], reaches[:, 0] & ~reaches[:, 1]
    expected = float((1.0 - pd)[doubts_good].sum() + pd[doubts_bad].sum())
    return Conflicts(found[order], expected, float(thresholds[0]), float(thresholds[1]))
