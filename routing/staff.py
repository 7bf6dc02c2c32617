"""Who is on duty on a day, and how many looks that makes for each product."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from cases.models import User
from cases.states import Role
from routing.capacity import places
from routing.models import Absence, Duty, Policy

LOOKERS = (Role.REVIEWER, Role.SUPERVISOR)


@dataclass(frozen=True)
class OnDuty:
    """A person on duty: minutes and most cases (None: as many as the minutes hold) of the day, products (None: all)."""

    person_id: int
    minutes: float
    most_cases: int | None
    products: frozenset[str] | None

    def knows(self, product: str) -> bool:
        return self.products is None or product in self.products

    def places(self, product: str, minutes: float, products: Collection[str]) -> int:
        """Looks of so many `minutes` at a product that the day holds. Whoever knows several of the `products` that
        cases are routed for gives each an equal part: an hour counted for two products would be promised twice."""
        if not self.knows(product):
            return 0
        shared = max(1, sum(self.knows(each) for each in {*products, product}))
        held = places(self.minutes / 60 / shared, minutes)
        return held if self.most_cases is None else min(held, self.most_cases // shared)


def people_on(day: date) -> list[OnDuty] | None:
    """Who is on duty on a day, by key; None where nobody's duty was stated at all."""
    found = people_on_days([day])
    return None if found is None else found[day]


def _on_duty(duty: Duty) -> OnDuty:
    return OnDuty(
        person_id=duty.person_id,
        minutes=float(duty.hours_a_day) * 60,
        most_cases=duty.most_cases_a_day,
        products=frozenset(duty.products) or None,
    )


def people_on_days(days: Sequence[date]) -> Mapping[date, list[OnDuty]] | None:
    """Who is on duty on each day as it is stated now; None where nobody's duty was stated at all."""
    duties = list(Duty.objects.select_related("person").order_by("person"))
    if not duties:
        return None
    return present(duties, Absence.objects.filter(first_day__lte=max(days), last_day__gte=min(days)), days)


def present(duties: Iterable[Duty], absences: Iterable[Absence], days: Sequence[date]) -> dict[date, list[OnDuty]]:
    """Who is on duty on each day, of duties with their persons and absences that were read."""
    working = [duty for duty in duties if duty.person.is_active and duty.person.role in LOOKERS]
    away = {
        (absence.person_id, day) for absence in absences for day in days if absence.first_day <= day <= absence.last_day
    }
    return {day: [_on_duty(duty) for duty in working if (duty.person_id, day) not in away] for day in days}


def routed_products() -> set[str]:
    """The products that a policy in force routes."""
    return set(Policy.objects.filter(status=Policy.Status.ACTIVE).values_list("product", flat=True))


class Bounds(NamedTuple):
    """What somebody may take: the products they know (None: all) and most cases of a day (None: no cap)."""

    products: frozenset[str] | None = None
    most_cases: int | None = None


def bounds_of(person: User) -> Bounds:
    """As the duty of this person says; none where no duty is stated."""
    said = Duty.objects.filter(person=person).values_list("products", "most_cases_a_day").first()
    return Bounds(frozenset(said[0]) or None, said[1]) if said else Bounds()
