"""What is usual, and what is not: never for being few, never for a trifle, always for what broke."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, hypergeom

from intake.health.chances import chance_of_more, chi_square_tail
from intake.health.health import compare, measures, stability
from intake.health.profiles import (
    REFERENCE_LEAST,
    Profile,
    Reference,
    make_profile,
    make_reference,
    profile_from,
    reference_from,
)

Rows = list[dict[str, Any]]


def rows(count: int, *, seed: int, missing: float = 0.05, shift: float = 0.0, new: float = 0.0) -> Rows:
    """Cases with an income, a count that is mostly 0, and a purpose."""
    draw = random.Random(seed)
    return [
        {
            "income": None if draw.random() < missing else round(draw.gauss(50_000 + shift, 10_000)),
            "delinquencies": draw.choice([0] * 8 + [1, 2]),
            "purpose": "boat" if draw.random() < new else draw.choice(["car", "house", "school"]),
        }
        for _number in range(count)
    ]


def usual(count: int = 2_000) -> Reference:
    made = make_reference(rows(count, seed=1))
    assert made is not None
    return made


def found(now: Rows, reference: Reference | None = None) -> set[tuple[str, str, str]]:
    known = reference or usual()
    return {(sign.feature, sign.what, sign.grade) for sign in compare(make_profile(now, known), known)}


def test_too_few_rows_teach_nothing_and_tell_nothing() -> None:
    assert make_reference(rows(REFERENCE_LEAST - 1, seed=1)) is None
    assert found(rows(4, seed=2, missing=1.0)) == set()


@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ({"income": None}, ("income", "missing", "bad")),
        ({"income": 50_000}, ("income", "one_value", "bad")),
        ({"purpose": "boat"}, ("purpose", "new_values", "bad")),
        ({"purpose": "car"}, ("purpose", "one_value", "bad")),
    ],
)
def test_what_is_gross_shows_in_few_rows(changes: dict[str, Any], sign: tuple[str, str, str]) -> None:
    assert sign in found([{**row, **changes} for row in rows(20, seed=2)])
    # One and the same in a third of the rows: usual for a purpose of three, not for an income.
    some = [{**row, **changes} if at % 3 == 0 else row for at, row in enumerate(rows(99, seed=2))]
    assert (sign in found(some)) == (changes != {"purpose": "car"})


def test_a_count_that_is_mostly_nought_is_stuck_when_it_always_is() -> None:
    always = [{**row, "delinquencies": 0} for row in rows(300, seed=2)]
    assert ("delinquencies", "one_value", "bad") in found(always)
    assert found(always[:20]) == set()


@pytest.mark.parametrize(
    ("count", "of", "before", "among"), [(5, 5, 0, 300), (12, 40, 30, 500), (700, 9_000, 300, 5_000)]
)
def test_the_chance_of_a_larger_share_is_the_exact_one(count: int, of: int, before: int, among: int) -> None:
    exact = hypergeom.sf(count - 1, of + among, count + before, of)
    assert chance_of_more(count, of, before, among) == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize("count", [50, 200, 1_000, 20_000])
def test_rows_like_the_usual_ones_show_no_sign_however_many(count: int) -> None:
    known = usual()
    for seed in range(2, 8):
        assert found(rows(count, seed=seed), known) == set()


def test_a_trifle_is_no_sign_even_when_it_is_certain() -> None:
    assert found(rows(50_000, seed=2, missing=0.08, shift=900)) == set()


@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ({"missing": 0.6}, ("income", "missing", "bad")),
        ({"shift": 9_000}, ("income", "distribution", "bad")),
        ({"new": 0.5}, ("purpose", "new_values", "bad")),
    ],
)
def test_what_breaks_at_once_shows_in_a_hundred_rows(changes: dict[str, float], sign: tuple[str, str, str]) -> None:
    assert sign in found(rows(100, seed=2, **changes))


def test_a_smaller_change_is_watched_and_needs_more_rows() -> None:
    assert found(rows(3_000, seed=2, missing=0.10)) == {("income", "missing", "watch")}
    assert found(rows(60, seed=2, missing=0.10)) == set()


def test_slow_decay_shows_in_batches_together_before_it_shows_in_one() -> None:
    known = usual()
    batches = [make_profile(rows(50, seed=seed, missing=0.155), known) for seed in range(20, 30)]
    assert all(sign.grade != "bad" for batch in batches for sign in compare(batch, known))
    together = Profile()
    for batch in batches:
        together = together.add(batch)
    assert [(sign.feature, sign.grade) for sign in compare(together, known)] == [("income", "bad")]


def test_zeros_that_stand_for_missing_are_seen() -> None:
    now = [{**row, "income": 0} for row in rows(100, seed=2)]
    assert ("income", "distribution", "bad") in found(now)
    now = [{**row, "delinquencies": 1} for row in rows(100, seed=2)]
    assert ("delinquencies", "distribution", "bad") in found(now)


def test_months_and_free_text_are_looked_at_for_being_missing_or_one_and_the_same() -> None:
    base = [{"month": f"2026-{1 + at % 3:02}", "note": f"note {at}"} for at in range(400)]
    known = make_reference(base)
    assert known is not None
    assert set(known.free) == {"month", "note"}
    assert found([{"month": "2026-07", "note": f"other {at}"} for at in range(200)], known) == set()
    # Months are alike within a day; a text that says the same everywhere says nothing.
    assert found([{"month": None, "note": "x"} for at in range(200)], known) == {
        ("month", "missing", "bad"),
        ("note", "one_value", "bad"),
    }


def test_what_is_kept_as_json_is_read_back_alike() -> None:
    known = usual()
    assert reference_from(known.as_dict()) == known
    profile = make_profile(rows(100, seed=2), known)
    assert profile_from(profile.as_dict()).as_dict() == profile.as_dict()
    assert measures(profile, known)["missing"] == pytest.approx(0.05 / 3, abs=0.02)


def test_columns_that_a_source_never_had_are_no_missing_cells() -> None:
    never = {"channel": None, "industry": None}
    known = make_reference([{**row, **never} for row in rows(2_000, seed=1)])
    assert known is not None
    now = [{"income": None if at < 30 else 50_000, "delinquencies": 0, "purpose": "car", **never} for at in range(100)]
    assert measures(make_profile(now, known), known)["missing"] == 0.1
    # One that comes for the first time is one of its columns from then on.
    now = [{**row, "channel": "branch" if at < 20 else None} for at, row in enumerate(now)]
    assert measures(make_profile(now, known), known)["missing"] == 0.275
    # Of what it had before and sends no more all cells are missing.
    gone = [{**row, "income": None} for row in now]
    assert measures(make_profile(gone, known), known)["missing"] == 0.45
    nothing = replace(known, usual=Profile(9, Counter(channel=9, industry=9)))
    assert measures(make_profile([never], nothing), nothing) == {"missing": 0.0, "shift": 0.0}


@pytest.mark.parametrize(("statistic", "degrees"), [(3.0, 2), (20.0, 9), (45.0, 9), (60.0, 19), (90.0, 19)])
def test_the_tail_of_chi_square_is_close_to_the_exact_one(statistic: float, degrees: int) -> None:
    assert chi_square_tail(statistic, degrees) == pytest.approx(chi2.sf(statistic, degrees), rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from("abcde"), min_size=50, max_size=200), st.lists(st.sampled_from("abcdefg")))
def test_the_index_is_never_negative_and_nothing_is_unlike_itself(one: list[str], other: list[str]) -> None:
    assert stability(Counter(other), Counter(one)) >= 0
    assert stability(Counter(one), Counter(one)) == 0


CELL = st.one_of(st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.floats(), st.text(max_size=5))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abc"), CELL), min_size=60, max_size=90))
def test_no_cell_breaks_a_look(now: Rows) -> None:
    known = make_reference(now * 6)
    assert known is not None
    profile = make_profile(now, known)
    compare(profile, known)
    assert profile.rows == len(now)
