"""Pens that are given away for some days: who signs for whom, giving one, and taking it back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.delegating import end_delegation, give_pen, may_hold, standing_delegations
from cases.errors import BadDecision
from cases.models import Delegation, User
from cases.office import OFFICE
from cases.states import Role
from desk.access import page, person
from desk.pages import DelegationForm, DelegationRow, DelegationsPage, PersonOption, Problem
from desk.posted import number_of
from desk.words import day

PAST: Final = 20


@page("GET")
def delegations(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/delegations.html", {"page": _page(request)})


@page("POST", Role.SUPERVISOR, of="delegations")
def give(request: HttpRequest) -> HttpResponse:
    posted = request.POST
    try:
        given = give_pen(
            by=person(request),
            holder_id=number_of(posted.get("holder", "")),
            first_day=_day(posted.get("first_day", ""), "first_day"),
            last_day=_day(posted.get("last_day", ""), "last_day"),
            reason=posted.get("reason", ""),
        )
    except BadDecision as refusal:
        shown = _page(request, Problem(refusal.field, str(refusal)))
        return render(request, "desk/delegations.html", {"page": shown}, status=422)
    messages.success(request, _("%(person)s signs for you.") % {"person": given.holder.display_name})
    return redirect("desk:delegations")


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="delegations")
def end(request: HttpRequest) -> HttpResponse:
    try:
        end_delegation(number_of(request.POST.get("delegation", "")), by=person(request))
    except BadDecision as refusal:
        shown = _page(request, Problem("", str(refusal)))
        return render(request, "desk/delegations.html", {"page": shown}, status=422)
    messages.success(request, _("The delegation is ended."))
    return redirect("desk:delegations")


def _day(text: str, field: str) -> date:
    try:
        found = parse_date(text.strip())
    except ValueError:
        found = None
    if found is None:
        raise BadDecision(field, _("Enter a day, such as 2026-11-28."))
    return found


def _page(request: HttpRequest, problem: Problem | None = None) -> DelegationsPage:
    user, standing = person(request), list(standing_delegations())
    past = Delegation.objects.exclude(pk__in=[each.pk for each in standing]).select_related("giver", "holder")
    return DelegationsPage(
        rows=tuple(_row(each, user) for each in standing),
        past=tuple(_row(each, user) for each in past.order_by("-id")[:PAST]),
        list_url=reverse("desk:signoff_list"),
        end_url=reverse("desk:end_delegation"),
        form=_form(request, user, problem) if user.role == Role.SUPERVISOR else None,
        problems=(problem,) if problem else (),
    )


def _row(each: Delegation, user: User) -> DelegationRow:
    now = timezone.now()
    ended = each.ended_at or (each.ends_at if each.ends_at <= now else None)
    holds = ended is None and each.starts_at <= now
    standing = pgettext("delegation", "in force") if holds else _("not begun yet")
    state = _("ended %(day)s") % {"day": day(ended)} if ended else standing
    end_words = {each.giver_id: _("Take it back"), each.holder_id: _("Lay it down")}.get(user.pk, "")
    last = each.ends_at - timedelta(seconds=1)
    return DelegationRow(
        key=str(each.pk),
        giver=each.giver.display_name,
        holder=each.holder.display_name,
        days=_("%(first)s to %(last)s") % {"first": day(each.starts_at), "last": day(last)},
        reason=each.reason,
        state=state,
        holds=holds,
        end_words="" if ended else end_words,
    )


def _form(request: HttpRequest, user: User, problem: Problem | None) -> DelegationForm:
    posted = request.POST.dict() if problem else {}
    today = timezone.now().astimezone(OFFICE).date().isoformat()
    people = [
        PersonOption(
            str(each.pk), f"{each.display_name} · {each.get_role_display()}", posted.get("holder") == str(each.pk)
        )
        for each in may_hold(user)
    ]
    return DelegationForm(
        action_url=reverse("desk:give_pen"),
        people=tuple(people),
        first_day=posted.get("first_day", today),
        last_day=posted.get("last_day", ""),
        reason=posted.get("reason", ""),
        earliest=today,
    )
