"""The decision that its maker may still take back: kept with the session, so that it outlives going on to the next
case, another page and a reload, and costs no query."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case
from cases.standing import is_released
from cases.states import State
from desk.build.decision import decided_words
from desk.pages.deciding import Undo

KEY: Final = "undo"


def remember(request: HttpRequest, decided: Case, following: Case | None, *, view: str) -> None:
    """Offer to take this decision back, until it is released."""
    if decided.released_at is None or is_released(decided):
        forget(request)
        return
    request.session[KEY] = {
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
    request.session.pop(KEY, None)


def undo(request: HttpRequest) -> dict[str, Undo | None]:
    """Context processor: `undo` for every template."""
    session = getattr(request, "session", None)
    kept: dict[str, Any] | None = session.get(KEY) if session is not None else None
    if not kept:
        return {"undo": None}
    left = int((datetime.fromisoformat(kept["released_at"]) - timezone.now()).total_seconds())
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
