"""Applicants that may be one, and saying whether they are."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases.errors import BadDecision
from cases.revealing import reveal_applicants
from cases.states import Role
from desk.access import page, person
from desk.build.linkage import STATES, WITHOUT_EFFECT, link_rows, newest_cases
from desk.keyset import after, cursor_of
from desk.pages.linkage import LinksPage
from desk.pages.shared import Problem
from desk.posted import number_of
from desk.views.doors import next_of
from desk.words import number
from intake.models import ApplicantLink
from intake.people.linking import same_people, settle_link

ROWS: Final = 25
ORDER: Final = ("-id",)


@page("GET", Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR)
def links(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/links.html", {"page": _page(request)})


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="links")
def settle(request: HttpRequest) -> HttpResponse:
    link = get_object_or_404(ApplicantLink, pk=number_of(request.POST.get("link", "")))
    typed, same = request.POST.get("reason", ""), "same" in request.POST
    try:
        settle_link(link.pk, by=person(request), same=same, reason=typed, seen=request.POST.get("seen", ""))
    except BadDecision as refusal:
        problem = Problem(refusal.field, str(refusal.sentence))
        return render(request, "desk/links.html", {"page": _page(request, link, (problem,), typed)}, status=422)
    if same and link.second_id not in same_people(link.first_id):
        messages.warning(request, WITHOUT_EFFECT)
        return redirect("desk:links")
    words = _("They count as one applicant from now on.") if same else _("They count as two applicants from now on.")
    messages.success(request, words)
    return redirect("desk:links")


@page("POST", Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR, of="links")
def reveal_link(request: HttpRequest) -> HttpResponse:
    """Have names and numbers of both applicants shown, to compare them: kept on the newest case of each."""
    link = get_object_or_404(ApplicantLink, pk=number_of(request.POST.get("link", "")))
    newest = newest_cases((link.first_id, link.second_id)).values()
    reveal_applicants([case_id for _count, case_id in newest], by=person(request), why=request.POST.get("why", ""))
    return redirect(next_of(request) or reverse("desk:links"))


def _page(
    request: HttpRequest, refused: ApplicantLink | None = None, problems: tuple[Problem, ...] = (), typed: str = ""
) -> LinksPage:
    state = refused.state if refused else request.GET.get("state", "")
    state = state if state in STATES else ApplicantLink.State.DOUBTFUL
    rows = ApplicantLink.objects.filter(state=state).select_related("first", "second").order_by(*ORDER)
    found = list(after(rows, ORDER, request.GET.get("after", ""))[: ROWS + 1])
    more = {"state": state, "after": cursor_of(found[ROWS - 1], ORDER)} if len(found) > ROWS else {}
    shown = found[:ROWS]
    return LinksPage(
        rows=link_rows(shown, person(request), refused=refused.pk if refused else 0, problems=problems, typed=typed),
        tabs=tuple((str(words), f"?{urlencode({'state': each})}", each == state) for each, words in STATES.items()),
        settle_url=reverse("desk:settle_link"),
        held_url=reverse("desk:held"),
        shown_words=_("%(n)s shown") % {"n": number(len(shown))},
        next_url=f"?{urlencode(more)}" if more else "",
    )
