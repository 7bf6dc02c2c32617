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
    """`rows` (m,) are the loans in conflict, the hardest to believe first; the thresholds of good and bad."""

    rows: IntArray
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
    against = (other >= thresholds[1 - bad]) & (own < thresholds[bad])
    found = np.flatnonzero(against)
    order = np.argsort(own[found], kind="stable")
    return Conflicts(found[order], float(thresholds[0]), float(thresholds[1]))
