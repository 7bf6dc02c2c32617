"""How decisions and PDs fall on groups of applicants: numbers with intervals, never without their sizes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from scoring.ml.intervals import LEVEL, Estimate, auc_interval, wilson

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

LEAST_ROWS = 30
# A smaller group is no yardstick: the adverse-impact rule of the US employment guidelines leaves groups under 2 % aside
# (29 CFR 1607.15 A(2)).
LEAST_SHARE = 0.02


@dataclass(frozen=True)
class GroupMeasures:
    """One group of applicants.

    `approval` is the share approved and `impact_ratio` that share over the yardstick group's (adverse-impact ratio;
    below 0.8 is the four-fifths rule of 29 CFR 1607.4 D, an employment guideline and no test of law for credit).
    `goods_approved` is the share approved of those who repaid and `opportunity_difference` that share less the
    yardstick's (equal opportunity, Hardt et al. 2016). `mean_pd` against `bad_rate` shows whether PDs are right for
    the group. Both comparisons are None for the yardstick itself, `auc` where all loans ended alike, the measures of
    goods where there are none.
    """

    name: str
    rows: int
    bads: int
    approval: Estimate
    impact_ratio: Estimate | None
    goods_approved: Estimate | None
    opportunity_difference: Estimate | None
    mean_pd: float
    bad_rate: Estimate
    auc: Estimate | None


@dataclass(frozen=True)
class Fairness:
    """The groups large enough to show, largest first; `small` counts the loans of the others by name.

    `yardstick` is the group with the highest approval among those with at least 2 % of the loans; "" without any.
    """

    groups: tuple[GroupMeasures, ...]
    yardstick: str
    small: dict[str, int]


@dataclass(frozen=True)
class _Counts:
    rows: int
    approved: int
    goods: int
    goods_approved: int


def by_group(
    groups: Sequence[str], y: IntArray, pd: FloatArray, approved: BoolArray, *, least_rows: int = LEAST_ROWS
) -> Fairness:
    """Measures of each group from its name, outcome (1 = bad), held-out PD and decision for n loans.

    A group below `least_rows` is counted and not measured: its rates would be noise, and could point at persons.
    """
    names, place = np.unique(np.asarray(groups, dtype=np.str_), return_inverse=True)
    sizes = np.bincount(place, minlength=len(names))
    shown = [number for number in np.argsort(-sizes, kind="stable") if sizes[number] >= least_rows]
    counts = {number: _counted(place == number, y, approved) for number in shown}
    large = [number for number in shown if sizes[number] >= LEAST_SHARE * len(y)]
    yardstick = max(large, key=lambda number: counts[number].approved / counts[number].rows, default=None)
    against = None if yardstick is None else counts[yardstick]
    return Fairness(
        groups=tuple(
            _measured(
                str(names[number]), place == number, y, pd, counts[number], None if number == yardstick else against
            )
            for number in shown
        ),
        yardstick="" if yardstick is None else str(names[yardstick]),
        small={str(name): int(size) for name, size in zip(names, sizes, strict=True) if size < least_rows},
    )


def _counted(here: BoolArray, y: IntArray, approved: BoolArray) -> _Counts:
    goods = here & (y == 0)
    return _Counts(int(here.sum()), int(approved[here].sum()), int(goods.sum()), int(approved[goods].sum()))


def _measured(
    name: str, here: BoolArray, y: IntArray, pd: FloatArray, counts: _Counts, against: _Counts | None
) -> GroupMeasures:
    bads = counts.rows - counts.goods
    comparable = against is not None and counts.goods and against.goods
    return GroupMeasures(
        name=name,
        rows=counts.rows,
        bads=bads,
        approval=wilson(counts.approved, counts.rows),
        impact_ratio=None if against is None else _ratio(counts, against),
        goods_approved=wilson(counts.goods_approved, counts.goods) if counts.goods else None,
        opportunity_difference=_opportunity_difference(counts, against) if against and comparable else None,
        mean_pd=float(pd[here].mean()),
        bad_rate=wilson(bads, counts.rows),
        auc=auc_interval(y[here], pd[here]) if bads and counts.goods else None,
    )


def _ratio(counts: _Counts, against: _Counts) -> Estimate | None:
    """Approval over the yardstick's; None where the yardstick has no approval either.

    The interval is normal on the logarithm of the ratio (Katz et al. 1978), half a loan added everywhere so that no
    approval, or no refusal, has an interval too.
    """
    if not against.approved:
        return None
    ratio = (counts.approved / counts.rows) / (against.approved / against.rows)
    softened = np.log((counts.approved + 0.5) / (counts.rows + 0.5))
    softened -= np.log((against.approved + 0.5) / (against.rows + 0.5))
    variance = 1 / (counts.approved + 0.5) - 1 / (counts.rows + 0.5)
    variance += 1 / (against.approved + 0.5) - 1 / (against.rows + 0.5)
    half = ndtri((1 + LEVEL) / 2) * np.sqrt(variance)
    low, high = np.exp([softened - half, softened + half])
    return Estimate(ratio, float(min(low, ratio)), float(max(high, ratio)))


def _opportunity_difference(counts: _Counts, against: _Counts) -> Estimate:
    """Share of goods approved less the yardstick's; the interval from both Wilson intervals (Newcombe 1998)."""
    one = wilson(counts.goods_approved, counts.goods)
    other = wilson(against.goods_approved, against.goods)
    difference = one.value - other.value
    down = np.hypot(one.value - one.low, other.high - other.value)
    up = np.hypot(one.high - one.value, other.value - other.low)
    return Estimate(difference, float(difference - down), float(difference + up))
