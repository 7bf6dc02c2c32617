"""Decisions that nobody signs in time: the machine returns them to their reviewer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from cases.desk_rules import rules_in_force, working_hours
from cases.models import Case, DeskRules, Review, User
from cases.move import Move, move_cases
from cases.notices import notify
from cases.returning import back_to
from cases.states import State
from cases.working_time import working_seconds


def expire_signoffs(*, now: datetime | None = None, limit: int = 500) -> int:
    """Return decisions that waited too many working hours for a signature to their reviewers, on top. Returns how many.

    A signature at the same moment: the version is compared under the lock, so whoever comes second changes nothing.
    """
    rules, now = rules_in_force(), now or timezone.now()
    desk = working_hours(rules)
    most = timedelta(hours=rules.signoff_expiry_hours)
    latest = Review.objects.filter(case=OuterRef("pk")).order_by("-seen_version")
    waiting = Case.objects.filter(state=State.AWAITING_SIGNOFF)
    waiting = waiting.annotate(review_id=Subquery(latest.values("pk")[:1]), decided=Subquery(latest.values("at")[:1]))
    # On the clock of the wall no less time has passed than on that of the office.
    old = waiting.filter(decided__lt=now - most).order_by(F("decided"), "pk")[:limit]
    late = {case.review_id: case for case in old if working_seconds(case.decided, now, desk) >= most.total_seconds()}
    reviewers = dict(Review.objects.filter(pk__in=late).values_list("pk", "reviewer"))
    people = User.objects.in_bulk(set(reviewers.values()))
    moves = []
    for review, case in late.items():
        place = back_to(people[reviewers[review]], "signoff_expired")
        changes = {**place, "reserved_for": reviewers[review]}
        facts = {"review": review, "hours": rules.signoff_expiry_hours}
        moves.append(Move(case.pk, case.version, changes=changes, facts=facts))
    with transaction.atomic(durable=True):
        moved = move_cases("expire_signoff", moves)
        for review, case in late.items():
            if case.pk in moved:
                notify([people[reviewers[review]]], "signoff_expired", case, {}, caused_by=None)
        return len(moved)


def signing_time_left(review: Review, rules: DeskRules, now: datetime) -> timedelta:
    """How much working time is left until the decision goes back; never less than nothing."""
    spent = timedelta(seconds=working_seconds(review.at, now, working_hours(rules)))
    left = timedelta(hours=rules.signoff_expiry_hours) - spent
    return max(left, timedelta(0))
