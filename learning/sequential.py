"""An always-valid test of two models by the cost of their decisions: whoever looks daily is not fooled.

A fixed-sample test that is watched every day cries wolf sooner or later. Here the evidence is a bettor's wealth. Loan i
brings x_i in [−1, 1]: what the challenger's decision saved against the champion's, over the largest such saving (0
where both decide alike). Under the hypothesis that the challenger saves nothing on average given all before it,
E[x_i | past] ≤ 0, the wealth

    W_n(λ) = Π (1 + λ x_i),   0 ≤ λ < 1

is a supermartingale that starts at 1 and never falls below 0, and so is any mixture of it over λ chosen beforehand
(method of mixtures, Robbins 1970). By Ville's inequality (1939) the chance that it ever reaches 1/α is at most α,
however often and until whenever one looks; 1 over the largest wealth so far is a p-value at every moment. See
Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting (JRSS-B, 2024).

The mixture is even over twelve λ, from 0.9 down by a quarter each, so that small and large effects are both bet on.
The same wealth on −x bets that the champion is the better one. Both are looked at, so each must reach 2/α.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ALPHA: Final = 0.05
BETS: Final = np.array([0.9 * 0.75**each for each in range(12)], dtype=np.float64)
# Wealth beyond this is told as this: it is proof enough, and a figure that JSON can hold.
LARGEST_LOG: Final = 200.0


@dataclass(frozen=True)
class Evidence:
    """Wealth at the end of each day, for the challenger and for the champion, and which of them has ever reached
    `threshold` ("" for none): from then on that one is the better, whatever comes."""

    days: tuple[str, ...]
    challenger: tuple[float, ...]
    champion: tuple[float, ...]
    threshold: float
    loans: int
    discordant: int
    decided: str


def savings(pd_champion: FloatArray, pd_challenger: FloatArray, bad: IntArray, cut_off: float) -> FloatArray:
    """What the challenger's decision saves (n,) on each loan, between −1 and 1: over the dearer of the two mistakes,
    declining a good one (the cut-off) and approving a bad one (1 less it)."""
    champion, challenger = (
        np.where(bad == 1, (pd < cut_off) * (1 - cut_off), (pd >= cut_off) * cut_off)
        for pd in (pd_champion, pd_challenger)
    )
    saved: FloatArray = (champion - challenger) / max(cut_off, 1 - cut_off)
    return saved


def wealth(x: FloatArray) -> FloatArray:
    """The mixture's wealth (n,) after each of x (n,), in the order in which they became known."""
    grown: FloatArray = np.exp(np.minimum(np.cumsum(np.log1p(np.outer(BETS, x)), axis=1), LARGEST_LOG)).mean(axis=0)
    return grown


def evidence(x: FloatArray, days: Sequence[str]) -> Evidence:
    """Both wealths day by day; `days` (n,) names the day of each of x (n,), in order. ValueError out of order."""
    if list(days) != sorted(days):
        raise ValueError("the loans come in the order of their days")
    threshold = 2 / ALPHA
    challenger, champion = wealth(x), wealth(-x)
    last = [at for at in range(len(x)) if at + 1 == len(x) or days[at + 1] != days[at]]
    first = {
        name: int(np.argmax(grown >= threshold))
        for name, grown in (("challenger", challenger), ("champion", champion))
        if (grown >= threshold).any()
    }
    return Evidence(
        days=tuple(days[at] for at in last),
        challenger=tuple(challenger[last].tolist()),
        champion=tuple(champion[last].tolist()),
        threshold=threshold,
        loans=len(x),
        discordant=int((x != 0).sum()),
        decided=min(first, key=lambda name: first[name]) if first else "",
    )
