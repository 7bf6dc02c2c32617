"""Chainable filters over cases. The state is changed through `cases/move.py` only, so `update(state=…)` raises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from cases import rules
from cases.errors import CaseNotFound
from cases.states import MACHINE_STATES, State

if TYPE_CHECKING:
    from cases.models import Case, User


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

    @staticmethod
    def awake_q() -> Q:
        """Cases that do not rest, or not any more."""
        return Q(snoozed_until=None) | Q(snoozed_until__lte=Now())

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
