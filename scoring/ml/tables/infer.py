"""A feature table for a table of loans that has none yet: found out from its columns, ready for a person to edit.

Every decision that a person may want to change is told as a finding: what was left out and why, which values were taken
as special, which columns may be unlawful or may know the outcome.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.ml.errors import TrainingError
from scoring.ml.features import CURRENCY, NO_CURRENCY, FairnessGroup, FeatureTable, TableValues
from scoring.ml.tables.column_kinds import ColumnKind, recognise
from scoring.ml.tables.column_roles import feature_names, reason_to_drop
from scoring.ml.tables.findings import Finding, finding, percent
from scoring.ml.tables.inferred_features import InferredFeature, date_feature, dates_of, plain_feature
from scoring.ml.tables.outcomes import read_outcomes
from scoring.ml.tables.raw_columns import RawColumn
from scoring.ml.vocabulary import APPLIED_AT, EPOCH, Words

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# A column restates the outcome when its few values, each with rows enough, are wrong about so few of the rarer outcome.
MOST_WRONG = 0.002
FEW_VALUES = 20
ROWS_A_VALUE = 20
# Share of dates after the application from which they were not known then.
MOSTLY_AFTER = 0.5
# Share of rows that repeat another one from which applicants seem to come back, and columns that make this a sign.
REPEATED = 0.2
LEAST_FEATURES = 5
HASH_STEP = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio: neighbours are thrown far apart
MISSING_HASHED = -1.5  # any one number: NaN has many bit patterns
EVEN = 0.001
LEAST_ROWS_CHOSEN = 1000


@dataclass(frozen=True)
class InferredTable:
    """A feature table and the rows with a known outcome, as it reads them.

    `y` (n,) is 1 for bad; `rows` (n,) are their places in the file. `columns` holds the cleaned columns by feature
    name, for `table.read_columns`. `headers` tells the header of each feature. `when` (n,) orders the rows in time
    (days since 1970-01-01 where the column holds dates), `amounts` (n,) is the amount column; None where not asked for.
    """

    table: FeatureTable
    y: IntArray
    rows: IntArray
    columns: Mapping[str, NDArray[Any]]
    headers: Mapping[str, str]
    findings: tuple[Finding, ...]
    when: FloatArray | None = None
    amounts: FloatArray | None = None

    @cached_property
    def read(self) -> TableValues:
        """The rows as the model reads them."""
        return self.table.read_columns(self.columns, len(self.y))


def infer_table(
    columns: Mapping[str, RawColumn],
    *,
    target: str,
    drop: Sequence[str] = (),
    time: str | None = None,
    amount: str | None = None,
    product: str = "table",
) -> InferredTable:
    """The feature table of raw columns (header -> n cells), and its rows with an outcome.

    TrainingError where a named column does not exist, the outcome is unclear, or nothing is left to learn from.
    """
    _check_names(columns, [name for name in (target, *drop, time, amount) if name])
    y, known = read_outcomes(target, columns[target])
    kinds = {
        header: _of_rows(recognise(header, cells), known)
        for header, cells in columns.items()
        if header not in (target, time, *drop)
    }
    moments = None if time is None else _ordered(time, _of_rows(recognise(time, columns[time]), known))
    amounts = None if amount is None else _ordered(amount, _of_rows(recognise(amount, columns[amount]), known))
    applied, reference = _applied_at(kinds, time, moments, int(known.sum()))
    features, findings = _features(kinds, y[known], applied, reference)
    cells = {one.fact.name if one.fact else one.feature.name: one.cells for one in features}
    if not known.all():
        findings.insert(0, finding("no_outcome", target, count=int((~known).sum())))
    return InferredTable(
        table=_table(product, features),
        y=y[known],
        rows=np.flatnonzero(known),
        columns={**cells, APPLIED_AT: dates_of(applied)} if any(one.fact for one in features) else cells,
        headers={one.feature.name: one.header for one in features},
        findings=(*findings, *_chosen(target, y[known]), *_repeated(features)),
        when=moments.values if moments else None,
        amounts=amounts.values if amounts else None,
    )


def _features(
    kinds: Mapping[str, ColumnKind], y: IntArray, applied: FloatArray, reference: str
) -> tuple[list[InferredFeature], list[Finding]]:
    """Features of the columns that can be some, and findings on all columns."""
    features: list[InferredFeature] = []
    findings: list[Finding] = []
    taken = {APPLIED_AT, CURRENCY}
    names = feature_names(list(kinds), taken)
    for header, kind in kinds.items():
        dropped = reason_to_drop(header, kind) or _restates(header, kind, y) or _after_decision(header, kind, applied)
        if dropped:
            findings.append(dropped)
            continue
        if kind.kind == "date":
            age = f"{names[header]}_months"
            age = feature_names([age], {*taken, *names.values()})[age]
            features.append(date_feature(header, names[header], age, kind))
            findings.append(finding("age_of_date", header, reference=reference))
        else:
            features.append(plain_feature(header, names[header], kind))
        findings += features[-1].findings
    return features, findings


def _table(product: str, features: Sequence[InferredFeature]) -> FeatureTable:
    """The feature table; each feature is a reason group of its own until a person joins them."""
    if not features:
        raise TrainingError("no_features", "No column is left to learn from.", "没有可供学习的列。")
    return FeatureTable(
        product=product,
        words=Words(product, product),
        currency=NO_CURRENCY,
        groups={one.feature.group: one.feature.words for one in features},
        features=tuple(one.feature for one in features),
        shown=tuple(one.fact for one in features if one.fact),
        fairness=tuple(FairnessGroup(one.feature.name, one.bins) for one in features if not one.feature.nameable),
    )


def _applied_at(
    kinds: Mapping[str, ColumnKind], time: str | None, moments: ColumnKind | None, rows: int
) -> tuple[FloatArray, str]:
    """Days (n,) from which ages are counted, and how to call them: the time column, else the latest date there is."""
    if time is not None and moments is not None and moments.kind == "date":
        return moments.values, f"“{time}”"
    latest = max((float(kind.known.max()) for kind in kinds.values() if kind.kind == "date"), default=0.0)
    return np.full(rows, latest), date.fromordinal(int(latest) + EPOCH).isoformat()


def _check_names(columns: Mapping[str, RawColumn], named: Sequence[str]) -> None:
    for name in named:
        if name not in columns:
            listed = ", ".join(columns)
            raise TrainingError(
                "no_column", f"There is no column “{name}”. Columns: {listed}.", f"没有“{name}”这一列。现有：{listed}。"
            )


def _of_rows(kind: ColumnKind, rows: NDArray[np.bool_]) -> ColumnKind:
    """The same column in some of its rows."""
    values = kind.values[rows]
    return replace(kind, values=values, kind="empty" if np.isnan(values).all() else kind.kind)


def _ordered(header: str, kind: ColumnKind) -> ColumnKind:
    """A column of moments or amounts, checked to be one."""
    if kind.kind in ("category", "empty"):
        raise TrainingError(
            "not_ordered", f"“{header}” holds neither numbers nor dates.", f"“{header}”既不是数字也不是日期。"
        )
    return kind


def _restates(header: str, kind: ColumnKind, y: IntArray) -> Finding | None:
    """A finding where the few values of a column, missing among them, tell all but a handful of the rarer outcome."""
    known = ~np.isnan(kind.values)
    levels, places = np.unique(kind.values[known], return_inverse=True)
    if len(levels) > min(FEW_VALUES, len(y) / ROWS_A_VALUE):
        return None
    codes = np.full(len(y), len(levels))
    codes[known] = places
    bads = np.bincount(codes, weights=y, minlength=len(levels) + 1)
    rows = np.bincount(codes, minlength=len(levels) + 1)
    wrong, rarer = np.minimum(bads, rows - bads).sum(), min(y.sum(), len(y) - y.sum())
    if wrong > MOST_WRONG * rarer:
        return None
    told = float(1 - wrong / len(y))
    return finding("restates_outcome", header, share=percent(told), strength=told, dropped=True)


def _after_decision(header: str, kind: ColumnKind, applied: FloatArray) -> Finding | None:
    """A finding on dates that mostly lie after the application."""
    if kind.kind != "date":
        return None
    known = ~np.isnan(kind.values) & ~np.isnan(applied)
    after = float((kind.values[known] > applied[known] + 1).mean()) if known.any() else 0.0
    if after <= MOSTLY_AFTER:
        return None
    return finding("after_decision", header, share=percent(after), strength=after, dropped=True)


def _chosen(target: str, y: IntArray) -> list[Finding]:
    """A finding where there are exactly as many bads as goods, as chance hardly ever has it."""
    uneven = abs(int(y.sum()) * 2 - len(y))
    chosen = len(y) >= LEAST_ROWS_CHOSEN and uneven <= EVEN * len(y)
    return [finding("chosen_by_outcome", target)] if chosen else []


def _repeated(features: Sequence[InferredFeature]) -> list[Finding]:
    """A finding where many rows are the same in every feature, found by a hash of each row."""
    if len(features) < LEAST_FEATURES:
        return []
    rows = np.zeros(len(features[0].values), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for one in features:
            rows = rows * HASH_STEP ^ np.nan_to_num(one.values, nan=MISSING_HASHED).view(np.uint64)
            rows = (rows ^ (rows >> np.uint64(29))) * HASH_STEP
    _, counts = np.unique(rows, return_counts=True)
    share = float(counts[counts > 1].sum() / len(rows))
    return [finding("repeated_rows", "", share=percent(share), strength=share)] if share >= REPEATED else []
