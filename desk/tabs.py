"""The views of the queue: which cases each tab shows, in which order, and what stands beside a case there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.models import Case, Claim, User
from cases.states import State
from desk.keyset import after, cursor_of

ORDER: Final = ("queue_tier", "queue_rank", "id")
BACKWARDS: Final = tuple(f"-{name}" for name in ORDER)
FIRST: Final = "open"
View = Callable[[QuerySet[Case], User], QuerySet[Case]]


def _with_reason(*codes: str) -> View:
    """Cases whose first reason is one of `codes`: that is what the row says."""
    return lambda rows, user: rows.filter(state=State.QUEUED, why__0__code__in=codes)


def _mine(rows: QuerySet[Case], user: User) -> QuerySet[Case]:
    """What this person holds, was handed, asked for, or got back."""
    held = Claim.objects.filter(holder=user, ended_at__isnull=True).values("case")
    return rows.filter(
        Q(state__in=[State.QUEUED, State.WAITING_INFO], reserved_for=user)
        | Q(state=State.QUEUED, assigned_to=user, assigned_at__gte=rules.assignments_lapse_at())
        | Q(state=State.IN_REVIEW, pk__in=held)
    )


VIEWS: Final[dict[str, tuple[Promise, View]]] = {
    FIRST: (_("Open"), lambda rows, user: rows.filter(state=State.QUEUED)),
    "mine": (_("Mine"), _mine),
    "key": (_("Key and large"), _with_reason("key_customer", "amount_above_limit", "other_currency")),
    "grey": (_("Grey band"), _with_reason("grey_band")),
    "doubt": (_("Doubtful"), _with_reason("doubtful")),
    "audit": (_("Audit sample"), _with_reason("audit")),
    "waiting": (_("Waiting for documents"), lambda rows, user: rows.filter(state=State.WAITING_INFO)),
}


def known_view(name: str) -> str:
    """`name` if it is a view, else the first one."""
    return name if name in VIEWS else FIRST


def cases_of(view: str, user: User) -> QuerySet[Case]:
    """The cases of a view that `user` may see, without an order."""
    return VIEWS[known_view(view)][1](Case.objects.visible_to(user), user)


def neighbours(case: Case, view: str, user: User) -> tuple[Case | None, Case | None]:
    """The cases before and behind `case` in a view of the queue; none for a case that has no place there."""
    if case.queue_tier is None:
        return None, None
    rows = cases_of(view, user)
    before = after(rows.order_by(*BACKWARDS), BACKWARDS, cursor_of(case, BACKWARDS))
    behind = after(rows.order_by(*ORDER), ORDER, cursor_of(case, ORDER))
    # One statement for both: which is which, their places tell.
    found = list(before[:1].union(behind[:1], all=True))
    place = _place_of(case)
    return (
        next((each for each in found if _place_of(each) < place), None),
        next((each for each in found if _place_of(each) > place), None),
    )


def _place_of(case: Case) -> tuple[int, float, int]:
    return case.queue_tier or 0, case.queue_rank or 0.0, case.pk
