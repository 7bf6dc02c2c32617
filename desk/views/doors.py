"""Signing in and out, language, keys, and where a day begins."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from cases.accounts import set_preferences
from cases.models import User
from desk.access import methods, page, person
from desk.demo import demo_accounts
from desk.pages import LoginPage
from desk.shell import home_of

MOST_DOORS: Final = 5


def next_of(request: HttpRequest) -> str:
    """Where to go on to, if that is a page of ours."""
    wanted = _flat(request.POST.get("next") or request.GET.get("next") or "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    # A bare word would be looked up as the name of a view.
    return wanted if ours and wanted.startswith("/") else ""


def _flat(address: str) -> str:
    """Where an address leads in the end: the door, which the reader came through twice, leads on to its own `next`."""
    for _door_in_door in range(MOST_DOORS):
        parts = urlsplit(address)
        if parts.path != reverse("desk:login"):
            return address
        inner = next(iter(parse_qs(parts.query).get("next", ())), "")
        if not inner:
            return address
        address = inner
    return ""


@never_cache
@methods("GET", "HEAD", "POST", of="login")
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _door(request)
    username, password = request.POST.get("username", ""), request.POST.get("password", "")
    user = authenticate(request, username=username, password=password)
    if user is None:
        return _door(request, username=username, problem=_("The user name or the password is wrong."), status=422)
    login(request, user)
    return redirect(next_of(request) or reverse("desk:home"))


def _door(request: HttpRequest, *, status: int = 200, **shown: Any) -> HttpResponse:
    view = LoginPage(action_url=reverse("desk:login"), next=next_of(request), accounts=demo_accounts(), **shown)
    return render(request, "registration/login.html", {"page": view}, status=status)


@methods("POST")
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("desk:login")


@page("GET")
def home(request: HttpRequest) -> HttpResponse:
    return redirect(home_of(person(request)))


@methods("POST")
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language in a cookie: it holds before and after signing in."""
    response = redirect(next_of(request) or reverse("desk:home"))
    language = request.POST.get("language", "")
    if translation.check_for_language(language) and language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=365 * 86400,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
    return response


@page("POST")
def set_keys(request: HttpRequest) -> HttpResponse:
    if request.POST.get("keys") in User.HotKeys.values:
        set_preferences(person(request), changes={"hot_keys": request.POST["keys"]})
    return redirect(next_of(request) or reverse("desk:home"))
