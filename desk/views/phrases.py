"""The phrases for the note: what there is, adding and removing."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from cases.errors import BadDecision
from cases.models import Phrase
from cases.phrases import add_phrase, may_keep, phrases_of, remove_phrase
from cases.states import Role
from desk.access import page, person
from desk.pages import Problem
from desk.pages.deciding import PhraseRow, PhrasesPage

KEEPERS = (Role.REVIEWER, Role.SUPERVISOR, Role.ADMIN)


@page("GET", *KEEPERS)
@vary_on_headers("HX-Request")
def phrases(request: HttpRequest) -> HttpResponse:
    """All phrases; for the note of a decision its list alone."""
    template = "desk/phrases.html#menu" if request.htmx else "desk/phrases.html"  # type: ignore[attr-defined]
    return render(request, template, {"page": _page(request)})


@page("POST", *KEEPERS, of="phrases")
def phrase_add(request: HttpRequest) -> HttpResponse:
    """An administrator's phrase is everybody's, anybody else's their own."""
    user, typed = person(request), request.POST.get("words", "")
    try:
        add_phrase(typed, by=user, for_everybody=user.role == Role.ADMIN)
    except BadDecision as refusal:
        shown = _page(request, typed=typed, problems=[Problem(refusal.field, str(refusal))])
        return render(request, "desk/phrases.html", {"page": shown}, status=422)
    messages.success(request, _("The phrase is kept."))
    return redirect("desk:phrases")


@page("POST", *KEEPERS)
def phrase_remove(request: HttpRequest, phrase_id: int) -> HttpResponse:
    remove_phrase(phrase_id, by=person(request))
    messages.success(request, _("The phrase is removed."))
    return redirect("desk:phrases")


def _page(request: HttpRequest, *, typed: str = "", problems: Sequence[Problem] = ()) -> PhrasesPage:
    user = person(request)
    found = list(phrases_of(user))

    def rows(*, shared: bool) -> tuple[PhraseRow, ...]:
        may = may_keep(user, for_everybody=shared)
        return tuple(_row(each, may) for each in found if (each.owner_id is None) is shared)

    return PhrasesPage(
        own=rows(shared=False),
        shared=rows(shared=True),
        action_url=reverse("desk:phrase_add"),
        everybody=user.role == Role.ADMIN,
        typed=typed,
        problems=tuple(problems),
    )


def _row(phrase: Phrase, may: bool) -> PhraseRow:
    return PhraseRow(phrase.words, reverse("desk:phrase_remove", args=[phrase.pk]) if may else "")
