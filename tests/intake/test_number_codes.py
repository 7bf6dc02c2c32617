"""Branches that are told by numbers are judged as those that are told by names; numbers with a meaning are not."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest

from intake.health.health import compare
from intake.health.profiles import Reference, Row, make_profile, make_reference

SHARES = {1001: 20, 1002: 18, 1003: 15, 1004: 12, 1005: 10, 1006: 9, 1007: 8, 1008: 8}


def rows_of(shares: Mapping[Any, int], name: str, count: int) -> list[Row]:
    """Rows by these shares exactly, in no order."""
    total = sum(shares.values())
    values = [value for value, share in shares.items() for _turn in range(share * count // total)]
    random.Random(1).shuffle(values)
    return [{name: value} for value in values]


def signs_of(before: Mapping[Any, int], now: Mapping[Any, int], *, name: str = "col_316a3d6f") -> list[tuple[str, str]]:
    reference = make_reference(rows_of(before, name, 2_000))
    assert isinstance(reference, Reference)
    assert name in reference.edges
    found = compare(make_profile(rows_of(now, name, 500), reference), reference)
    return [(sign.what, sign.grade) for sign in found]


def test_a_new_number_below_all_others_is_judged_by_its_share() -> None:
    for share, grade in ((8, "watch"), (15, "bad")):
        assert signs_of(SHARES, {**SHARES, 1000: share}) == [("new_values", grade)]


@pytest.mark.parametrize(("closed", "signs"), [(1006, [("distribution", "watch")]), (1001, [("distribution", "bad")])])
def test_a_small_branch_that_closes_is_watched_and_a_large_one_is_bad(
    closed: int, signs: list[tuple[str, str]]
) -> None:
    assert signs_of(SHARES, {**SHARES, closed: 0}) == signs


def test_a_number_of_which_all_values_shift_or_one_is_left_is_bad() -> None:
    counts = {0: 40, 1: 25, 2: 15, 3: 10, 4: 6, 5: 4}
    assert ("distribution", "bad") in signs_of(counts, {value + 1: share for value, share in counts.items()})
    assert ("distribution", "bad") in signs_of({0: 92, 1: 8}, {0: 1})


def test_a_number_with_a_meaning_and_one_with_parts_are_judged_as_before() -> None:
    terms = {12: 40, 24: 30, 36: 30}
    assert signs_of(terms, {**terms, 1: 8, 36: 22}, name="term_months") == [("distribution", "bad")]
    rates = {4.35: 40, 5.2: 30, 6.8: 30}
    assert signs_of(rates, {**rates, 0.05: 8, 6.8: 22}) == [("distribution", "bad")]
