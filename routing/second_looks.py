"""Drawing the decisions of people that get a blind second look."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from cases.desk_rules import rules_in_force
from cases.draws import draw
from cases.models import Case, Review, SecondLook
from cases.states import DecidedBy
from routing.models import Route

SECOND_LOOK: Final = "second_look"  # the arm of the draw
# How far the sweep looks back: a decision is drawn seconds after its release, or as soon as the sweep runs again.
LOOKS_BACK: Final = timedelta(days=3)


def draw_second_looks() -> int:
    """Draw among the latest decisions of people, released and standing. Returns how many were drawn.

    Every decision has one draw, so that looking again changes nothing; two sweeps at once meet at the unique review.
    The draw is keyed by the policy that routed the case, so that nobody at the desk can foresee it.
    """
    share = rules_in_force().second_look_share
    if share == 0:
        return 0
    now = timezone.now()
    latest = Review.objects.filter(case=OuterRef("pk")).order_by("-seen_version")
    route = Route.objects.filter(case=OuterRef("pk")).order_by("-id").values("policy__audit_secret")[:1]
    decided = (
        Case.objects.filter(Q(released_at=None) | Q(released_at__lte=now), decided_by=DecidedBy.PERSON)
        .filter(decided_at__gte=now - LOOKS_BACK)
        .annotate(
            decision=Subquery(latest.values("pk")[:1]),
            decider=Subquery(latest.values("reviewer")[:1]),
            seen=Subquery(latest.values("seen_version")[:1]),
            secret=Subquery(route),
        )
        .exclude(Exists(SecondLook.objects.filter(review=OuterRef("decision"))))
    )
    drawn = [
        SecondLook(case_id=key, review_id=decision, reviewer_id=decider, probability=share)
        for key, source, ref, decision, decider, seen, secret in decided.values_list(
            "pk", "source", "external_ref", "decision", "decider", "seen", "secret"
        )
        if draw(secret or settings.SECRET_KEY, SECOND_LOOK, f"{source}/{ref}/{seen}") < share
    ]
    with transaction.atomic(durable=True):
        SecondLook.objects.bulk_create(drawn, ignore_conflicts=True)
    return len(drawn)
