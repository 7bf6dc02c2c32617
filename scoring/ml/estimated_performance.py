"""How well a model does before any outcome is known, from its calibrated PDs alone: estimated, never observed.

Confidence-based performance estimation (NannyML; Białek et al. 2024, arXiv 2401.08348): if PDs are right, each loan is
bad with its PD, and the expected confusion of a decision follows. It sees a change of the loans that come; it is blind
to a change of what their features mean, which only outcomes show. So it is compared with them when they mature.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from scoring.ml.metrics import auc

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LEVEL = 0.95


@dataclass(frozen=True)
class Estimated:
    """Estimates for n loans: AUC, bad rate with the interval in which it falls if PDs are right, and cost a loan."""

    rows: int
    auc: float
    bad_rate: float
    bad_rate_low: float
    bad_rate_high: float
    cost: float


@dataclass(frozen=True)
class BackTest:
    """What was estimated of n loans beside what became of them. `holds`: the bad rate fell into its interval. `auc` is
    NaN where all ended alike. `z` is the excess of bads in standard deviations: calibration in the large."""

    rows: int
    bads: int
    estimated_bad_rate: float
    bad_rate: float
    estimated_auc: float
    auc: float
    z: float
    holds: bool


def estimate(pd: FloatArray, cut_off: FloatArray) -> Estimated:
    """Estimates from calibrated PDs (n,) and the PD (n,) at which approving each loan earns nothing.

    A loan is approved below its cut-off t; the cost of a mistake is 1 - t for a bad approved and t for a good declined,
    so that both are even at the cut-off. ValueError without a loan.
    """
    if not len(pd):
        raise ValueError("there is no loan to estimate from")
    half = float(ndtri((1 + LEVEL) / 2) * np.sqrt((pd * (1 - pd)).sum()) / len(pd))
    rate = float(pd.mean())
    approved = pd < cut_off
    costs = np.where(approved, pd * (1 - cut_off), (1 - pd) * cut_off)
    return Estimated(
        rows=len(pd),
        auc=estimated_auc(pd),
        bad_rate=rate,
        bad_rate_low=max(0.0, rate - half),
        bad_rate_high=min(1.0, rate + half),
        cost=float(costs.mean()),
    )


def estimated_auc(pd: FloatArray) -> float:
    """The chance that a bad is scored above a good, ties half, when each loan is bad with its PD.

    The ratio of expected pairs: sum over i and j of p_i (1 - p_j) [p_i > p_j] over all pairs of two loans. NaN where no
    pair is expected.
    """
    order = np.argsort(pd, kind="stable")
    bads, goods = pd[order], 1 - pd[order]
    # Equal scores stand together: from the first of them on they count half.
    first = np.searchsorted(bads, bads, side="left")
    before = np.concatenate([[0.0], np.cumsum(goods)])
    lower = before[first]
    equal = before[np.searchsorted(bads, bads, side="right")] - lower - goods
    pairs = float((bads * (goods.sum() - goods)).sum())
    return float((bads * (lower + equal / 2)).sum() / pairs) if pairs > 0 else float("nan")


def back_test(pd: FloatArray, cut_off: FloatArray, y: IntArray) -> BackTest:
    """The estimate from the PDs (n,) of matured loans, beside their outcomes y (n,), 1 = bad. ValueError without one.

    Only loans that were granted have an outcome; given the PD that does not matter to calibration, but it lowers AUC.
    """
    found, bads = estimate(pd, cut_off), int(y.sum())
    spread = float(np.sqrt((pd * (1 - pd)).sum()))
    return BackTest(
        rows=len(y),
        bads=bads,
        estimated_bad_rate=found.bad_rate,
        bad_rate=bads / len(y),
        estimated_auc=found.auc,
        auc=auc(y, pd) if 0 < bads < len(y) else float("nan"),
        z=(bads - float(pd.sum())) / spread if spread else 0.0,
        holds=found.bad_rate_low <= bads / len(y) <= found.bad_rate_high,
    )
