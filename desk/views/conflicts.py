"""Stating a conflict of interest on a case, and ending one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases.conflicts import end_conflict, state_conflict
from cases.states import Role
from desk.access import case_for, page, person
from desk.posted import number_of
from desk.views.case import view_of


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="case")
def conflict(request: HttpRequest, ref: str) -> HttpResponse:
    case = case_for(request, ref)
    state_conflict(case.pk, by=person(request), reason=request.POST.get("reason", ""))
    messages.success(request, _("Your conflict of interest is stated: cases of this applicant go to others."))
    return redirect(f"{reverse('desk:queue')}?{urlencode({'view': view_of(request)})}")


@page("POST", Role.SUPERVISOR, of="team")
def end(request: HttpRequest) -> HttpResponse:
    ended = end_conflict(number_of(request.POST.get("conflict", "")), by=person(request))
    words = _("The conflict of interest of %(person)s is ended.") % {"person": ended.person.display_name}
    messages.success(request, words)
    return redirect("desk:team")
