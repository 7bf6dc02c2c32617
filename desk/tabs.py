"""The views of the queue: which cases each tab shows, in which order, and what stands beside a case there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.blindness import SHOWN_WHY
from cases.models import Case, Claim, User
from cases.states import State

FIRST: Final = "open"
# What the file itself says; the other reasons come from the model.
SHOWN_BY_VIEWS: Final = SHOWN_WHY | {"amount_above_limit"}
View = Callable[[QuerySet[Case], User], QuerySet[Case]]


def _waiting(rows: QuerySet[Case]) -> QuerySet[Case]:
    """What waits for a reviewer now: a case that rests is back by itself when its time has come."""
    return rows.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=Now()), state=State.QUEUED)


def _with_reason(*codes: str) -> View:
    """Cases whose first reason is one of `codes`: that is what the row says. Where the reason comes from the model, a
    blind case stands in no such view of who may decide it: the view itself would tell."""

    def view(rows: QuerySet[Case], user: User) -> QuerySet[Case]:
        found = _waiting(rows).alias(first_why=KT("why__0__code")).filter(first_why__in=codes)
        return (
            found
            if set(codes) <= SHOWN_BY_VIEWS or not rules.may_review(None, user)
            else found.exclude(opinion_first=True)
        )

    return view


def _mine(rows: QuerySet[Case], user: User) -> QuerySet[Case]:
    """What this person holds, was handed, asked for, or got back."""
    held = Claim.objects.filter(holder=user, ended_at__isnull=True).values("case")
    awake = Q(snoozed_until=None) | Q(snoozed_until__lte=Now())
    return rows.filter(
        awake & Q(state__in=[State.QUEUED, State.WAITING_INFO], reserved_for=user)
        | Q(state=State.QUEUED, assigned_to=user, assigned_at__gte=rules.assignments_lapse_at())
        | Q(state=State.IN_REVIEW, pk__in=held)
    )


VIEWS: Final[dict[str, tuple[Promise, View]]] = {
    FIRST: (_("Open"), lambda rows, user: _waiting(rows)),
    "mine": (_("Mine"), _mine),
    "key": (_("Key and large"), _with_reason("key_customer", "amount_above_limit", "other_currency")),
    "grey": (_("Grey band"), _with_reason("grey_band")),
    "doubt": (_("Doubtful"), _with_reason("doubtful")),
    "audit": (_("Audit sample"), _with_reason("audit")),
    "waiting": (_("Waiting for documents"), lambda rows, user: rows.filter(state=State.WAITING_INFO)),
    "resting": (_("Snoozed"), lambda rows, user: rows.filter(state=State.QUEUED, snoozed_until__gt=Now())),
}
