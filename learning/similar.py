"""Loans with a known outcome around the PD of a case, and those of them that are like it.

Only matured outcomes count, as in training: early bads without the early goods beside them would make every group look
worse than it is. The PD of a loan is what was said when it was assessed, or, of a loan that the model learnt from, what
a model said that had not seen it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np
from django.db.models import QuerySet, Value

from cases.models import Case
from cases.states import Kind, Outcome
from learning.label_models import MATURED
from learning.models import HeldOutScore, Label
from scoring.actions import model_row
from scoring.ml.features import FeatureTable
from scoring.ml.similar import FloatArray, Why, choose, differences, distances, told_apart
from scoring.models import Assessment

# Looked at on each side of the PD, whether their outcome is known or not: what bounds the work in a book of millions.
LOOKED_AT: Final = 400
# Read of those whose outcome is known, on each side.
POOL: Final = 150
BEYOND: Final = 60
# The rate of so many nearest is told, and none of fewer than this.
GROUP: Final = 100
GROUP_LEAST: Final = 30
WEIGHED: Final = 200


@dataclass(frozen=True)
class Like:
    """A past loan beside the case: `told_apart` are names of features with this loan's value and the case's."""

    case_id: int
    why: Why
    pd: float
    bad: bool
    decided_by: str
    amount: Decimal
    currency: str
    told_apart: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True)
class Similar:
    """The chosen loans, and how the nearest `group` of the `pool` turned out (0: too few for a rate)."""

    loans: tuple[Like, ...]
    pool: int
    group: int
    bads: int


def similar_to(assessment: Assessment, table: FeatureTable, *, product: str, line: float) -> Similar:
    """Past loans of the product that are like the assessed case, on both sides of `line` (a PD) where there are any.

    Five queries at most, whatever the size of the book.
    """
    pds = _around(assessment, product, line)
    bads = _outcomes(pds)
    near, keys = _pool(assessment.pd, line, {key: pds[key] for key in bads})
    cases = {case.pk: case for case in _cases(keys)}
    if not keys:
        return Similar((), 0, 0, 0)
    here = np.array(assessment.values, dtype=np.float64)
    pool = table.read([model_row(cases[key]) for key in keys]).values
    whole = [feature.type != "number" for feature in table.features]
    parts = differences(here, pool, whole=whole, specials=table.columns.specials)
    weights = _weights(assessment)
    distance = distances(parts, weights)
    bad = np.array([bads[key] for key in keys])
    chosen = choose(distance, np.array([pds[key] for key in keys]), bad, pd=assessment.pd, line=line)
    # Those beyond the line were looked for: they say nothing of how loans of this PD turn out.
    group = np.argsort(distance[:near], kind="stable")[:GROUP]
    size = len(group) if len(group) >= GROUP_LEAST else 0
    loans = []
    for each in chosen:
        case, there = cases[keys[each.row]], pool[each.row]
        apart = told_apart(parts[each.row], weights)
        differ = tuple((table.names[column], float(there[column]), float(here[column])) for column in apart)
        money = (case.amount, case.currency)
        loans.append(Like(case.pk, each.why, pds[case.pk], bads[case.pk], case.decided_by, *money, differ))
    return Similar(tuple(loans), near, size, int(bad[group].sum()) if size else 0)


def _around(assessment: Assessment, product: str, line: float) -> dict[int, float]:
    """PDs of approved loans next to the PD of the case and next to the line on its other side, by their keys: a look
    into one index each, for loans that were assessed and for those that the model learnt from."""
    pd, odds_of_line = assessment.pd, math.log(line / (1 - line))
    lent = Case.objects.filter(product=product, kind=Kind.APPLICATION, outcome=Outcome.APPROVE, pd__isnull=False)
    lent = lent.exclude(pk=assessment.case_id).annotate(_odds=Value(False))
    learnt = HeldOutScore.objects.filter(model=assessment.model_id).exclude(case=assessment.case_id)
    learnt = learnt.annotate(_odds=Value(True))
    assessed, held_out = ("pk", "pd", "_odds"), ("case", "log_odds", "_odds")
    # What is looked at from where: downwards and upwards from the PD, and away from it beyond the line.
    ways = (
        (pd, assessment.log_odds, "lt"),
        (pd, assessment.log_odds, "gte"),
        (line, odds_of_line, "gte" if pd < line else "lt"),
    )
    sides = []
    for start, odds, way in ways:
        sign = "-" if way == "lt" else ""
        near = lent.filter(**{f"pd__{way}": start}).order_by(f"{sign}pd")
        like = learnt.filter(**{f"log_odds__{way}": odds}).order_by(f"{sign}log_odds")
        sides += [near.values_list(*assessed)[:LOOKED_AT], like.values_list(*held_out)[:LOOKED_AT]]
    first, *others = sides
    rows: Any = first.union(*others, all=True)
    return {key: 1 / (1 + math.exp(-value)) if is_odds else value for key, value, is_odds in rows}


def _outcomes(pds: Mapping[int, float]) -> dict[int, bool]:
    """Whether each loan turned bad, as last stated; without those of which nobody knows yet."""
    known = Label.objects.filter(case__in=list(pds), source__in=MATURED)
    latest = known.order_by("case_id", "-observed_at", "-pk").distinct("case_id")
    return {key: bool(bad) for key, bad in latest.values_list("case_id", "is_bad")}


def _pool(pd: float, line: float, pds: Mapping[int, float]) -> tuple[int, list[int]]:
    """The loans nearest to the PD, as many as there are first, and behind them those just beyond the line."""
    below = sorted((key for key in pds if pds[key] < pd), key=lambda key: pd - pds[key])
    above = sorted((key for key in pds if pds[key] >= pd), key=lambda key: pds[key] - pd)
    near = [*below[:POOL], *above[:POOL]]
    beyond = (key for key in pds if (pds[key] >= line) != (pd >= line))
    more = sorted(set(beyond) - set(near), key=lambda key: abs(pds[key] - line))
    return len(near), [*near, *more[:BEYOND]]


def _cases(keys: list[int]) -> QuerySet[Case]:
    needed = ("pk", "state", "version", "features", "amount", "currency", "term_months", "applied_at", "decided_by")
    found: QuerySet[Case] = Case.objects.filter(pk__in=keys).only(*needed)
    return found


def _weights(assessment: Assessment) -> FloatArray:
    """Mean absolute contribution of each feature in the assessments that this model made up to this one."""
    same = Assessment.objects.filter(model=assessment.model_id, pk__lte=assessment.pk).order_by("-pk")
    made = list(same.values_list("contributions", flat=True)[:WEIGHED])
    weights: FloatArray = np.abs(np.array(made, dtype=np.float64)).mean(axis=0)
    return weights
