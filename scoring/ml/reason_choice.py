"""Which groups of features are given as reasons, as arrays; reasons.py makes what is stored of them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.ml.fidelity import DECIMALS, Fidelity
from scoring.ml.reason_groups import ReasonGroups

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

MOST_ADVERSE = 4
MOST_FAVOURABLE = 2
# A fiftieth of log-odds changes the odds by 2 %: less is not a reason that anyone could weigh.
LEAST_CONTRIBUTION = 0.02


class Chosen(NamedTuple):
    """Groups of rows, the strongest first, -1 where there is none: what is adverse and what is favourable for the
    reviewer, and what an applicant may be told."""

    adverse: IntArray
    favourable: IntArray
    told: IntArray


def beyond(
    groups: ReasonGroups, sums: FloatArray, values: FloatArray, norms: FloatArray, usual: FloatArray | None
) -> FloatArray:
    """Sums (n, g), to nine decimals, without those that are as large, or as small, where everything is as usual.

    Nine decimals are what a replay must reproduce, so that no last bit of a sum swaps two reasons.

    `values` and `norms` are (n, k); `usual` (n, k) is what each feature contributes at its norm, None where that is
    nought. Nothing could be set to the norm where every feature of a group is at it: no reason either.
    """
    no_reason = groups.all_of(values == norms)
    if usual is not None:
        more = np.copysign(1.0, sums) * (sums - groups.sums(usual))
        no_reason |= more.round(DECIMALS) < LEAST_CONTRIBUTION
    sizes: FloatArray = sums.round(DECIMALS)
    sizes[no_reason] = 0.0
    return sizes


def tellable(groups: ReasonGroups, contributions: FloatArray, sides: FloatArray | None) -> BoolArray | None:
    """Where (n, g) an applicant can be told a group as what raised the PD: a feature of it did by its contribution
    (n, k), and stands on no side (n, k) that its reader takes for safer. None where every group can be told."""
    if sides is None:
        return None
    return groups.any_of((contributions.round(DECIMALS) > 0.0) & (sides >= 0.0))


def choose(
    groups: ReasonGroups,
    sizes: FloatArray,
    can_tell: BoolArray | None,
    asked: Fidelity | None,
    seen: slice,
    told: slice,
) -> Chosen:
    """For the reviewer of the rows `seen` and the applicant of the rows `told`, by sizes (n, g).

    What `can_tell` (n, g) does not allow is not told to the applicant: the next strongest group takes its place.

    Every adverse group is borne out by the model where it is asked: about the strongest first, and about all others of
    a row only where one of them fails. So there are at most two calls, and no group is asked about twice.
    """
    adverse = strongest(sizes[seen], groups.reviewer, MOST_ADVERSE)
    telling = strongest(_where(can_tell, sizes)[told], groups.applicant, MOST_ADVERSE)
    favourable = strongest(-sizes[seen], groups.reviewer, MOST_FAVOURABLE)
    if asked is None:
        return Chosen(adverse, favourable, telling)
    wanted = marked(sizes.shape, (seen, adverse), (told, telling))
    holds = asked.holds(groups.columns, wanted)
    failing = np.logical_or.reduce(wanted & ~holds, axis=1)
    if failing.any():
        others = (sizes >= LEAST_CONTRIBUTION) & failing[:, None] & ~wanted
        held = np.where(holds | asked.holds(groups.columns, others), sizes, 0.0)
        adverse = strongest(held[seen], groups.reviewer, MOST_ADVERSE)
        telling = strongest(_where(can_tell, held)[told], groups.applicant, MOST_ADVERSE)
    return Chosen(adverse, favourable, telling)


def _where(allowed: BoolArray | None, sizes: FloatArray) -> FloatArray:
    return sizes if allowed is None else np.where(allowed, sizes, 0.0)


def strongest(sizes: FloatArray, among: IntArray, most: int) -> IntArray:
    """The groups (n, most or fewer) `among` (m,) of largest size (n, g), the largest first; -1 where none is large.

    What is equal stands in the table's order.
    """
    left = sizes[:, among]
    order = np.argsort(-left, axis=1, kind="stable")[:, :most]
    large = left[np.arange(len(left))[:, None], order] >= LEAST_CONTRIBUTION
    return np.where(large, among[order], -1)


def marked(shape: tuple[int, ...], *parts: tuple[slice, IntArray]) -> BoolArray:
    """Marks (n, g) of the groups (m, any) that were chosen for these rows."""
    # A group of -1 marks one more column, which is then cut off.
    marks = np.zeros((shape[0], shape[1] + 1), dtype=np.bool_)
    for rows, chosen in parts:
        here = marks[rows]
        here[np.arange(len(chosen))[:, None], chosen] = True
    return marks[:, :-1]
