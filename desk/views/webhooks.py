"""Webhooks: the list, one of them, and what an administrator does with it."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from cases.errors import BadDecision
from cases.states import Role
from desk.access import page, person
from desk.build.feeds import feed_form, feed_row
from desk.build.webhooks import delivery_row, webhook_form, webhook_row, webhook_state, webhook_step
from desk.pages import Problem
from desk.pages.webhooks import WebhookPage, WebhooksPage
from desk.words import number, when
from outgoing import webhooks as acts
from outgoing.models import DecisionFeed, Delivery, FeedMessage, Webhook

SHOWN: Final = 50


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def webhooks(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/webhooks.html", {"page": webhooks_page(request)})


@page("POST", Role.ADMIN, of="webhooks")
@never_cache
def webhook_make(request: HttpRequest) -> HttpResponse:
    """Make one. Its secret is on the page that follows and nowhere after that, so it is no redirect."""
    try:
        made, secret = acts.make_webhook(
            slug=request.POST.get("slug", "").strip(),
            url=request.POST.get("url", "").strip(),
            types=request.POST.getlist("types"),
            by=person(request),
            reason=request.POST.get("reason", ""),
        )
    except BadDecision as refusal:
        shown = webhooks_page(request, Problem(refusal.field, str(refusal)))
        return render(request, "desk/webhooks.html", {"page": shown}, status=422)
    return render(request, "desk/webhook.html", {"page": _page(request, made.slug, secret=secret)})


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def webhook(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "desk/webhook.html", {"page": _page(request, slug)})


@page("POST", Role.ADMIN, of="webhook")
def webhook_set(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        acts.change_webhook(
            slug,
            url=request.POST.get("url", "").strip(),
            types=request.POST.getlist("types"),
            by=person(request),
            reason=request.POST.get("reason", ""),
        )
    except BadDecision as refusal:
        shown = _page(request, slug, Problem(refusal.field, str(refusal)))
        return render(request, "desk/webhook.html", {"page": shown}, status=422)
    messages.success(request, _("The webhook is changed."))
    return redirect("desk:webhook", slug=slug)


@page("POST", Role.ADMIN, of="webhook")
@never_cache
def webhook_act(request: HttpRequest, slug: str) -> HttpResponse:
    """Pause, resume, change the secret, send again."""
    act, reason, by = request.POST.get("act", ""), request.POST.get("why", ""), person(request)
    chosen = request.POST.getlist("message")
    secret = ""
    try:
        if act == "rotate":
            _changed, secret = acts.rotate_secret(slug, by=by, reason=reason)
        elif act == "replay":
            sent = acts.replay(slug, by=by, reason=reason, message_ids=chosen)
            messages.success(request, _("%(n)s messages go out again.") % {"n": number(sent)})
        elif act == "pause":
            acts.pause_webhook(slug, by=by, reason=reason)
        elif act == "resume":
            acts.resume_webhook(slug, by=by, reason=reason)
        else:
            raise BadDecision("act", _("Choose what to do."))
    except BadDecision as refusal:
        field = {"reason": "why"}.get(refusal.field, refusal.field)
        shown = _page(request, slug, act_problem=Problem(field, str(refusal)))
        return render(request, "desk/webhook.html", {"page": shown}, status=422)
    if secret:
        return render(request, "desk/webhook.html", {"page": _page(request, slug, secret=secret)})
    return redirect("desk:webhook", slug=slug)


def webhooks_page(
    request: HttpRequest, problem: Problem | None = None, *, feed_problem: Problem | None = None
) -> WebhooksPage:
    """The webhooks and the decision feeds; either form may have been refused."""
    waiting = Count("deliveries", filter=Q(deliveries__state=Delivery.State.WAITING))
    given_up = Count("deliveries", filter=Q(deliveries__state=Delivery.State.DEAD))
    found = Webhook.objects.annotate(waiting=waiting, given_up=given_up)
    typed = {**request.POST.dict(), "types": request.POST.getlist("types")} if problem else None
    may = person(request).role == Role.ADMIN
    waits = Count("messages", filter=Q(messages__state=FeedMessage.State.WAITING))
    feed_typed = {name: str(value) for name, value in request.POST.items()} if feed_problem else None
    make_url = reverse("desk:feed_make")
    return WebhooksPage(
        rows=tuple(webhook_row(each) for each in found),
        form=webhook_form(None, set_url=reverse("desk:webhook_make"), typed=typed, problem=problem) if may else None,
        feeds=tuple(feed_row(each) for each in DecisionFeed.objects.annotate(waiting=waits)),
        feed_form=feed_form(None, set_url=make_url, typed=feed_typed, problem=feed_problem) if may else None,
    )


def _page(
    request: HttpRequest,
    slug: str,
    problem: Problem | None = None,
    *,
    act_problem: Problem | None = None,
    secret: str = "",
) -> WebhookPage:
    found = Webhook.objects.filter(slug=slug).first()
    if found is None:
        raise acts.WebhookNotFound
    may = person(request).role == Role.ADMIN
    typed = {**request.POST.dict(), "types": request.POST.getlist("types")} if problem else None
    set_url = reverse("desk:webhook_set", args=[slug]) if may else ""
    latest = found.deliveries.select_related("event").order_by("-id")[:SHOWN]
    dead = found.deliveries.filter(state=Delivery.State.DEAD).count()
    replaced = found.retired_secrets.filter(signs_until__gt=timezone.now()).first() if secret else None
    return WebhookPage(
        slug=slug,
        state=webhook_state(found),
        form=webhook_form(found, set_url=set_url, typed=typed, problem=problem),
        deliveries=tuple(delivery_row(each) for each in latest),
        steps=tuple(webhook_step(step) for step in found.steps.select_related("actor")[:SHOWN]),
        list_url=reverse("desk:webhooks"),
        act_url=reverse("desk:webhook_act", args=[slug]) if may else "",
        secret=secret,
        replaced_until=when(replaced.signs_until) if replaced else "",
        is_active=found.state == Webhook.State.ACTIVE,
        given_up=number(dead) if dead else "",
        problems=(act_problem,) if act_problem else (),
    )
