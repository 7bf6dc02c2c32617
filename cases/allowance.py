"""How much one person may take: the cap of their day, and how many cases they hold at once."""

from __future__ import annotations

from typing import Final

from django.db.models.functions import Now

from cases.errors import HandsFull
from cases.models import Claim, Review, User
from cases.office import midnight
from cases.standing import standing

# A case in somebody's hands waits for nobody else. Starting never gives a second one; a few may be open side by side to
# compare them, while a queue claimed one by one would be a queue of one's own.
MOST_HELD: Final = 5


def is_day_full(person: User, most_a_day: int | None) -> bool:
    """Whether what `person` decided today and holds now comes to `most_a_day` (None: no cap)."""
    if most_a_day is None:
        return False
    decided = standing(Review.objects.filter(reviewer=person, at__gte=midnight()))
    return decided.count() + _held(person) >= most_a_day


def check_hands(person: User) -> None:
    """Raises HandsFull where `person` holds as many cases as one may. A lease that ran out does not count."""
    if _held(person) >= MOST_HELD:
        raise HandsFull


def _held(person: User) -> int:
    held: int = Claim.objects.filter(holder=person, ended_at=None, lease_until__gt=Now()).count()
    return held
