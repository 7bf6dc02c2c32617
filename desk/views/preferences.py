"""How somebody wants to work: their own keys."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.accounts import set_preferences
from cases.errors import BadDecision
from desk.access import page, person
from desk.keys import CAPS, KEYS, known_key_map, own_key_map
from desk.pages import Problem
from desk.pages.keys import KeyChoice, OwnKeysPage

RESET = "reset"


@page("GET")
def own_keys(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/own_keys.html", {"page": _page(request, known_key_map(person(request).key_map))})


@page("POST", of="own_keys")
def set_own_keys(request: HttpRequest) -> HttpResponse:
    chosen = {} if request.POST.get("act") == RESET else request.POST.dict()
    try:
        stored = own_key_map(chosen)
    except BadDecision as refusal:
        shown = _page(request, chosen, Problem(refusal.field, str(refusal)))
        return render(request, "desk/own_keys.html", {"page": shown}, status=422)
    set_preferences(person(request), changes={"key_map": stored})
    messages.success(request, _("Your keys are saved."))
    return redirect("desk:own_keys")


def _page(request: HttpRequest, chosen: dict[str, str], problem: Problem | None = None) -> OwnKeysPage:
    return OwnKeysPage(
        choices=tuple(
            KeyChoice(
                key.code,
                str(key.words),
                CAPS[key.code],
                tuple((code, cap, code == chosen.get(key.code, key.code)) for code, cap in CAPS.items()),
            )
            for key in KEYS
        ),
        action_url=reverse("desk:set_own_keys"),
        mode=person(request).hot_keys,  # type: ignore[arg-type]
        problems=(problem,) if problem else (),
    )
