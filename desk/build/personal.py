"""What of a case names a person, as its reader sees it: masked, or as it came for as long as they had it shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.desk_rules import rules_in_force
from cases.models import Applicant, Case, Reveal, User
from cases.personal import is_personal, masked_name, masked_number, masked_text, masked_value, own_names
from desk.case_file import Revealed
from desk.dossier import Dossier
from desk.pages import Event, RevealForm
from desk.words import MISSING, clock, when


@dataclass(frozen=True)
class Sight:
    """How somebody sees the personal values of a case: as they came up to `until`, masked where that is None. `own` are
    the facts that the lender counts among them."""

    until: datetime | None = None
    own: frozenset[str] = frozenset()

    @property
    def is_open(self) -> bool:
        return self.until is not None

    def name_of(self, applicant: Applicant) -> str:
        """Their name, or where none was given the number they are known by."""
        if self.is_open:
            return applicant.name or applicant.external_id
        return masked_name(applicant.name) or masked_number(applicant.external_id)

    def text(self, written: str) -> str:
        """What somebody wrote, without the numbers in it that lead to a person."""
        return written if self.is_open else masked_text(written)

    def number_of(self, applicant: Applicant) -> str:
        return applicant.external_id if self.is_open else masked_number(applicant.external_id)

    def hides(self, name: str) -> bool:
        """Whether a fact of that name is masked for this reader."""
        return not self.is_open and is_personal(name, self.own)

    def is_personal(self, name: str) -> bool:
        return is_personal(name, self.own)

    def shown(self, name: str, value: object) -> str:
        """The value of a personal fact; as it came it has no thousands marked off."""
        if value is None or value == "":
            return MISSING
        return str(value) if self.is_open else masked_value(name, value, self.own)


MASKED: Final = Sight()


def sight_of(dossier: Dossier, user: User | None) -> Sight:
    """How `user` sees the case, without a query where its file was read; nobody sees it masked."""
    return Sight(max(_shown_until(dossier, user), default=None), own_names(dossier.desk.personal_fields))


def has_shown(dossier: Dossier, user: User | None) -> bool:
    """Whether `user` has the names and numbers of the case shown now; never a query."""
    return bool(_shown_until(dossier, user))


def _shown_until(dossier: Dossier, user: User | None) -> list[datetime]:
    now = timezone.now()
    return [each.until for each in dossier.file.reveals if user and each.by_id == user.pk and each.until > now]


def sight_for(case: Case, user: User) -> Sight:
    """As `sight_of`, where nothing of the case was read; two queries."""
    opened = Reveal.objects.filter(case=case, person=user, until__gt=timezone.now()).order_by("-until").first()
    return Sight(opened.until if opened else None, own_names(rules_in_force().personal_fields))


def reveal_form(sight: Sight, url: str) -> RevealForm:
    """The button that has names and numbers shown, or until when they are."""
    if sight.until is not None:
        return RevealForm(url, until=clock(sight.until)[:5])
    return RevealForm(url, tuple((why.value, str(why.label)) for why in Reveal.Why))


def sight_words(dossier: Dossier, user: User) -> str:
    """For paper: whether names and numbers are masked on it, or who had them shown and what for."""
    if not sight_of(dossier, user).is_open:
        return _("masked")
    shown = next(each for each in dossier.file.reveals if each.by_id == user.pk)
    told = _("shown to %(person)s, %(time)s: %(why)s")
    return told % {"person": shown.by, "time": when(shown.at), "why": Reveal.Why(shown.why).label}


def shown_reveals(dossier: Dossier, user: User) -> list[Revealed]:
    """Who had them shown, as far as `user` may know it: who judges a decision a second time stays unknown meanwhile."""
    return [each for each in dossier.file.reveals if each.by_id == user.pk or not each.is_apart]


def reveal_event(shown: Revealed) -> Event:
    """A line of the timeline."""
    until = _("until %(time)s") % {"time": when(shown.until)}
    details = (str(Reveal.Why(shown.why).label), until)
    return Event(when(shown.at), shown.at.isoformat(), shown.by, _("had name and numbers shown"), details)
