"""The review queue, and starting on the next case."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.contrib import messages
from django.db.models import Aggregate, Count, DurationField, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases import rules
from cases.actions import claim_next
from cases.errors import NothingToClaim
from cases.models import Case, Review, User
from cases.states import Kind, Role, State
from cases.why import sentences
from desk.access import page, person
from desk.build.assessment import margin_words
from desk.build.head import assigned_words, state_mark, time_left
from desk.build.veil import bare_case, read_own_opinions, veiled
from desk.charts import bar
from desk.counts import capped_counts
from desk.keyset import after, cursor_of
from desk.pages import DayProgress, QueuePage, QueueRow, Tab
from desk.search import matching
from desk.tabs import ORDER, VIEWS, cases_of, known_view
from desk.words import PRODUCTS, duration, masked, money, number, percent, when, word

ROWS: Final = 50
DAILY_GOAL: Final = 40


class Median(Aggregate):
    """The middle of the values, as PostgreSQL computes it."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@page("GET", Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR)
def queue(request: HttpRequest) -> HttpResponse:
    user = person(request)
    view = known_view(request.GET.get("view", ""))
    search = request.GET.get("q", "").strip()
    found = matching(cases_of(view, user), search).select_related("applicant", "assigned_to").order_by(*ORDER)
    rows = list(after(found, ORDER, request.GET.get("after", ""))[: ROWS + 1])
    read_own_opinions(rows, user)
    kept = {"view": view, **({"q": search} if search else {})}
    url = reverse("desk:queue")
    context = QueuePage(
        url=url,
        view=view,
        tabs=_tabs(user, view) if not request.htmx else (),  # type: ignore[attr-defined]
        rows=tuple(_row(case, user, view) for case in rows[:ROWS]),
        search=search,
        start_url=reverse("desk:start"),
        can_start=rules.may_review(None, user),
        refresh_url=request.get_full_path(),
        updated_at=when(timezone.now()),
        shown_words=_("%(n)s shown") % {"n": number(min(len(rows), ROWS))},
        next_url=f"{url}?{urlencode({**kept, 'after': cursor_of(rows[ROWS - 1], ORDER)})}" if len(rows) > ROWS else "",
        first_url=f"{url}?{urlencode(kept)}" if request.GET.get("after") else "",
        day=_day(user) if rules.may_review(None, user) and not request.htmx else None,  # type: ignore[attr-defined]
    )
    template = "desk/queue.html#table" if request.htmx else "desk/queue.html"  # type: ignore[attr-defined]
    return render(request, template, {"page": context})


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="queue")
def start(request: HttpRequest) -> HttpResponse:
    """Claim the best case and open it; the case one already holds comes first."""
    query = urlencode({"view": known_view(request.POST.get("view", ""))})
    try:
        case = claim_next(by=person(request))
    except NothingToClaim as nothing:
        messages.info(request, str(nothing))
        return redirect(f"{reverse('desk:queue')}?{query}")
    return redirect(f"{reverse('desk:case', args=[case.ref])}?{query}")


def _tabs(user: User, current: str) -> tuple[Tab, ...]:
    counts = capped_counts({key: cases_of(key, user) for key in VIEWS}, user)
    url = reverse("desk:queue")
    return tuple(
        Tab(key, str(words), f"{url}?{urlencode({'view': key})}", counts[key], key == current)
        for key, (words, _rows) in VIEWS.items()
    )


def _row(case: Case, user: User, view: str) -> QueueRow:
    if veiled(case, user):
        case = bare_case(case)
    first, *more = sentences(case.why) or [""]
    scored = case.pd is not None and case.pd_low is not None and case.pd_high is not None
    return QueueRow(
        ref=case.ref,
        url=f"{reverse('desk:case', args=[case.ref])}?{urlencode({'view': view})}",
        applicant=masked(case.applicant.name or case.applicant.external_id),
        product=word(PRODUCTS, case.product),
        kind=str(Kind(case.kind).label) if case.kind != Kind.APPLICATION else "",
        amount=money(case.amount, case.currency),
        points=number(case.points) if case.points is not None else "",
        margin=margin_words(case.pd_low or 0, case.pd_high or 0) if scored else "",
        pd=percent(case.pd) if scored else "",
        why=first,
        why_more=tuple(more),
        left=time_left(case),
        state=state_mark(case.state),
        holder=user.display_name if case.state == State.IN_REVIEW else "",
        assigned=assigned_words(case, user),
        mine=case.state == State.IN_REVIEW or case.reserved_for_id == user.pk,
        key_customer=case.applicant.key_customer,
    )


def _day(user: User) -> DayProgress:
    """What this person decided since midnight on the office clock."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    today = Review.objects.filter(reviewer=user, at__gte=midnight)
    done = today.aggregate(
        n=Count("pk"),
        advised=Count("pk", filter=~Q(advice="")),
        overridden=Count("pk", filter=Q(is_override=True)),
        spent=Median(F("at") - F("claimed_at")),
    )
    agreed = 1 - done["overridden"] / done["advised"] if done["advised"] else None
    return DayProgress(
        done_words=_("%(done)s of %(goal)s") % {"done": done["n"], "goal": DAILY_GOAL},
        bar=bar(done["n"], DAILY_GOAL),
        median=duration(done["spent"]) if isinstance(done["spent"], timedelta) else "",
        agreed=percent(agreed, 0) if agreed is not None else "",
    )
