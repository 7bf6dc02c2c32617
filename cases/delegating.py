"""Giving the pen away for some days: a supervisor lets one other person sign in their place."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.errors import BadDecision, NotAllowed
from cases.locks import hold
from cases.models import Delegation, User
from cases.office import OFFICE
from cases.states import Role

MOST_DAYS: Final = 60
REASON_MOST: Final = 200
LOCK: Final = "pens that are given away"


def may_hold(giver: User) -> QuerySet[User]:
    """Who may sign in the place of `giver`."""
    people = User.objects.filter(is_active=True, role__in=[Role.REVIEWER, Role.SUPERVISOR])
    return people.exclude(pk=giver.pk).order_by("username")


def standing_delegations() -> QuerySet[Delegation]:
    """Those that hold now or will, the first to begin first."""
    open_now = Delegation.objects.filter(ended_at__isnull=True, ends_at__gt=timezone.now())
    return open_now.select_related("giver", "holder").order_by("starts_at", "id")


def give_pen(*, by: User, holder_id: int, first_day: date, last_day: date, reason: str) -> Delegation:
    """Let somebody sign in `by`'s place, with `by`'s authority, from one day to another, both included, on the clock of
    the office. A pen is in one hand at a time, and a hand holds one pen: two delegations never overlap in either.

    Two supervisors at once give one person their pens: the second waits and is refused.

    Raises:
        NotAllowed: not a supervisor. BadDecision: names the field that does not fit.
    """
    if not (by.is_active and by.role == Role.SUPERVISOR):
        raise NotAllowed
    lacking = _("Say why, in ten characters or more.")
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=lacking, field="reason")
    if len(why) > REASON_MOST:
        raise BadDecision("reason", _("Keep the reason to 200 characters or fewer."))
    holder = may_hold(by).filter(pk=holder_id).first()
    if holder is None:
        raise BadDecision("holder", _("Choose a reviewer or another supervisor."))
    starts_at, ends_at = _period(first_day, last_day)
    with transaction.atomic(durable=True):
        hold(LOCK)
        others = standing_delegations().filter(starts_at__lt=ends_at, ends_at__gt=starts_at)
        other = others.filter(Q(giver=by) | Q(holder=holder)).first()
        if other is not None and other.giver_id == by.pk:
            said = _("%(person)s signs for you in these days already: end that first.")
            raise BadDecision("first_day", said % {"person": other.holder.display_name})
        if other is not None:
            said = _("%(person)s signs for %(other)s in these days.")
            names = {"person": holder.display_name, "other": other.giver.display_name}
            raise BadDecision("holder", said % names)
        return Delegation.objects.create(giver=by, holder=holder, starts_at=starts_at, ends_at=ends_at, reason=why)


def _period(first_day: date, last_day: date) -> tuple[datetime, datetime]:
    now = timezone.now()
    today = now.astimezone(OFFICE).date()
    if first_day < today:
        raise BadDecision("first_day", _("No day before today."))
    if last_day < first_day:
        raise BadDecision("last_day", _("The last day is before the first."))
    if (last_day - first_day).days >= MOST_DAYS:
        raise BadDecision("last_day", _("A delegation lasts 60 days at most."))
    starts_at = now if first_day == today else datetime.combine(first_day, time.min, OFFICE)
    return starts_at, datetime.combine(last_day + timedelta(days=1), time.min, OFFICE)


def end_delegation(delegation_id: int, *, by: User) -> Delegation:
    """Take the pen back before its day; whoever gave it may, and who holds it may lay it down. Ended once: again
    changes nothing.

    Raises:
        BadDecision: there is no such delegation. NotAllowed: it is somebody else's.
    """
    with transaction.atomic(durable=True):
        found = Delegation.objects.select_for_update(of=("self",)).select_related("giver", "holder")
        delegation = found.filter(pk=delegation_id).first()
        if delegation is None:
            raise BadDecision("", _("There is no such delegation."))
        if by.pk not in (delegation.giver_id, delegation.holder_id) or not by.is_active:
            raise NotAllowed
        if delegation.ended_at is None:
            delegation.ended_at = timezone.now()
            delegation.save(update_fields=["ended_at"])
        return delegation
