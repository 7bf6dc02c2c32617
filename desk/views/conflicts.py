"""Stating a conflict of interest on a case, and ending one."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from cases.conflicts import end_conflict, state_conflict
from cases.states import Role
from desk.access import case_for, page, person

DIGITS: Final = 18


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="case")
def conflict(request: HttpRequest, ref: str) -> HttpResponse:
    case = case_for(request, ref)
    state_conflict(case.pk, by=person(request), reason=request.POST.get("reason", ""))
    messages.success(request, _("Your conflict of interest is stated: cases of this applicant go to others."))
    return redirect("desk:queue")


@page("POST", Role.SUPERVISOR, of="team")
def end(request: HttpRequest) -> HttpResponse:
    key = request.POST.get("conflict", "")
    known = int(key) if key.isascii() and key.isdigit() and len(key) <= DIGITS else 0
    ended = end_conflict(known, by=person(request))
    words = _("The conflict of interest of %(person)s is ended.") % {"person": ended.person.display_name}
    messages.success(request, words)
    return redirect("desk:team")
