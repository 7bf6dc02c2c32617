"""A branch that opens and one that closes are told of, and stop nothing while they are a small part of what comes."""

from __future__ import annotations

import random
from typing import Any

import pytest

from intake.health.health import compare, measures
from intake.health.profiles import Reference, make_profile, make_reference

Rows = list[dict[str, Any]]
BRANCHES = dict(zip("ABCDEFGH", (20, 18, 15, 12, 10, 9, 8, 8), strict=True))


def rows(shares: dict[str, int], count: int = 300, *, seed: int = 2) -> Rows:
    """Rows of branches in exactly such shares (of 100), in any order, with an income."""
    draw = random.Random(seed)
    branches = [branch for branch, share in shares.items() for _row in range(count * share // 100)]
    assert len(branches) == count
    draw.shuffle(branches)
    return [{"branch": branch, "annual_income": round(draw.lognormvariate(9, 0.5))} for branch in branches]


def usual(shares: dict[str, int] = BRANCHES) -> Reference:
    made = make_reference(rows(shares, 1_000, seed=1))
    assert made is not None
    return made


def found(now: Rows, known: Reference) -> list[tuple[str, float, str]]:
    signs = compare(make_profile(now, known), known)
    assert {sign.feature for sign in signs} <= {"branch"}
    return [(sign.what, round(sign.value, 2), sign.grade) for sign in signs]


def moved(**changes: int) -> dict[str, int]:
    return {branch: BRANCHES.get(branch, 0) + changes.get(branch, 0) for branch in {**BRANCHES, **changes}}


@pytest.mark.parametrize(
    ("share", "signs"),
    [
        (0, []),
        (3, [("new_values", 0.03, "watch")]),
        (5, [("new_values", 0.05, "watch")]),
        (6, [("new_values", 0.06, "watch")]),
        (8, [("new_values", 0.08, "watch")]),
        (12, [("new_values", 0.12, "bad")]),
    ],
)
def test_a_new_branch_is_judged_once_as_a_value_never_seen(share: int, signs: list[tuple[str, float, str]]) -> None:
    known, now = usual(), rows(moved(A=-share, airport=share))
    assert found(now, known) == signs
    assert measures(make_profile(now, known), known)["shift"] < 0.1


def test_a_branch_of_six_rows_in_a_hundred_may_have_twice_as_many_on_a_day_of_few_rows() -> None:
    few = rows(moved(A=-12, airport=12), 100)
    assert found(few, usual()) == [("new_values", 0.12, "watch")]
    assert found(rows(moved(A=-15, airport=15), 100), usual()) == [("new_values", 0.15, "bad")]


def test_two_new_branches_are_bad_together() -> None:
    assert found(rows(moved(A=-6, B=-6, airport=6, harbour=6)), usual()) == [("new_values", 0.12, "bad")]


@pytest.mark.parametrize("count", [300, 1_000, 3_000])
@pytest.mark.parametrize("left", [0, 1])
def test_a_small_branch_that_closes_is_watched(count: int, left: int) -> None:
    signs = found(rows(moved(H=left - 8, G=8 - left), count), usual())
    assert [(what, grade) for what, _value, grade in signs] == [("distribution", "watch")]


def test_a_branch_that_had_just_opened_when_what_is_usual_was_learnt_may_grow() -> None:
    known = make_reference([*rows(BRANCHES, 1_000, seed=1), *rows({"airport": 100}, 3)])
    assert known is not None
    for share, grade in ((8, "watch"), (12, "bad")):
        signs = found(rows(moved(A=-share, airport=share)), known)
        assert [(what, each) for what, _value, each in signs] == [("distribution", grade)]


@pytest.mark.parametrize(
    "changes",
    [
        # A large branch closes; two small ones do; a mix moves from one to half of another; all lands in one value.
        {"D": -12, "A": 12},
        {"G": -8, "H": -8, "F": 16},
        {"A": -20, "F": 20},
        {"A": -10, "B": -9, "G": 19},
        {"A": 80, "B": -18, "C": -15, "D": -12, "E": -10, "F": -9, "G": -8, "H": -8},
    ],
)
def test_what_is_really_spread_otherwise_is_bad(changes: dict[str, int]) -> None:
    assert ("distribution", "bad") in {(what, grade) for what, _v, grade in found(rows(moved(**changes)), usual())}


@pytest.mark.parametrize(("share", "count"), [(4, 1_000), (5, 300), (8, 300), (9, 3_000)])
def test_a_flag_that_is_stuck_at_its_usual_word_is_bad_however_rare_the_other(share: int, count: int) -> None:
    def flags(count: int, share: int) -> Rows:
        return [{"defaulted": "yes" if at % 100 < share else "no"} for at in range(count)]

    made = make_reference(flags(1_000, share))
    assert made is not None
    stuck = compare(make_profile(flags(count, 0), made), made)
    assert [(sign.feature, sign.what, sign.grade) for sign in stuck] == [("defaulted", "distribution", "bad")]
    assert compare(make_profile(flags(count, share), made), made) == []
    # In a few rows the other word is missing by chance.
    assert compare(make_profile(flags(60, 0), made), made) == []
