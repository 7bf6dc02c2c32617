"""The address of the page that a request belongs to: where it is shown again after a sign-in or a refusal."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

READS: Final = ("GET", "HEAD")


def page_address(request: HttpRequest) -> str:
    """The address that shows the page of this request again: its own, or that of the page whose action it is; "" for
    an action without a page."""
    return request.get_full_path() if request.method in READS else page_of_action(request)


def page_of_action(request: HttpRequest) -> str:
    """The address of the page whose action this request is; "" for none."""
    found = request.resolver_match
    name = getattr(found.func, "page_of", "") if found else ""
    if found is None or not name:
        return ""
    asked = ("view", *getattr(found.func, "page_keeps", ()))
    given = {each: request.POST.get(each) or request.GET.get(each) for each in asked}
    told = urlencode({each: value for each, value in given.items() if value})
    return _address(name, found.kwargs) + (f"?{told}" if told else "")


def _address(name: str, given: dict[str, Any]) -> str:
    """The page's address takes all that the action's was given, or the first of it."""
    try:
        return reverse(f"desk:{name}", kwargs=given)
    except NoReverseMatch:
        return reverse(f"desk:{name}", kwargs=dict(list(given.items())[:1]))
