"""Promoting a model: the frozen comparison and its approval, the way back, and waiting cases scored again."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from cases.errors import BadDecision
from cases.office import OFFICE
from cases.products import numbered
from cases.states import Role
from desk.access import page, person
from desk.build.model_life import READERS
from desk.build.promotion import promotion_page
from desk.build.rescoring import rescoring_page
from desk.pages import Problem
from desk.words import number, when
from learning.usual import keep_references
from routing.rescoring import champion_of, preview_rescoring, rescore_waiting
from scoring.models import Promotion
from scoring.promotion import approve_model, return_model
from scoring.way_back import roll_back_model

APPROVERS: Final = (Role.SUPERVISOR, Role.ADMIN)


def promotion(request: HttpRequest, promotion_id: int) -> HttpResponseBase:
    """What is to be ticked, and the approval itself."""
    return (_approve if request.method == "POST" else _promotion)(request, promotion_id)


@page("GET", *READERS)
def _promotion(request: HttpRequest, promotion_id: int) -> HttpResponse:
    return render(request, "desk/promotion.html", {"page": promotion_page(_found(promotion_id), person(request))})


@page("POST", *APPROVERS)
def _approve(request: HttpRequest, promotion_id: int) -> HttpResponse:
    found, ticked, form = _found(promotion_id), request.POST.getlist("ticked"), request.POST
    later = form.get("starts_at", "") if form.get("start") == "later" else ""
    try:
        approved = approve_model(
            found.pk,
            by=person(request),
            comparison_sha256=form.get("comparison_sha256", ""),
            ticked=ticked,
            starts_at=_starts_at(later) if form.get("start") == "later" else None,
            note=form.get("note", ""),
        )
    except BadDecision as refusal:
        shown = promotion_page(
            found,
            person(request),
            ticked=ticked,
            note=form.get("note", ""),
            starts_at=later,
            problems=[Problem(refusal.field, str(refusal))],
        )
        return render(request, "desk/promotion.html", {"page": shown}, status=422)
    told = {"model": numbered(approved.product, approved.model.number), "at": when(approved.starts_at)}
    if approved.status == Promotion.Status.PROMOTED:
        keep_references()
        messages.success(request, _("%(model)s is in force. Open cases keep their assessment.") % told)
    else:
        messages.success(request, _("%(model)s comes into force at %(at)s.") % told)
    return redirect("desk:model_card", version_id=approved.model_id)


@page("POST", *APPROVERS, of="promotion")
def send_back(request: HttpRequest, promotion_id: int) -> HttpResponse:
    return_model(promotion_id, by=person(request), reason=request.POST.get("reason", ""))
    messages.success(request, _("Returned."))
    return redirect("desk:promotion", promotion_id=promotion_id)


@page("POST", Role.ADMIN, of="model_card")
def roll_back(request: HttpRequest, version_id: int) -> HttpResponse:
    """Put the model back that this champion replaced."""
    version = champion_of(version_id)
    back = roll_back_model(version.product, by=person(request), reason=request.POST.get("reason", ""))
    messages.success(request, _("%(model)s is in force again.") % {"model": numbered(back.product, back.number)})
    return redirect("desk:model_card", version_id=back.pk)


def rescoring(request: HttpRequest, version_id: int) -> HttpResponseBase:
    """What scoring the waiting cases again would change, and the act itself."""
    return (_rescore if request.method == "POST" else _rescoring)(request, version_id)


@page("GET", *READERS)
def _rescoring(request: HttpRequest, version_id: int) -> HttpResponse:
    version = champion_of(version_id)
    shown = rescoring_page(version, preview_rescoring(version), person(request))
    return render(request, "desk/rescoring.html", {"page": shown})


@page("POST", Role.ADMIN)
def _rescore(request: HttpRequest, version_id: int) -> HttpResponse:
    moved = rescore_waiting(version_id, by=person(request), reason=request.POST.get("reason", ""))
    messages.success(request, _("%(n)s waiting cases are scored again.") % {"n": number(moved)})
    return redirect("desk:model_card", version_id=version_id)


def _found(promotion_id: int) -> Promotion:
    people = ("proposed_by", "approved_by", "trained_by")
    return get_object_or_404(Promotion.objects.select_related("model", "against", *people), pk=promotion_id)


def _starts_at(text: str) -> datetime:
    """A time on the office clock. Raises BadDecision where it is none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=OFFICE)
    except ValueError as problem:
        raise BadDecision("starts_at", _("A date and a time are expected.")) from problem
