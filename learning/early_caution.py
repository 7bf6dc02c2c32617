"""What people who speak before they see the score say of a model, for as long as it has no outcomes of its own.

A first model learns from loans that people granted, who saw more than it does: it is too hopeful about everybody else,
and no outcome says so until the first performance windows close. People's blind opinions are there from the first day.
They are no labels and train nothing: they give one number, by how many log-odds the model seems too hopeful near the
lines, where people see cases.

- Each opinion names a band of the PD. That a person, on a case with the model's log-odds z, would put it at z + d, with
  d normal about the person's own mean and with one spread s, is fitted to the bands by EM (grouped data, Stewart 1983).
- People differ from the model by what they see, and by noise. Only what two blind people agree about is sight: the
  share `agreement` of s², the correlation of their d on the same cases, starting from AGREEMENT as if BELIEVED_PAIRS
  pairs had shown it (regressed scores, Kelley 1927).
- What people say is the mean PD of z + m + h, with m the mean over people and h normal of variance `agreement` · s².
  The shift `said` gives the model the same mean PD. Noise left in would make every model look too hopeful, for PDs rise
  faster above than they fall below.
- Whether these people as a whole lean one way nobody knows. So the error is that of a mean over people, each counted
  once, and no smaller than that of as many opinions; the shift is drawn towards none by a normal prior of deviation
  PRIOR (log-odds).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from learning.bands import BANDS
from routing.terms import MOST_CAUTION
from scoring.ml.calibration import sigmoid
from scoring.ml.sample_weights import effective_size

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LEAST_PEOPLE: Final = 3
# Of whom fewer opinions are there, nothing is told.
LEAST_OPINIONS: Final = 10
PRIOR: Final = 0.5
AGREEMENT: Final = 0.4
BELIEVED_PAIRS: Final = 30
# Of the bad loans that a model learned from, this share or more were assessed here: its outcomes speak for it.
OWN_SHARE: Final = 0.5
EDGES: Final = np.array([-np.inf, *(np.log(edge / (1.0 - edge)) for edge in BANDS), np.inf])
# Of log-odds within one band nobody knows more (a band is 0.8 wide).
LEAST_SPREAD: Final = 0.25
ROUNDS: Final = 200
NEAR_ENOUGH: Final = 1e-6
RARE: Final = 1e-12
FARTHEST: Final = 10.0
Z: Final = float(ndtri(0.975))
NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(15)


@dataclass(frozen=True)
class Views:
    """n blind opinions: who gave each and about which case, as numbers (n,); the model's calibrated log-odds (n,), the
    band 1 to 5 that was named (n,), and for how many opinions it stands (n,), 1 / the chance that it was asked for."""

    person: IntArray
    case: IntArray
    log_odds: FloatArray
    band: IntArray
    weight: FloatArray


@dataclass(frozen=True)
class EarlyCaution:
    """By how many log-odds the model is too hopeful: `said` by people with its standard `error`, and `shift`, the same
    drawn towards none, with its 95 % interval `low` to `high`. Of `people`, `opinions` (`effective` under the weights)
    and `pairs` of opinions on one case; `agreement` is the share of what sets people apart from the model that two of
    them agree about."""

    people: int
    opinions: int
    effective: float
    pairs: int
    agreement: float
    said: float
    error: float
    shift: float
    low: float
    high: float

    @property
    def caution(self) -> float:
        """By how many log-odds lines are lowered: opinions may make lending stricter, never looser."""
        return min(max(self.shift, 0.0), MOST_CAUTION)


def early_caution(views: Views) -> EarlyCaution | None:
    """What the opinions say of the model; None where fewer than LEAST_PEOPLE gave LEAST_OPINIONS each."""
    names, counts = np.unique(views.person, return_counts=True)
    views = _only(views, np.isin(views.person, names[counts >= LEAST_OPINIONS]))
    people, place = np.unique(views.person, return_inverse=True)
    if len(people) < LEAST_PEOPLE:
        return None
    means, apart, spread = _fitted(views, place)
    pairs, agreement = _agreement(views, apart - means[place], spread)
    said = _shift(views, float(means.mean()), agreement * spread**2)
    effective = effective_size(views.weight)
    # That people agree by luck does not make them sure.
    variance = max(float(means.var(ddof=1)) / len(people), spread**2 / effective)
    share = PRIOR**2 / (PRIOR**2 + variance)
    shift, half = share * said, Z * float(np.sqrt(share * variance))
    return EarlyCaution(
        people=len(people),
        opinions=len(views.person),
        effective=effective,
        pairs=pairs,
        agreement=agreement,
        said=said,
        error=float(np.sqrt(variance)),
        shift=shift,
        low=shift - half,
        high=shift + half,
    )


def _only(views: Views, which: NDArray[np.bool_]) -> Views:
    return Views(*(getattr(views, name)[which] for name in ("person", "case", "log_odds", "band", "weight")))


def _fitted(views: Views, place: IntArray) -> tuple[FloatArray, FloatArray, float]:
    """By EM: the mean of each person (R,), how far each opinion (n,) probably lies from the model, the spread."""
    low, high = EDGES[views.band - 1] - views.log_odds, EDGES[views.band] - views.log_odds
    totals = np.bincount(place, weights=views.weight)
    means, spread = np.zeros(len(totals)), 1.0
    for _round in range(ROUNDS):
        apart, variance = _within(low, high, means[place], spread)
        before = (*means, spread)
        means = np.bincount(place, weights=views.weight * apart) / totals
        spread = max(
            float(np.sqrt(np.average((apart - means[place]) ** 2 + variance, weights=views.weight))), LEAST_SPREAD
        )
        if np.abs(np.array((*means, spread)) - before).max() < NEAR_ENOUGH:
            break
    return means, apart, spread


def _within(low: FloatArray, high: FloatArray, mean: FloatArray, spread: float) -> tuple[FloatArray, FloatArray]:
    """Mean and variance (n,) of a normal variable that is known to lie between these bounds."""
    bounds = [np.clip((bound - mean) / spread, -FARTHEST, FARTHEST) for bound in (low, high)]
    density = [np.exp(-(bound**2) / 2) / np.sqrt(2 * np.pi) for bound in bounds]
    inside = np.maximum(ndtr(bounds[1]) - ndtr(bounds[0]), RARE)
    step = (density[0] - density[1]) / inside
    bend = (bounds[0] * density[0] - bounds[1] * density[1]) / inside
    return mean + spread * step, spread**2 * np.maximum(1.0 + bend - step**2, 0.0)


def _agreement(views: Views, own: FloatArray, spread: float) -> tuple[int, float]:
    """How many pairs of opinions there are on the same case, and the correlation of what sets them apart from the model
    beyond each person's mean. Bands are coarse, so it is a little too low: that errs towards less caution."""
    places = defaultdict(list)
    for place, case in enumerate(views.case.tolist()):
        places[case].append(place)
    products = [
        own[one] * own[other]
        for here in places.values()
        for one, other in combinations(here, 2)
        if views.person[one] != views.person[other]
    ]
    shown = float(sum(products)) / spread**2
    return len(products), float(np.clip((BELIEVED_PAIRS * AGREEMENT + shown) / (BELIEVED_PAIRS + len(products)), 0, 1))


def _shift(views: Views, middle: float, variance: float) -> float:
    """What must be added to the model's log-odds for the mean PD that people see."""
    # Loaded where it is used: it costs a start 0.15 s and 20 MB.
    from scipy.optimize import brentq

    seen = views.log_odds[:, None] + middle + np.sqrt(variance) * NODES
    wanted = float(np.average(sigmoid(seen) @ (NODE_WEIGHTS / NODE_WEIGHTS.sum()), weights=views.weight))
    found = brentq(
        lambda shift: float(np.average(sigmoid(views.log_odds + shift), weights=views.weight)) - wanted,
        -FARTHEST - abs(middle) - variance, FARTHEST + abs(middle) + variance,
    )  # fmt: skip
    return float(found)
