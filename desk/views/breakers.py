"""The circuit breakers of models: which are open and why, closing one by two persons, what was decided meanwhile."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.errors import BadDecision
from cases.second_looks import without_looks_in_hand
from cases.states import Role
from desk.access import page, person
from desk.build.breakers import affected_row, breaker_row, rule_fields, step_line
from desk.pages.monitoring import BreakerPage, BreakersPage
from desk.pages.shared import Problem
from desk.words import number, when
from routing.breaker_life import CLOSES, answer_closing, ask_closing, find_breaker
from routing.pulling_back import affected, asked_back, open_pulled_back, pull_back
from scoring.breaker_rules import BOUNDS, rules_in_force, set_breaker_rules
from scoring.models import Breaker

OFFICE: Final = (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
SHOWN: Final = 50
WHOLE: Final = ("within_cases", "own_cases", "dwell_minutes", "trial_cases")


@page("GET", *OFFICE)
def breakers(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/breakers.html", {"page": _list(request)})


@page("POST", Role.ADMIN, of="breakers")
def breaker_rules(request: HttpRequest) -> HttpResponse:
    try:
        set_breaker_rules(by=person(request), reason=request.POST.get("reason", ""), changes=_typed(request))
    except BadDecision as refusal:
        shown = _list(request, Problem(refusal.field, str(refusal)))
        return render(request, "desk/breakers.html", {"page": shown}, status=422)
    messages.success(request, _("The new rules are in force."))
    return redirect("desk:breakers")


def _typed(request: HttpRequest) -> dict[str, Any]:
    """The rules as they were typed. Raises BadDecision naming the field that cannot be read."""
    typed = request.POST
    values: dict[str, Any] = {name: typed.getlist(name) for name in ("opens_on", "dimensions")}
    values |= {"is_on": typed.get("is_on") == "on", "when_open": typed.get("when_open", "")}
    for name in BOUNDS:
        try:
            values[name] = int(typed.get(name, "")) if name in WHOLE else float(typed.get(name, ""))
        except ValueError:
            raise BadDecision(name, _("Enter a number.")) from None
    return values


def _list(request: HttpRequest, problem: Problem | None = None) -> BreakersPage:
    found = Breaker.objects.select_related("model").order_by("-id")
    typed = dict(request.POST.lists()) if problem else None
    return BreakersPage(
        rows=tuple(breaker_row(each) for each in found.exclude(state=Breaker.State.CLOSED)[:SHOWN]),
        closed=tuple(breaker_row(each) for each in found.filter(state=Breaker.State.CLOSED)[:SHOWN]),
        list_url=reverse("desk:monitoring"),
        fields=rule_fields(rules_in_force(), typed),
        set_url=reverse("desk:breaker_rules") if person(request).role == Role.ADMIN else "",
        reason=request.POST.get("reason", "") if problem else "",
        problems=(problem,) if problem else (),
    )


@page("GET", *OFFICE)
def breaker(request: HttpRequest, breaker_id: int) -> HttpResponse:
    return render(request, "desk/breaker.html", {"page": _page(request, breaker_id)})


@page("POST", *CLOSES, of="breaker")
def breaker_ask(request: HttpRequest, breaker_id: int) -> HttpResponse:
    try:
        new_usual = request.POST.get("new_usual") == "on"
        ask_closing(breaker_id, by=person(request), reason=request.POST.get("reason", ""), new_usual=new_usual)
    except BadDecision as refusal:
        return _refused(request, breaker_id, refusal)
    messages.success(request, _("Half open: a second person must sign."))
    return redirect("desk:breaker", breaker_id=breaker_id)


@page("POST", *CLOSES, of="breaker")
def breaker_answer(request: HttpRequest, breaker_id: int) -> HttpResponse:
    closes = request.POST.get("verdict") == "close"
    try:
        answer_closing(breaker_id, by=person(request), closes=closes, note=request.POST.get("note", ""))
    except BadDecision as refusal:
        return _refused(request, breaker_id, refusal)
    done = _("The breaker is closed: the machine decides again.") if closes else _("The breaker is open again.")
    messages.success(request, done)
    return redirect("desk:breaker", breaker_id=breaker_id)


@page("POST", Role.SUPERVISOR, of="breaker")
def breaker_pull(request: HttpRequest, breaker_id: int) -> HttpResponse:
    try:
        only = request.POST.get("all") != "on"
        found = pull_back(
            breaker_id, by=person(request), reason=request.POST.get("pull_reason", ""), approved_only=only
        )
    except BadDecision as refusal:
        return _refused(request, breaker_id, BadDecision("pull_reason", str(refusal)))
    words = ngettext(
        "%(n)s decision is asked back; another supervisor opens it again.",
        "%(n)s decisions are asked back; another supervisor opens them again.",
        found.done,
    )
    messages.success(request, words % {"n": number(found.done)})
    return redirect("desk:breaker", breaker_id=breaker_id)


@page("POST", Role.SUPERVISOR, of="breaker")
def breaker_open(request: HttpRequest, breaker_id: int) -> HttpResponse:
    found = open_pulled_back(breaker_id, by=person(request))
    words = _("%(n)s cases wait on top of the queue; %(refused)s were refused (asked by yourself, or changed since).")
    refused = number(sum(found.refused.values()))
    messages.success(request, words % {"n": number(found.done), "refused": refused})
    return redirect("desk:breaker", breaker_id=breaker_id)


def _refused(request: HttpRequest, breaker_id: int, refusal: BadDecision) -> HttpResponse:
    shown = _page(request, breaker_id, Problem(refusal.field, str(refusal)))
    return render(request, "desk/breaker.html", {"page": shown}, status=422)


def _page(request: HttpRequest, breaker_id: int, problem: Problem | None = None) -> BreakerPage:
    found, user, rules = find_breaker(breaker_id), person(request), rules_in_force()
    decided = affected(found)
    rows = list(without_looks_in_hand(decided, user).order_by("-pk")[:SHOWN])
    waiting, closes = asked_back(found).count(), user.role in CLOSES
    asked = found.asked_by.display_name if found.asked_by else ""

    def to(name: str, *, shown: bool) -> str:
        return reverse(f"desk:{name}", args=[found.pk]) if shown else ""

    return BreakerPage(
        row=breaker_row(found),
        list_url=reverse("desk:breakers"),
        asked=_("%(person)s asked to close it at %(time)s") % {"person": asked, "time": when(found.asked_at)}
        if asked
        else "",
        reason=found.reason,
        trial=_("%(seen)s of %(needed)s cases have gone by without a sign")
        % {"seen": number(found.trial_seen), "needed": number(rules.trial_cases)},
        affected=tuple(affected_row(case) for case in rows),
        affected_words=_("%(n)s decided by the machine since the first sign") % {"n": number(decided.count())},
        waiting_words=_("%(n)s asked back wait for another supervisor") % {"n": number(waiting)} if waiting else "",
        steps=tuple(step_line(step) for step in found.steps.select_related("actor").order_by("-id")[:SHOWN]),
        ask_url=to("breaker_ask", shown=closes and found.state == Breaker.State.OPEN),
        answer_url=to(
            "breaker_answer",
            shown=closes and found.state == Breaker.State.HALF_OPEN and found.asked_by_id != user.pk,
        ),
        pull_url=to("breaker_pull", shown=user.role == Role.SUPERVISOR and bool(rows)),
        open_url=to("breaker_open", shown=user.role == Role.SUPERVISOR and bool(waiting)),
        typed=request.POST.get(problem.field, "") if problem else "",
        problems=(problem,) if problem else (),
    )
