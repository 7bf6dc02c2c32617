"""Six ways to choose who looks at a case, judged on cases with known outcomes and simulated reviewers.

Every way uses the same PDs, the same approve cut-off and the same reviewers; only the choice of cases differs. Cases
that nobody looks at are approved below the cut-off and declined from it on. A look costs `review` and ends in the
reviewer's decision, which is right with one and the same chance for goods and bads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from routing.backtest_choice import cautious_choice, spread_of_saving
from routing.guarantee import promise_refuted

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# So many simulated reviewers answer every case, and figures are means over them: a single answer a case would leave
# the luck of the draw larger than the differences between the ways on a small table.
REVIEWERS: Final = 200
# What is believed of reviewers that nobody has measured: as if 7 of 10 earlier answers had been right.
PRIOR_RIGHT: Final = 7
PRIOR_ANSWERS: Final = 10


@dataclass(frozen=True)
class Stakes:
    """What mistakes and looks cost, in one currency: `bad` (n,) approving a case that turns bad, `good` (n,) declining
    one that would have paid, `review` one look."""

    bad: FloatArray
    good: FloatArray
    review: float

    @classmethod
    def of(cls, bad: float, good: float, review: float, weights: FloatArray) -> Self:
        """The same stakes for every case, times its weight (n,): the amount over the mean amount, or ones."""
        return cls(bad * weights, good * weights, review)

    def of_slip(self, chance_bad: FloatArray) -> FloatArray:
        """Expected cost (n,) of the wrong decision on cases that turn bad with these chances."""
        return chance_bad * self.bad + (1.0 - chance_bad) * self.good

    def of_machine(self, chance_bad: FloatArray, approved: BoolArray) -> FloatArray:
        """Expected cost (n,) of leaving cases to the machine, which approves those marked and declines the others."""
        return np.where(approved, chance_bad * self.bad, (1.0 - chance_bad) * self.good)

    def of_look(self, chance_bad: FloatArray, accuracy: float) -> FloatArray:
        """Expected cost (n,) of cases that a reviewer decides who is right with the chance `accuracy`."""
        return self.review + (1.0 - accuracy) * self.of_slip(chance_bad)


@dataclass(frozen=True)
class Cases:
    """n cases with a known end: `pd` (n,), `bad` (n,) 1 or 0, `right` (n,) the share of reviewers who would decide
    them rightly, `tie` (n,) a random order for cases that are otherwise equal. `chance_bad` (n,) is what the policy
    believes of them, where past cases taught it better than the PD."""

    pd: FloatArray
    bad: IntArray
    right: FloatArray
    tie: IntArray
    stakes: Stakes
    chance_bad: FloatArray | None = None

    @classmethod
    def simulated(
        cls,
        pd: FloatArray,
        bad: IntArray,
        stakes: Stakes,
        *,
        accuracy: float,
        seed: Sequence[int],
        chance_bad: FloatArray | None = None,
    ) -> Self:
        """Cases with reviewers who are right with the chance `accuracy`, each case and each reviewer on its own."""
        draw = np.random.default_rng(seed)
        right, tie = draw.binomial(REVIEWERS, accuracy, len(pd)) / REVIEWERS, draw.permutation(len(pd))
        return cls(pd, bad, right, tie, stakes, chance_bad)

    def __len__(self) -> int:
        return len(self.pd)


@dataclass(frozen=True)
class Terms:
    """What every way is held to: `decision` is the PD at which both decisions cost the same (t), `approve_below` the
    cut-off in use (t, or lower for a promise), `review_share` the most that people may see, `accuracy` the reviewers'
    true chance to be right and `believed_accuracy` what the policy takes it for. `past_cases` are those that the
    policy's beliefs come from; with infinitely many they are beyond doubt."""

    decision: float
    approve_below: float
    review_share: float
    accuracy: float
    believed_accuracy: float
    seed: Sequence[int] = (0,)
    past_cases: float = np.inf

    def places(self, cases: int) -> int:
        """How many of so many cases people may see."""
        # 0.29 * 100 is 28.999999999999996 in binary.
        return int(np.floor(self.review_share * cases + 1e-9))


@dataclass(frozen=True)
class Figures:
    """What came of one way. Shares are of all cases and add up to 1: seen by people, approved and declined by the
    machine. `machine_miss_rate` is bads approved by the machine over all bads, `miss_rate` bads approved by anybody
    over all bads, `good_decline_rate` goods declined by anybody over all goods (0 where there is no such case),
    `cost` the mean per case with the reviews."""

    review_share: float
    approve_share: float
    decline_share: float
    machine_miss_rate: float
    miss_rate: float
    good_decline_rate: float
    cost: float

    @classmethod
    def mean(cls, folds: Sequence[Figures]) -> Figures:
        """The plain mean over folds, figure by figure."""
        rows = [asdict(fold) for fold in folds]
        return cls(**{each.name: float(np.mean([row[each.name] for row in rows])) for each in fields(cls)})


def decision_cut_off(cost_bad: float, cost_good: float) -> float:
    """The PD at which approving and declining cost the same: good / (good + bad)."""
    return cost_good / (cost_good + cost_bad)


def estimated_accuracy(right: int, answers: int) -> float:
    """What to believe of reviewers of whom so many earlier answers are known: the mean of a Beta posterior.

    The prior is worth ten answers of which seven were right. The saving of a look is linear in the accuracy, so the
    mean is all that the policy needs.
    """
    return (PRIOR_RIGHT + right) / (PRIOR_ANSWERS + answers)


def saving_of_look(cases: Cases, terms: Terms, chance_bad: FloatArray, accuracy: float) -> FloatArray:
    """By how much (n,) a look lowers the expected cost of each case, given its chance to turn bad."""
    alone = cases.stakes.of_machine(chance_bad, cases.pd < terms.approve_below)
    return alone - cases.stakes.of_look(chance_bad, accuracy)


def no_review(cases: Cases, terms: Terms) -> FloatArray:
    """Nobody looks at anything."""
    return np.zeros(len(cases))


def random(cases: Cases, terms: Terms) -> FloatArray:
    """Each reviewer is handed cases drawn at random."""
    draw = np.random.default_rng([*terms.seed, 1])
    count, places = len(cases), terms.places(len(cases))
    handed = [draw.choice(count, places, replace=False, shuffle=False) for _reviewer in range(REVIEWERS)]
    return np.bincount(np.concatenate(handed), minlength=count) / REVIEWERS


def uncertainty(cases: Cases, terms: Terms) -> FloatArray:
    """The cases whose PD is nearest to one half."""
    return _highest(-np.abs(cases.pd - 0.5), cases, terms)


def threshold(cases: Cases, terms: Terms) -> FloatArray:
    """The cases whose PD is nearest to where both decisions cost the same."""
    return _highest(-np.abs(cases.pd - terms.decision), cases, terms)


def policy(cases: Cases, terms: Terms) -> FloatArray:
    """The cases where a look is expected to save most, and only where it saves anything.

    The expectation is over the case's chance to turn bad and the reviewers' believed accuracy, and the two sides of the
    cut-off have different stakes: with calibrated PDs and an accuracy that is as believed, no other choice of at most
    so many cases that knows the same has a lower expected cost. Beliefs that come from few past cases are followed with
    caution: the plain order, by distance to the cut-off, is left only as far as the advantage is more than its luck.
    The places are filled from the batch as a whole.
    """
    chance = cases.pd if cases.chance_bad is None else cases.chance_bad
    saving, if_bad, if_good = (
        saving_of_look(cases, terms, chances, terms.believed_accuracy)
        for chances in (chance, np.ones(len(cases)), np.zeros(len(cases)))
    )
    plain, best = (
        _highest(value, cases, terms, among=saving > 0) > 0 for value in (-np.abs(cases.pd - terms.decision), saving)
    )
    doubt = float(np.sqrt(len(cases) / terms.past_cases))
    spread = spread_of_saving(chance, if_bad, if_good)
    return cautious_choice(plain, best, saving, spread, doubt).astype(np.float64)


def oracle(cases: Cases, terms: Terms) -> FloatArray:
    """The cases where a look would save most if the outcome were known, but not whether the reviewer slips."""
    saving = saving_of_look(cases, terms, cases.bad.astype(np.float64), terms.accuracy)
    return _highest(saving, cases, terms, among=saving > 0)


WAYS: Final[Mapping[str, Callable[[Cases, Terms], FloatArray]]] = {
    "policy": policy,
    "threshold": threshold,
    "uncertainty": uncertainty,
    "random": random,
    "no_review": no_review,
    "oracle": oracle,
}
# Ways that anybody can follow without a policy; the oracle is none of them.
PLAIN_WAYS: Final = ("threshold", "uncertainty", "random", "no_review")


def figures_of(looks: FloatArray, cases: Cases, terms: Terms) -> Figures:
    """What comes of looking at each case with these chances (n,) (1 and 0 but for `random`), mean over reviewers."""
    bad = cases.bad.astype(np.float64)
    approved = cases.pd < terms.approve_below
    alone, slips = 1.0 - looks, looks * (1.0 - cases.right)
    machine_misses = float(alone @ (approved * bad))
    good_declines = float(alone @ (~approved * (1.0 - bad)) + slips @ (1.0 - bad))
    bads, goods = float(bad.sum()), float(len(bad) - bad.sum())
    return Figures(
        review_share=float(looks.mean()),
        approve_share=float((alone * approved).mean()),
        decline_share=float((alone * ~approved).mean()),
        machine_miss_rate=_ratio(machine_misses, bads),
        miss_rate=_ratio(machine_misses + float(slips @ bad), bads),
        good_decline_rate=_ratio(good_declines, goods),
        cost=float(costs_of(looks, cases, terms).mean()),
    )


def costs_of(looks: FloatArray, cases: Cases, terms: Terms) -> FloatArray:
    """What each case (n,) costs when it is looked at with this chance (n,): mistakes and reviews, mean over
    reviewers."""
    bad = cases.bad.astype(np.float64)
    machine = cases.stakes.of_machine(bad, cases.pd < terms.approve_below)
    looked_at = cases.stakes.review + (1.0 - cases.right) * cases.stakes.of_slip(bad)
    return (1.0 - looks) * machine + looks * looked_at


def advantages(cases: Cases, terms: Terms) -> dict[str, FloatArray]:
    """By how much (n,) the policy's choice makes each case cheaper than each plain way does."""
    costs = costs_of(policy(cases, terms), cases, terms)
    return {name: costs_of(WAYS[name](cases, terms), cases, terms) - costs for name in PLAIN_WAYS}


def judge(cases: Cases, terms: Terms) -> dict[str, Figures]:
    """The figures of every way on one set of cases (at least one)."""
    return {name: figures_of(choose(cases, terms), cases, terms) for name, choose in WAYS.items()}


def promise_held(figures: Figures, bads: int, promise: float) -> bool:
    """Whether the machine's misses among so many bads do not speak against the promise."""
    return not promise_refuted(round(figures.machine_miss_rate * bads), bads, promise)


def _highest(value: FloatArray, cases: Cases, terms: Terms, among: BoolArray | None = None) -> FloatArray:
    """1 for the cases of the highest values that people have places for, 0 for the others."""
    order = np.lexsort((cases.tie, -value))
    if among is not None:
        order = order[among[order]]
    looks = np.zeros(len(cases))
    looks[order[: terms.places(len(cases))]] = 1.0
    return looks


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
