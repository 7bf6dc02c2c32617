"""A made-up book with reviewers who know a little that the model does not, on which orders of looks are tried.

Reviewers see a noisy private signal of what the model missed. It is worth most for cases with a thin file, where the
model misses most; they follow the model to some degree, and they slip.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.look_value import Audited

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

LGD, MARGIN, REVIEW_COST = 0.55, 0.10, 30.0
CUT_OFF = MARGIN / (MARGIN + LGD)  # where both ways cost the same
MISSED_OF_THIN, MISSED = 1.5, 0.4  # how much of the true log-odds the model does not see (standard deviation)


@dataclass(frozen=True)
class Reviewers:
    """`noise` of their private signal, `following` 0 (own mind) to 1 (the model's), `slips` share of reversed ways."""

    noise: float = 0.8
    following: float = 0.2
    slips: float = 0.03


POOR = Reviewers(noise=2.5, following=0.1, slips=0.15)


@dataclass(frozen=True)
class Book:
    """n cases (n,): what the model says, what is true, and what a reviewer would decide."""

    pd: FloatArray
    true_pd: FloatArray
    doubt: FloatArray
    exposure: FloatArray
    person_approves: BoolArray
    bad: BoolArray

    @property
    def machine_approves(self) -> BoolArray:
        return self.pd < CUT_OFF

    def saved(self) -> FloatArray:
        """Money (n,) that a look at each case is truly expected to save."""
        approve, decline = self.true_pd * LGD * self.exposure, (1 - self.true_pd) * MARGIN * self.exposure
        machine = np.where(self.machine_approves, approve, decline)
        return np.asarray(machine - np.where(self.person_approves, approve, decline) - REVIEW_COST, dtype=np.float64)

    def saved_share(self, value: FloatArray, capacity: float) -> float:
        """Share of the cost of no review that looks at the highest values save."""
        seen = np.argsort(-value, kind="stable")[: int(capacity * len(value))]
        approve, decline = self.true_pd * LGD * self.exposure, (1 - self.true_pd) * MARGIN * self.exposure
        return float(self.saved()[seen].sum() / np.where(self.machine_approves, approve, decline).sum())

    def audited(self, probability: float) -> Audited:
        """All cases as if drawn with this probability, their outcomes known."""
        filled = {name: np.full(len(self.pd), value) for name, value in
                  {"cut_off": CUT_OFF, "probability": probability, "lgd": LGD, "margin": MARGIN,
                   "review_cost": REVIEW_COST}.items()}  # fmt: skip
        return Audited(
            pd=self.pd,
            exposure=self.exposure,
            doubt=self.doubt,
            machine_approves=self.machine_approves,
            person_approves=self.person_approves,
            bad=self.bad,
            **filled,
        )


def book(cases: int, seed: int, reviewers: Reviewers | None = None) -> Book:
    """A book drawn from the seed, with a calibrated PD: the mean of the true ones of cases that look like it."""
    who, draw = reviewers or Reviewers(), np.random.default_rng(seed)
    thin = draw.random(cases) < 0.25
    missed, shown = np.where(thin, MISSED_OF_THIN, MISSED), draw.normal(-2.2, 1.0, cases)
    unseen = draw.normal(0, 1, cases) * missed
    true_pd = 1 / (1 + np.exp(-shown - unseen))
    points, weights = np.polynomial.hermite_e.hermegauss(21)
    pd = (1 / (1 + np.exp(-shown[:, None] - missed[:, None] * points))) @ (weights / weights.sum())
    signal = (unseen + draw.normal(0, who.noise, cases)) * missed**2 / (missed**2 + who.noise**2)
    thought = np.log(pd / (1 - pd)) + (1 - who.following) * signal
    approves = (thought < np.log(CUT_OFF / (1 - CUT_OFF))) ^ (draw.random(cases) < who.slips)
    doubt = np.where(thin, draw.beta(5, 2, cases), draw.beta(2, 5, cases))
    exposure = draw.lognormal(9.0, 1.0, cases)
    return Book(pd, true_pd, doubt, exposure, approves, draw.random(cases) < true_pd)
