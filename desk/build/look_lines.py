"""What the timeline tells of second looks that are over: who looked, what they said, and who settled a difference."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from cases.models import Band, User
from cases.reason_codes import ReasonCode
from cases.states import Outcome, Role
from desk.case_file import Looked
from desk.dossier import Dossier
from desk.pages import Event
from desk.words import when

# Who supervises and who audits; a reviewer reads them where the case cannot come to them undecided.
READS_LOOKS: Final = (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)


def shown_looks(dossier: Dossier, user: User) -> tuple[Looked, ...]:
    """The second looks that `user` may read: a case that was opened again is judged without them."""
    return dossier.file.looks if dossier.case.outcome or user.role in READS_LOOKS else ()


def look_lines(looks: Iterable[Looked]) -> list[tuple[datetime, Event]]:
    """One line a look, and one for who settled it; neither moves the case."""
    lines = []
    for each in looks:
        agrees = each.outcome == each.decided
        said = _("agrees with the decision") if agrees else _("differs from the decision")
        band = _("probability of default %(band)s") % {"band": Band(each.band).label}
        codes = (str(ReasonCode(code).label) for code in each.reason_codes)
        view = " · ".join((str(Outcome(each.outcome).label), band, *codes, said))
        lines.append(
            (each.at, _line(each.at, each.by, _("looked a second time, without seeing the decision"), view, each.note))
        )
        if each.settled_at is not None:
            held = str(Outcome(each.settled).label)
            words = _("settled the two views; the decision itself stays as it is")
            lines.append((each.settled_at, _line(each.settled_at, each.settled_by, words, held, each.settled_note)))
    return lines


def _line(at: datetime, who: str, what: str, view: str, note: str) -> Event:
    details = (view, f"“{note}”") if note else (view,)
    return Event(at=when(at), at_iso=at.isoformat(), who=who, what=what, details=details)
