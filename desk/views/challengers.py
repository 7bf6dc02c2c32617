"""Challengers: a model in shadow, a share of the traffic, the comparison with the champion, and a proposal from it."""

from __future__ import annotations

import math
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.errors import BadDecision, CaseNotFound
from cases.products import numbered
from cases.states import Role
from desk.access import page, person
from desk.build.comparison import SAMPLES, comparison
from desk.build.model_life import READERS
from desk.pages.challengers import ComparisonPage
from learning.comparing import SAMPLES as SAMPLE_NAMES
from learning.comparing import WANTED_DIFFERENCE, SampleName, comparison_of
from scoring.models import ModelVersion
from scoring.promotion import open_promotion, propose_model
from scoring.shadow import ask_split, sign_split, start_shadow, stop_shadow, stop_split

APPROVERS: Final = (Role.SUPERVISOR, Role.ADMIN)
LARGEST_DIFFERENCE: Final = 0.5


@page("GET", *READERS)
def against(request: HttpRequest, version_id: int, challenger_id: int) -> HttpResponse:
    """Two models of one product on the same loans."""
    both = ModelVersion.objects.in_bulk([version_id, challenger_id])
    champion, challenger = (both.get(pk) or _model(pk) for pk in (version_id, challenger_id))
    if champion.product != challenger.product or champion.pk == challenger.pk:
        raise CaseNotFound(_("These two models cannot be compared."))
    sample, difference = _sample(request.GET.get("sample", "")), _difference(request.GET.get("difference", ""))
    found = comparison_of(challenger, against=champion, sample=sample, difference=difference)
    in_force = champion.status == ModelVersion.Status.CHAMPION
    may = person(request).role == Role.ADMIN and in_force
    is_open = may and open_promotion(champion.product) is not None
    shown = ComparisonPage(
        title=_("%(challenger)s against %(champion)s")
        % {"challenger": numbered(challenger.product, challenger.number), "champion": f"v{champion.number}"},
        champion_url=reverse("desk:model_card", args=[champion.pk]),
        challenger_url=reverse("desk:model_card", args=[challenger.pk]),
        champion=numbered(champion.product, champion.number),
        challenger=numbered(challenger.product, challenger.number),
        comparison=comparison(found, person(request)),
        samples=tuple((name, str(words), name == found["sample"]) for name, words in SAMPLES.items()),
        sample=found["sample"],
        difference=f"{difference:g}",
        propose_url=reverse("desk:model_propose", args=[challenger.pk]) if may and not is_open else "",
        refusal=_("Another proposal for this product is open: decide that one first.") if is_open else "",
    )
    return render(request, "desk/comparison.html", {"page": shown})


@page("POST", Role.ADMIN, of="model_card")
def propose(request: HttpRequest, version_id: int) -> HttpResponse:
    """Compare anew, freeze what is found, and propose."""
    challenger = _model(version_id)
    found = comparison_of(
        challenger,
        sample=_sample(request.POST.get("sample", "")),
        difference=_difference(request.POST.get("difference", "")),
    )
    proposal = propose_model(challenger.pk, by=person(request), comparison=found, note=request.POST.get("note", ""))
    messages.success(request, _("Proposed. A second person has to approve it."))
    return redirect("desk:promotion", promotion_id=proposal.pk)


@page("POST", Role.ADMIN, of="model_card")
def shadow(request: HttpRequest, version_id: int) -> HttpResponse:
    version, reason = _model(version_id), request.POST.get("reason", "")
    if request.POST.get("act") == "stop":
        stop_shadow(version.pk, by=person(request), reason=reason)
        messages.success(request, _("Its shadow is stopped; what it said stays."))
    else:
        start_shadow(version.pk, by=person(request), reason=reason)
        messages.success(request, _("It scores along from the next cases on."))
    return redirect("desk:model_card", version_id=version.pk)


@page("POST", *APPROVERS, of="model_card")
def split(request: HttpRequest, version_id: int) -> HttpResponse:
    """Ask for a share of the traffic, sign it, or stop it."""
    version, by, act = _model(version_id), person(request), request.POST.get("act", "")
    reason, key = request.POST.get("reason", ""), request.POST.get("split", "")
    if act == "sign":
        sign_split(_key(key), by=by, seen_share=_number(request.POST.get("seen", ""), "share"))
        messages.success(request, _("Signed: the share begins with the next cases."))
    elif act == "stop":
        stop_split(_key(key), by=by, reason=reason)
        messages.success(request, _("The share is stopped."))
    else:
        ask_split(version.pk, by=by, share=_number(request.POST.get("share", ""), "share") / 100, reason=reason)
        messages.success(request, _("Asked for. A second person has to sign it."))
    return redirect("desk:model_card", version_id=version.pk)


def _model(version_id: int) -> ModelVersion:
    return get_object_or_404(ModelVersion.objects.defer("card", "feature_table"), pk=version_id)


def _sample(text: str) -> SampleName | None:
    return next((name for name in SAMPLE_NAMES if name == text), None)


def _difference(text: str) -> float:
    """The AUC difference that is wanted; the usual one where none was typed. Raises BadDecision where it is none."""
    found = _number(text, "difference") if text.strip() else WANTED_DIFFERENCE
    if not 0 < found < LARGEST_DIFFERENCE:
        raise BadDecision("difference", _("A difference above 0 and below 0.5 is expected."))
    return found


def _number(text: str, field: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise BadDecision(field, _("A number is expected."))
    return found


def _key(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise CaseNotFound(_("There is no such split."))
    return int(text)
