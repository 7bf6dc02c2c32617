"""Decisions that nobody signs in time: the machine returns them to their reviewer."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from cases.desk_rules import rules_in_force
from cases.models import Case, DeskRules, Review, User
from cases.move import Move, move_cases
from cases.returning import back_to
from cases.states import State

OFFICE = ZoneInfo("Asia/Shanghai")


def expire_signoffs(*, now: datetime | None = None, limit: int = 500) -> int:
    """Return decisions that waited too many working hours for a signature to their reviewers, on top. Returns how many.

    A signature at the same moment: the version is compared under the lock, so whoever comes second changes nothing.
    """
    rules, now = rules_in_force(), now or timezone.now()
    most = timedelta(hours=rules.signoff_expiry_hours)
    latest = Review.objects.filter(case=OuterRef("pk")).order_by("-seen_version")
    waiting = Case.objects.filter(state=State.AWAITING_SIGNOFF)
    waiting = waiting.annotate(review_id=Subquery(latest.values("pk")[:1]), decided=Subquery(latest.values("at")[:1]))
    # On the clock of the wall no less time has passed than on that of the office.
    old = waiting.filter(decided__lt=now - most).order_by(F("decided"), "pk")[:limit]
    late = {case.review_id: case for case in old if working_time(case.decided, now, rules) >= most}
    reviewers = dict(Review.objects.filter(pk__in=late).values_list("pk", "reviewer"))
    people = User.objects.in_bulk(set(reviewers.values()))
    moves = []
    for review, case in late.items():
        place = back_to(people[reviewers[review]], "signoff_expired")
        changes = {**place, "reserved_for": reviewers[review]}
        facts = {"review": review, "hours": rules.signoff_expiry_hours}
        moves.append(Move(case.pk, case.version, changes=changes, facts=facts))
    with transaction.atomic(durable=True):
        return len(move_cases("expire_signoff", moves))


def signing_time_left(review: Review, rules: DeskRules, now: datetime) -> timedelta:
    """How much working time is left until the decision goes back; never less than nothing."""
    left = timedelta(hours=rules.signoff_expiry_hours) - working_time(review.at, now, rules)
    return max(left, timedelta(0))


def working_time(start: datetime, end: datetime, rules: DeskRules) -> timedelta:
    """The part of the time from `start` to `end` that lies in the office hours of working days."""
    known = _calendar(rules.holiday_country)
    start, end = start.astimezone(OFFICE), end.astimezone(OFFICE)
    spent, day = timedelta(0), start.date()
    while day <= end.date():
        if known.is_working_day(day):
            opens, closes = _at(day, rules.workday_start), _at(day, rules.workday_end)
            spent += max(min(closes, end) - max(opens, start), timedelta(0))
        day += timedelta(days=1)
    return spent


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, OFFICE).astimezone(UTC)


@cache
def _calendar(country: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country)
