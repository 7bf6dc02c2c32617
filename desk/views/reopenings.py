"""Opening a decided case again: asking for it on the case, answering it in the sign-off list."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from cases.errors import BadDecision
from cases.models import Reopening
from cases.reopening import answer_reopening, ask_reopening
from cases.states import Role
from desk.access import case_for, page, person
from desk.build.signoff_list import signoff_list_page
from desk.pages import Problem
from desk.posted import number_of
from desk.views.case import case_url, view_of


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="case")
def ask(request: HttpRequest, ref: str) -> HttpResponse:
    case = case_for(request, ref)
    ask_reopening(case.pk, by=person(request), reason=request.POST.get("reason", ""))
    messages.success(request, _("A supervisor is asked to open %(ref)s again.") % {"ref": case.ref})
    return redirect(case_url(case, view_of(request)))


@page("POST", Role.SUPERVISOR, of="signoff_list")
def answer(request: HttpRequest) -> HttpResponse:
    posted, key = request.POST, request.POST.get("reopening", "")
    try:
        answered = answer_reopening(
            number_of(key),
            by=person(request),
            verdict=posted.get("verdict", ""),
            note=posted.get("note", ""),
        )
    except BadDecision as refusal:
        shown = signoff_list_page(request, person(request), problem=Problem(refusal.field, str(refusal)))
        return render(request, "desk/signoff_list.html", {"page": shown}, status=422)
    opened = answered.verdict == Reopening.Verdict.APPROVE
    words = _("%(ref)s is open again.") if opened else _("%(ref)s stays as it was decided.")
    messages.success(request, words % {"ref": answered.case.ref})
    return redirect("desk:signoff_list")
