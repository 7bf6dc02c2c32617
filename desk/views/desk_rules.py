"""The rules of the desk: read by those who look after it, set by an administrator as a new version."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.desk_rules import rules_in_force, set_desk_rules
from cases.errors import BadDecision
from cases.models import DeskRules
from cases.states import Role
from desk.access import page, person
from desk.build.desk_rules import read_rules, rule_fields, rules_versions
from desk.pages import Problem
from desk.pages.team import DeskRulesPage


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def desk_rules(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/desk_rules.html", {"page": _page(request)})


@page("POST", Role.ADMIN, of="desk_rules")
def set_rules(request: HttpRequest) -> HttpResponse:
    try:
        set_desk_rules(
            by=person(request), reason=request.POST.get("reason", ""), changes=read_rules(request.POST.dict())
        )
    except BadDecision as refusal:
        shown = _page(request, Problem(refusal.field, str(refusal)))
        return render(request, "desk/desk_rules.html", {"page": shown}, status=422)
    messages.success(request, _("The new rules are in force."))
    return redirect("desk:desk_rules")


def _page(request: HttpRequest, problem: Problem | None = None) -> DeskRulesPage:
    return DeskRulesPage(
        fields=rule_fields(rules_in_force(), request.POST.dict() if problem else None),
        versions=rules_versions(list(DeskRules.objects.select_related("set_by"))),
        may_change=person(request).role == Role.ADMIN,
        action_url=reverse("desk:set_rules"),
        reason=request.POST.get("reason", "") if problem else "",
        problems=(problem,) if problem else (),
    )
