"""Which looks come after the time they are due, in a queue of people who work some hours a day.

Assumed: people work WORKING_HOURS every day, the looks of a day come evenly over these hours, and the places of a day
are spread over them likewise. A lower tier is looked at first, within a tier who came first. What waits when the day
ends is gone on with the next day; the night counts for the time due, as it does for real cases.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

WORKING_HOURS: Final = 8
# No case is due sooner than in a quarter of an hour.
SLOTS_AN_HOUR: Final = 4
SLOTS_A_DAY: Final = WORKING_HOURS * SLOTS_AN_HOUR
HOURS_A_DAY: Final = 24
# Sums of fractions of a place are not exact.
ALMOST: Final = 1e-6


def late(day: IntArray, tier: IntArray, hours: FloatArray, places: int) -> BoolArray:
    """Which of n looks (n,), in the order in which they came, are not done `hours` (n,) after they came.

    `day` (n,) counts from 0, `places` are those of a day.
    """
    n = len(day)
    if not n:
        return np.zeros(0, dtype=np.bool_)
    arrived = _arrivals(day)
    due = _slots_until(arrived, hours)
    slots = int(max(due.max(), arrived.max() + 1))
    found = np.zeros(n, dtype=np.bool_)
    before = np.zeros(slots + 1)
    upto = np.zeros(slots)
    for one in np.unique(tier):
        here = np.flatnonzero(tier == one)
        upto += np.bincount(arrived[here], minlength=slots)
        done = _done(upto, places / SLOTS_A_DAY)
        # What is done of this tier: of all tiers up to it, less of those before.
        own = done - before
        turn = np.empty(len(here))
        turn[np.argsort(arrived[here], kind="stable")] = np.arange(1, len(here) + 1)
        found[here] = own[due[here]] < turn - ALMOST
        before = done
    return found


def _arrivals(day: IntArray) -> IntArray:
    """The slot (n,) of each look: those of a day evenly over it, in their order."""
    order = np.argsort(day, kind="stable")
    counts = np.bincount(day)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    place = np.empty(len(day), dtype=np.int64)
    place[order] = np.arange(len(day)) - first[day[order]]
    return day.astype(np.int64) * SLOTS_A_DAY + place * SLOTS_A_DAY // counts[day]


def _slots_until(arrived: IntArray, hours: FloatArray) -> IntArray:
    """How many slots (n,) of work have ended when each look is due."""
    came = arrived // SLOTS_A_DAY * HOURS_A_DAY + arrived % SLOTS_A_DAY / SLOTS_AN_HOUR
    days, rest = np.divmod(came + hours, HOURS_A_DAY)
    worked = np.minimum(rest, WORKING_HOURS) * SLOTS_AN_HOUR
    return days.astype(np.int64) * SLOTS_A_DAY + np.floor(worked + ALMOST).astype(np.int64)


def _done(arrivals: FloatArray, rate: float) -> FloatArray:
    """How many looks (slots + 1,) are done after so many slots, as Lindley (1952) counts a queue."""
    walk = np.concatenate([[0.0], np.cumsum(arrivals - rate)])
    waiting = walk - np.minimum.accumulate(walk)
    done: FloatArray = np.concatenate([[0.0], np.cumsum(arrivals)]) - waiting
    return done
