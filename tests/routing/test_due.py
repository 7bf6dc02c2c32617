"""Looks that come after the time they are due, in a queue of quarter hours."""

from __future__ import annotations

import numpy as np
import pytest

from routing.due import SLOTS_A_DAY, late


def share(days: list[int], hours: float, places: int, tiers: list[int] | None = None) -> list[bool]:
    day = np.array(days, dtype=np.int64)
    tier = np.array(tiers or [3] * len(days), dtype=np.int64)
    return [bool(one) for one in late(day, tier, np.full(len(days), hours), places)]


def test_without_looks_nothing_is_late_and_without_places_everything() -> None:
    assert share([], 24, 5) == []
    assert share([0, 0, 1], 24, 0) == [True] * 3


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        # Eight looks, one an hour; four places are one look in two hours: each waits an hour longer than the last.
        (1.0, [True] * 8),
        (2.0, [False, *[True] * 7]),
        (3.5, [False, False, *[True] * 6]),
        (5.0, [False, False, False, False, True, True, True, True]),
        # Four are done on the day; the others on the next, the last at its end.
        (23.0, [False] * 6 + [True] * 2),
        (25.0, [False] * 8),
    ],
)
def test_a_look_is_late_when_its_own_hours_are_over(hours: float, expected: list[bool]) -> None:
    assert share([0] * 8, hours, 4) == expected


def test_each_case_has_its_own_hours() -> None:
    found = late(np.zeros(8, dtype=np.int64), np.full(8, 3), np.array([1.0, 25.0] * 4), 4)
    assert found.tolist() == [True, False, True, False, True, False, True, False]


def test_a_lower_tier_is_looked_at_first() -> None:
    tiers = [3, 3, 3, 3, 1, 1, 1, 1]
    # The last four come in the second half of the day, and two places are left in it.
    assert share([0] * 8, 5.0, 4, tiers)[4:] == [False, False, True, True]
    assert share([0] * 8, 5.0, 4)[4:] == [True] * 4


def test_as_many_places_as_looks_leave_nobody_waiting() -> None:
    assert not any(share([0] * SLOTS_A_DAY + [1] * SLOTS_A_DAY, 0.25, SLOTS_A_DAY))


def test_a_queue_that_grows_is_late_whatever_the_hours() -> None:
    days = np.repeat(np.arange(60), 20)
    tier = np.full(len(days), 3)
    found = [late(days, tier, np.full(len(days), hours), 18).mean() for hours in (0.5, 8.0, 24.0, 72.0)]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 4
