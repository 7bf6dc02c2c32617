"""The team board: load, ageing, pace and agreement; handing cases over, and evening out what people were handed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.desk_rules import rules_in_force
from cases.errors import BadDecision
from cases.models import Case, User
from cases.office import midnight
from cases.placing import MOST_PLACED, Placed, free_cases, hand_over_cases
from cases.states import Role
from cases.team import PersonFigures, cases_handed_to, person_figures, queue_figures
from desk.access import page, person
from desk.build.staff import Staff, read_staff
from desk.build.team import (
    age_swatches,
    calendar_days,
    calendar_rows,
    conflict_rows,
    load_swatches,
    member_rows,
    moved_words,
    queue_lines,
    team_figures,
)
from desk.pages import Problem
from desk.pages.team import Choice, ShiftRow, TeamPage
from desk.posted import number_of
from desk.words import when
from routing.assigning import USUAL_MINUTES
from routing.balance import Bench, HandedCase, Shift, balance

SPANS: Final = {"1": gettext_lazy("today"), "7": gettext_lazy("7 days"), "30": gettext_lazy("30 days")}
USUAL_SPAN: Final = "7"


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def team(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/team.html", {"page": _page(request)})


@page("POST", Role.SUPERVISOR, of="team")
def hand_over(request: HttpRequest) -> HttpResponse:
    """Give what somebody was handed to somebody else, or free it for all."""
    posted, by = request.POST, person(request)
    # What was handed to somebody who works here no more is taken from them all the same.
    origin = User.objects.filter(pk=number_of(posted.get("person", ""))).first()
    to = _person(posted.get("to", ""))
    try:
        if origin is None:
            raise BadDecision("person", _("Choose whose cases are handed over."))
        cases = [each.case_id for each in cases_handed_to().get(origin.pk, ())][:MOST_PLACED]
        reason = posted.get("reason", "")
        placed = hand_over_cases(cases, by=by, to=to, reason=reason) if to else free_cases(cases, by=by, reason=reason)
    except BadDecision as refusal:
        return _refused(request, refusal)
    _tell(request, placed)
    return redirect("desk:team")


@page("POST", Role.SUPERVISOR, of="team")
def even_out(request: HttpRequest) -> HttpResponse:
    """Make the moves that even out how full the days are."""
    by, reason = person(request), request.POST.get("reason", "")
    staff, figures = read_staff(with_loads=False), person_figures(midnight(), rules_in_force())
    people = {user.pk: user for user in staff.people}
    by_person: dict[int, list[int]] = {}
    for shift in _shifts(staff, figures):
        by_person.setdefault(shift.to, []).append(shift.case)
    try:
        if not by_person:
            raise BadDecision("", _("The days are as even as they can be."))
        placed = [
            each
            for to, cases in by_person.items()
            for start in range(0, len(cases), MOST_PLACED)
            for each in hand_over_cases(cases[start : start + MOST_PLACED], by=by, to=people[to], reason=reason)
        ]
    except BadDecision as refusal:
        return _refused(request, refusal)
    _tell(request, placed)
    return redirect("desk:team")


def _tell(request: HttpRequest, placed: list[Placed]) -> None:
    done = sum(not each.refusal for each in placed)
    messages.success(request, ngettext("%(n)s case is placed.", "%(n)s cases are placed.", done) % {"n": done})
    for each in placed:
        if each.refusal:
            messages.warning(request, f"CR-{each.case_id}: {each.refusal}")


def _refused(request: HttpRequest, refusal: BadDecision) -> HttpResponse:
    shown = _page(request, Problem(refusal.field, str(refusal)))
    return render(request, "desk/team.html", {"page": shown}, status=422)


def _person(text: str) -> User | None:
    return User.objects.filter(pk=number_of(text), is_active=True).first()


def _shifts(staff: Staff, figures: Mapping[int, PersonFigures]) -> list[Shift]:
    """What evening out would move, by the duties of today."""
    handed = cases_handed_to()
    on_duty = {each.person_id: each for each in staff.on_duty[timezone.localdate()]}
    benches = []
    for user in staff.people:
        duty, mine = on_duty.get(user.pk), figures.get(user.pk, PersonFigures())
        cases = [HandedCase(each.case_id, each.product, each.excluded) for each in handed.get(user.pk, ())]
        if duty is None and not cases:
            continue
        looks = int(duty.minutes / USUAL_MINUTES) if duty else 0
        if duty and duty.most_cases is not None:
            looks = min(looks, duty.most_cases)
        products = duty.products if duty else None
        benches.append(Bench(user.pk, looks, mine.decided_today + mine.held, products, cases))
    return balance(benches)


def _page(request: HttpRequest, problem: Problem | None = None) -> TeamPage:
    user, rules, staff = person(request), rules_in_force(), read_staff(with_loads=False)
    span = request.GET.get("days", USUAL_SPAN)
    span = span if span in SPANS else USUAL_SPAN
    since = midnight() - timedelta(days=int(span) - 1)
    figures, queues = person_figures(since, rules), queue_figures(rules)
    shifts = _shifts(staff, figures)
    names = {each.pk: each.display_name for each in staff.people}
    chosen = request.POST.get("person", "")
    return TeamPage(
        as_of=when(timezone.now()),
        since_words=_("since %(time)s") % {"time": when(since)},
        spans=tuple(Choice(key, str(words), key == span) for key, words in SPANS.items()),
        figures=team_figures(figures, queues),
        swatches=load_swatches(),
        members=member_rows(staff, figures, movable={key: each.assigned for key, each in figures.items()}),
        age_words=age_swatches(),
        lines=queue_lines(queues),
        days=calendar_days(rules),
        calendar=calendar_rows(staff, rules),
        may_change=user.role == Role.SUPERVISOR,
        url=reverse("desk:team"),
        capacity_url=reverse("desk:capacity"),
        overrides_url=reverse("desk:overrides"),
        reviewers_url=reverse("desk:reviewers"),
        reveals_url=reverse("desk:reveals"),
        hand_over_url=reverse("desk:hand_over"),
        balance_url=reverse("desk:even_out"),
        end_conflict_url=reverse("desk:end_conflict"),
        conflicts=conflict_rows(user),
        people=tuple(Choice(str(key), name, str(key) == chosen) for key, name in names.items()),
        shifts=tuple(
            ShiftRow(Case(pk=each.case).ref, reverse("desk:case", args=[Case(pk=each.case).ref]), names[each.origin],
                     names[each.to])
            for each in shifts
        ),
        shifts_words=moved_words(len(shifts)) if shifts else "",
        reason=request.POST.get("reason", "") if problem else "",
        problems=(problem,) if problem else (),
    )  # fmt: skip
