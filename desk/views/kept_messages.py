"""Messages that were kept whole: looked at, and taken in again with a reason."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.desk_rules import rules_in_force
from cases.errors import BadDecision
from cases.personal import own_names
from cases.states import Role
from cases.wake import send_task
from desk.access import page, person
from desk.build.kept_messages import kept_row, looked_at, steps_of
from desk.keyset import after, cursor_of
from desk.pages.kept_messages import KeptPage
from desk.pages.shared import Problem
from desk.posted import number_of
from desk.words import number
from intake.models import Source
from intake.sources.sources import OWNERS, SourceNotFound
from intake.ways_in.kept_messages import TRY_TASK, ask_again, kept_messages, put_aside, set_aside, to_try, unsettled

ROWS: Final = 50
NEWEST: Final = ("-id",)
ALL: Final = "all"
ASIDE: Final = "aside"


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def kept(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "desk/kept_messages.html", {"page": _page(request, slug)})


@page("POST", *OWNERS, of="kept_messages")
def kept_again(request: HttpRequest, slug: str) -> HttpResponse:
    """Have one of them tried, or all."""
    chosen, reason = request.POST.get("message", ""), request.POST.get("reason", "")
    keys = None if chosen == ALL else [number_of(chosen)]
    try:
        count = ask_again(slug, by=person(request), reason=reason, row_ids=keys)
    except BadDecision as refusal:
        shown = _page(request, slug, Problem(refusal.field, str(refusal)))
        return render(request, "desk/kept_messages.html", {"page": shown}, status=422)
    if count:
        send_task(TRY_TASK)
        told = ngettext("%(n)s message is tried again.", "%(n)s messages are tried again.", count)
        messages.success(request, told % {"n": number(count)})
    else:
        messages.info(request, _("Nothing is left to try: it waits for a worker already, or became a case meanwhile."))
    return redirect("desk:kept_messages", slug=slug)


@page("POST", *OWNERS, of="kept_messages")
def kept_aside(request: HttpRequest, slug: str) -> HttpResponse:
    """Say of one of them that it will not be tried again."""
    key, reason = number_of(request.POST.get("message", "")), request.POST.get("reason", "")
    try:
        count = put_aside(slug, by=person(request), reason=reason, row_ids=[key])
    except BadDecision as refusal:
        shown = _page(request, slug, Problem(refusal.field, str(refusal)))
        return render(request, "desk/kept_messages.html", {"page": shown}, status=422)
    if count:
        messages.success(request, _("The message is set aside; it can be taken up again."))
    else:
        messages.info(request, _("Nothing was set aside: it waits for a worker, is a case, or was set aside before."))
    return redirect("desk:kept_messages", slug=slug)


def _page(request: HttpRequest, slug: str, problem: Problem | None = None) -> KeptPage:
    source = Source.objects.defer("reference").filter(slug=slug).first()
    if source is None:
        raise SourceNotFound
    whole, here = kept_messages(slug), reverse("desk:kept_messages", args=[slug])
    show = request.GET.get("show", "")
    some = {ALL: whole, ASIDE: set_aside(whole)}.get(show, unsettled(whole))
    found = looked_at(some).order_by(*NEWEST)
    rows = list(after(found, NEWEST, request.GET.get("after", ""))[: ROWS + 1])
    steps, own = steps_of(rows[:ROWS]), own_names(rules_in_force().personal_fields)
    asked = {"show": show} if show in (ALL, ASIDE) else {}
    is_owner, waiting = person(request).role in OWNERS, to_try(whole).count()
    more = {**asked, "after": cursor_of(rows[ROWS - 1], NEWEST)} if len(rows) > ROWS else {}
    return KeptPage(
        title=str(source),
        source_url=reverse("desk:source", args=[slug]),
        tabs=(
            (_("Waiting for a person"), here, not asked),
            (_("Set aside"), f"{here}?show={ASIDE}", show == ASIDE),
            (_("All"), f"{here}?show={ALL}", show == ALL),
        ),
        rows=tuple(kept_row(row, steps[row.pk], own) for row in rows[:ROWS]),
        to_try=number(waiting) if waiting and show != ASIDE else "",
        shown_words=_("%(n)s shown") % {"n": number(min(len(rows), ROWS))},
        next_url=f"?{urlencode(more)}" if more else "",
        ask_url=reverse("desk:kept_again", args=[slug]) if is_owner else "",
        aside_url=reverse("desk:kept_aside", args=[slug]) if is_owner else "",
        reason=request.POST.get("reason", "") if problem else "",
        problems=(problem,) if problem else (),
    )
