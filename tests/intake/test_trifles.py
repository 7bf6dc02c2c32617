"""A step of the base rate moves every rate of a price list by a trifle: no source is broken by that."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any, Final

import pytest

from intake.health.health import compare, measures
from intake.health.profiles import Profile, Reference, make_profile, make_reference, profile_from
from intake.health.trifles import moved_further, nearly

# What a lender adds to the base rate, in percent.
TIERS: Final = (0.4, 0.8, 1.2, 1.6, 2.0, 2.4, 2.8, 3.2, 3.6)


def priced(count: int, *, base: float, seed: int) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    return [{"rate": round(base + draw.choice(TIERS), 2)} for _number in range(count)]


def usual() -> Reference:
    made = make_reference(priced(2_000, base=3.45, seed=1))
    assert made is not None
    return made


def signs(now: Profile, reference: Reference) -> list[tuple[str, str, str]]:
    return [(sign.feature, sign.what, sign.grade) for sign in compare(now, reference)]


@pytest.mark.parametrize("count", [60, 300, 3_000])
@pytest.mark.parametrize("step", [-0.25, -0.1, 0.1])
def test_a_step_of_the_base_rate_is_no_sign(count: int, step: float) -> None:
    reference = usual()
    now = make_profile(priced(count, base=3.45 + step, seed=2), reference)
    assert signs(now, reference) == []
    assert measures(now, reference)["shift"] == 0.0


@pytest.mark.parametrize("step", [-1.2, 1.2])
def test_a_step_that_is_none_of_the_base_rate_is_bad(step: float) -> None:
    reference = usual()
    now = make_profile(priced(300, base=3.45 + step, seed=2), reference)
    assert ("rate", "distribution", "bad") in signs(now, reference)


def test_a_list_of_two_rates_may_move_and_may_not_be_stuck_at_one() -> None:
    rows = [{"rate": 4.35 if at % 5 < 2 else 6.0} for at in range(1_000)]
    reference = make_reference(rows)
    assert reference is not None
    moved = make_profile([{"rate": each["rate"] - 0.1} for each in rows], reference)
    assert signs(moved, reference) == []
    assert ("rate", "one_value", "bad") in signs(make_profile([{"rate": 5.9}] * 300, reference), reference)


def test_a_trifle_hides_no_shift_of_what_has_many_values() -> None:
    draw = random.Random(3)
    reference = make_reference([{"income": draw.gauss(50_000, 10_000)} for _row in range(5_000)])
    assert reference is not None
    for shift, grade in ((3_600, "watch"), (6_000, "bad")):
        now = make_profile([{"income": draw.gauss(50_000 + shift, 10_000)} for _row in range(5_000)], reference)
        assert signs(now, reference) == [("income", "distribution", grade)]


def test_what_was_counted_before_trifles_were_is_judged_as_it_was() -> None:
    reference = usual()
    now = make_profile(priced(300, base=3.35, seed=2), reference)
    before = profile_from({name: each for name, each in now.as_dict().items() if name != "near"})
    assert signs(before, reference) == [("rate", "distribution", "bad")]
    # Of two batches together one was not counted so.
    assert signs(before.add(now), reference) == [("rate", "distribution", "bad")]
    assert signs(now.add(profile_from(now.as_dict())), reference) == []


def test_how_far_numbers_lie_from_where_they_usually_do() -> None:
    # Ten of each tens digit; the outer tenths are 10 and 90, so that a trifle is 8.
    edges = [float(edge) for edge in range(10, 100, 10)]
    known = Counter({str(at): 10 for at in range(10)})
    assert nearly([15.0, 95.0], edges, known) == {"-0": 1, "-8": 1, "+2": 1, "+9": 1}
    seen = Counter({"1": 1, "9": 1})
    # Of the two at most one lies below 80, where 0.8 usually do; of two rows that tells nothing, of 20,000 nearly all.
    near = nearly([15.0, 95.0], edges, known)
    assert moved_further(near, seen, known, len(edges)) < 0
    many, usual_rows = ({key: 10_000 * count for key, count in each.items()} for each in (near, known))
    rows = Counter({key: 10_000 * count for key, count in seen.items()})
    by_chance = 4 * (0.8 * 0.2 * (1 / 20_000 + 1 / 1_000_000)) ** 0.5
    further = moved_further(Counter(many), rows, Counter(usual_rows), len(edges))
    assert further == pytest.approx(0.3 - by_chance)
    assert moved_further(Counter(), seen, known, len(edges)) == 1.0


def test_numbers_without_spread_have_no_trifle() -> None:
    assert nearly([1.0], [1.0], Counter({"0": 5, "1": 5})) == Counter()
