"""Today's places: how many merely uncertain cases people can still look at, handed out under one lock a product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from routing.capacity import Capacity, places
from routing.duty_hours import hours_on
from routing.models import DayLoad


@dataclass(frozen=True)
class Day:
    """One product's locked day and the places that are left on it."""

    load: DayLoad
    places_left: int

    def take(self, *, given: int, beyond: int) -> None:
        """Count cases that went to people, and those beyond the places. Inside the transaction of the lock."""
        self.load.given += given
        self.load.beyond += beyond
        self.load.save(update_fields=["given", "beyond"])


def places_on(product: str, day: date, capacity: Capacity) -> int:
    """Places of a day: of the people on duty, or, where nobody stated any duty, of the hours that the policy states."""
    hours = hours_on(product, day, minutes=capacity.minutes_a_look)
    return places(capacity.hours_a_day if hours is None else hours, capacity.minutes_a_look)


def lock_day(product: str, capacity: Capacity | None) -> Day | None:
    """Lock the product's present day; None where the policy counts no capacity.

    Two workers at once: the second waits here, and finds fewer places left.
    """
    if capacity is None:
        return None
    day = timezone.localdate()
    DayLoad.objects.get_or_create(product=product, day=day)
    load = DayLoad.objects.select_for_update().get(product=product, day=day)
    return Day(load, max(0, places_on(product, day, capacity) - load.given))
