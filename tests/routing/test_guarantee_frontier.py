"""What can be promised with how many people: by hand on a hundred scores, and in agreement with itself."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from routing.guarantee import upper_bound
from routing.guarantee_frontier import Book, FrontierPoint, frontier, least_promise

# A hundred bads at 0.000, 0.01, … and three hundred goods between them.
BADS, GOODS = np.arange(100) / 100, np.arange(300) / 300 + 1e-4
BOOK = Book.of(BADS, GOODS)


def test_a_point_says_cut_off_shares_and_whether_people_suffice() -> None:
    few, enough = frontier(BOOK, 0.5, promises=[0.1], review_shares=[0.4, 0.5])
    # Four misses are allowed, so approval ends at the fifth bad.
    assert few == FrontierPoint(0.1, 0.4, 0.04, 16 / 400, few.reviewed, 0.5, kept=False)
    assert enough == replace(few, review_share=0.5, kept=True)
    assert few.reviewed == pytest.approx(184 / 400)


def test_every_promise_meets_every_share_and_a_larger_promise_needs_fewer_people() -> None:
    points = frontier(BOOK, 0.5, promises=[0.01, 0.1, 0.2, 1.0], review_shares=[0.1, 0.4])
    assert [(point.promise, point.review_share) for point in points] == [
        (promise, share) for promise in (0.01, 0.1, 0.2, 1.0) for share in (0.1, 0.4)
    ]
    assert points[0].approve_below == -math.inf
    assert points[0].approved == 0.0
    assert points[-1] == FrontierPoint(1.0, 0.4, 0.5, 0.5, 0.0, 0.5, kept=True)
    assert [point.kept for point in points] == [False, False, False, False, False, True, True, True]
    for point in points:
        assert point.approved + point.reviewed + point.declined == pytest.approx(1.0)


def test_the_least_promise_counts_the_bads_that_people_have_no_time_for() -> None:
    # 40 of 400 cases fill the places down from 0.5: ten bads and thirty goods. Forty bads lie below.
    assert BOOK.lowest_within(0.1, 0.5) == pytest.approx(0.4)
    assert least_promise(BOOK, 0.5, 0.1) == upper_bound(40, 100)
    assert least_promise(BOOK, 0.5, 0.0) == upper_bound(50, 100)
    assert least_promise(BOOK, 0.5, 0.5) == 0.0
    assert least_promise(Book.of(np.zeros(0), GOODS), 0.5, 0.1) == 1.0


def test_weights_change_shares_and_leave_the_promise_alone() -> None:
    money = Book.of(BADS, GOODS, np.full(100, 3.0), np.full(300, 1.0))
    [plain], [weighed] = (frontier(book, 0.5, promises=[0.1], review_shares=[0.5]) for book in (BOOK, money))
    assert weighed.approve_below == plain.approve_below
    assert weighed.approved == pytest.approx((4 * 3 + 12) / 600)
    assert weighed.declined == pytest.approx(0.5)


def test_a_book_without_cases_is_refused() -> None:
    with pytest.raises(ValueError, match="without cases"):
        Book.of(np.zeros(0), np.zeros(0))


@pytest.mark.parametrize("seed", range(20))
def test_the_least_promise_is_kept_on_the_frontier_and_nothing_less_is(seed: int) -> None:
    draw = np.random.default_rng(seed)
    book = Book.of(draw.beta(3, 4, 150).round(2), draw.beta(2, 6, 600).round(2))
    decline_from, share = draw.uniform(0.4, 0.9), draw.uniform(0.02, 0.5)
    least = least_promise(book, decline_from, share)
    kept, broken = frontier(book, decline_from, promises=[least + 1e-9, least - 1e-3], review_shares=[share])
    assert kept.kept
    assert kept.reviewed <= share + 1e-9
    # Scores come in hundredths: a promise less by a hair allows a bad less, and people would see that score too.
    assert not broken.kept or broken.approve_below == kept.approve_below


@pytest.mark.parametrize("seed", range(10))
def test_fewer_people_never_make_a_smaller_promise_possible(seed: int) -> None:
    draw = np.random.default_rng(seed)
    book = Book.of(draw.beta(3, 4, 80), draw.beta(2, 6, 300))
    promises = [least_promise(book, 0.6, share) for share in np.linspace(0, 1, 21)]
    assert promises == sorted(promises, reverse=True)
