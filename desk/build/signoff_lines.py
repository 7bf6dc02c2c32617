"""What the timeline tells of second persons: for whom they signed, what they put right, who wants a case reopened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cases.models import Reopening
from cases.reason_codes import ReasonCode
from cases.states import Outcome
from desk.dossier import Dossier
from desk.pages import Event
from desk.words import when


def signoff_details(facts: Mapping[str, Any]) -> list[str]:
    """The lines below a move around a signature."""
    details = []
    if "on_behalf_of" in facts:
        details.append(_("on behalf of %(person)s") % {"person": facts["on_behalf_of"]})
    if "corrected_codes" in facts:
        codes = " · ".join(str(ReasonCode(code).label) for code in facts["corrected_codes"])
        details.append(_("reasons put right: %(codes)s") % {"codes": codes or "--"})
    if "asked_signer" in facts:
        details.append(_("%(person)s must sign too") % {"person": facts["asked_signer"]})
    if "outcome_before" in facts:
        details.append(_("was: %(decision)s") % {"decision": Outcome(facts["outcome_before"]).label})
        details.append(_("asked for by %(person)s") % {"person": facts["asked_by"]})
    return details


def reopening_words(dossier: Dossier) -> str:
    """That somebody wants this decided case opened again and waits for an answer; "" otherwise."""
    asked = dossier.open_reopening
    if asked is None:
        return ""
    said = _("%(person)s asked to open this case again (“%(reason)s”). A supervisor must answer.")
    return said % {"person": asked.asked_by.display_name, "reason": asked.reason}


def reopening_lines(reopenings: Iterable[Reopening]) -> list[tuple[datetime, Event]]:
    """Requests, and refusals of them: neither moves the case. That it was opened again, its own move says."""
    lines = []
    for each in reopenings:
        lines.append((each.asked_at, _line(each.asked_at, each.asked_by, _("asked to open it again"), each.reason)))
        if each.verdict == Reopening.Verdict.REFUSE and each.answered_at and each.answered_by:
            words = _("left as it was decided")
            lines.append((each.answered_at, _line(each.answered_at, each.answered_by, words, each.note)))
    return lines


def _line(at: datetime, who: Any, what: str, said: str) -> Event:
    return Event(at=when(at), at_iso=at.isoformat(), who=who.display_name, what=what, details=(f"“{said}”",))
