"""The sources of cases, and one of them: what it promised, what came, what was done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.errors import BadDecision
from cases.models import Case, User
from cases.second_looks import without_looks_in_hand
from cases.states import Role, State
from desk.access import page, person
from desk.build.connectors import connector_part
from desk.build.feature_words import FeatureWords
from desk.build.first_looks import look_mark, look_marks
from desk.build.mapping_proposals import marks
from desk.build.source_days import day_lines
from desk.build.source_health import (
    decided_row,
    first_sign,
    health_lines,
    quarantine_card,
    recent_batches,
    sign_lines,
    silence,
    watched,
)
from desk.build.source_list import batch_row, read_settings, source_fields, source_row, source_state, step_row
from desk.keyset import after, cursor_of
from desk.pages.connectors import ConnectorPart, PeekTable
from desk.pages.shared import Problem
from desk.pages.sources import DecidedPage, SourcePage, SourcesPage
from desk.words import PRODUCTS, is_chinese, number, when, word
from intake.gate.held import case_to_look_at
from intake.health.health import ROWS_LEAST
from intake.health.profiles import ALL_PRODUCTS
from intake.health.quarantine import release_source
from intake.health.refusals import learn_new_refusals
from intake.health.source_days import recent_unusual_days
from intake.health.source_order import by_need
from intake.health.usual import OWN_LEAST, bad_when_released, learn_also_usual, learn_new_usual
from intake.models import Connector, Source, Way
from intake.sources.sources import OWNERS, SourceNotFound, set_source
from intake.ways_in.kept_messages import kept_messages, unsettled

ROWS: Final = 50
SHOWN: Final = 20
PULLS: Final = 10
ORDER: Final = ("need", "slug")
NEWEST: Final = ("-id",)
# What the form of a release says of what came meanwhile, as it is kept.
ANSWERS: Final = {"also": "also", "on": "new"}


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def sources(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/sources.html", {"page": sources_page(request)})


def sources_page(request: HttpRequest, problem: Problem | None = None) -> SourcesPage:
    days = recent_unusual_days()
    every = by_need(days.keys())
    found = every.select_related("owner").defer("reference").order_by(*ORDER)
    rows = list(after(found, ORDER, request.GET.get("after", ""), among=every)[: ROWS + 1])
    keys = [row.pk for row in rows[:ROWS]]
    batches, waiting, looks = recent_batches(rows[:ROWS]), marks(keys), look_marks()
    may, words = person(request).role == Role.ADMIN, FeatureWords()
    return SourcesPage(
        rows=tuple(
            source_row(row, batches[row.pk], days.get(row.pk, []), words, waiting.get(row.pk), looks.get(row.slug))
            for row in rows[:ROWS]
        ),
        shown_words=_("%(n)s shown") % {"n": number(min(len(rows), ROWS))},
        next_url=f"?{urlencode({'after': cursor_of(rows[ROWS - 1], ORDER)})}" if len(rows) > ROWS else "",
        add_url=reverse("desk:source_add") if may else "",
        slug=request.POST.get("slug", "") if problem else "",
        reason=request.POST.get("reason", "") if problem else "",
        problems=(problem,) if problem else (),
    )


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def source(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "desk/source.html", {"page": source_page(request, slug)})


@page("POST", Role.ADMIN, of="source")
def source_set(request: HttpRequest, slug: str) -> HttpResponse:
    typed = request.POST.dict()
    try:
        set_source(slug, by=person(request), reason=request.POST.get("reason", ""), changes=read_settings(typed))
    except BadDecision as refusal:
        shown = source_page(request, slug, Problem(refusal.field, str(refusal)))
        return render(request, "desk/source.html", {"page": shown}, status=422)
    messages.success(request, _("The source is changed."))
    return redirect("desk:source", slug=slug)


@page("POST", Role.SUPERVISOR, Role.ADMIN, of="source")
def source_release(request: HttpRequest, slug: str) -> HttpResponse:
    answer = ANSWERS.get(request.POST.get("new_usual", ""), "")
    try:
        found = release_source(slug, by=person(request), reason=request.POST.get("reason", ""), usual=answer)
    except BadDecision as refusal:
        shown = source_page(request, slug, Problem(f"release-{refusal.field}", str(refusal)))
        return render(request, "desk/source.html", {"page": shown}, status=422)
    messages.success(request, _("The source is released; its cases go on."))
    if answer:
        _learn(request, found, answer)
    return redirect("desk:source", slug=slug)


def _learn(request: HttpRequest, source: Source, answer: str) -> None:
    """Learn what the person calls usual of what was bad, and say of which of it that could be kept."""
    bad = bad_when_released(source)
    learnt = learn_new_usual(source) if answer == "new" else learn_also_usual(source)
    if answer == "new" and ALL_PRODUCTS in bad and learn_new_refusals(source):
        learnt = [ALL_PRODUCTS, *learnt]
    kept, lost = ([each for each in bad if (each in learnt) == is_kept] for is_kept in (True, False))
    if kept:
        messages.success(request, _("Your answer is kept for: %(products)s.") % {"products": _listed(kept)})
    if any(lost):
        messages.warning(request, _("Fewer than %(n)s cases came to learn from.") % {"n": number(OWN_LEAST)})
    if ALL_PRODUCTS in lost:
        messages.warning(request, _refusals_lost(answer))
    if lost:
        words = _("Your answer could not be kept for: %(products)s; this is judged as before.")
        messages.warning(request, words % {"products": _listed(lost)})


def _refusals_lost(answer: str) -> str:
    """Why how many rows are refused could not be learnt."""
    if answer == "new":
        return _("Fewer than %(n)s rows came to tell how many are usually refused.") % {"n": number(ROWS_LEAST)}
    return _(
        "Only one share of refused rows is usual at a time: if more will be refused from now on, say the new usual."
    )


def _listed(products: Sequence[str]) -> str:
    words = [word(PRODUCTS, each) if each else _("refused rows") for each in products]
    return ("、" if is_chinese() else ", ").join(words)


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def source_decided(request: HttpRequest, slug: str) -> HttpResponse:
    """What was decided on data that came since the first sign, or will be once it is signed: for a second look."""
    found = _source(slug)
    since = first_sign(found)
    decided_or_proposed = ~Q(decided_by="") | Q(state=State.AWAITING_SIGNOFF)
    came = Case.objects.visible_to(person(request)).filter(decided_or_proposed, source=slug)
    decided = without_looks_in_hand(came.filter(received_at__gte=since), person(request)) if since else came.none()
    rows = list(after(decided.order_by(*NEWEST), NEWEST, request.GET.get("after", ""))[: ROWS + 1])
    shown = DecidedPage(
        title=str(found),
        since=when(since) if since else "",
        source_url=reverse("desk:source", args=[slug]),
        rows=tuple(decided_row(case) for case in rows[:ROWS]),
        shown_words=_("%(n)s shown") % {"n": number(min(len(rows), ROWS))},
        next_url=f"?{urlencode({'after': cursor_of(rows[ROWS - 1], NEWEST)})}" if len(rows) > ROWS else "",
    )
    return render(request, "desk/source_decided.html", {"page": shown})


def _source(slug: str) -> Source:
    every = Source.objects.select_related("owner", "connector").annotate(waits_for_look=case_to_look_at())
    found = every.filter(slug=slug).first()
    if found is None:
        raise SourceNotFound
    return found


def source_page(
    request: HttpRequest, slug: str, problem: Problem | None = None, *, peek: PeekTable | None = None
) -> SourcePage:
    """One source; `problem` is of its settings, of its release ("release-…") or of its connector ("connector-…")."""
    found, user = _source(slug), person(request)
    people = User.objects.filter(is_active=True, role__in=OWNERS).order_by("username")
    batches = list(found.batches.select_related("mapping").order_by("-id")[:SHOWN])
    typed = request.POST.dict() if problem else {}
    since, part = first_sign(found), _part_of(problem)
    kept, words = unsettled(kept_messages(slug)).count(), FeatureWords()
    quarantine = quarantine_card(found, user, typed.get("reason", "") if part == "release" else "", words)
    signs = sign_lines(batches[0].signs, words, found.pk) if batches else ()
    return SourcePage(
        title=str(found),
        slug=found.slug,
        state=source_state(found, batches),
        lines=health_lines(batches[::-1], words),
        # What it is quarantined for stands above already.
        signs=tuple(sign for sign in signs if quarantine is None or sign not in quarantine.signs),
        is_usual=not signs,
        days=day_lines(recent_unusual_days(found).get(found.pk, [])),
        silence=silence(found, batches[::-1]),
        watched=watched(found, batches[::-1]),
        proposal=marks([found.pk]).get(found.pk),
        look=look_mark(found.slug) if found.waits_for_look else None,  # type: ignore[attr-defined]
        quarantine=quarantine,
        decided_url=reverse("desk:source_decided", args=[slug]) if since else "",
        decided_since=when(since) if since else "",
        fields=source_fields(found, list(people), typed if part == "settings" else None),
        batches=tuple(batch_row(batch) for batch in batches),
        steps=tuple(step_row(step, words) for step in found.steps.select_related("actor").order_by("-id")[:SHOWN]),
        list_url=reverse("desk:sources"),
        connector=_connector(request, found, problem if part == "connector" else None, peek),
        kept_url=reverse("desk:kept_messages", args=[slug]) if kept or found.kind in (Way.REDIS, Way.KAFKA) else "",
        kept_words=ngettext("%(n)s message kept whole", "%(n)s messages kept whole", kept) % {"n": number(kept)},
        mapping_url=reverse("desk:mappings", args=[slug]),
        set_url=reverse("desk:source_set", args=[slug]) if user.role == Role.ADMIN else "",
        reason=typed.get("reason", "") if part == "settings" else "",
        problems=(problem,) if problem else (),
    )


def _part_of(problem: Problem | None) -> str:
    """Which form of the page was refused."""
    if problem is None:
        return ""
    name = problem.field.partition("-")[0]
    return name if name in ("release", "connector") else "settings"


def _connector(
    request: HttpRequest, source: Source, problem: Problem | None, peek: PeekTable | None
) -> ConnectorPart | None:
    connector: Connector | None = getattr(source, "connector", None)
    pulls = connector.pulls.select_related("batch", "late", "asked_by").order_by("-id")[:PULLS] if connector else ()
    posted = request.POST.dict() if problem else None
    return connector_part(
        source,
        connector,
        person(request),
        kind=request.GET.get("kind", "") or request.POST.get("kind", ""),
        typed=posted if posted and "act" not in posted else None,
        problem=problem,
        peek=peek,
        pulls=tuple(pulls),
    )
