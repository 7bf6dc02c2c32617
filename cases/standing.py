"""Which decisions hold: a person's is released after a while, and one that was taken back never was.

Whatever acts on decisions outside the desk (labels, outcomes, exposure, the API) asks here first.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from cases.models import Case, CaseEvent, DeskRules, Review


def release_hold() -> timedelta:
    """How long the decision of a person can be taken back."""
    said = DeskRules.objects.order_by("-id").values_list("release_hold_seconds", flat=True).first()
    return timedelta(seconds=DeskRules().release_hold_seconds if said is None else said)


def hold_seconds() -> Coalesce:
    """The same in seconds, for a query that runs anyway."""
    latest = DeskRules.objects.order_by("-id").values("release_hold_seconds")[:1]
    return Coalesce(Subquery(latest), Value(DeskRules().release_hold_seconds))


def is_released(case: Case) -> bool:
    """Whether nobody can take the decision back alone any more; the machine's and the lender's hold at once."""
    return case.released_at is None or case.released_at <= timezone.now()


def released_q(path: str = "") -> Q:
    """As `is_released`, as a condition on the case that `path` (`case__`) leads to."""
    return Q(**{f"{path}released_at": None}) | Q(**{f"{path}released_at__lte": timezone.now()})


def standing(reviews: QuerySet[Review]) -> QuerySet[Review]:
    """Without the decisions that were taken back: a decision is the move behind the version its maker saw, and nothing
    but taking it back at once can be the move behind that."""
    taken_back = CaseEvent.objects.filter(case=OuterRef("case"), seq=OuterRef("seen_version") + 2, name="take_back")
    return reviews.filter(~Exists(taken_back))


def settled(reviews: QuerySet[Review]) -> QuerySet[Review]:
    """Standing decisions that cannot be taken back any more: released, or something has followed them."""
    held = Q(case__version=F("seen_version") + 1, case__released_at__gt=timezone.now())
    return standing(reviews).exclude(held)
