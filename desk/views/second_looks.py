"""Blind second looks: taking one, judging the file, and settling where two people differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from cases.errors import BadDecision, CaseNotFound, ConflictOfInterest, NothingToClaim
from cases.models import Adjudication, Case, SecondLook, User
from cases.revealing import reveal_applicant
from cases.second_looks import (
    adjudicate,
    agrees,
    disputes,
    disputes_for,
    looks_for,
    record_second_look,
    take_second_look,
)
from cases.signers import kept_apart
from cases.states import Role
from desk.access import page, person
from desk.build.documents import documents_card
from desk.build.facts import fact_groups
from desk.build.findings import findings_of
from desk.build.free_text import without_numbers
from desk.build.personal import sight_of
from desk.build.second_looks import (
    dispute_row,
    look_form,
    look_head,
    look_row,
    model_said,
    outcome_choices,
    result_words,
    settled_words,
    two_views,
)
from desk.build.veil import bare_dossier
from desk.counts import capped_counts
from desk.dossier import open_dossier
from desk.pages import Problem
from desk.pages.second_looks import DisputePage, DisputesPage, SecondLookPage, SecondLooksPage
from desk.posted import number_of
from desk.words import when

REVIEWERS: Final = (Role.REVIEWER, Role.SUPERVISOR)
JUDGES: Final = (Role.SUPERVISOR, Role.AUDITOR)
SHOWN: Final = 20
DISPUTES_SHOWN: Final = 100


@page("GET", *REVIEWERS)
def second_looks(request: HttpRequest) -> HttpResponse:
    user = person(request)
    mine = SecondLook.objects.filter(looker=user)
    in_hand = mine.filter(done_at=None).first()
    settles = {"disputes": disputes_for(user)} if user.role == Role.SUPERVISOR else {}
    counts = capped_counts({"waiting": looks_for(user), **settles})
    answered = mine.filter(done_at__isnull=False).select_related("case__applicant", "review").order_by("-done_at")
    shown = SecondLooksPage(
        waiting=counts["waiting"],
        can_take=counts["waiting"] != "0",
        take_url=reverse("desk:second_look_take"),
        in_hand_url=reverse("desk:second_look", args=[in_hand.pk]) if in_hand else "",
        rows=tuple(look_row(look) for look in answered[:SHOWN]),
        updated_at=when(timezone.now()),
        disputes_url=reverse("desk:disputes") if settles else "",
        disputes=counts.get("disputes", ""),
    )
    return render(request, "desk/second_looks.html", {"page": shown})


@page("POST", *REVIEWERS, of="looks")
def take(request: HttpRequest) -> HttpResponse:
    try:
        look = take_second_look(by=person(request))
    except NothingToClaim as nothing:
        messages.info(request, str(nothing))
        return redirect("desk:looks")
    return redirect("desk:second_look", look.pk)


@page("GET", *REVIEWERS)
def second_look(request: HttpRequest, look_id: int) -> HttpResponse:
    return render(
        request, "desk/second_look.html", {"page": _look_page(request, _look(look_id, looker=person(request).pk))}
    )


@page("POST", *REVIEWERS, of="second_look")
def record(request: HttpRequest, look_id: int) -> HttpResponse:
    """Keep the view; a form that is incomplete comes back with what was typed."""
    look = _look(look_id, looker=person(request).pk)
    try:
        record_second_look(
            look.pk,
            by=person(request),
            outcome=request.POST.get("outcome", ""),
            band=number_of(request.POST.get("band", "")),
            reason_codes=request.POST.getlist("reason_codes"),
            note=request.POST.get("note", ""),
        )
    except BadDecision as refusal:
        problems = [Problem(refusal.field, str(refusal))]
        return render(request, "desk/second_look.html", {"page": _look_page(request, look, problems)}, status=422)
    return redirect("desk:second_look", look.pk)


@page("POST", *REVIEWERS, of="second_look")
def reveal_look(request: HttpRequest, look_id: int) -> HttpResponse:
    """Have name and numbers shown, at an address that does not name the case."""
    look = _look(look_id, looker=person(request).pk)
    reveal_applicant(look.case_id, by=person(request), why=request.POST.get("why", ""))
    return redirect("desk:second_look", look.pk)


def _look(look_id: int, **wanted: int) -> SecondLook:
    """The second look of this number, if it is the reader's; a stranger cannot tell the two apart."""
    whole_look = SecondLook.objects.select_related(
        "case__applicant", "review__reviewer", "looker", "adjudication__judge"
    )
    found = whole_look.filter(pk=look_id, **wanted).first()
    if found is None:
        raise CaseNotFound
    return found


def _look_page(request: HttpRequest, look: SecondLook, problems: Sequence[Problem] = ()) -> SecondLookPage:
    is_done, user = look.done_at is not None, person(request)
    dossier = without_numbers(open_dossier(look.case), user)
    bare = bare_dossier(dossier, user)
    typed = dict(request.POST.lists()) if problems else {}
    return SecondLookPage(
        head=look_head(look.case, sight_of(dossier, user), reverse("desk:second_look_reveal", args=[look.pk])),
        findings=findings_of(bare, user),
        facts=fact_groups(dossier, user),
        documents=documents_card(look.case, (dossier if is_done else bare).file, user),
        list_url=reverse("desk:looks"),
        form=None if is_done else look_form(look, typed, problems),
        result=result_words(look) if is_done else "",
        agrees=is_done and agrees(look),
        case_url=reverse("desk:case", args=[look.case.ref]) if is_done else "",
    )


@page("GET", *JUDGES)
def dispute_list(request: HttpRequest) -> HttpResponse:
    user = person(request)
    found = disputes() if user.role == Role.AUDITOR else disputes_for(user)
    rows = found.select_related("case__applicant", "review")[:DISPUTES_SHOWN]
    shown = DisputesPage(rows=tuple(dispute_row(look) for look in rows), list_url=_list_url(request))
    return render(request, "desk/disputes.html", {"page": shown})


@page("GET", *JUDGES)
def dispute(request: HttpRequest, look_id: int) -> HttpResponse:
    return render(request, "desk/dispute.html", {"page": _dispute_page(request, _disputed(look_id))})


@page("GET", *JUDGES)
@vary_on_headers("HX-Request")
def dispute_model(request: HttpRequest, look_id: int) -> HttpResponse:
    """What the model said: a part of the page, or the whole of it for who has no script."""
    shown = _dispute_page(request, _disputed(look_id), with_model=True)
    template = "desk/dispute.html#model" if request.htmx else "desk/dispute.html"  # type: ignore[attr-defined]
    return render(request, template, {"page": shown})


@page("POST", *JUDGES, of="dispute")
def reveal_dispute(request: HttpRequest, look_id: int) -> HttpResponse:
    look = _disputed(look_id)
    reveal_applicant(look.case_id, by=person(request), why=request.POST.get("why", ""))
    return redirect("desk:dispute", look.pk)


@page("POST", Role.SUPERVISOR, of="dispute")
def settle(request: HttpRequest, look_id: int) -> HttpResponse:
    look = _disputed(look_id)
    try:
        adjudicate(
            look.pk, by=person(request), outcome=request.POST.get("outcome", ""), note=request.POST.get("note", "")
        )
    except BadDecision as refusal:
        problems = [Problem(refusal.field, str(refusal))]
        return render(request, "desk/dispute.html", {"page": _dispute_page(request, look, problems)}, status=422)
    messages.success(request, _("Your judgement is kept."))
    return redirect("desk:dispute", look.pk)


def _list_url(request: HttpRequest) -> str:
    return reverse("desk:looks") if person(request).role in REVIEWERS else ""


def _disputed(look_id: int) -> SecondLook:
    look = _look(look_id)
    if look.done_at is None or agrees(look):
        raise CaseNotFound
    return look


def _dispute_page(
    request: HttpRequest, look: SecondLook, problems: Sequence[Problem] = (), *, with_model: bool = False
) -> DisputePage:
    user = person(request)
    dossier = without_numbers(open_dossier(look.case), user)
    sight = sight_of(dossier, user)
    settled: Adjudication | None = getattr(look, "adjudication", None)
    may_settle = settled is None and user.role == Role.SUPERVISOR and disputes_for(user).filter(pk=look.pk).exists()
    return DisputePage(
        head=look_head(look.case, sight, reverse("desk:dispute_reveal", args=[look.pk])),
        views=two_views(look, dossier.opinions, sight, named=settled is not None),
        findings=findings_of(bare_dossier(dossier, user), user),
        facts=fact_groups(dossier, user),
        documents=documents_card(look.case, dossier.file, user),
        list_url=reverse("desk:disputes"),
        model_url=reverse("desk:dispute_model", args=[look.pk]),
        action_url=reverse("desk:dispute_settle", args=[look.pk]),
        outcomes=outcome_choices(look.case.kind) if may_settle else (),
        model=model_said(dossier) if with_model else None,
        outcome=request.POST.get("outcome", ""),
        note=request.POST.get("note", ""),
        problems=tuple(problems),
        refusal=_refusal(user, look.case) if settled is None and not may_settle else "",
        settled=settled_words(settled) if settled else "",
        settled_note=sight.text(settled.note) if settled else "",
        case_url=reverse("desk:case", args=[look.case.ref]) if settled else "",
        differs=settled is not None and settled.outcome != look.review.outcome,
    )


def _refusal(user: User, case: Case) -> str:
    if user.role == Role.AUDITOR:
        return _("You read this dispute; a supervisor settles it.")
    if user.pk in kept_apart(case):
        return str(ConflictOfInterest.sentence)
    return _("You gave or signed one of the two views: a third person must settle it.")
