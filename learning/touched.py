"""What an alarm touches: the open cases of the model by PD band, and how many more a day come to people."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q

from cases.models import Case
from cases.states import State
from learning.models import MonitoringWindow
from routing.models import Policy, Route
from scoring.models import Assessment, ModelVersion

OPEN: Final = (State.QUEUED, State.IN_REVIEW, State.WAITING_INFO, State.AWAITING_SIGNOFF)
SECONDS_A_DAY: Final = 86_400


def touched_by(model: ModelVersion, window: MonitoringWindow) -> dict[str, Any]:
    """Open cases that the model scored, by the bands of the policy in force, and the share of the window's cases that
    people see beside that of the model's first window, as cases more a day at the window's pace."""
    policy = Policy.objects.filter(product=model.product, status=Policy.Status.ACTIVE).first()
    terms = policy.terms if policy else {}
    low, high = terms.get("approve_below") or 0.0, terms.get("decline_above") or 1.0
    # Each open case is asked which models scored it. Asked for those of this model, PostgreSQL, whose statistics of
    # a book that is being taken in are old, goes through all that the model ever scored once for every open case.
    models = ArraySubquery(Assessment.objects.filter(case=OuterRef("pk")).values("model"))
    open_cases = Case.objects.filter(product=model.product, state__in=OPEN).annotate(models=models)
    bands = open_cases.filter(models__contains=[model.pk]).aggregate(
        below=Count("pk", filter=Q(pd__lt=low)),
        grey=Count("pk", filter=Q(pd__gte=low, pd__lt=high)),
        above=Count("pk", filter=Q(pd__gte=high)),
    )
    first = MonitoringWindow.objects.filter(model=model, kind=MonitoringWindow.Kind.COUNT).order_by("pk").first()
    now, usual = _to_people(window), _to_people(first or window)
    days = max((window.ends_at - window.starts_at).total_seconds() / SECONDS_A_DAY, 1.0)
    return {
        "bands": bands, "approve_below": low, "decline_above": high, "to_people": now, "to_people_usual": usual,
        "more_a_day": round((now - usual) * window.cases / days, 1),
    }  # fmt: skip


def _to_people(window: MonitoringWindow) -> float:
    if window.kind == MonitoringWindow.Kind.OUTCOMES:
        return 0.0
    routes = Route.objects.filter(
        assessment__model=window.model_id,
        assessment__gte=window.first_id,
        assessment__lte=window.last_id,
    ).aggregate(all=Count("pk"), seen=Count("pk", filter=Q(way=Route.Way.REVIEW)))
    return float(routes["seen"] / routes["all"]) if routes["all"] else 0.0
