"""What the people of the desk did and have before them: the figures of a team board, in a few statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Aggregate, Count, DurationField, F, Min, OuterRef, Q, QuerySet, Value
from django.utils import timezone

from cases.desk_rules import working_hours
from cases.models import Case, Claim, Conflict, DeskRules, Review, Skip
from cases.office import midnight
from cases.standing import standing
from cases.states import Outcome, State
from cases.working_time import soon_until


class Median(Aggregate):
    """The middle of the values, as PostgreSQL computes it."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass
class PersonFigures:
    """One person's decisions since a moment, and what is before them now.

    `advised` are decisions where the model gave advice, `overrides` those against it by what they decided instead;
    `too_fast` took less time than the desk's rules allow, `spent` is the median time.
    """

    decided: int = 0
    advised: int = 0
    to_approve: int = 0
    to_decline: int = 0
    too_fast: int = 0
    spent: timedelta | None = None
    decided_today: int = 0
    skipped: int = 0
    held: int = 0
    assigned: int = 0
    kept: int = 0
    waiting: int = 0
    late: int = 0

    @property
    def load(self) -> int:
        """Cases that wait for this person: held, handed to them, or kept for them."""
        return self.held + self.assigned + self.kept

    @property
    def agreement(self) -> float | None:
        """The share of advised decisions that follow the advice."""
        return 1 - (self.to_approve + self.to_decline) / self.advised if self.advised else None


@dataclass
class QueueFigures:
    """The waiting cases of one product: all, those beyond their time, those due soon, and by age in the queue."""

    waiting: int = 0
    late: int = 0
    soon: int = 0
    resting: int = 0
    ages: dict[str, int] = field(default_factory=dict)
    oldest: datetime | None = None


# Upper ends of the bands of age, in days; the last has none.
AGES = {"1": 1, "3": 3, "7": 7}
OLDER = "more"


def person_figures(since: datetime, rules: DeskRules) -> dict[int, PersonFigures]:
    """By key of the person, for everybody who did or has something. Three statements."""
    found: dict[int, PersonFigures] = {}
    fast = timedelta(seconds=rules.too_fast_seconds)
    # A decision that was taken back is none.
    reviews = standing(Review.objects.filter(at__gte=since)).order_by().values_list("reviewer")
    for person, *counts in reviews.annotate(
        decided=Count("pk"),
        advised=Count("pk", filter=~Q(advice="")),
        to_approve=Count("pk", filter=Q(is_override=True, outcome=Outcome.APPROVE)),
        to_decline=Count("pk", filter=Q(is_override=True) & ~Q(outcome=Outcome.APPROVE)),
        too_fast=Count("pk", filter=Q(at__lt=F("claimed_at") + fast)),
        spent=Median(F("at") - F("claimed_at")),
        decided_today=Count("pk", filter=Q(at__gte=midnight())),
    ):
        found[person] = PersonFigures(*counts)
    skips = _counts("skipped", Skip.objects.filter(at__gte=since), "person")
    claims = _counts("held", Claim.objects.filter(ended_at__isnull=True), "holder")
    for name, person, count in skips.union(claims, all=True):
        setattr(found.setdefault(person, PersonFigures()), name, count)
    _count_places(found)
    return found


def _counts(name: str, rows: QuerySet[Any], person: str) -> QuerySet[Any, Any]:
    """Rows (name, person, count)."""
    named = rows.order_by().annotate(told=Value(name)).values_list("told", person)
    counted: QuerySet[Any, Any] = named.annotate(n=Count("pk"))
    return counted


def _count_places(found: dict[int, PersonFigures]) -> None:
    """Cases that are kept for somebody or were handed to them; a case that is both counts as kept."""
    mine = Case.objects.filter(state__in=[State.QUEUED, State.WAITING_INFO])
    mine = mine.filter(Q(reserved_for__isnull=False) | Q(assigned_to__isnull=False)).order_by()
    late = Count("pk", filter=Q(state=State.QUEUED, due_at__lt=timezone.now()))
    for row in mine.values("reserved_for", "assigned_to", "state").annotate(n=Count("pk"), late=late):
        figures = found.setdefault(row["reserved_for"] or row["assigned_to"], PersonFigures())
        if row["state"] == State.WAITING_INFO:
            figures.waiting += row["n"]
        elif row["reserved_for"]:
            figures.kept += row["n"]
        else:
            figures.assigned += row["n"]
        figures.late += row["late"]


def queue_figures(rules: DeskRules) -> dict[str, QueueFigures]:
    """By product, in one statement; soon is by the working time of `rules`."""
    now = timezone.now()
    bands: dict[str, Any] = {}
    newer = now
    for name, days in AGES.items():
        older = now - timedelta(days=days)
        bands[f"age_{name}"] = Count("pk", filter=Q(queued_at__gt=older, queued_at__lte=newer))
        newer = older
    bands[f"age_{OLDER}"] = Count("pk", filter=Q(queued_at__lte=newer))
    rows = Case.objects.filter(state=State.QUEUED).order_by("product").values("product")
    counted = rows.annotate(
        waiting=Count("pk"),
        late=Count("pk", filter=Q(due_at__lt=now)),
        soon=Count("pk", filter=Q(due_at__gte=now, due_at__lt=soon_until(now, working_hours(rules)))),
        resting=Count("pk", filter=Q(snoozed_until__gt=now)),
        oldest=Min("queued_at"),
        **bands,
    )
    return {
        row["product"]: QueueFigures(
            waiting=row["waiting"],
            late=row["late"],
            soon=row["soon"],
            resting=row["resting"],
            oldest=row["oldest"],
            ages={name: row[f"age_{name}"] for name in (*AGES, OLDER)},
        )
        for row in counted
    }


@dataclass(frozen=True)
class Handed:
    """A waiting case that somebody was handed and has not taken; `excluded` may not see it."""

    case_id: int
    product: str
    excluded: frozenset[int]


def cases_handed_to() -> dict[int, list[Handed]]:
    """By person, what they were handed, the most urgent first; in one statement."""
    apart = Conflict.objects.filter(applicant=OuterRef("applicant"), ended_at=None).values("person")
    rows = Case.objects.assigned_to_somebody().filter(reserved_for=None).in_queue_order()
    found: dict[int, list[Handed]] = {}
    listed = rows.annotate(apart=ArraySubquery(apart))
    for person, case, product, entered_by, others in listed.values_list(
        "assigned_to", "pk", "product", "entered_by", "apart"
    ):
        excluded = frozenset(others) | ({entered_by} if entered_by else frozenset())
        found.setdefault(person, []).append(Handed(case, product, excluded))
    return found
