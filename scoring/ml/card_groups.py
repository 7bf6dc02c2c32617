"""The fairness part of a model card: the groups that a feature table declares, found in rows and judged."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scoring.ml.card_parts import JudgedFact, JudgedGroup, Measure
from scoring.ml.fairness import GroupMeasures, by_group
from scoring.ml.features import FairnessGroup, FeatureTable, Row
from scoring.ml.intervals import Estimate

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

UNKNOWN = ""


def measure(estimate: Estimate) -> Measure:
    """An estimate as plain JSON."""
    low, high = (float(end) if np.isfinite(end) else None for end in (estimate.low, estimate.high))
    return Measure(value=float(estimate.value), low=low, high=high)


def judged_facts(
    table: FeatureTable, rows: Sequence[Row], y: IntArray, pd: FloatArray, approved: BoolArray
) -> list[JudgedFact]:
    """Each declared fact with its groups, from outcomes (n,), held-out PDs (n,) and decisions (n,) of n rows."""
    return [_judged(fact, group_names(table, fact, rows), y, pd, approved) for fact in table.fairness]


def group_names(table: FeatureTable, fact: FairnessGroup, rows: Sequence[Row]) -> list[str]:
    """The group of each row; "" where the fact is missing or cannot be read. A field of the case stands in a training
    set as `case_<name>`, so that no model reads it by accident."""
    feature = table.by_name.get(fact.name)
    names = []
    for row in rows:
        raw = row.get(fact.name, row.get(f"case_{fact.name}"))
        if raw is None or raw == "":
            names.append(UNKNOWN)
        elif fact.bins:
            number = feature.number(raw) if feature else _number(raw)
            names.append(UNKNOWN if np.isnan(number) else str(int(np.searchsorted(fact.bins, number, side="right"))))
        else:
            names.append(str(raw))
    return names


def _number(raw: object) -> float:
    return float(raw) if isinstance(raw, int | float) else np.nan


def _judged(fact: FairnessGroup, names: Sequence[str], y: IntArray, pd: FloatArray, approved: BoolArray) -> JudgedFact:
    if all(name == UNKNOWN for name in names):
        return JudgedFact(fact=fact.name, bins=list(fact.bins), yardstick="", groups=[], small={})
    found = by_group(names, y, pd, approved)
    return JudgedFact(
        fact=fact.name,
        bins=list(fact.bins),
        yardstick=found.yardstick,
        groups=[_group(one) for one in found.groups],
        small=found.small,
    )


def _group(one: GroupMeasures) -> JudgedGroup:
    return JudgedGroup(
        name=one.name,
        rows=one.rows,
        bads=one.bads,
        mean_pd=one.mean_pd,
        bad_rate=measure(one.bad_rate),
        approval=measure(one.approval),
        impact_ratio=one.impact_ratio and measure(one.impact_ratio),
        goods_approved=one.goods_approved and measure(one.goods_approved),
        opportunity_difference=one.opportunity_difference and measure(one.opportunity_difference),
        auc=one.auc and measure(one.auc),
    )
