"""Having the names and numbers of an applicant shown: for a while, for a purpose, and never without a trace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.desk_rules import rules_in_force
from cases.errors import BadDecision, CaseNotFound, NotAllowed, TooManyReveals
from cases.models import Case, Reveal, User

# Nobody reads more files than that with care; whoever collects names does.
MOST_AN_HOUR: Final = 60


def reveal_applicant(case_id: int, *, by: User, why: str) -> Reveal:
    """Show `by` the personal values of the case for as long as the rules of the desk say, and keep that it was done.
    Refuses as `reveal_applicants` does."""
    return reveal_applicants([case_id], by=by, why=why)[0]


def reveal_applicants(case_ids: Sequence[int], *, by: User, why: str) -> list[Reveal]:
    """Show `by` the personal values of these cases, which they compare: all of them or none, each kept by itself.

    Two presses at once: the second waits for the row of the person and gets what the first has opened, as does whoever
    asks again while it is open. No case moves: versions and signatures stay as they are.

    Raises:
        NotAllowed: who asks does not work here any more. BadDecision: no such purpose; names the field.
        TooManyReveals: more in an hour than anybody reads with care. CaseNotFound.
    """
    if not rules.may_read(by):
        raise NotAllowed
    if why not in Reveal.Why.values:
        raise BadDecision("why", _("Choose what you need them for."))
    with transaction.atomic(durable=True):
        list(User.objects.select_for_update(no_key=True).filter(pk=by.pk).values_list("pk"))
        return [_reveal(case_id, by, why) for case_id in case_ids]


def _reveal(case_id: int, by: User, why: str) -> Reveal:
    case, now = Case.objects.filter(pk=case_id).first(), timezone.now()
    if case is None:
        raise CaseNotFound
    mine = Reveal.objects.filter(person=by)
    opened = mine.filter(case=case, until__gt=now).last()
    if opened is not None:
        return opened
    if mine.filter(at__gt=now - timedelta(hours=1)).count() >= MOST_AN_HOUR:
        raise TooManyReveals
    until = now + timedelta(minutes=rules_in_force().reveal_minutes)
    return Reveal.objects.create(case=case, person=by, why=why, at=now, until=until)
