"""What a look is worth: the order to start with, the money it saves, and the value learned from audited cases.

The start order, distance to the cut-off over the root of the exposure, needs no data about reviewers. On a made-up book
(`bench/look_value.py`, figures in docs/capacity.md) it is the best of such orders with good reviewers and does no harm
with poor ones up to a tenth of the cases, where orders by distance to one half or expected loss lose money. Learned
value pays from a few thousand audited cases on, and is used only where that is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Order = Literal["start", "learned"]

LEAST_AUDITED: Final = 3_000
LEAST_EXPOSURE: Final = 0.01  # the smallest amount that a case may ask for
MOST_WEIGHT: Final = 20.0
# What is believed of reviewers before any answer of theirs is known: as if 7 of 10 had been right.
PRIOR_RIGHT: Final = 7.0
PRIOR_ANSWERS: Final = 10.0
# Edges of the signed log-odds distance to the cut-off. They are fixed, so that versions can be compared, and finer near
# the cut-off, where few audited cases lie and a look is worth most; zero keeps the two sides' different stakes apart.
DISTANCES: Final = (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0)
DOUBTS: Final = 3
FOLDS: Final = 5
# A bin's own spread is trusted as so many cases of its own; the rest comes from the spread of all.
SPREAD_CASES: Final = 20.0


class TooFewAudited(ValueError):
    """Too few audited cases with a known outcome to learn from; `cases` says how many there are."""

    def __init__(self, cases: int) -> None:
        self.cases = cases
        self.en = f"Only {cases:,} audited cases with a known outcome exist; learning needs {LEAST_AUDITED:,}."
        self.zh = f"有已知结果的抽检业务只有 {cases:,} 笔；学习至少需要 {LEAST_AUDITED:,} 笔。"
        super().__init__(self.en)


@dataclass(frozen=True)
class Costs:
    """Expected money (n,) lost by each automatic decision, and by the one the machine takes."""

    approve: FloatArray
    decline: FloatArray
    machine: FloatArray


def start_rank(pd: FloatArray, cut_off: float | FloatArray, exposure: FloatArray) -> FloatArray:
    """|PD - cut-off| / sqrt(exposure) (n,); the smallest is looked at first.

    What is not known comes first: a missing PD or exposure has rank 0. Exposures below a hundredth count as one.
    """
    distance = np.abs(pd - cut_off) / np.sqrt(np.maximum(exposure, LEAST_EXPOSURE))
    return np.nan_to_num(distance, nan=0.0)


def expected_costs(
    pd: FloatArray,
    exposure: FloatArray,
    lgd: float | FloatArray,
    margin: float | FloatArray,
    approves: BoolArray | None = None,
) -> Costs:
    """What each automatic decision is expected to cost (n,), in the currency of the exposure.

    Approving costs the expected loss PD x LGD x EAD, declining the missed earnings (1 - PD) x margin x EAD. The
    machine's cost is that of its way `approves` (n,), or of the cheaper way where none is given. NaN stays NaN.
    """
    approve = np.asarray(pd * lgd * exposure, dtype=np.float64)
    decline = np.asarray((1.0 - pd) * margin * exposure, dtype=np.float64)
    machine = np.minimum(approve, decline) if approves is None else np.where(approves, approve, decline)
    return Costs(approve, decline, machine)


def expected_saving(
    pd: FloatArray,
    approves: BoolArray,
    exposure: FloatArray,
    lgd: float | FloatArray,
    margin: float | FloatArray,
    accuracy: float | FloatArray,
    review_cost: float | FloatArray,
) -> FloatArray:
    """By how much money (n,) a look lowers the expected cost of cases the machine would approve, or else decline.

    A reviewer is right with the chance `accuracy`, whichever way is right; a slip costs what the wrong way costs, so
    both sides' stakes count: machine - (1 - accuracy) x (approve + decline) - review. Negative where a look costs more
    than it saves. With calibrated PDs no other order of so many looks has a lower expected cost.
    """
    costs = expected_costs(pd, exposure, lgd, margin, approves)
    slip = (1.0 - np.asarray(accuracy)) * (costs.approve + costs.decline)
    return np.asarray(costs.machine - slip - review_cost, dtype=np.float64)


@dataclass(frozen=True)
class Audited:
    """n randomly audited cases whose outcome is known, as arrays (n,).

    `probability` is the chance that a case like this got here: that it was drawn for audit *and* its outcome could be
    seen. A loan that nobody granted has no outcome, so the audited person's opinion must not have stopped it: the
    automatic decision stands in a blind audit, and declines come in through exploration alone (the product of both
    arms' probabilities). `review_cost` is money per look, `margin` and `lgd` are shares of the exposure.
    """

    pd: FloatArray
    cut_off: FloatArray
    exposure: FloatArray
    doubt: FloatArray
    machine_approves: BoolArray
    person_approves: BoolArray
    bad: BoolArray
    probability: FloatArray
    lgd: FloatArray
    margin: FloatArray
    review_cost: FloatArray

    def __post_init__(self) -> None:
        columns = vars(self).values()
        if len({len(column) for column in columns}) != 1:
            raise ValueError("every column needs one value a case")
        if not all(np.isfinite(column).all() for column in columns):
            raise ValueError("an audited case has no missing values")
        if not np.all((self.probability > 0) & (self.probability <= 1)):
            raise ValueError("a drawn case has a probability above 0 and at most 1")
        if not np.all((self.exposure > 0) & (self.pd > 0) & (self.pd < 1)):
            raise ValueError("exposures are above 0 and PDs between 0 and 1")

    def __len__(self) -> int:
        return len(self.pd)

    def rows(self, which: BoolArray) -> Audited:
        """The marked cases alone."""
        return Audited(**{name: column[which] for name, column in vars(self).items()})

    def weights(self) -> FloatArray:
        """Inverse-propensity weights, capped and scaled to a mean of one (Hajek 1971; capping: Ionides 2008)."""
        capped = np.minimum(1.0 / self.probability, MOST_WEIGHT)
        return np.asarray(capped / capped.mean(), dtype=np.float64)

    def saved(self) -> FloatArray:
        """Money that the person's way, in place of the machine's, has saved per unit of exposure, less the look."""
        wrong_approval, wrong_decline = self.bad * self.lgd, ~self.bad * self.margin
        machine = np.where(self.machine_approves, wrong_approval, wrong_decline)
        person = np.where(self.person_approves, wrong_approval, wrong_decline)
        return np.asarray(machine - person - self.review_cost / self.exposure, dtype=np.float64)


@dataclass(frozen=True)
class LearnedValue:
    """The formula `expected_saving` with the audited people's accuracy, corrected bin by bin by what looks did save.

    `corrections` (8 distances x 3 doubts, row by row) are money per unit of exposure, each shrunk towards 0, which is
    the formula's own value, by 1 - its entry in `trust`. `gain` is by how much, per case of a book like the audited
    one, cross-validated looks at the best `share` save more in this order than in the start order.
    """

    distance_edges: tuple[float, ...]
    doubt_edges: tuple[float, ...]
    corrections: tuple[float, ...]
    trust: tuple[float, ...]
    accuracy: float
    cases: int
    effective_cases: float
    share: float = 0.0
    gain: float = 0.0
    standard_error: float = 0.0

    @classmethod
    def fit(cls, audited: Audited, *, share: float = 0.1, seed: int = 0) -> LearnedValue:
        """Learn from at least LEAST_AUDITED cases (else TooFewAudited); `share` of the cases can be seen."""
        if len(audited) < LEAST_AUDITED:
            raise TooFewAudited(len(audited))
        if not 0 < share < 1:
            raise ValueError("the share that can be seen lies between 0 and 1")
        gains = _gains(audited, share, seed)
        error = float(gains.std(ddof=1) / np.sqrt(len(gains)))
        return replace(_learn(audited), share=share, gain=float(gains.mean()), standard_error=error)

    def value(
        self,
        pd: FloatArray,
        cut_off: float | FloatArray,
        approves: BoolArray,
        exposure: FloatArray,
        doubt: FloatArray,
        lgd: float | FloatArray,
        margin: float | FloatArray,
        review_cost: float | FloatArray,
    ) -> FloatArray:
        """Money (n,) that a look is expected to save; NaN where the PD is missing, missing doubt is full doubt."""
        formula = expected_saving(pd, approves, exposure, lgd, margin, self.accuracy, review_cost)
        bins = _bins(pd, cut_off, doubt, np.array(self.doubt_edges))
        return np.asarray(formula + np.array(self.corrections)[bins] * exposure, dtype=np.float64)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON; Python's JSON keeps every float to the digit."""
        return {name: list(one) if isinstance(one, tuple) else one for name, one in asdict(self).items()}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> LearnedValue:
        """What `to_dict` gave. ValueError where its bins are not the ones of this version."""
        plain: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in given.items()}
        one = cls(**plain)
        if one.distance_edges != DISTANCES or len(one.corrections) != (len(DISTANCES) + 1) * DOUBTS:
            raise ValueError("this value of a look was learned with other bins")
        return one


def order_in_use(learned: LearnedValue | None) -> Order:
    """`learned` where a learned value exists and beats the start order by more than one standard error."""
    return "learned" if learned is not None and learned.gain > learned.standard_error else "start"


def _bins(pd: FloatArray, cut_off: float | FloatArray, doubt: FloatArray, doubt_edges: FloatArray) -> IntArray:
    """The bin (n,) of each case. `searchsorted` puts NaN last, so a missing doubt is in the highest third."""
    with np.errstate(divide="ignore"):
        distance = np.log(pd) - np.log1p(-pd) - np.log(cut_off) + np.log1p(-np.asarray(cut_off))
    near = np.searchsorted(np.array(DISTANCES), distance, side="right")
    return np.asarray(near * DOUBTS + np.searchsorted(doubt_edges, doubt, side="right"), dtype=np.int64)


def _learn(audited: Audited) -> LearnedValue:
    """The value before it is checked: parametric empirical Bayes (Morris 1983) with a known mean. Each bin's true
    correction has mean 0 and a variance found by the moments of all bins (DerSimonian and Laird 1986)."""
    weights, edges = audited.weights(), np.quantile(audited.doubt, np.arange(1, DOUBTS) / DOUBTS)
    right = float(weights @ (audited.person_approves != audited.bad))
    accuracy = (PRIOR_RIGHT + right) / (PRIOR_ANSWERS + len(audited))
    stakes = (audited.exposure, audited.lgd, audited.margin, accuracy, audited.review_cost)
    formula = expected_saving(audited.pd, audited.machine_approves, *stakes) / audited.exposure
    off = audited.saved() - formula
    bins, count = _bins(audited.pd, audited.cut_off, audited.doubt, edges), (len(DISTANCES) + 1) * DOUBTS

    def total(values: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(bins, values, count), dtype=np.float64)

    filled = total(weights) > 0
    mass, squares = np.where(filled, total(weights), 1.0), np.where(filled, total(weights**2), 1.0)
    mean, effective = total(weights * off) / mass, np.where(filled, mass**2 / squares, 0.0)
    own = total(weights * (off - mean[bins]) ** 2) / mass
    spread = (effective * own + SPREAD_CASES * float(np.average((off - mean[bins]) ** 2, weights=weights))) / (
        effective + SPREAD_CASES
    )
    precision = np.divide(effective, spread, out=np.zeros(count), where=spread > 0)
    between = max(0.0, float((mean**2 * precision).sum() - filled.sum()) / max(float(precision.sum()), 1e-300))
    trust = between * precision / (1.0 + between * precision)
    return LearnedValue(
        distance_edges=DISTANCES,
        doubt_edges=tuple(edges.tolist()),
        corrections=tuple((trust * mean).tolist()),
        trust=tuple(trust.tolist()),
        accuracy=accuracy,
        cases=len(audited),
        effective_cases=float(weights.sum() ** 2 / (weights**2).sum()),
    )


def _gains(audited: Audited, share: float, seed: int) -> FloatArray:
    """Weighted money (n,) saved on each case by looks in the learned order less looks in the start order, each fold
    judged by what the other folds taught."""
    fold = np.random.default_rng(seed).permutation(len(audited)) % FOLDS
    weights, saved, gains = audited.weights(), audited.saved() * audited.exposure, np.zeros(len(audited))
    for part in range(FOLDS):
        held = fold == part
        cases = audited.rows(held)
        known = (cases.pd, cases.cut_off, cases.machine_approves, cases.exposure, cases.doubt)
        value = _learn(audited.rows(~held)).value(*known, cases.lgd, cases.margin, cases.review_cost)
        start = -start_rank(cases.pd, cases.cut_off, cases.exposure)
        seen = _best(value, weights[held], share).astype(np.float64) - _best(start, weights[held], share)
        gains[held] = weights[held] * saved[held] * seen
    return gains


def _best(value: FloatArray, weights: FloatArray, share: float) -> BoolArray:
    """The cases of the highest value that hold `share` of the weight: so many of a whole book could be seen."""
    order = np.argsort(-value, kind="stable")
    best = np.zeros(len(value), dtype=np.bool_)
    best[order[np.cumsum(weights[order]) <= share * weights.sum()]] = True
    return best
