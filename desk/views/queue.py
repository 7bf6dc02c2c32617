"""The review queue, and starting on the next case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from django.contrib import messages
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases import rules
from cases.desk_rules import rules_in_force, working_hours
from cases.errors import NothingToClaim
from cases.models import Case, DeskRules, Review, SavedView, User
from cases.office import midnight
from cases.personal import masked_text
from cases.standing import standing
from cases.states import Kind, Role, State
from cases.team import Median
from cases.why import sentences
from cases.working_time import WorkingHours
from desk.access import page, person
from desk.build.assessment import margin_words
from desk.build.head import assigned_words, state_mark, time_left
from desk.build.queue import queue_tabs, save_form, saved_views
from desk.build.veil import bare_case, read_own_opinions, veiled
from desk.charts import bar
from desk.keyset import after, cursor_of
from desk.next_case import claim_in_view, nothing_words
from desk.pages import DayProgress, QueuePage, QueueRow
from desk.queue_filter import QueueFilter, known_view
from desk.search import matching
from desk.words import PRODUCTS, amount_cell, duration, masked, number, percent, when, word

ROWS: Final = 50


@page("GET", Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR)
def queue(request: HttpRequest) -> HttpResponse:
    user = person(request)
    saved = saved_views(user)
    default = next((view.query for view in saved if view.is_default and view.owner_id == user.pk), "")
    chosen = QueueFilter.of(request.GET.dict()) if request.GET else QueueFilter.read(default)
    return render_queue(request, chosen, saved)


def render_queue(
    request: HttpRequest, chosen: QueueFilter, saved: Sequence[SavedView], *, problem: str = "", status: int = 200
) -> HttpResponse:
    """The page, or its rows and counts alone where they are asked for again."""
    user, whole = person(request), not request.htmx  # type: ignore[attr-defined]
    desk = rules_in_force()
    found = matching(chosen.apply(user, desk), chosen.q).order_by(*chosen.order)
    # The keys alone are put in order: sorted as they are, thousands of whole rows would go through a file.
    keys = after(found, chosen.order, chosen.after).values("pk")[: ROWS + 1]
    whole_rows = Case.objects.filter(pk__in=keys).select_related("applicant", "assigned_to")
    rows = list(whole_rows.order_by(*chosen.order))
    read_own_opinions(rows, user)
    tabs, filters = queue_tabs(user, chosen, saved, desk, whole=whole)
    url = reverse("desk:queue")
    behind = replace(chosen, after=cursor_of(rows[ROWS - 1], chosen.order)) if len(rows) > ROWS else None
    context = QueuePage(
        url=url,
        tab=chosen.view,
        view=chosen.text(place=True),
        tabs=tabs,
        rows=tuple(_row(case, user, chosen.text(place=True), working_hours(desk)) for case in rows[:ROWS]),
        search=chosen.q,
        filters=filters,
        least=chosen.least,
        most=chosen.most,
        is_narrowed=chosen.is_narrowed,
        all_cases_url=f"{reverse('desk:cases')}?{urlencode({'q': chosen.q})}" if chosen.q and not rows else "",
        plain_url=f"{url}?{urlencode({'view': chosen.view})}",
        save=save_form(user, chosen, saved, problem=problem),
        start_url=reverse("desk:start"),
        can_start=rules.may_review(None, user),
        refresh_url=f"{url}?{urlencode(chosen.said(place=True))}",
        bulk_url=reverse("desk:bulk") if rules.may_review(None, user) else "",
        updated_at=when(timezone.now()),
        shown_words=_("%(n)s shown") % {"n": number(min(len(rows), ROWS))},
        next_url=f"{url}?{urlencode(behind.said(place=True))}" if behind else "",
        first_url=f"{url}?{urlencode(chosen.said())}" if chosen.after else "",
        day=_day(user, desk) if rules.may_review(None, user) and whole else None,
    )
    return render(request, "desk/queue.html" if whole else "desk/queue.html#anew", {"page": context}, status=status)


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="queue")
def start(request: HttpRequest) -> HttpResponse:
    """Claim the best case of the view and open it; the case one already holds comes first."""
    view = known_view(request.POST.get("view", ""))
    query = urlencode({"view": view})
    try:
        case = claim_in_view(person(request), view)
    except NothingToClaim as nothing:
        messages.info(request, nothing_words(nothing))
        return redirect(f"{reverse('desk:queue')}?{query}")
    return redirect(f"{reverse('desk:case', args=[case.ref])}?{query}")


def _row(case: Case, user: User, view: str, desk: WorkingHours) -> QueueRow:
    if veiled(case, user):
        case = bare_case(case)
    first, *more = map(masked_text, sentences(case.why) or [""])
    scored = case.pd is not None and case.pd_low is not None and case.pd_high is not None
    return QueueRow(
        ref=case.ref,
        url=f"{reverse('desk:case', args=[case.ref])}?{urlencode({'view': view})}",
        applicant=masked(case.applicant.name or case.applicant.external_id),
        product=word(PRODUCTS, case.product),
        kind=str(Kind(case.kind).label) if case.kind != Kind.APPLICATION else "",
        amount=amount_cell(case.amount, case.currency),
        points=number(case.points) if case.points is not None else "",
        margin=margin_words(case.pd_low or 0, case.pd_high or 0) if scored else "",
        pd=percent(case.pd) if scored else "",
        why=first,
        why_more=tuple(more),
        left=time_left(case, lambda: desk),
        state=state_mark(case.state),
        holder=user.display_name if case.state == State.IN_REVIEW else "",
        assigned=assigned_words(case, user),
        mine=case.state == State.IN_REVIEW or case.reserved_for_id == user.pk,
        key_customer=case.applicant.key_customer,
    )


def _day(user: User, desk: DeskRules) -> DayProgress:
    """What this person decided since midnight on the office clock."""
    today = standing(Review.objects.filter(reviewer=user, at__gte=midnight()))
    done = today.aggregate(
        n=Count("pk"),
        advised=Count("pk", filter=~Q(advice="")),
        overridden=Count("pk", filter=Q(is_override=True)),
        spent=Median(F("at") - F("claimed_at")),
    )
    agreed = 1 - done["overridden"] / done["advised"] if done["advised"] else None
    return DayProgress(
        done_words=_("%(done)s of %(goal)s") % {"done": done["n"], "goal": desk.daily_goal},
        bar=bar(done["n"], desk.daily_goal),
        median=duration(done["spent"]) if isinstance(done["spent"], timedelta) else "",
        agreed=percent(agreed, 0) if agreed is not None else "",
    )
