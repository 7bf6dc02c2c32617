"""Chainable filters over cases. The state is changed through `cases/move.py` only, so `update(state=…)` raises."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from cases import rules
from cases.errors import CaseNotFound
from cases.states import MACHINE_STATES, Role, State

if TYPE_CHECKING:
    from cases.models import Case, User

SKIPPED_FOR: Final = timedelta(hours=24)


def key_of_ref(ref: str) -> int | None:
    """The key in a name like `CR-10482`; None when it is no such name."""
    prefix, _, key = ref.partition("-")
    return int(key) if prefix == "CR" and key.isascii() and key.isdigit() and len(key) <= 18 else None


class CaseQuerySet(models.QuerySet["Case"]):
    def update(self, **kwargs: Any) -> int:
        """Refuses what only the machine may change.

        Raises:
            RuntimeError: when `state` or `version` is among the fields.
        """
        guarded = {"state", "version"} & kwargs.keys()
        if guarded:
            raise RuntimeError(f"{sorted(guarded)} change through cases/move.py only")
        return super().update(**kwargs)

    def visible_to(self, user: User) -> CaseQuerySet:
        return self if rules.may_read(user) else self.none()

    def by_ref(self, ref: str) -> Case:
        """The case named like `CR-10482`.

        Raises:
            CaseNotFound: when the name is not one or no such case is in this queryset.
        """
        key = key_of_ref(ref)
        case = self.filter(pk=key).first() if key else None
        if case is None:
            raise CaseNotFound
        return case

    def waiting_for_machine(self) -> CaseQuerySet:
        return self.filter(state__in=MACHINE_STATES)

    def in_queue_order(self) -> CaseQuerySet:
        return self.filter(state=State.QUEUED).order_by("queue_tier", "queue_rank", "id")

    def claimable_by(self, user: User) -> CaseQuerySet:
        """Queued cases this person may take: kept for them, or kept for nobody and handed to nobody else; never what
        they entered themselves. Somebody is who works here, and to whom the case was handed not too long ago."""
        free = self.unreserved_q() & (self.unassigned_q() | Q(assigned_to=user))
        mine = self.in_queue_order().filter(Q(reserved_for=user) | free)
        return mine.filter(Q(entered_by=None) | ~Q(entered_by=user)).offered_to(user)

    def offered_to(self, user: User) -> CaseQuerySet:
        """Without what rests, what was escalated past this person, and what they skipped within a day."""
        awake = self.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=Now()))
        if user.role != Role.SUPERVISOR:
            awake = awake.filter(for_supervisor=False)
        return awake.exclude(skips__person=user, skips__at__gt=Now() - SKIPPED_FOR)

    @staticmethod
    def unreserved_q() -> Q:
        return Q(reserved_for=None) | Q(reserved_for__is_active=False)

    @staticmethod
    def unassigned_q() -> Q:
        """Handed to nobody, or to somebody who did not take it in time or works here no more."""
        return Q(assigned_to=None) | Q(assigned_at__lt=rules.assignments_lapse_at()) | Q(assigned_to__is_active=False)

    def assigned_to_somebody(self) -> CaseQuerySet:
        """Queued cases that still wait for the person they were handed to."""
        return self.filter(
            state=State.QUEUED, assigned_to__is_active=True, assigned_at__gte=rules.assignments_lapse_at()
        )

    def held_by(self, user: User) -> CaseQuerySet:
        return self.filter(
            state=State.IN_REVIEW,
            claims__holder=user,
            claims__ended_at__isnull=True,
            claims__lease_until__gt=Now(),
        )
