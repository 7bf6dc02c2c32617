"""How a source is reached: an administrator adds one, sets its connector, tries it, asks it now, pauses it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from cases.errors import BadDecision
from cases.states import Role
from cases.wake import send_task
from desk.access import page, person
from desk.build.connectors import peek_refused, peek_table
from desk.pages.connectors import PeekTable
from desk.pages.shared import Problem
from desk.views.sources import source_page, sources_page
from intake.ways_in import connectors as acts
from intake.ways_in.pulling import PULL_TASK, peek
from intake.wording.sentences import IntakeError


@page("POST", Role.ADMIN, of="sources")
def source_add(request: HttpRequest) -> HttpResponse:
    slug = request.POST.get("slug", "").strip()
    try:
        acts.add_source(slug, by=person(request), reason=request.POST.get("reason", ""))
    except BadDecision as refusal:
        shown = sources_page(request, Problem(refusal.field, str(refusal)))
        return render(request, "desk/sources.html", {"page": shown}, status=422)
    return redirect("desk:source", slug=slug)


@page("POST", Role.ADMIN, of="source")
def connector_set(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        acts.set_connector(
            slug,
            kind=request.POST.get("kind", ""),
            address=request.POST.get("address", "").strip(),
            typed=request.POST.dict(),
            by=person(request),
            reason=request.POST.get("reason", ""),
            anew=request.POST.get("anew") == "on",
        )
    except BadDecision as refusal:
        problem = Problem(f"connector-{refusal.field}", str(refusal))
        return render(request, "desk/source.html", {"page": source_page(request, slug, problem)}, status=422)
    messages.success(request, _("The connection is set."))
    return redirect("desk:source", slug=slug)


@page("POST", Role.ADMIN, of="source")
def connector_act(request: HttpRequest, slug: str) -> HttpResponse:
    """Try it, ask it now, pause, resume."""
    act, why, by = request.POST.get("act", ""), request.POST.get("why", ""), person(request)
    try:
        if act == "peek":
            return render(request, "desk/source.html", {"page": source_page(request, slug, peek=_peek(request, slug))})
        if act == "pull":
            acts.ask_now(slug, by=by)
            send_task(PULL_TASK)
            messages.success(request, _("The database is asked; its rows show below in a moment."))
        elif act == "pause":
            acts.pause_connector(slug, by=by, reason=why)
        elif act == "resume":
            acts.resume_connector(slug, by=by, reason=why)
        else:
            raise BadDecision("act", _("Choose what to do."))
    except BadDecision as refusal:
        field = {"reason": "why"}.get(refusal.field, refusal.field)
        problem = Problem(f"connector-{field}", str(refusal))
        return render(request, "desk/source.html", {"page": source_page(request, slug, problem)}, status=422)
    return redirect("desk:source", slug=slug)


def _peek(request: HttpRequest, slug: str) -> PeekTable:
    try:
        return peek_table(peek(slug, by=person(request)))
    except IntakeError as refusal:
        return peek_refused(refusal)
