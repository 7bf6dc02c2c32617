"""What the months of a loan say of it: bad, good, or not known. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

# A loan is bad from so many days past due on (CRE36.68 and the rules on risk classification of 2023: over 90).
BAD_FROM: Final = 90
# Two months between two days told, and nothing of the window is unknown.
LARGEST_GAP: Final = timedelta(days=62)


@dataclass(frozen=True)
class Month:
    """Days past due as of a day; `is_paid` where nothing is owed any more."""

    as_of: date
    dpd: int
    is_paid: bool = False


def first_bad(months: Sequence[Month], until: date) -> date | None:
    """The first day told, up to `until`, on which the loan was bad."""
    return min((each.as_of for each in months if each.as_of <= until and each.dpd >= BAD_FROM), default=None)


def is_known_good(months: Sequence[Month], since: date, until: date) -> bool:
    """Whether the months tell of all the time from `since` to `until`, and nowhere of a bad loan. A month that was not
    told may have been bad; behind the end of a loan that is paid nothing can."""
    if first_bad(months, until) is not None:
        return False
    seen = since
    for month in sorted(months, key=lambda each: each.as_of):
        if month.as_of - seen > LARGEST_GAP:
            return False
        seen = max(seen, month.as_of)
        if month.is_paid or seen >= until:
            return True
    return until - seen <= LARGEST_GAP and seen > since
