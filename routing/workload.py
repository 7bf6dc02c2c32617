"""What each person has done and has before them today, counted by product."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet, Value

from cases.models import Case, Claim, Review
from cases.office import midnight
from cases.standing import standing
from routing.models import Assignment


@dataclass
class Workload:
    """One person's day so far: cases by product that they decided, hold, and were handed and not yet taken.

    `given` counts how often the day's assignments named them, `by_lot` how many of those the lot made.
    """

    decided: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    assigned: Counter[str] = field(default_factory=Counter)
    given: int = 0
    by_lot: int = 0

    @property
    def looks(self) -> Counter[str]:
        """Looks by product that are made or promised."""
        return self.decided + self.held + self.assigned

    def minutes(self, minutes_of: Mapping[str, float], otherwise: float) -> float:
        """How long those looks take, at so many minutes by product."""
        return sum(count * minutes_of.get(product, otherwise) for product, count in self.looks.items())


def workloads() -> dict[int, Workload]:
    """Everybody's day so far, by key of the person; who has none is not there. Two statements."""
    found: dict[int, Workload] = {}
    today = midnight()
    decided = _counted("decided", standing(Review.objects.filter(at__gte=today)), "reviewer", "case__product")
    held = _counted("held", Claim.objects.filter(ended_at__isnull=True), "holder", "case__product")
    assigned = _counted("assigned", Case.objects.assigned_to_somebody(), "assigned_to", "product")
    for name, person, product, count in decided.union(held, assigned, all=True):
        getattr(found.setdefault(person, Workload()), name)[product] += count
    given = Assignment.objects.filter(at__gte=today).order_by().values_list("person")
    for person, count, by_lot in given.annotate(n=Count("pk"), by_lot=Count("pk", filter=Q(random=True))):
        mine = found.setdefault(person, Workload())
        mine.given, mine.by_lot = count, by_lot
    return found


def _counted(name: str, rows: QuerySet[Any], person: str, product: str) -> QuerySet[Any, Any]:
    """Rows (name, person, product, count)."""
    named = rows.order_by().annotate(told=Value(name)).values_list("told", person, product)
    counted: QuerySet[Any, Any] = named.annotate(n=Count("pk"))
    return counted
