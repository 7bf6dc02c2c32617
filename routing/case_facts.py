"""From cases and their assessments to the arrays that the policy reads."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

import numpy as np
from django.utils.dateparse import parse_date

from cases.draws import draws
from cases.models import Case
from cases.states import Kind
from routing import arms
from routing.facts import Facts
from routing.fields import BOOK_FIELDS, FEATURE_PREFIX, INCOME
from routing.record import used_fields
from routing.table.columns import Coded, Column, FloatArray
from routing.table.fields import WORDED, Field
from routing.terms import Terms
from scoring.models import Assessment, ModelVersion

EPOCH: Final = date(1970, 1, 1)
# What the shared vocabulary calls them; a feature table's economics may name another rate.
INCOME_FEATURE: Final = "annual_income"
RATE_FEATURE: Final = "interest_rate"
# What other debts take of the income, in percent.
DEBTS_FEATURE: Final = "debt_to_income"
OPT_OUT: Final = "no_automated_decision"
OPTED_OUT: Final = frozenset({"true", "1", "1.0", "yes", "y", "t", "on", "是"})
NOT_OPTED_OUT: Final = frozenset({"", "false", "0", "0.0", "no", "n", "f", "off", "否"})
NOT_READ: Final = ("derived", "findings")


def latest_assessments(cases: Sequence[Case]) -> dict[int, Assessment]:
    """The newest assessment of each case that has one, with the figures that routing reads."""
    narrow = Assessment.objects.only(
        "case_id", "case_version", "model_id", "pd", "points", "doubt", "cut_off", "explanation_holds"
    )
    found = narrow.filter(case__in=[case.pk for case in cases]).order_by("case_id", "-id")
    return {assessment.case_id: assessment for assessment in found.distinct("case_id")}


def facts_of(
    terms: Terms,
    cases: Sequence[Case],
    assessments: Mapping[int, Assessment],
    *,
    secret: str,
    places_left: int | None = None,
    budget_left: float | None = None,
    fields: Collection[str] | None = None,
) -> Facts:
    """The policy's view of cases of one product, their applicants loaded. A case without an assessment has NaN for
    what the model would have said. Fields that no table asks about are left out, unless `fields` names others; the
    shares of the book are unknown (`routing/concentration.py` counts them)."""
    found = [assessments.get(case.pk) for case in cases]
    losses = _losses(found)
    in_currency = np.array([case.currency == terms.currency for case in cases], dtype=np.bool_)
    exposure = np.array([float(case.amount) for case in cases])
    keys = [f"{case.source}/{case.external_ref}" for case in cases]
    return Facts(
        key=keys,
        columns=_columns(terms, cases, found, exposure, set(fields or used_fields(terms))),
        pd=_figures(found, lambda each: each.pd),
        doubt=_figures(found, lambda each: each.doubt),
        cut_off=_figures(found, lambda each: each.cut_off),
        exposure=exposure,
        lgd=_figures(found, lambda each: losses.get(each.model_id)),
        rate=_feature_figures(cases, RATE_FEATURE),
        term_months=np.array([float(case.term_months) for case in cases]),
        debts=_feature_figures(cases, DEBTS_FEATURE) / 100.0,
        applicant=Coded.of([case.applicant.external_id for case in cases]),
        in_currency=in_currency,
        monitoring=np.array([case.kind == Kind.MONITORING for case in cases], dtype=np.bool_),
        explained=np.array([each is not None and each.explanation_holds for each in found], dtype=np.bool_),
        draws={arm: draws(secret, arm, keys) for arm in (arms.AUDIT, arms.EXPLORE, arms.EXPLORE_ORDER)},
        places_left=places_left,
        budget_left=budget_left,
    )


def _losses(assessments: Iterable[Assessment | None]) -> dict[int, float]:
    """The loss given default of each model's product, as its feature table said when it was trained."""
    models = {each.model_id for each in assessments if each}
    tables = ModelVersion.objects.filter(pk__in=models).values_list(
        "pk", "feature_table__economics__loss_given_default"
    )
    return {key: float(loss) for key, loss in tables if loss is not None}


def _columns(
    terms: Terms,
    cases: Sequence[Case],
    assessments: Sequence[Assessment | None],
    exposure: FloatArray,
    used: set[str],
) -> dict[str, Column]:
    columns: dict[str, Column] = {
        "amount": exposure,
        "currency": Coded.of([case.currency for case in cases]),
        "term_months": np.array([float(case.term_months) for case in cases]),
        "channel": Coded.of([case.channel for case in cases]),
        "industry": Coded.of([case.industry for case in cases]),
        "region": Coded.of([case.region for case in cases]),
        "applicant_segment": Coded.of([case.applicant.segment for case in cases]),
        "key_customer": np.array([float(case.applicant.key_customer) for case in cases]),
        "opted_out": np.array([_opted_out(case.features.get(OPT_OUT)) for case in cases]),
        "pd": _figures(assessments, lambda each: each.pd),
        "points": _figures(assessments, lambda each: each.points),
        "doubt": _figures(assessments, lambda each: each.doubt),
    }
    if INCOME.key in used:
        columns[INCOME.key] = _feature_figures(cases, INCOME_FEATURE)
    for field in terms.features:
        if field.key in used:
            columns[field.key] = _feature_column(field, cases)
    # Shares of the book hang on the other cases too: whoever counts them puts them in.
    columns |= {field.key: np.full(len(cases), np.nan) for field in BOOK_FIELDS if field.key in used}
    return columns


def _figures(given: Sequence[Assessment | None], read: Callable[[Assessment], float | None]) -> FloatArray:
    found = [read(each) if each else None for each in given]
    return np.array([np.nan if value is None else value for value in found], dtype=np.float64)


def _feature_figures(cases: Sequence[Case], name: str) -> FloatArray:
    return np.array([_number(case.features.get(name)) for case in cases], dtype=np.float64)


def _number(value: object) -> float:
    """A figure as facts are stored; what is none is missing."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return math.nan
    return float(value)


def _opted_out(said: object) -> float:
    """1 for yes, 0 for no; an answer that is neither is missing, and people look. Who said nothing about it did not
    opt out: silence is known here."""
    word = "" if said is None else str(said).strip().lower()
    return 1.0 if word in OPTED_OUT else 0.0 if word in NOT_OPTED_OUT else math.nan


def _feature_column(field: Field, cases: Sequence[Case]) -> Column:
    given = [case.features.get(field.key.removeprefix(FEATURE_PREFIX)) for case in cases]
    if field.type in WORDED:
        return Coded.of([str(value) if isinstance(value, str | int) else None for value in given])
    if field.type == "date":
        days = [parse_date(value) if isinstance(value, str) else None for value in given]
        return np.array([np.nan if day is None else float((day - EPOCH).days) for day in days])
    return np.array([_number(value) for value in given], dtype=np.float64)
