"""Which waiting cases a person may take, in the order of the queue, and what bars them from one by name."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from enum import Enum, auto
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from cases.models import Case, Conflict, Opinion, Review, Skip, User
from cases.queries import CaseQuerySet
from cases.standing import standing
from cases.states import Role

SKIPPED_FOR: Final = timedelta(hours=24)


class Bar(Enum):
    """What keeps a person from a case, whoever gives it to them."""

    ENTERED = auto()
    CONFLICT = auto()
    DECIDED = auto()


def bar_of(case: Case, person: User) -> Bar | None:
    """What keeps `person` from this case. Their own decision on it bars them, unless it was taken back: the second view
    of a case, as after it was opened again, is another person's. An opinion without a decision does not: whoever lost a
    lease may claim the case again. In one statement."""
    if case.entered_by_id == person.pk:
        return Bar.ENTERED
    this = Case.objects.filter(pk=case.pk)
    apart, decided = this.values_list(_has_conflict(person), _has_decided(person)).get()
    if apart:
        return Bar.CONFLICT
    return Bar.DECIDED if decided else None


def barred_among(case_ids: Collection[int], person: User) -> set[int]:
    """Those that a conflict of interest, or a decision of their own where it was not sent back to them, keeps from
    `person`, in one statement."""
    decided = _has_decided(person) & ~Q(reserved_for=person)
    barred = Case.objects.filter(_has_conflict(person) | decided, pk__in=case_ids)
    return set(barred.values_list("pk", flat=True))


def _has_conflict(person: User) -> Exists:
    return Exists(Conflict.objects.filter(person=person, applicant=OuterRef("applicant"), ended_at=None))


def _has_decided(person: User) -> Exists:
    return Exists(standing(Review.objects.filter(reviewer=person, case=OuterRef("pk"))))


def claimable_by(
    user: User, *, products: Collection[str] | None = None, within_authority: bool = False
) -> CaseQuerySet:
    """Queued cases `user` may take: kept for them, or kept for nobody and handed to nobody else, of the `products` they
    know (None: all), within their authority if that is asked.

    Never what they entered themselves, what rests, what asks for a supervisor while they are none, whose applicant they
    have a conflict of interest with, or what they passed on within a day. What they gave an opinion on or decided
    before comes back to them only where it is kept for them. Somebody is who works here, and to whom the case was
    handed not too long ago.
    """
    cases: CaseQuerySet = Case.objects.in_queue_order()
    this = OuterRef("pk")
    known = Exists(Opinion.objects.filter(person=user, case=this)) | _has_decided(user)
    skipped = Exists(Skip.objects.filter(person=user, case=this, at__gt=timezone.now() - SKIPPED_FOR))
    handed = cases.unassigned_q() | Q(assigned_to=user)
    free: Any = cases.unreserved_q() & handed & ~known & ~skipped
    if products is not None:
        free &= Q(product__in=products)
    if within_authority:
        free &= Q(amount__lte=user.authority_amount, currency=user.authority_currency)
    if user.role != Role.SUPERVISOR:
        cases = cases.filter(for_supervisor=False)
    mine = Q(reserved_for=user) | free
    return cases.filter(mine, cases.awake_q(), ~_has_conflict(user), Q(entered_by=None) | ~Q(entered_by=user))
