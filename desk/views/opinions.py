"""Saying what one thinks of a blind case; the page then shows what the model says."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases.errors import BadDecision
from cases.opinions import record_opinion
from cases.states import Role
from desk.access import case_for, page, person
from desk.posted import number_of
from desk.queue_filter import known_view


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="case")
def opinion(request: HttpRequest, ref: str) -> HttpResponse:
    """Keep the opinion and show the case again: the same page for a script as for who has none."""
    case = case_for(request, ref)
    try:
        record_opinion(
            case.pk,
            by=person(request),
            lean=request.POST.get("lean", ""),
            band=number_of(request.POST.get("band", "")),
            seen_version=number_of(request.POST.get("version", "")),
        )
    except BadDecision as refusal:
        if not request.htmx:  # type: ignore[attr-defined]
            raise
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Your opinion is kept. Now you see what the model says."))
    view = known_view(request.POST.get("view", ""))
    return redirect(f"{reverse('desk:case', args=[case.ref])}?{urlencode({'view': view})}")
