"""The life of a version: proposed with its replay, approved by a second person, returned, rolled back, exploring."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from cases.errors import BadDecision, CaseNotFound
from cases.office import OFFICE
from cases.states import Role
from desk.access import page, person
from desk.build.policy_approval import approval_page
from desk.build.policy_list import version_name
from desk.build.policy_replay import BadPeriod, period_of, replay
from desk.pages import Problem
from desk.pages.policies import SimulationPage
from desk.views.policies import READERS, form_posted, version_of
from desk.words import when
from routing.exploring import ask_exploration, sign_exploration, stop_exploration
from routing.in_force import roll_back_policy
from routing.models import Exploration, Policy
from routing.publication import approve_policy, propose_policy, return_policy
from routing.terms import Terms

APPROVERS: Final = (Role.SUPERVISOR, Role.ADMIN)


@page("POST", Role.ADMIN, of="policy")
def propose(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Replay the stored terms over the chosen period, freeze that, and propose."""
    version, form = version_of(policy_id), form_posted(request)
    try:
        since, until = period_of(form, version.product)
    except BadPeriod as refusal:
        raise BadDecision(refusal.problem.field, refusal.problem.words) from refusal
    found = replay(Terms.from_dict(version.terms), version, since, until)
    if isinstance(found, SimulationPage):
        messages.warning(request, _("The past cases are not read yet. Propose again when the replay is shown."))
        return redirect("desk:policy", policy_id=version.pk)
    propose_policy(version.pk, by=person(request), simulation=found, note=form.get("note", ""))
    messages.success(request, _("Proposed. A second person has to approve it."))
    return redirect("desk:policy", policy_id=version.pk)


@page("POST", *APPROVERS, of="policy")
def send_back(request: HttpRequest, policy_id: int) -> HttpResponse:
    return_policy(policy_id, by=person(request), note=request.POST.get("reason", ""))
    messages.success(request, _("Returned to its drafters."))
    return redirect("desk:policy", policy_id=policy_id)


@page("POST", *APPROVERS, of="policy")
def roll_back(request: HttpRequest, policy_id: int) -> HttpResponse:
    version = version_of(policy_id)
    roll_back_policy(version.product, to=version.pk, by=person(request), reason=request.POST.get("reason", ""))
    messages.success(request, _("%(version)s is in force again.") % {"version": version_name(version)})
    return redirect("desk:policy", policy_id=policy_id)


def approval(request: HttpRequest, policy_id: int) -> HttpResponseBase:
    """What is to be ticked, and the approval itself."""
    return (_approve if request.method == "POST" else _approval)(request, policy_id)


@page("GET", *READERS)
def _approval(request: HttpRequest, policy_id: int) -> HttpResponse:
    version = version_of(policy_id)
    if version.status != Policy.Status.PROPOSED:
        return redirect("desk:policy", policy_id=version.pk)
    return render(request, "desk/policy_approval.html", {"page": approval_page(version, person(request))})


@page("POST", *APPROVERS)
def _approve(request: HttpRequest, policy_id: int) -> HttpResponse:
    version, form, ticked = version_of(policy_id), form_posted(request), request.POST.getlist("ticked")
    try:
        approved = approve_policy(
            version.pk,
            by=person(request),
            simulation_sha256=form.get("simulation_sha256", ""),
            ticked=ticked,
            starts_at=_starts_at(form.get("starts_at", "")) if form.get("start") == "later" else None,
            note=form.get("note", ""),
        )
    except BadDecision as refusal:
        shown = approval_page(
            version,
            person(request),
            ticked=ticked,
            note=form.get("note", ""),
            starts_at=form.get("starts_at", ""),
            problems=[Problem(refusal.field, str(refusal))],
        )
        return render(request, "desk/policy_approval.html", {"page": shown}, status=422)
    if approved.status == Policy.Status.ACTIVE:
        messages.success(request, _("%(version)s is in force.") % {"version": version_name(version)})
    else:
        told = {"version": version_name(version), "at": when(approved.starts_at)}
        messages.success(request, _("%(version)s comes into force at %(at)s.") % told)
    return redirect("desk:policy", policy_id=version.pk)


def _starts_at(text: str) -> datetime:
    """A time on the office clock. Raises BadDecision where it is none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=OFFICE)
    except ValueError as problem:
        raise BadDecision("starts_at", _("A date and a time are expected.")) from problem


@page("POST", *APPROVERS, of="policy")
def exploration(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Ask for a budget, sign it, or stop."""
    version, act, by = version_of(policy_id), request.POST.get("act", ""), person(request)
    if act == "ask":
        ask_exploration(version.pk, by=by, budget=_amount(request.POST.get("budget", "")))
        messages.success(request, _("Asked for. A supervisor has to sign it."))
    else:
        asked = Exploration.objects.filter(policy=version).first()
        if asked is None:
            raise CaseNotFound(_("There is no such exploration."))
        if act == "sign":
            sign_exploration(asked.pk, by=by, seen_budget=_amount(request.POST.get("seen", "")))
            messages.success(request, _("Signed: the machine may spend the budget."))
        else:
            stop_exploration(asked.pk, by=by, reason=request.POST.get("reason", ""))
            messages.success(request, _("Exploration is stopped."))
    return redirect("desk:policy", policy_id=version.pk)


def _amount(text: str) -> Decimal:
    try:
        return round(Decimal(text.replace(",", "").strip()), 2)
    except (InvalidOperation, ValueError) as problem:
        raise BadDecision("budget", _("A number is expected.")) from problem
