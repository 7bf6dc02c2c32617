"""What two models cost at the same review capacity, whose decisions they flip, and how that is tested.

Both are followed by the same machine and the same simulated reviewers (`routing/backtest.py`): the places go to the
cases where a look is expected to save most, all others are approved below the cut-off and declined from it on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from routing.backtest import Cases, Stakes, Terms, costs_of, policy
from scoring.ml.intervals import Estimate
from scoring.ml.sample_weights import Weights, mean, of_rows

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

RESAMPLES: Final = 1000
SEED: Final = 20


@dataclass(frozen=True)
class Desk:
    """What both models are held to: the PD at which approving earns nothing, the share of cases that people see, how
    often they are right, and what a look costs as a share of the mean exposure."""

    cut_off: float
    review_share: float
    accuracy: float
    review_cost: float


@dataclass(frozen=True)
class Cost:
    """Mean cost a case of each side, as shares of the mean amount, and by how much the challenger is cheaper."""

    champion: float
    challenger: float
    saved: Estimate


@dataclass(frozen=True)
class Flips:
    """Loans that one side of the cut-off would have approved and the other declined: of the flipped ones the champion
    was right on `champion_right`, the challenger on `challenger_right`; `p_value` by McNemar's exact test."""

    champion_right: int
    challenger_right: int
    p_value: float


def cost_at_capacity(
    pd_champion: FloatArray,
    pd_challenger: FloatArray,
    bad: IntArray,
    amount: FloatArray,
    desk: Desk,
    weights: Weights = None,
) -> Cost:
    """Costs of PDs (n,) of the same loans with outcomes (n,) and amounts (n,), a mean by `weights` (n,).

    Approving a bad costs 1 − t of its amount and declining a good t of it, t being the cut-off: at a PD of t both cost
    the same. The interval is of a paired bootstrap of loans, with each side's choice of cases as it is on the whole
    sample: it holds for these lines, not for the luck of setting them. A loan that is drawn brings its weight along.
    """
    stakes = Stakes.of(1 - desk.cut_off, desk.cut_off, desk.review_cost, amount / amount.mean())
    terms = Terms(desk.cut_off, desk.cut_off, desk.review_share, desk.accuracy, desk.accuracy, (SEED,))
    costs = []
    for pd in (pd_champion, pd_challenger):
        cases = Cases.simulated(pd, bad, stakes, accuracy=desk.accuracy, seed=(SEED,))
        costs.append(costs_of(policy(cases, terms), cases, terms))
    saved = costs[0] - costs[1]
    return Cost(mean(costs[0], weights), mean(costs[1], weights), _bootstrapped(saved, weights))


def flips(pd_champion: FloatArray, pd_challenger: FloatArray, bad: IntArray, cut_off: float) -> Flips:
    """McNemar's exact test (McNemar 1947; binomial form) of the loans whose side of the cut-off differs."""
    by_champion, by_challenger = (pd_champion >= cut_off) == (bad == 1), (pd_challenger >= cut_off) == (bad == 1)
    champion_right = int((by_champion & ~by_challenger).sum())
    challenger_right = int((by_challenger & ~by_champion).sum())
    flipped = champion_right + challenger_right
    # Two equal tails of the binomial at one half; scipy.stats would be loaded with every page and command for it.
    p_value = min(1.0, 2 * float(bdtr(min(champion_right, challenger_right), flipped, 0.5)))
    return Flips(champion_right, challenger_right, p_value)


def swap_set(pd_champion: FloatArray, pd_challenger: FloatArray, cut_off: float) -> tuple[BoolArray, BoolArray]:
    """Which cases (n,) the challenger would approve that the champion declines (in), and the other way round (out)."""
    return (
        (pd_champion >= cut_off) & (pd_challenger < cut_off),
        (pd_champion < cut_off) & (pd_challenger >= cut_off),
    )


def _bootstrapped(values: FloatArray, weights: Weights) -> Estimate:
    """A mean with the percentile interval of a bootstrap that draws loans, each with its weight."""
    draw, size = np.random.default_rng(SEED), len(values)
    drawn = (draw.integers(0, size, size) for _resample in range(RESAMPLES))
    means = [mean(values[rows], of_rows(weights, rows)) for rows in drawn]
    low, high = np.quantile(means, (0.025, 0.975))
    return Estimate(mean(values, weights), float(low), float(high))
