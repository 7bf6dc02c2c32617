"""Reason codes: the groups of features that moved each case's PD most; worded only when somebody reads them."""

import math
from collections.abc import Container, Mapping, Sequence
from typing import Literal, NamedTuple, NotRequired, TypedDict

import numpy as np
from numpy.typing import NDArray

from scoring.ml.errors import Language
from scoring.ml.explanation import Explanation
from scoring.ml.features import FeatureTable
from scoring.ml.fidelity import DECIMALS, Fidelity
from scoring.ml.wording import reason_text

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Norms = Mapping[str, float | None]
Usual = Mapping[str, float]

MOST_ADVERSE = 4
MOST_FAVOURABLE = 2
# A fiftieth of log-odds changes the odds by 2 %: less is not a reason that anyone could weigh.
LEAST_CONTRIBUTION = 0.02


class Reason(TypedDict):
    """One reason as it is stored, in plain JSON.

    `direction` "up" raises the PD; `contribution` is the group's sum on the calibrated log-odds, `pd_points` the same
    in percentage points of PD. `features` begins with the one that pulled hardest the way the whole group went:
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


class _Batch(NamedTuple):
    """What n rows were scored with."""

    table: FeatureTable
    explanation: Explanation
    values: FloatArray
    norms: Norms
    unreadable: BoolArray


class _Groups(NamedTuple):
    """Reason groups as arrays: `columns` (g, w) filled up with -1; `joined` holds the same columns group after group,
    each group from its place in `starts` (g,) on."""

    codes: list[str]
    columns: IntArray
    joined: IntArray
    starts: IntArray


def reason_rows(
    table: FeatureTable,
    explanation: Explanation,
    values: FloatArray,
    norms: Norms,
    unreadable: BoolArray,
    usual: Usual | None = None,
    asked: Fidelity | None = None,
) -> list[list[Reason]]:
    """For each of n rows at most four reasons that raise the PD, then at most two that lower it, the strongest first.

    `values` and `unreadable` have shape (n, k), in the table's column order; `unreadable` tells what was given but is
    of no use to the model from what was not supplied. Contributions are summed by reason group first, so that two
    features with one meaning make one reason. What is equal to nine decimals, which is what a replay must reproduce,
    stands in the table's order, so that the last bits of a sum never swap two reasons.

    `usual` is what each feature contributes where all are at their norms. With it, a group is a reason only for what it
    contributes beyond that: two inquiries do not speak against anybody where two are usual, and with the norm in their
    place the PD would not fall. A group whose features are all at their norms is never a reason. None, and the cohort's
    own norms, where the explanation starts from the cohort of loans just approved.

    `asked` puts each adverse group to the model that scored the same rows: what it does not bear out gives way to the
    next strongest group that it does.
    """
    groups = _groups(table, range(len(table.features)))
    sums = _sums(groups, explanation.contributions)
    beyond = _beyond(sums, groups, table, values, norms, usual)
    chosen = np.hstack([_adverse(beyond, groups, asked), _strongest(-beyond, MOST_FAVOURABLE)])
    return _reasons(_Batch(table, explanation, values, norms, unreadable), groups, sums, chosen)


def applicant_reasons(
    table: FeatureTable,
    explanation: Explanation,
    values: FloatArray,
    norms: Norms,
    unreadable: BoolArray,
    usual: Usual | None = None,
    asked: Fidelity | None = None,
) -> list[list[Reason]]:
    """What an applicant may be told: at most four reasons that raise the PD, the strongest first; all else as above.

    Features that must not be named (`Feature.nameable`) or that nobody can act on (`actionable`) are left out of sums,
    sentences and lists. So a group keeps what its other features contributed, and one that has no other gives way to
    the next strongest.
    """
    told = {column for column, feature in enumerate(table.features) if feature.nameable and feature.actionable}
    groups = _groups(table, told)
    sums = _sums(groups, explanation.contributions)
    chosen = _adverse(_beyond(sums, groups, table, values, norms, usual), groups, asked)
    return _reasons(_Batch(table, explanation, values, norms, unreadable), groups, sums, chosen)


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


def _groups(table: FeatureTable, wanted: Container[int]) -> _Groups:
    kept = {code: [one for one in columns if one in wanted] for code, columns in table.group_columns.items()}
    kept = {code: columns for code, columns in kept.items() if columns}
    padded = np.full((len(kept), max(map(len, kept.values()), default=1)), -1, dtype=np.int64)
    for place, columns in enumerate(kept.values()):
        padded[place, : len(columns)] = columns
    starts = np.cumsum([0, *(len(columns) for columns in kept.values())])[:-1]
    return _Groups(list(kept), padded, padded[padded >= 0], starts)


def _sums(groups: _Groups, contributions: FloatArray) -> FloatArray:
    """Sums (n, g) by group. Those of a row do not depend on the other rows, as a matrix product's would."""
    sums = np.zeros((len(contributions), len(groups.codes)))
    if groups.codes:
        np.add.reduceat(contributions[:, groups.joined], groups.starts, axis=1, out=sums)
    return sums


def _beyond(
    sums: FloatArray, groups: _Groups, table: FeatureTable, values: FloatArray, norms: Norms, usual: Usual | None
) -> FloatArray:
    """Sums (n, g) without those that are as large, or as small, where everything is as usual: they become nought."""
    kept = sums.copy()
    if usual:
        row = np.array([[usual[name] for name in table.names]])
        more = np.sign(sums) * (sums - _sums(groups, row))
        kept[more.round(DECIMALS) < LEAST_CONTRIBUTION] = 0.0
    kept[_at_norms(groups, table, values, norms)] = 0.0
    return kept


def _adverse(beyond: FloatArray, groups: _Groups, asked: Fidelity | None) -> IntArray:
    """The groups (n, most) that speak against each row, the strongest first, all borne out where the model is asked.

    It is asked about the strongest first, and about all others of a row only where one of them fails: two calls.
    """
    chosen = _strongest(beyond, MOST_ADVERSE)
    if asked is None:
        return chosen
    rows, places = np.nonzero(chosen >= 0)
    wanted = np.zeros(beyond.shape, dtype=np.bool_)
    wanted[rows, chosen[rows, places]] = True
    failing = (wanted & ~asked.holds(groups.columns, wanted)).any(axis=1)
    if not failing.any():
        return chosen
    wanted[failing] = beyond[failing].round(DECIMALS) >= LEAST_CONTRIBUTION
    return _strongest(np.where(asked.holds(groups.columns, wanted), beyond, 0.0), MOST_ADVERSE)


def _at_norms(groups: _Groups, table: FeatureTable, values: FloatArray, norms: Norms) -> BoolArray:
    """Groups (n, g) of which every feature is at its norm: nothing in them could be set to the norm."""
    if not groups.codes:
        return np.zeros((len(values), 0), dtype=np.bool_)
    row = np.array([[norms.get(name) for name in table.names]], dtype=np.float64)
    found: BoolArray = np.logical_and.reduceat((values == row)[:, groups.joined], groups.starts, axis=1)
    return found


def _strongest(sizes: FloatArray, most: int) -> IntArray:
    """The groups (n, most) of largest size (n, g), the largest first; -1 where none is large enough."""
    left = sizes.round(DECIMALS)
    rows = np.arange(len(left))
    chosen = np.full((len(left), most), -1, dtype=np.int64)
    for place in range(min(most, left.shape[1])):
        # argmax takes the first of equals, and that is the table's order.
        best = left.argmax(axis=1)
        chosen[:, place] = np.where(left[rows, best] >= LEAST_CONTRIBUTION, best, -1)
        left[rows, best] = -np.inf
    return chosen


def _reasons(batch: _Batch, groups: _Groups, sums: FloatArray, chosen: IntArray) -> list[list[Reason]]:
    """The chosen groups (n, most) of each row as reasons: made column by column for the whole batch, then cut."""
    rows, places = np.nonzero(chosen >= 0)
    group = chosen[rows, places]
    size = sums[rows, group]
    ordered = _leading_first(groups.columns[group], batch.explanation.contributions, rows, size)
    lead = ordered[:, 0]
    value = batch.values[rows, lead]
    points = size * batch.explanation.pd_slope()[rows]
    norm = [batch.norms.get(name) for name in batch.table.names]
    columns = (group, size, points, value, lead)
    found: list[Reason] = [
        {
            "code": groups.codes[code],
            "direction": "up" if total > 0 else "down",
            "contribution": total,
            "pd_points": moved,
            "features": names,
            "value": None if one != one else one,
            "norm": norm[column],
        }
        for names, code, total, moved, one, column in zip(
            _names(batch.table, ordered), *(each.tolist() for each in columns), strict=True
        )
    ]
    for place in np.flatnonzero(batch.unreadable[rows, lead] & np.isnan(value)):
        found[place]["given"] = True
    ends = np.cumsum((chosen >= 0).sum(axis=1)).tolist()
    return [found[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _leading_first(columns: IntArray, contributions: FloatArray, rows: IntArray, size: FloatArray) -> IntArray:
    """The columns (m, w) of m groups, those first that pulled hardest the way `size` (m,) went, fillings (-1) last."""
    if columns.shape[1] == 1:
        return columns
    pull = np.copysign(1.0, size)[:, None] * contributions[rows[:, None], columns].round(DECIMALS)
    pull[columns < 0] = -np.inf
    ordered: IntArray = np.take_along_axis(columns, np.argsort(-pull, axis=1, kind="stable"), axis=1)
    return ordered


def _names(table: FeatureTable, columns: IntArray) -> list[tuple[str, ...]]:
    """The names of each row of columns (m, w); few orders occur, so each is spelled out once."""
    known: dict[tuple[int, ...], tuple[str, ...]] = {}
    keys = [tuple(row) for row in columns.tolist()]
    for key in set(keys):
        known[key] = tuple(table.names[column] for column in key if column >= 0)
    return [known[key] for key in keys]
