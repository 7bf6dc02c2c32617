"""Letting go of a case without deciding it: escalate, transfer, set aside, skip, or stand aside because of a
conflict of interest. Each is a dialog, or a page of its own where there is no script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from cases import passing_on
from cases.claiming import open_claim
from cases.conflicts import state_conflict
from cases.desk_rules import rules_in_force
from cases.errors import BadDecision, CaseError, NothingToClaim
from cases.models import Case, Skip, User
from cases.office import OFFICE
from cases.states import Role
from cases.working_time import next_working_day
from desk.access import case_for, methods, page, person
from desk.build.deciding import ASIDE, changes_since
from desk.next_case import claim_in_view, nothing_words
from desk.pages import Problem
from desk.pages.deciding import PassOnPage
from desk.pages.lists import Option
from desk.posted import number_of
from desk.views.case import case_url, view_of
from desk.views.deciding import TOO_LATE

MINUTE: Final = "%Y-%m-%dT%H:%M"
MORNING: Final = time(9)
NO_TIME: Final = datetime(1970, 1, 1, tzinfo=OFFICE)


@dataclass(frozen=True)
class Way:
    """One way out: its words, and what it does with the posted form."""

    title: Promise
    lead: Promise
    confirm: Promise
    done: Promise
    act: Callable[[Case, User, Mapping[str, str], int], Case]


def _escalate(case: Case, user: User, form: Mapping[str, str], version: int) -> Case:
    return passing_on.escalate_case(case.pk, by=user, note=form["note"], seen_version=version)


def _transfer(case: Case, user: User, form: Mapping[str, str], version: int) -> Case:
    to_id = number_of(form["to"])
    return passing_on.transfer_case(case.pk, by=user, to_id=to_id, note=form["note"], seen_version=version)


def _snooze(case: Case, user: User, form: Mapping[str, str], version: int) -> Case:
    until = _time(form["until"])
    return passing_on.snooze_case(case.pk, by=user, until=until, note=form["note"], seen_version=version)


def _skip(case: Case, user: User, form: Mapping[str, str], version: int) -> Case:
    return passing_on.skip_case(case.pk, by=user, why=form["why"], note=form["note"], seen_version=version)


def _recuse(case: Case, user: User, form: Mapping[str, str], version: int) -> Case:
    """What is stated about oneself holds at whatever version of the case."""
    try:
        state_conflict(case.pk, by=user, reason=form["note"])
    except BadDecision as refusal:
        raise BadDecision("note", str(refusal)) from refusal
    return case


WAYS: Final[Mapping[str, Way]] = {
    "escalate": Way(
        _("Escalate to a supervisor"),
        _("The case goes on top of the supervisors' queue; only a supervisor can take it then."),
        _("Escalate"),
        _("%(ref)s is with the supervisors."),
        _escalate,
    ),
    "transfer": Way(
        _("Transfer to another person"),
        _("The case is kept for that person, on top of what they see."),
        _("Transfer"),
        _("%(ref)s is transferred."),
        _transfer,
    ),
    "snooze": Way(
        _("Set aside until later"),
        _("The case rests until then, at most 30 days, and comes back to you. Its due time stays."),
        _("Set aside"),
        _("%(ref)s is set aside."),
        _snooze,
    ),
    "skip": Way(
        _("Skip this case"),
        _("The case goes back to its place for somebody else; you are not offered it again for a day."),
        _("Skip"),
        _("%(ref)s is skipped."),
        _skip,
    ),
    ASIDE: Way(
        _("Conflict of interest"),
        _(
            "The case goes back to its place for somebody else. No case of this applicant is offered to you, and you"
            " neither decide nor sign one, until another supervisor ends the conflict."
        ),
        _("State the conflict"),
        _("Your conflict of interest is stated: cases of this applicant go to others."),
        _recuse,
    ),
}


@methods("GET", "HEAD", "POST", of="case")
def pass_on(request: HttpRequest, ref: str, way: str) -> HttpResponseBase:
    return _send(request, ref, way) if request.method == "POST" else _form(request, ref, way)


@page("GET", Role.REVIEWER, Role.SUPERVISOR, of="case")
def _form(request: HttpRequest, ref: str, way: str) -> HttpResponse:
    """The form; only whoever holds the case gets it, others are shown the case."""
    case = case_for(request, ref)
    try:
        open_claim(case, by=person(request))
    except CaseError:
        if request.htmx:  # type: ignore[attr-defined]
            raise
        return redirect(case_url(case, view_of(request)))
    return _shown(request, case, way)


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="case")
def _send(request: HttpRequest, ref: str, way: str) -> HttpResponse:
    """Let go of the case, and on to the next; what is refused comes back with what was typed."""
    case, user, seen = case_for(request, ref), person(request), number_of(request.POST.get("version", ""))
    form = {name: request.POST.get(name, "") for name in ("note", "to", "until", "why")}
    try:
        WAYS[way].act(case, user, form, seen)
    except BadDecision as refusal:
        return _shown(request, case, way, problems=[Problem(refusal.field, str(refusal))], status=422)
    except TOO_LATE as refusal:
        now = case_for(request, ref)
        problems = [Problem("", str(refusal))]
        return _shown(request, now, way, problems=problems, changed=changes_since(now, seen, user), status=409)
    return _next(request, user, case, str(WAYS[way].done) % {"ref": case.ref})


def _next(request: HttpRequest, user: User, case: Case, done: str) -> HttpResponse:
    view = view_of(request)
    url = case_url(case, view)
    if user.goes_on:
        try:
            url = case_url(claim_in_view(user, view), view)
        except NothingToClaim as nothing:
            done = format_html("{} {}", done, nothing_words(nothing))
            url = f"{reverse('desk:queue')}?{urlencode({'view': view})}"
    messages.success(request, done)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def _shown(
    request: HttpRequest,
    case: Case,
    way: str,
    *,
    problems: Sequence[Problem] = (),
    changed: tuple[str, ...] = (),
    status: int = 200,
) -> HttpResponse:
    user, view, words, posted = person(request), view_of(request), WAYS[way], request.POST
    now = timezone.now().astimezone(OFFICE)
    shown = PassOnPage(
        title=str(words.title),
        lead=str(words.lead),
        confirm=str(words.confirm),
        ref=case.ref,
        case_url=case_url(case, view),
        action_url=reverse(f"desk:{way}", args=[case.ref]),
        version=case.version,
        view=view,
        asks_person=way == "transfer",
        people=_people(case, user, posted.get("to", "")) if way == "transfer" else (),
        reasons=_reasons(posted.get("why", "")) if way == "skip" else (),
        until=posted.get("until", _next_morning(now)) if way == "snooze" else "",
        until_least=now.strftime(MINUTE),
        until_most=(now + passing_on.SNOOZE_MOST).strftime(MINUTE),
        note=posted.get("note", ""),
        note_needed=way != "skip",
        changed=changed,
        problems=tuple(problems),
    )
    htmx = request.htmx  # type: ignore[attr-defined]
    response = render(request, f"desk/pass_on.html{'#panel' if htmx else ''}", {"page": shown}, status=status)
    if htmx and status == CaseError.status:
        # Refusals go to the toasts; this one keeps what was typed in its dialog.
        response["HX-Retarget"], response["HX-Reswap"] = "#panel", "innerHTML"
    return response


def _people(case: Case, user: User, chosen: str) -> tuple[Option, ...]:
    people = passing_on.people_for(case, by=user)
    return tuple(
        Option(str(each.pk), f"{each.display_name} · {each.get_role_display()}", str(each.pk) == chosen)
        for each in people
    )


def _reasons(chosen: str) -> tuple[Option, ...]:
    return tuple(Option(why.value, str(why.label), why.value == chosen) for why in Skip.Why)


def _next_morning(now: datetime) -> str:
    """When a case that rests usually comes back: on the next working day, by the clock of the office."""
    day = next_working_day(now.date(), rules_in_force().holiday_country)
    return datetime.combine(day, MORNING, OFFICE).strftime(MINUTE)


def _time(text: str) -> datetime:
    """A typed time on the office clock; long past, which is refused, for anything else."""
    try:
        return datetime.strptime(text, MINUTE).replace(tzinfo=OFFICE)
    except ValueError:
        return NO_TIME
