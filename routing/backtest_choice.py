"""How the policy fills its places: what past cases say of a PD, and how far to leave the plain order for a better.

Pure arithmetic on arrays; `routing.backtest` says what a look saves.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# PDs are compared with what came of them by tenths of the past cases, as in a plain calibration table.
TENTHS: Final = 10
# An advantage is judged by its lower quartile: the odds are three to one that it is larger.
ODDS: Final = float(ndtri(0.75))
LEAST_CHANCE: Final = 1e-9


def believed_chance(pd: FloatArray, past_pd: FloatArray, past_bad: IntArray) -> FloatArray:
    """Chances to turn bad (n,) of cases with these PDs (n,), in the light of past cases (m,) scored by models that had
    not seen them.

    The PD is moved by the excess of bads among the tenth of the past cases that lie nearest to it, times the share of
    such excesses that is more than the luck of the draw. That share is estimated from all tenths: the mean of their
    squared excesses over the binomial variance is 1 where the PDs are right (empirical Bayes by moments: Efron and
    Morris 1973, DerSimonian and Laird 1986). Well calibrated PDs stay as they are; so do all with fewer than ten past
    cases.
    """
    if len(past_pd) < TENTHS:
        return pd
    order = np.argsort(past_pd, kind="stable")
    ranked, excess = past_pd[order], past_bad[order] - past_pd[order]
    tenths = np.array_split(np.arange(len(order)), TENTHS)
    means = np.array([excess[tenth].mean() for tenth in tenths])
    luck = np.array([_variance(ranked[tenth]).mean() / len(tenth) for tenth in tenths])
    beyond = max(float((means**2 / luck).mean()) - 1.0, 0.0)
    width = len(order) // TENTHS
    first = np.clip(np.searchsorted(ranked, pd) - width // 2, 0, len(order) - width)
    total = np.concatenate([[0.0], np.cumsum(excess)])
    nearby = (total[first + width] - total[first]) / width
    believed: FloatArray = np.clip(pd + beyond / (1.0 + beyond) * nearby, LEAST_CHANCE, 1.0 - LEAST_CHANCE)
    return believed


def spread_of_saving(chance_bad: FloatArray, if_bad: FloatArray, if_good: FloatArray) -> FloatArray:
    """Standard deviation (n,) of what a look saves, which is one amount for a bad and another for a good."""
    return np.abs(if_bad - if_good) * np.sqrt(_variance(chance_bad))


def cautious_choice(
    plain: BoolArray, best: BoolArray, saving: FloatArray, spread: FloatArray, doubt: float
) -> BoolArray:
    """Which cases to look at (n,): the plain choice, with places given to cases of the best one while that pays surely.

    `plain` and `best` (n,) mark equally many cases; `best` has the highest `saving` (n,), whose standard deviation is
    `spread` (n,). Places change hands in the order of what that is expected to save, and as many do as give the
    highest lower quartile of the whole advantage. `doubt` scales its spread: 0 trusts the expectations and ends at the
    best choice; the square root of (cases / past cases) takes them to be as exact as the past cases can tell.

    Near the cut-off the two choices are worth almost the same, and which of them turns out cheaper is luck. Changing
    nothing without a reason is the pessimism of learning from past decisions (safe improvement on a baseline: Laroche,
    Trichelair and Tachet des Combes 2019; Jin, Yang and Wang 2021).
    """
    leaving, coming = np.flatnonzero(plain & ~best), np.flatnonzero(best & ~plain)
    if not len(leaving):
        return plain
    leaving = leaving[np.argsort(saving[leaving], kind="stable")]
    coming = coming[np.argsort(-saving[coming], kind="stable")]
    advantage = np.cumsum(saving[coming] - saving[leaving])
    luck = np.sqrt(np.cumsum(spread[coming] ** 2 + spread[leaving] ** 2))
    surely = advantage - ODDS * doubt * luck
    changes = int(np.argmax(surely)) + 1 if surely.max() > 0 else 0
    chosen = plain.copy()
    chosen[leaving[:changes]], chosen[coming[:changes]] = False, True
    return chosen


def _variance(chance: FloatArray) -> FloatArray:
    inside = np.clip(chance, LEAST_CHANCE, 1.0 - LEAST_CHANCE)
    return inside * (1.0 - inside)
