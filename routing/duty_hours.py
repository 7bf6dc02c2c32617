"""How many hours people have on a day, from what supervisors stated about each of them."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q

from cases.states import Role
from routing.models import Absence, Duty


def hours_on(product: str, day: date, *, minutes: float) -> float | None:
    """Hours on a day of all who are on duty and know the product, nobody's above their most cases; None where nobody's
    duty was stated at all. `minutes` is what one look takes."""
    if not Duty.objects.exists():
        return None
    away = Absence.objects.filter(person=OuterRef("person"), first_day__lte=day, last_day__gte=day)
    present = Duty.objects.filter(
        Q(products=[]) | Q(products__contains=[product]),
        ~Exists(away),
        person__is_active=True,
        person__role__in=(Role.REVIEWER, Role.SUPERVISOR),
    )
    return sum(min(float(duty.hours_a_day), (duty.most_cases_a_day or float("inf")) * minutes / 60) for duty in present)
