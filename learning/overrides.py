"""Overrides settled in money: what deciding against the advice won or lost against what the model would have done.

A rescue approves what the model would have declined. It wins margin * EAD when the loan is repaid and loses LGD * EAD
when it goes bad; the model would have earned nothing. A reject declines what the model would have approved. Nobody sees
what would have come of the loan, so a reject is *measured* only where the loan was granted all the same (a signer sent
the decision back), and otherwise *estimated*: from the PD of the assessment that stood when it was decided, and from
loans of the same product and band of PD that were approved. Measured and estimated are never added up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from learning.small_samples import adjusted_p_values, exact_share
from scoring.ml.intervals import LEVEL, Estimate, wilson

FloatArray = NDArray[np.float64]
Direction = Literal["rescue", "reject"]
Status = Literal["settled", "open", "estimated", "undecided", "no_loan", "unpriced"]
Verdict = Literal["adds", "costs", "not_shown", "too_few"]

# With fewer settled overrides a group's money is not shown, nor does it count as a question that was asked.
LEAST_SETTLED: Final = 10
# A cohort of fewer matured loans says nothing of a reject.
LEAST_COHORT: Final = 50
# The share of false ones that is accepted among the groups said to add or to cost (Benjamini and Hochberg).
FALSE_SHARE: Final = 0.10
# Up to so many loans every way they could have gone is counted; up to the second number ways are drawn.
COUNTED: Final = 12
DRAWN: Final = 400
DRAWS: Final = 9_999
RESAMPLES: Final = 2_000
SEED: Final = 6
# Upper ends of the bands of PD in which loans are compared; the last has none. As `cases.models.Band`.
BAND_ENDS: Final = (0.02, 0.05, 0.10, 0.20)


@dataclass(frozen=True)
class Override:
    """A decision against the advice that stood when it was taken.

    `exposure` in `currency`; `margin` and `loss` (LGD) are shares of it; `pd` with its ends is that of the assessment
    then. `decided`: the case has reached its end; `granted`: there is a loan; `bad`: its matured outcome, None before.
    `window_ends`: when the performance window of a granted loan closes.
    """

    key: int
    case: int
    direction: Direction
    reviewer: str
    product: str
    segment: str
    reasons: tuple[str, ...]
    currency: str
    exposure: float | None
    margin: float | None
    loss: float | None
    pd: float | None
    pd_low: float | None
    pd_high: float | None
    decided: bool
    granted: bool
    bad: bool | None
    window_ends: date | None = None

    @property
    def status(self) -> Status:
        """How far the money of it is known."""
        if not self.decided:
            return "undecided"
        if not self.granted and self.direction == "rescue":
            return "no_loan"
        if self.exposure is None or self.margin is None or self.loss is None:
            return "unpriced"
        if self.granted:
            return "open" if self.bad is None else "settled"
        return "unpriced" if self.pd is None else "estimated"

    @property
    def stakes(self) -> tuple[float, float]:
        """What the loan earns repaid and loses gone bad, in money."""
        exposure = self.exposure or 0.0
        return (self.margin or 0.0) * exposure, (self.loss or 0.0) * exposure

    @property
    def sign(self) -> float:
        """1 where the person lent and the model would not have, -1 the other way round."""
        return 1.0 if self.direction == "rescue" else -1.0

    @property
    def value(self) -> float:
        """What a settled override won (or lost, below 0) against the model."""
        earned, lost = self.stakes
        return self.sign * (-lost if self.bad else earned)

    def expected(self, pd: float) -> float:
        """What it wins if the loan goes bad with this chance."""
        earned, lost = self.stakes
        return self.sign * ((1 - pd) * earned - pd * lost)


@dataclass(frozen=True)
class Settlement:
    """Settled overrides of one direction: how many, how many of them won, what they won altogether with its interval,
    and the two-sided p-value against "each loan broke even"."""

    settled: int
    won: int
    value: Estimate
    p_value: float

    @property
    def won_share(self) -> Estimate:
        return exact_share(self.won, self.settled)


@dataclass(frozen=True)
class Group:
    """The overrides of one direction that share a key: what was settled (None of too few), and how many are open.

    `q_value` is the p-value among all groups asked about; `verdict` what may be said.
    """

    key: str
    settled: int
    open: int
    estimated: int
    settlement: Settlement | None
    q_value: float | None
    verdict: Verdict


@dataclass(frozen=True)
class Expectation:
    """What rejects without a loan are expected to have won. `by_pd` counts with each case's own PD (its ends: all PDs
    at their low or high end at once); `by_cohort` with the bad rate of approved loans alike, for `covered` of them."""

    rejects: int
    by_pd: Estimate
    covered: int
    by_cohort: Estimate | None


def settle(overrides: Sequence[Override]) -> Settlement:
    """The settlement of settled overrides of one direction; of none: nothing won, p-value 1.

    The interval is the wider of two at each end: the bootstrap of the loans, and the exact interval of their bad rate
    (Clopper and Pearson) in money. The bootstrap alone would call ten repaid loans a sure gain.
    """
    values = np.array([each.value for each in overrides])
    if not len(values):
        return Settlement(0, 0, Estimate(0.0, 0.0, 0.0), 1.0)
    earned, lost = np.array([each.stakes for each in overrides]).T
    sign = overrides[0].sign
    bads = sum(bool(each.bad) for each in overrides)
    rate = exact_share(bads, len(values))
    exact = sorted(sign * float(earned.sum() - end * (earned + lost).sum()) for end in (rate.low, rate.high))
    low, high = _bootstrap(values)
    total = float(values.sum())
    interval = Estimate(total, min(low, exact[0], total), max(high, exact[1], total))
    won = int((values > 0).sum())
    return Settlement(len(values), won, interval, break_even_p(earned, lost, sign * total))


def break_even_p(earned: FloatArray, lost: FloatArray, gained: float) -> float:
    """Two-sided p-value of lending (n,) loans and gaining `gained`, if every loan went bad with the chance at which it
    earns nothing on average: earned / (earned + lost).

    All 2^n ways are counted for few loans, ways are drawn for more, and of many the sum is as good as normal.
    """
    stakes = earned + lost
    usable = stakes > 0
    earned, stakes = earned[usable], stakes[usable]
    if not len(stakes):
        return 1.0
    chances = earned / stakes
    if len(stakes) > DRAWN:
        spread = float(np.sqrt((stakes**2 * chances * (1 - chances)).sum()))
        return float(2 * ndtr(-abs(gained) / spread)) if spread > 0 else 1.0
    if len(stakes) <= COUNTED:
        ways = ((np.arange(2 ** len(stakes))[:, None] >> np.arange(len(stakes))) & 1).astype(np.bool_)
        weights = np.where(ways, chances, 1 - chances).prod(axis=1)
    else:
        ways = np.random.default_rng(SEED).random((DRAWS, len(stakes))) < chances
        weights = np.full(DRAWS + 1, 1 / (DRAWS + 1))
    sums = earned.sum() - ways @ stakes
    if len(weights) > len(sums):
        sums = np.append(sums, gained)  # what was seen is one of the ways
    slack = 1e-9 * float(stakes.sum())
    upper, lower = weights[sums >= gained - slack].sum(), weights[sums <= gained + slack].sum()
    return float(min(1.0, 2 * min(upper, lower)))


def _bootstrap(values: FloatArray) -> tuple[float, float]:
    """The ends of the percentile interval of the sum of values (n,); by the normal for many."""
    count, tail = len(values), (1 - LEVEL) / 2
    if count > DRAWN:
        half = 1.959964 * float(values.std(ddof=1)) * np.sqrt(count)
        return float(values.sum() - half), float(values.sum() + half)
    places = np.random.default_rng(SEED).integers(0, count, (RESAMPLES, count))
    low, high = np.quantile(values[places].sum(axis=1), [tail, 1 - tail])
    return float(low), float(high)


def grouped(overrides: Iterable[Override], keys_of: Callable[[Override], Iterable[str]]) -> list[Group]:
    """Overrides of one direction by key, in the order of the keys. One with several keys counts under each of them.
    Only groups with LEAST_SETTLED settled ones are asked about, and pay for each other (Benjamini and Hochberg)."""
    members: dict[str, list[Override]] = defaultdict(list)
    for each in overrides:
        for key in keys_of(each):
            members[key].append(each)
    settlements = {}
    for key, mine in members.items():
        settled = [each for each in mine if each.status == "settled"]
        if len(settled) >= LEAST_SETTLED:
            settlements[key] = settle(settled)
    q_values = dict(zip(settlements, adjusted_p_values([each.p_value for each in settlements.values()]), strict=True))
    return [_group(key, members[key], settlements.get(key), q_values.get(key)) for key in sorted(members)]


def _group(key: str, members: Sequence[Override], settlement: Settlement | None, q_value: float | None) -> Group:
    counts = count_statuses(members)
    verdict: Verdict = "too_few"
    if settlement is not None and q_value is not None:
        verdict = "not_shown"
        if q_value <= FALSE_SHARE:
            verdict = "adds" if settlement.value.value > 0 else "costs"
    return Group(key, counts["settled"], counts["open"], counts["estimated"], settlement, q_value, verdict)


def count_statuses(overrides: Iterable[Override]) -> dict[Status, int]:
    """How many overrides there are of each status, all named."""
    counts: dict[Status, int] = dict.fromkeys(("settled", "open", "estimated", "undecided", "no_loan", "unpriced"), 0)
    for each in overrides:
        counts[each.status] += 1
    return counts


def band_of(pd: float) -> int:
    """The band of a PD, 1 to 5."""
    return 1 + sum(pd >= end for end in BAND_ENDS)


def expect(rejects: Sequence[Override], cohorts: Mapping[tuple[str, int], tuple[int, int]]) -> Expectation | None:
    """What rejects of status "estimated" are expected to have won; None without any.

    `cohorts` has bads and loans among approved and matured ones by product and band of PD. The ends by cohort take the
    bad rates of all cohorts at their low or high end at once, which is wider than chance would have it.
    """
    if not rejects:
        return None
    by_pd = [
        sum(each.expected(pd) for each in rejects if (pd := _end(each, name)) is not None)
        for name in ("pd", "pd_low", "pd_high")
    ]
    covered, sums = 0, [0.0, 0.0, 0.0]
    for each in rejects:
        bads, loans = cohorts.get((each.product, band_of(each.pd or 0.0)), (0, 0))
        if loans >= LEAST_COHORT:
            covered += 1
            sums = [so_far + each.expected(rate) for so_far, rate in zip(sums, wilson(bads, loans), strict=True)]
    return Expectation(
        rejects=len(rejects),
        by_pd=Estimate(by_pd[0], min(by_pd), max(by_pd)),
        covered=covered,
        by_cohort=Estimate(sums[0], min(sums), max(sums)) if covered else None,
    )


def _end(each: Override, name: str) -> float | None:
    found: float | None = getattr(each, name)
    return each.pd if found is None else found


def first_to_mature(overrides: Iterable[Override], today: date) -> tuple[date | None, int]:
    """Of open overrides: when the next performance window closes, and of how many it has closed without an outcome."""
    ends = [each.window_ends for each in overrides if each.status == "open" and each.window_ends is not None]
    coming = [end for end in ends if end > today]
    return min(coming, default=None), len(ends) - len(coming)
