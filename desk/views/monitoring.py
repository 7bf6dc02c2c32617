"""Watching over models in force: the board with its alarms, and how a feature is spread now beside its reference."""

from __future__ import annotations

from typing import Final

import numpy as np
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.errors import BadDecision
from cases.products import numbered
from cases.states import Role
from desk.access import page, person
from desk.build.fact_names import FactNames
from desk.build.monitoring import alarm_row, bin_rows, measured, watched
from desk.pages.monitoring import FeaturePage, MonitoringPage
from desk.pages.shared import Problem
from desk.words import number
from learning.models import MonitoringAlarm, MonitoringMeasure
from learning.monitoring import ACKNOWLEDGES, WINDOW_CASES, acknowledge_alarm
from scoring.ml.drift import Reference, count_bins
from scoring.models import Assessment, ModelReference, ModelVersion

OFFICE: Final = (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
SHOWN: Final = 30
DRAWN: Final = 20


@page("GET", *OFFICE)
def monitoring(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/monitoring.html", {"page": _page(request)})


@page("POST", *ACKNOWLEDGES)
def acknowledge(request: HttpRequest, alarm_id: int) -> HttpResponse:
    try:
        acknowledge_alarm(alarm_id, by=person(request), reason=request.POST.get("reason", ""))
    except BadDecision as refusal:
        shown = _page(request, Problem(f"alarm-{alarm_id}", str(refusal)))
        return render(request, "desk/monitoring.html", {"page": shown}, status=422)
    messages.success(request, _("The alarm is acknowledged."))
    return redirect("desk:monitoring")


def _page(request: HttpRequest, problem: Problem | None = None) -> MonitoringPage:
    may_act = person(request).role in ACKNOWLEDGES
    alarms: QuerySet[MonitoringAlarm] = MonitoringAlarm.objects.select_related(
        "measure__window__model", "acknowledged_by"
    ).order_by("-id")
    models = list(ModelVersion.objects.filter(status=ModelVersion.Status.CHAMPION).order_by("product"))
    references = ModelReference.objects.filter(model__in=models).defer("content")
    return MonitoringPage(
        alarms=tuple(alarm_row(each, may_act=may_act) for each in alarms.filter(acknowledged_at__isnull=True)[:SHOWN]),
        acknowledged=tuple(
            alarm_row(each, may_act=False) for each in alarms.filter(acknowledged_at__isnull=False)[:SHOWN]
        ),
        models=watched(models, {each.model_id: each for each in references}),
        breakers_url=reverse("desk:breakers"),
        problems=(problem,) if problem else (),
    )


@page("GET", *OFFICE)
def monitoring_feature(request: HttpRequest, version_id: int, feature: str) -> HttpResponse:
    model = get_object_or_404(ModelVersion, pk=version_id)
    kept = ModelReference.objects.filter(model=model).first()
    if kept is None or feature not in kept.content["names"]:
        raise Http404
    reference = Reference.from_dict(kept.content)
    at = reference.names.index(feature)
    newest = Assessment.objects.filter(model=model).order_by("-pk").values_list("values", flat=True)
    values = np.array([row[at] for row in newest[:WINDOW_CASES]], dtype=np.float64)
    now = count_bins(values, reference.edges[at]).tolist()
    words = FactNames(model.feature_table).fact(feature)
    found = MonitoringMeasure.objects.filter(window__model=model, name="csi", feature=feature).order_by("-pk")
    series = list(found.exclude(window__kind="day")[:DRAWN])[::-1]
    shown = FeaturePage(
        title=words,
        model=numbered(model.product, model.number),
        list_url=reverse("desk:monitoring"),
        figures=_("The newest %(now)s cases beside %(usual)s %(what)s")
        % {
            "now": number(len(values)),
            "usual": number(reference.rows),
            "what": ModelReference.Origin(kept.origin).label,
        },
        bins=bin_rows(reference, feature, now),
        windows=measured(series, words) if series else None,
    )
    return render(request, "desk/monitoring_feature.html", {"page": shown})
