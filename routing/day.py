"""Today's places: how many merely uncertain cases people can still look at, handed out under one lock a product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils import timezone

from cases.models import Case
from cases.states import State
from routing.capacity import Capacity
from routing.models import DayLoad
from routing.policy import TIER_BEYOND
from routing.staff import people_on, routed_products

WEEK: Final = 7


@dataclass(frozen=True)
class Day:
    """One product's locked day and the places that are left on it."""

    load: DayLoad
    places_left: int

    def take(self, *, given: int, beyond: int) -> None:
        """Count cases that took a place, and those beyond the places. Inside the transaction of the lock."""
        self.load.given += given
        self.load.beyond += beyond
        self.load.save(update_fields=["given", "beyond"])


def places_on(product: str, day: date, capacity: Capacity) -> int:
    """Places of a day: of the people on duty, or, where nobody stated any duty, of the hours that the policy states."""
    people = people_on(day)
    if people is None:
        return capacity.places_a_day
    products = routed_products()
    return sum(each.places(product, capacity.minutes_a_look, products) for each in people)


def usual_places(product: str, capacity: Capacity) -> int:
    """Places of an average day of the week that begins today: what a replay of past days may count with."""
    today = timezone.localdate()
    return sum(places_on(product, today + timedelta(days=ahead), capacity) for ahead in range(WEEK)) // WEEK


def lock_day(product: str, capacity: Capacity | None) -> Day | None:
    """Lock the product's present day; None where the policy counts no capacity.

    Two workers at once: the second waits here, and finds fewer places left.
    """
    if capacity is None:
        return None
    day = timezone.localdate()
    if not DayLoad.objects.filter(product=product, day=day).exists():
        DayLoad.objects.get_or_create(product=product, day=day, defaults={"carried": _carried(product, day)})
    load = DayLoad.objects.select_for_update().get(product=product, day=day)
    return Day(load, max(0, places_on(product, day, capacity) - load.carried - load.given))


def _carried(product: str, day: date) -> int:
    """How many cases with a place wait since before the day began: they take its first places."""
    midnight = timezone.make_aware(datetime.combine(day, time.min))
    waiting = Case.objects.filter(state=State.QUEUED, product=product, queued_at__lt=midnight)
    return int(waiting.filter(queue_tier__lt=TIER_BEYOND).count())
