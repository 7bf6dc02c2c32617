"""Where a fact of a case comes from and of when it is: a file and its row, a system of the lender, or a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models import CaseEvent
from desk.dossier import Dossier
from desk.origin import is_sent_again
from desk.words import day, number
from intake.values.cell_dates import read_moment
from intake.values.cells import CellError
from scoring.ml.vocabulary import Feature


@dataclass(frozen=True)
class Source:
    """`words` for the column, `detail` in full, `as_of` a day and `age` the days since; `own` where it is not simply
    where the case as a whole comes from."""

    words: str
    detail: str
    as_of: str
    age: str
    own: bool = True


def source_of(dossier: Dossier, name: str, feature: Feature | None = None, *, derived: bool = False) -> Source:
    """The source of one fact; what a person put right later is theirs, and of the day they did it."""
    case = dossier.case
    mended = _mended(dossier, name)
    if mended is not None:
        person = mended.actor.display_name if mended.actor else case.source
        told = _("entered by %(person)s: “%(reason)s”")
        if name in mended.facts.get("computed", ()):
            told = _("computed anew since %(person)s entered another value: “%(reason)s”")
        detail = told % {"person": person, "reason": mended.facts.get("reason", "")}
        return Source(person, detail, day(mended.at), _age(mended.at))
    measured = _measured(dossier, feature) or case.applied_at
    if derived:
        return Source(_("derived"), _("worked out by us from other facts"), day(measured), _age(measured))
    return Source(case.source, origin_words(dossier), day(measured), _age(measured), own=False)


def _mended(dossier: Dossier, name: str) -> CaseEvent | None:
    """The last time a person supplied this value, since the source sent the case: what it sends again replaces that."""
    since = takewhile(lambda event: not is_sent_again(event), reversed(dossier.events))
    supplied = (event for event in since if event.name == "supply_data")
    return next((event for event in supplied if name in event.facts.get("after", {})), None)


def _measured(dossier: Dossier, feature: Feature | None) -> datetime | None:
    """The date that the feature table names as the age of this fact, where the case has one."""
    raw = dossier.case.features.get(feature.as_of) if feature and feature.as_of else None
    if not isinstance(raw, str | int | float) or isinstance(raw, bool):
        return None
    try:
        found: datetime = read_moment(raw, UTC)
    except CellError:
        return None
    return found


def origin_words(dossier: Dossier) -> str:
    """Where the case as a whole comes from: a file and its row, a system of the lender, or its source alone."""
    case, origin = dossier.case, dossier.came_last
    if origin.file and origin.row is None:
        return _("%(source)s: file %(file)s") % {"source": case.source, "file": origin.file}
    if origin.file:
        return _("%(source)s: file %(file)s, row %(row)s") % {
            "source": case.source,
            "file": origin.file,
            "row": origin.row,
        }
    if origin.token:
        return _("%(source)s: sent by %(system)s") % {"source": case.source, "system": origin.token}
    return case.source


def _age(moment: datetime) -> str:
    """`today`, `5 days old`."""
    days = max(timezone.now() - moment, timedelta(0)).days
    return ngettext("%(n)s day old", "%(n)s days old", days) % {"n": number(days)} if days else _("today")
