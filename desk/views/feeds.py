"""Decision feeds: an administrator makes one, changes it, pauses it and lets it go on."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.errors import BadDecision
from cases.states import Role
from desk.access import page, person
from desk.build.connectors import told
from desk.build.feeds import feed_form, feed_state, feed_step, message_row
from desk.pages.feeds import FeedPage
from desk.pages.shared import Problem
from desk.views.webhooks import webhooks_page
from desk.words import when
from outgoing import feeds as acts
from outgoing.models import DecisionFeed

SHOWN: Final = 50


def _typed(request: HttpRequest, *names: str) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip() for name in names}


@page("POST", Role.ADMIN, of="webhooks")
def feed_make(request: HttpRequest) -> HttpResponse:
    said = _typed(request, "slug", "kind", "address", "target", "most_kept")
    try:
        made = acts.make_feed(**said, by=person(request), reason=request.POST.get("reason", ""))
    except BadDecision as refusal:
        shown = webhooks_page(request, feed_problem=Problem(f"feed-{refusal.field}", str(refusal)))
        return render(request, "desk/webhooks.html", {"page": shown}, status=422)
    messages.success(request, _("The feed is made: decisions from now on are written to it."))
    return redirect("desk:feed", slug=made.slug)


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def feed(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "desk/feed.html", {"page": _page(request, slug)})


@page("POST", Role.ADMIN, of="feed")
def feed_set(request: HttpRequest, slug: str) -> HttpResponse:
    said = _typed(request, "address", "target", "most_kept")
    try:
        acts.change_feed(slug, **said, by=person(request), reason=request.POST.get("reason", ""))
    except BadDecision as refusal:
        shown = _page(request, slug, Problem(f"feed-{refusal.field}", str(refusal)))
        return render(request, "desk/feed.html", {"page": shown}, status=422)
    messages.success(request, _("The feed is changed."))
    return redirect("desk:feed", slug=slug)


@page("POST", Role.ADMIN, of="feed")
def feed_act(request: HttpRequest, slug: str) -> HttpResponse:
    """Pause, resume."""
    turns = {"pause": acts.pause_feed, "resume": acts.resume_feed}
    try:
        turn = turns.get(request.POST.get("act", ""))
        if turn is None:
            raise BadDecision("act", _("Choose what to do."))
        turn(slug, by=person(request), reason=request.POST.get("why", ""))
    except BadDecision as refusal:
        field = {"reason": "why"}.get(refusal.field, refusal.field)
        shown = _page(request, slug, act_problem=Problem(field, str(refusal)))
        return render(request, "desk/feed.html", {"page": shown}, status=422)
    return redirect("desk:feed", slug=slug)


def _page(
    request: HttpRequest, slug: str, problem: Problem | None = None, *, act_problem: Problem | None = None
) -> FeedPage:
    found = DecisionFeed.objects.filter(slug=slug).first()
    if found is None:
        raise acts.FeedNotFound
    may = person(request).role == Role.ADMIN
    set_url = reverse("desk:feed_set", args=[slug]) if may else ""
    typed = {name: str(value) for name, value in request.POST.items()} if problem else None
    return FeedPage(
        slug=slug,
        kind=str(DecisionFeed.Kind(found.kind).label),
        state=feed_state(found),
        form=feed_form(found, set_url=set_url, typed=typed, problem=problem),
        messages=tuple(message_row(each) for each in found.messages.select_related("event").order_by("-id")[:SHOWN]),
        steps=tuple(feed_step(step) for step in found.steps.select_related("actor")[:SHOWN]),
        list_url=reverse("desk:webhooks"),
        problem=told(found.problem),
        problem_at=when(found.problem_at) if found.problem_at else "",
        act_url=reverse("desk:feed_act", args=[slug]) if may else "",
        is_active=found.state == DecisionFeed.State.ACTIVE,
        problems=(act_problem,) if act_problem else (),
    )
