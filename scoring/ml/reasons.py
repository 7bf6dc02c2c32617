"""Reason codes: the groups of features that moved each case's PD most; worded only when somebody reads them."""

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple, NotRequired, TypedDict

import numpy as np
from numpy.typing import NDArray

from scoring.ml.errors import Language
from scoring.ml.explanation import pd_slope
from scoring.ml.features import FeatureTable
from scoring.ml.fidelity import DECIMALS, Fidelity
from scoring.ml.reason_choice import beyond, choose, marked, tellable
from scoring.ml.reason_groups import ReasonGroups
from scoring.ml.wording import reason_text

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

ALL = slice(None)
NONE = slice(0)


class Reason(TypedDict):
    """One reason as it is stored, in plain JSON.

    `direction` "up" raises the PD; `contribution` is the group's sum on the calibrated log-odds, `pd_points` the same
    in percentage points of PD. `features` begins with the one that pulled hardest the way the whole group went, one
    whose value a reader would take for the opposite only where there is no other:
    `value` (None: missing) and `norm` are its own, and the sentence speaks of it. A norm is the median, or the most
    common category, of the training rows. `given` stands only where a value was given that the model cannot use.
    Assessments made before sentences were worded on reading carry them as `en` and `zh`.
    """

    code: str
    direction: Literal["up", "down"]
    contribution: float
    pd_points: float
    features: Sequence[str]
    value: float | None
    norm: float | None
    given: NotRequired[bool]
    en: NotRequired[str]
    zh: NotRequired[str]


class Basis(NamedTuple):
    """What n rows are given reasons from: contributions (n, k) from `base` (n,) or one for all, and values (n, k).

    `norms` (n, k) are the features' norms, NaN where unknown. `usual` (n, k) is what each feature contributes where all
    are at their norms. With it, a group is a reason only for what it contributes beyond that: two
    inquiries do not speak against anybody where two are usual, and with the norm in their place the PD would not fall.
    None where the explanation starts from the cohort of loans just approved, whose own norms contribute nought.
    `unreadable` (n, k) tells what was given but is of no use to the model from what was not supplied.
    """

    base: float | FloatArray
    contributions: FloatArray
    values: FloatArray
    norms: FloatArray
    usual: FloatArray | None
    unreadable: BoolArray


Lists = list[list[Reason]]


def reason_lists(
    table: FeatureTable, basis: Basis, asked: Fidelity | None, *, seen: slice, told: slice
) -> tuple[Lists, Lists]:
    """Reasons for the reviewer of the rows `seen`, and for the applicant of the rows `told`, one list a row.

    The reviewer's are at most four that raise the PD, then at most two that lower it, the strongest first. What the
    features of a group contribute is added up first, so that two features with one meaning make one reason. What is
    equal to nine decimals stands in the table's order, so that the last bits of a sum never swap two reasons. A group
    whose features are all at their norms is never a reason.

    An applicant is told at most four that raise the PD. Features that must not be named (`Feature.nameable`) or that
    nobody can act on (`actionable`) are left out of sums, sentences and lists. So a group keeps what its other features
    contributed, and one that has no other gives way to the next strongest. So does a group of which all that raised the
    PD stands on the side of the norm that a reader takes for safer (`told_direction`): the sum may be right, but told
    as a reason it would be read the other way round.

    `asked` puts each adverse group to the model that scored the same rows: what it does not bear out gives way to the
    next strongest group that it does.
    """
    groups = table.reason_groups
    sums = groups.sums(basis.contributions)
    sizes = beyond(groups, sums, basis.values, basis.norms, basis.usual)
    sides = groups.read.sides(basis.values, basis.norms)
    chosen = choose(groups, sizes, tellable(groups, basis.contributions, sides), asked, seen, told)
    shown = np.hstack([chosen.adverse, chosen.favourable])
    rows, group = np.nonzero(marked(sums.shape, (seen, shown), (told, chosen.told)))
    found = _reasons(groups, basis, sides, rows, group, sums[rows, group])
    place = np.empty(sums.shape, dtype=np.int64)
    place[rows, group] = np.arange(len(rows))
    return _picked(found, place[seen], shown), _picked(found, place[told], chosen.told)


def reason_rows(table: FeatureTable, basis: Basis, asked: Fidelity | None = None) -> Lists:
    """The reviewer's reasons of all rows."""
    return reason_lists(table, basis, asked, seen=ALL, told=NONE)[0]


def applicant_reasons(table: FeatureTable, basis: Basis, asked: Fidelity | None = None) -> Lists:
    """The applicant's reasons of all rows."""
    return reason_lists(table, basis, asked, seen=NONE, told=ALL)[1]


def sentence_of(table: FeatureTable, reason: Reason, language: Language) -> str:
    """The reason as one plain sentence; `table` is the one that its model was trained with."""
    kept = reason.get("zh") if language == "zh-hans" else reason.get("en")
    if kept:
        return kept
    return reason_text(
        table.by_name[reason["features"][0]],
        math.nan if reason["value"] is None else reason["value"],
        math.nan if reason["norm"] is None else reason["norm"],
        raises=reason["direction"] == "up",
        given=reason.get("given", False),
        language=language,
        currency=table.currency,
    )


def is_nameable(table: FeatureTable, reason: Reason) -> bool:
    """Whether all that the reason rests on may be named to the applicant; the reviewer sees a mark where it may not."""
    return all(table.by_name[name].nameable for name in reason["features"])


def fidelity(asked: Fidelity, table: FeatureTable, reasons: Sequence[Sequence[Reason]]) -> list[list[bool]]:
    """For each reason of each of the rows that are asked about whether the model itself bears it out.

    What lowers the PD is nobody's ground for a refusal and is not tested: True.
    """
    adverse = [[one for one in found if one["direction"] == "up"] for found in reasons]
    keys = list(dict.fromkeys(tuple(one["features"]) for found in adverse for one in found))
    columns = np.full((len(keys), max(map(len, keys), default=1)), -1, dtype=np.int64)
    wanted = np.zeros((len(reasons), len(keys)), dtype=np.bool_)
    for place, names in enumerate(keys):
        columns[place, : len(names)] = [table.names.index(name) for name in names]
    for row, found in enumerate(adverse):
        wanted[row, [keys.index(tuple(one["features"])) for one in found]] = True
    holds = asked.holds(columns, wanted)
    return [
        [one["direction"] == "down" or bool(holds[row, keys.index(tuple(one["features"]))]) for one in found]
        for row, found in enumerate(reasons)
    ]


def _reasons(
    groups: ReasonGroups, basis: Basis, sides: FloatArray | None, rows: IntArray, group: IntArray, size: FloatArray
) -> list[Reason]:
    """Groups (m,) of rows (m,) with their sums (m,) as reasons, made column by column."""
    ordered = _leading_first(groups.columns[group], basis.contributions, sides, rows, size)
    lead = ordered[:, 0]
    value = basis.values[rows, lead]
    slope = pd_slope(basis.base, basis.contributions)[rows]
    norm = basis.norms[rows, lead]
    columns = (group, size, size * slope, value, norm)
    found: list[Reason] = [
        {
            "code": groups.codes[code],
            "direction": "up" if total > 0 else "down",
            "contribution": total,
            "pd_points": moved,
            "features": names,
            # NaN alone differs from itself.
            "value": None if one != one else one,
            "norm": None if usual != usual else usual,
        }
        for names, code, total, moved, one, usual in zip(
            groups.spelled(ordered), *(each.tolist() for each in columns), strict=True
        )
    ]
    for place in np.flatnonzero(basis.unreadable[rows, lead] & np.isnan(value)).tolist():
        found[place]["given"] = True
    return found


def _leading_first(
    columns: IntArray, contributions: FloatArray, sides: FloatArray | None, rows: IntArray, size: FloatArray
) -> IntArray:
    """The columns (m, w) of m groups, those first that pulled hardest the way `size` (m,) went, fillings (-1) last.

    Before all others stand those that pulled that way and whose value does not stand on the other side (n, k).
    """
    if columns.shape[1] == 1:
        return columns
    went = np.copysign(1.0, size)[:, None]
    pull = went * contributions[rows[:, None], columns].round(DECIMALS)
    pull[columns < 0] = -np.inf
    if sides is None:
        order = np.argsort(-pull, axis=1, kind="stable")
    else:
        misread = (pull <= 0.0) | (went * sides[rows[:, None], columns] < 0.0)
        order = np.lexsort((-pull, misread))
    ordered: IntArray = columns[np.arange(len(columns))[:, None], order]
    return ordered


def _picked(found: Sequence[Reason], place: IntArray, chosen: IntArray) -> Lists:
    """The reasons of the chosen groups (n, any) of each row, whose places in `found` are (n, g)."""
    picked = np.where(chosen >= 0, place[np.arange(len(chosen))[:, None], chosen], -1)
    return [[found[one] for one in row if one >= 0] for row in picked.tolist()]
