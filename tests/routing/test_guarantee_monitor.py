"""The live check of a promise: false alarms at any time are rare, broken promises are found, weights mend selection."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from routing.guarantee_monitor import watch_promise

BOOKS = 300
# Of 300 books at most 5 % may raise a false alarm; three standard errors above that.
MOST_FALSE = BOOKS * 0.05 + 3 * math.sqrt(BOOKS * 0.05 * 0.95)


def bads(*missed: int) -> NDArray[np.bool_]:
    return np.array(missed, dtype=np.bool_)


def test_without_bads_nothing_is_known() -> None:
    watch = watch_promise(bads(), 0.05)
    assert (watch.bads, watch.least_miss_rate, watch.state) == (0, 0.0, "in_doubt")
    assert math.isnan(watch.miss_rate)
    assert len(watch.evidence) == 0


def test_a_promise_holds_is_in_doubt_and_breaks() -> None:
    assert watch_promise(bads(*[0] * 20), 0.05).state == "holds"
    assert watch_promise(bads(*[0] * 18, 1, 1), 0.05).state == "in_doubt"
    broken = watch_promise(bads(*[1] * 5), 0.05)
    assert broken.state == "broken"
    assert (broken.bads, broken.miss_rate) == (5, 1.0)
    assert broken.evidence[-1] >= 20
    assert broken.least_miss_rate > 0.05


def test_what_broke_once_stays_broken() -> None:
    later = watch_promise(bads(*[1] * 5, *[0] * 300), 0.05)
    assert later.evidence[-1] < 20
    assert later.miss_rate < 0.05
    assert later.state == "broken"


def test_evidence_is_one_path_and_tomorrow_does_not_change_today() -> None:
    missed = np.random.default_rng(1).random(200) < 0.1
    whole, half = watch_promise(missed, 0.05), watch_promise(missed[:100], 0.05)
    assert whole.evidence[:100] == pytest.approx(half.evidence, rel=1e-12)
    assert whole.least_miss_rate >= half.least_miss_rate


def test_ten_thousand_misses_do_not_overflow() -> None:
    watch = watch_promise(np.ones(10_000, dtype=np.bool_), 0.05)
    assert np.isfinite(watch.evidence).all()
    assert watch.state == "broken"
    assert 0.99 < watch.least_miss_rate < 1.0


def test_the_lower_bound_passes_the_promise_exactly_when_it_breaks() -> None:
    draw = np.random.default_rng(9)
    for _book in range(50):
        watch = watch_promise(draw.random(60) < 0.12, 0.05)
        assert (watch.least_miss_rate >= 0.05) == (watch.state == "broken")


@pytest.mark.parametrize(
    ("promise", "weights"), [(0.0, None), (1.0, None), (0.1, [0.0, 1.0]), (0.1, [1.0, 3.0]), (0.1, [math.nan, 1.0])]
)
def test_what_cannot_be_tested_is_refused(promise: float, weights: list[float] | None) -> None:
    with pytest.raises(ValueError, match=r"cannot be tested|weights must be above 0"):
        watch_promise(bads(0, 1), promise, weights=None if weights is None else np.array(weights), largest=2.0)


@pytest.mark.parametrize("promise", [0.05, 0.2])
def test_a_kept_promise_that_is_looked_at_after_every_bad_seldom_seems_broken(promise: float) -> None:
    draw = np.random.default_rng(3)
    alarms = sum(watch_promise(draw.random(300) < promise, promise).state == "broken" for _book in range(BOOKS))
    assert alarms <= MOST_FALSE


def test_the_true_rate_lies_above_the_lower_bound_on_every_day() -> None:
    draw = np.random.default_rng(8)
    # The bound only rises over time, so the last day stands for all.
    wrong = sum(watch_promise(draw.random(150) < 0.3, 0.05).least_miss_rate > 0.3 for _book in range(BOOKS))
    assert wrong <= MOST_FALSE


def test_twice_the_promised_rate_is_found_within_four_hundred_bads_mostly() -> None:
    draw = np.random.default_rng(4)
    found = sum(watch_promise(draw.random(400) < 0.1, 0.05).state == "broken" for _book in range(100))
    assert found >= 75


def test_weights_mend_what_declined_cases_do_not_show() -> None:
    """Of all bads one in ten is approved by the machine, as promised; the others were declined, and one in four of
    those was approved at random and shows its outcome. Unweighted, the machine seems to miss three in ten."""
    draw = np.random.default_rng(5)
    alarms = plain = 0
    for _book in range(300):
        missed = draw.random(600) < 0.1
        seen = missed | (draw.random(600) < 0.25)
        missed = missed[seen]
        weights = np.where(missed, 1.0, 4.0)
        alarms += watch_promise(missed, 0.1, weights=weights, largest=4.0).state == "broken"
        plain += watch_promise(missed, 0.1).state == "broken"
    assert alarms <= 300 * 0.05 + 3 * math.sqrt(300 * 0.05 * 0.95)
    assert plain == 300
