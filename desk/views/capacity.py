"""Who is there to look: stating hours and absences, and what they do not cover."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from cases.errors import BadDecision
from cases.models import User
from cases.states import Role
from desk.access import page, person
from desk.build.places import capacities, places_card, read_days
from desk.build.staff import absence_form, duty_form, person_rows, read_staff
from desk.pages import CapacityPage, Problem
from desk.posted import number_of
from desk.words import when
from routing.duty import STATERS, end_absence, state_absence, state_duty
from routing.models import Policy


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def capacity(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/capacity.html", {"page": _page(request, request.GET.get("person", ""))})


@page("POST", Role.SUPERVISOR, Role.ADMIN, of="capacity")
def duty(request: HttpRequest) -> HttpResponse:
    posted = request.POST
    try:
        stated = state_duty(
            number_of(posted.get("person", "")),
            by=person(request),
            hours_a_day=_hours(posted.get("hours_a_day", "")),
            most_cases_a_day=_most(posted.get("most_cases_a_day", "")),
            products=posted.getlist("products"),
        )
    except BadDecision as refusal:
        return _refused(request, refusal)
    messages.success(request, _("The duty of %(person)s is stated.") % {"person": stated.person.display_name})
    return redirect("desk:capacity")


@page("POST", Role.SUPERVISOR, Role.ADMIN, of="capacity")
def absence(request: HttpRequest) -> HttpResponse:
    posted = request.POST
    try:
        stated = state_absence(
            number_of(posted.get("person", "")),
            by=person(request),
            first_day=_day(posted.get("first_day", ""), "first_day"),
            last_day=_day(posted.get("last_day", ""), "last_day"),
            reason=posted.get("reason", ""),
        )
    except BadDecision as refusal:
        return _refused(request, refusal)
    messages.success(request, _("The absence of %(person)s is stated.") % {"person": stated.person.display_name})
    return redirect("desk:capacity")


@page("POST", Role.SUPERVISOR, Role.ADMIN, of="capacity")
def back(request: HttpRequest) -> HttpResponse:
    """The person is back, or will not be away."""
    end_absence(number_of(request.POST.get("absence", "")), by=person(request))
    messages.success(request, _("The absence is ended."))
    return redirect("desk:capacity")


def _refused(request: HttpRequest, refusal: BadDecision) -> HttpResponse:
    shown = _page(request, request.POST.get("person", ""), Problem(refusal.field, str(refusal)))
    return render(request, "desk/capacity.html", {"page": shown}, status=422)


def _hours(text: str) -> Decimal:
    try:
        return Decimal(text.strip())
    except InvalidOperation as error:
        raise BadDecision("hours_a_day", _("Enter a number of hours, such as 6 or 6.5.")) from error


def _most(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    most = number_of(text)
    if most < 0:
        raise BadDecision("most_cases_a_day", _("Enter a whole number, or leave it empty for no limit."))
    return most


def _day(text: str, field: str) -> date:
    try:
        found = parse_date(text.strip())
    except ValueError:
        found = None
    if found is None:
        raise BadDecision(field, _("Enter a day, such as 2026-11-28."))
    return found


def _page(request: HttpRequest, wanted: str, problem: Problem | None = None) -> CapacityPage:
    """The page; with the forms of the person whose key is `wanted`, for whoever may change something."""
    staff, may_change = read_staff(), person(request).role in STATERS
    policies = list(Policy.objects.filter(status=Policy.Status.ACTIVE).order_by("product"))
    known = capacities(policies)
    minutes_of = {product: each.minutes_a_look for product, each in known.items() if each}
    days, products = read_days(), set(known)
    chosen = next((user for user in staff.people if may_change and user.pk == number_of(wanted)), None)
    posted = request.POST.dict() if problem else {}
    ticked = request.POST.getlist("products") if problem and "hours_a_day" in posted else None
    return CapacityPage(
        as_of=when(timezone.now()),
        people=person_rows(staff, minutes_of, may_change=may_change),
        cards=tuple(places_card(product, each, staff, days, products) for product, each in known.items()),
        may_change=may_change,
        url=reverse("desk:capacity"),
        end_url=reverse("desk:end_absence"),
        person=chosen.display_name if chosen else "",
        person_key=str(chosen.pk) if chosen else "",
        duty=duty_form(staff.duties.get(chosen.pk), posted, ticked) if chosen else None,
        absence=absence_form(posted) if chosen else None,
        problems=_shown(problem, chosen),
    )


def _shown(problem: Problem | None, chosen: User | None) -> tuple[Problem, ...]:
    """The refusal at its field, or above the page where the form of nobody we know was sent."""
    if problem is None:
        return ()
    return (problem if chosen is not None and problem.field != "person" else Problem("", problem.words),)
