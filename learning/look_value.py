"""What looks have saved, from randomly audited cases: the data from which the value of a look is learned.

An audited case is decided by a person who did not know of the draw. Where the loan was granted its matured outcome is
known. Where the person refused what the machine would have granted it will never be known: there the outcome is drawn
once, by the case's own PD (the direct method of off-policy evaluation, Dudik, Langford and Li 2011). That credits the
person with no knowledge beyond the model, so it errs towards the start order, never towards more looks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cases.draws import draw
from cases.models import Case, Review
from cases.standing import released_q
from cases.states import Outcome
from learning.label_models import MATURED
from learning.models import Label
from routing.look_value import Audited, LearnedValue, TooFewAudited
from routing.models import Route

IMPUTED = "imputed"


@dataclass(frozen=True)
class AuditedCases:
    """The audited cases of a product that a person decided: `observed` with a matured outcome, `imputed` without."""

    cases: Audited
    observed: int
    imputed: int


@dataclass(frozen=True)
class Learned:
    """What was learned, or why nothing was: `value` is None then, and `refusal` says how many cases there are."""

    value: LearnedValue | None
    observed: int
    imputed: int
    refusal: TooFewAudited | None = None


def learn_value_of_looks(product: str, *, share: float) -> Learned:
    """Learn from every audited case of the product; `share` of the cases can be seen."""
    found = audited_cases(product)
    try:
        value = LearnedValue.fit(found.cases, share=share)
    except TooFewAudited as refusal:
        return Learned(None, found.observed, found.imputed, refusal)
    return Learned(value, found.observed, found.imputed)


def count_audited(product: str) -> int:
    """How many audited cases of the product a person has decided."""
    drawn = Route.objects.filter(released_q("case__"), case__product=product, is_audit=True, case__decided_by="person")
    return drawn.values("case").distinct().count()


def audited_cases(product: str) -> AuditedCases:
    """Audits that a person has decided, and whose outcome is matured or can never be seen; the rest still waits."""
    routes = list(
        Route.objects.filter(case__product=product, is_audit=True, audit_probability__gt=0, policy__isnull=False)
        .select_related("case", "policy", "assessment")
        .order_by("pk")
    )
    reviews = _last_reviews(route.case_id for route in routes)
    outcomes = _outcomes(route.case_id for route in routes)
    rows, observed = [], 0
    for route in routes:
        review, assessment = reviews.get(route.case_id), route.assessment
        if review is None or assessment is None or not route.economics:
            continue
        refused = review.outcome == Outcome.DECLINE
        if route.case_id not in outcomes and not refused:
            continue
        observed += route.case_id in outcomes
        rows.append(_row(route, route.case, refused, outcomes.get(route.case_id)))
    columns = [np.array(column) for column in zip(*rows, strict=True)] or [np.zeros(0)] * len(Audited.__annotations__)
    kinds = {name: np.bool_ if "Bool" in str(kind) else np.float64 for name, kind in Audited.__annotations__.items()}
    typed: dict[str, Any] = {
        name: column.astype(kind) for (name, kind), column in zip(kinds.items(), columns, strict=True)
    }
    return AuditedCases(Audited(**typed), observed, len(rows) - observed)


def _row(route: Route, case: Case, refused: bool, bad: bool | None) -> tuple[float | bool, ...]:
    """One case in the order of the fields of `Audited`."""
    assessment, money, policy = route.assessment, route.economics, route.policy
    if assessment is None or policy is None:
        raise ValueError(f"the route of {case.ref} has no score or no policy")
    if bad is None:
        drawn = draw(policy.audit_secret, IMPUTED, f"{case.source}/{case.external_ref}")
        bad = drawn < assessment.pd
    return (
        assessment.pd,
        route.lines["cut_off"],
        float(case.amount),
        assessment.doubt,
        route.advice == Outcome.APPROVE,
        not refused,
        bad,
        route.audit_probability,
        money["loss_given_default"],
        money["margin"],
        float(policy.terms.get("review_cost", 0.0)),
    )


def _last_reviews(cases: Iterable[int]) -> dict[int, Review]:
    """The decision of each case that was made last and is final."""
    decided = Review.objects.filter(case__in=list(cases), case__decided_by="person", outcome__in=("approve", "decline"))
    final = decided.filter(released_q("case__"))
    return {review.case_id: review for review in final.order_by("case_id", "at")}


def _outcomes(cases: Iterable[int]) -> dict[int, bool]:
    known = Label.objects.filter(case__in=list(cases), source__in=MATURED)
    latest = known.order_by("case_id", "-observed_at", "-pk").distinct("case_id")
    return {label.case_id: bool(label.is_bad) for label in latest}
