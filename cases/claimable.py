"""Which waiting cases a person may take, in the order of the queue, and what bars them from one by name."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from enum import Enum, auto
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from cases.models import Case, Conflict, Opinion, Reopening, Review, Signature, Skip, User
from cases.queries import CaseQuerySet
from cases.standing import standing
from cases.states import Role

SKIPPED_FOR: Final = timedelta(hours=24)


class Bar(Enum):
    """What keeps a person from a case, whoever gives it to them."""

    ENTERED = auto()
    CONFLICT = auto()
    DECIDED = auto()
    CONFIRMED = auto()


def bar_of(case: Case, person: User) -> Bar | None:
    """What keeps `person` from this case. Their own decision on it bars them, unless it was taken back: the second view
    of a case, as after it was opened again, is another person's. An opinion without a decision does not: whoever lost a
    lease may claim the case again. Whoever signed a decision on it, or let it be opened again, does not decide it
    either: no person reverses alone what two have said. In one statement."""
    if case.entered_by_id == person.pk:
        return Bar.ENTERED
    asked = _has_conflict(person), has_confirmed(person), _has_decided(person)
    found = Case.objects.filter(pk=case.pk).values_list(*asked).get()
    bars = (Bar.CONFLICT, Bar.CONFIRMED, Bar.DECIDED)
    return next((bar for bar, holds in zip(bars, found, strict=True) if holds), None)


def barred_among(case_ids: Collection[int], person: User) -> set[int]:
    """Those that a conflict of interest, a signature, or a decision of their own where it was not sent back to them,
    keeps from `person`, in one statement."""
    decided = _has_decided(person) & ~Q(reserved_for=person)
    barred = Case.objects.filter(_has_conflict(person) | has_confirmed(person) | decided, pk__in=case_ids)
    return set(barred.values_list("pk", flat=True))


def _has_conflict(person: User) -> Exists:
    return Exists(Conflict.objects.filter(person=person, applicant=OuterRef("applicant"), ended_at=None))


def _has_decided(person: User) -> Exists:
    return Exists(standing(Review.objects.filter(reviewer=person, case=OuterRef("pk"))))


def has_confirmed(person: User | OuterRef, case: Case | None = None) -> Q:
    """Whether the person signed a decision on the case, be it by another's hand, or let it be opened again;
    of the case of the row where none is named."""
    of: Any = case or OuterRef("pk")
    signed = Signature.objects.filter(review__case=of, verdict=Signature.Verdict.CONFIRM)
    signed = signed.filter(Q(signer=person) | Q(on_behalf_of=person))
    opened = Reopening.objects.filter(case=of, answered_by=person, verdict=Reopening.Verdict.APPROVE)
    return Q(Exists(signed)) | Q(Exists(opened))


def claimable_by(
    user: User, *, products: Collection[str] | None = None, within_authority: bool = False
) -> CaseQuerySet:
    """Queued cases `user` may take: kept for them, or kept for nobody and handed to nobody else, of the `products` they
    know (None: all), within their authority if that is asked.

    Never what they entered themselves, what rests, what asks for a supervisor while they are none, whose applicant they
    have a conflict of interest with, whose decision they signed or let be opened again, or what they passed on within a
    day. What they gave an opinion on or decided
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
    return cases.filter(
        mine, cases.awake_q(), ~_has_conflict(user), ~has_confirmed(user), Q(entered_by=None) | ~Q(entered_by=user)
    )
