"""How the policy fills its places: calibrated PDs stay, wrong ones move, and the plain order is left with caution."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from routing.backtest_choice import believed_chance, cautious_choice, spread_of_saving

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def marks(*places: int, of: int = 6) -> BoolArray:
    return np.isin(np.arange(of), places)


# Places go from 0 and 1 to 4 and 5: a swap that saves 0.5, then one that saves 0.1.
PLAIN, BEST = marks(0, 1, 2), marks(2, 4, 5)
SAVING = np.array([0.1, 0.3, 0.9, 0.0, 0.6, 0.4])


@pytest.mark.parametrize(
    ("doubt", "chosen"),
    [
        # Advantages of none, one and both swaps are 0, 0.5 and 0.6; their spreads 0, 0.42 and 0.6.
        (0.0, (2, 4, 5)),
        (0.5, (2, 4, 5)),
        (1.0, (1, 2, 4)),
        (2.0, (0, 1, 2)),
    ],
)
def test_more_doubt_leaves_more_of_the_plain_choice(doubt: float, chosen: tuple[int, ...]) -> None:
    found = cautious_choice(PLAIN, BEST, SAVING, np.full(6, 0.3), doubt)
    assert np.array_equal(found, marks(*chosen))
    # What was given is as it was.
    assert np.array_equal(PLAIN, marks(0, 1, 2))


def test_what_both_choose_is_chosen() -> None:
    assert np.array_equal(cautious_choice(BEST, BEST, SAVING, np.ones(6), 1.0), BEST)


@pytest.mark.parametrize("seed", range(30))
def test_a_choice_keeps_its_number_of_places_and_saves_no_less_than_the_plain_one(seed: int) -> None:
    draw = np.random.default_rng(seed)
    saving, spread, places = draw.random(200), draw.random(200), int(draw.integers(1, 100))
    plain = marks(*draw.choice(200, places, replace=False), of=200)
    best = marks(*np.argsort(-saving)[:places], of=200)
    savings = []
    for doubt in (0.0, 0.3, 1.0, 3.0, 100.0):
        chosen = cautious_choice(plain, best, saving, spread, doubt)
        assert chosen.sum() == places
        assert not (chosen & ~plain & ~best).any()
        savings.append(saving[chosen].sum())
    assert savings == sorted(savings, reverse=True)
    assert savings[0] == pytest.approx(saving[best].sum())
    assert savings[-1] == pytest.approx(saving[plain].sum())


def test_the_spread_of_a_saving_is_that_of_two_amounts() -> None:
    found = spread_of_saving(np.array([0.5, 0.2]), np.array([4.0, 3.0]), np.array([-1.0, 3.0]))
    assert found == pytest.approx([2.5, 0.0])


def book(cases: int, seed: int, worse: float = 0.0) -> tuple[FloatArray, NDArray[np.int64]]:
    """PDs and outcomes; bads are more frequent than the PDs say by `worse` of what is left to one."""
    draw = np.random.default_rng(seed)
    pd = draw.beta(1.0, 4.0, cases)
    return pd, (draw.random(cases) < pd + worse * (1 - pd)).astype(np.int64)


def test_pds_that_were_too_low_everywhere_are_raised_to_what_came_of_them() -> None:
    pd, bad = book(20_000, 1, worse=0.2)
    found = believed_chance(np.array([0.1, 0.2, 0.4]), pd, bad)
    # The truth is 0.28, 0.36 and 0.52; a tenth of the past cases has 2,000, so three standard errors are 0.034.
    assert found == pytest.approx([0.28, 0.36, 0.52], abs=0.034)


def test_calibrated_pds_stay_nearly_as_they_are() -> None:
    fresh = np.linspace(0.01, 0.9, 50)
    moved = [np.abs(believed_chance(fresh, *book(2000, seed)) - fresh).mean() for seed in range(20)]
    raw = 0.02  # about the standard error of the bad rate of a tenth
    assert np.mean(moved) < raw / 3
    assert min(moved) == 0.0


def test_with_fewer_than_ten_past_cases_nothing_is_learned() -> None:
    fresh = np.array([0.1, 0.5])
    assert believed_chance(fresh, np.full(9, 0.1), np.ones(9, dtype=np.int64)) is fresh


def test_a_chance_stays_between_zero_and_one() -> None:
    past = np.repeat([0.01, 0.99], 50)
    found = believed_chance(np.array([0.0, 0.01, 0.99, 1.0]), past, np.repeat([1, 0], 50))
    assert ((found > 0) & (found < 1)).all()
    assert found[0] > 0.5 > found[-1]
    # Past PDs of exactly 0 and 1 that proved right leave no luck to measure by, and nothing to correct.
    sure = believed_chance(np.array([0.3]), np.repeat([0.0, 1.0], 50), np.repeat([0, 1], 50))
    assert sure == pytest.approx([0.3])
