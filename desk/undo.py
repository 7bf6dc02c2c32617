"""The decision that its maker may still take back: kept in a signed cookie, so that it outlives going on to the next
case, another page and a reload, and costs neither a query nor, while somebody waits for the next case, a write."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case
from cases.standing import is_released
from cases.states import State
from desk.build.decision import decided_words
from desk.pages.deciding import Undo

COOKIE: Final = "undo"


def remember(request: HttpRequest, decided: Case, following: Case | None, *, view: str) -> None:
    """Offer to take this decision back, until it is released."""
    if decided.released_at is None or is_released(decided):
        forget(request)
        return
    request.undo = {  # type: ignore[attr-defined]
        "ref": decided.ref,
        "version": decided.version,
        "state": decided.state,
        "outcome": decided.outcome,
        "released_at": decided.released_at.isoformat(),
        "following": following.ref if following else "",
        "following_version": following.version if following else 0,
        "view": view,
    }


def forget(request: HttpRequest) -> None:
    request.undo = None  # type: ignore[attr-defined]


class UndoMiddleware:
    """Writes what `remember` and `forget` said into the cookie of the one who decided, until the release."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not hasattr(request, "undo"):
            return response
        if request.undo:
            response.set_signed_cookie(
                COOKIE,
                json.dumps(request.undo, separators=(",", ":")),
                salt=_salt(request),
                max_age=max(1, _seconds_left(request.undo)),
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        elif COOKIE in request.COOKIES:
            response.delete_cookie(COOKIE, samesite="Lax")
        return response


def _salt(request: HttpRequest) -> str:
    """The cookie of one person says nothing to who signs in after them."""
    return f"{COOKIE} of {request.user.pk}"


def _seconds_left(kept: dict[str, Any]) -> int:
    return int((datetime.fromisoformat(kept["released_at"]) - timezone.now()).total_seconds())


def _kept(request: HttpRequest) -> dict[str, Any] | None:
    """What this request has just said, else what the cookie says; None where that was forged."""
    if hasattr(request, "undo") or COOKIE not in request.COOKIES or not hasattr(request, "user"):
        return getattr(request, "undo", None)
    try:
        said: Any = request.get_signed_cookie(COOKIE, salt=_salt(request))
    except BadSignature:
        return None
    found: dict[str, Any] = json.loads(said)
    return found


def undo(request: HttpRequest) -> dict[str, Undo | None]:
    """Context processor: `undo` for every template."""
    kept = _kept(request)
    if not kept:
        return {"undo": None}
    left = _seconds_left(kept)
    if left <= 0:
        return {"undo": None}
    return {
        "undo": Undo(
            words=_words(kept["state"], kept["outcome"]) % {"ref": kept["ref"]},
            url=reverse("desk:take_back", args=[kept["ref"]]),
            version=kept["version"],
            seconds_left=left,
            clock=f"{left // 60}:{left % 60:02}",
            following=kept["following"],
            following_version=kept["following_version"],
            view=kept["view"],
        )
    }


def _words(state: str, outcome: str) -> str:
    if state == State.AWAITING_SIGNOFF:
        return _("%(ref)s sent for sign-off, free to take back for")
    if state == State.WAITING_INFO:
        return _("%(ref)s waits for documents, free to take back for")
    # The reference stays to be filled in, as in the other two.
    return _("%(ref)s: %(decision)s, released in") % {"ref": "%(ref)s", "decision": decided_words(outcome)}
