"""Exact statistics of few cases, against figures worked out by hand or printed by their authors."""

from __future__ import annotations

import pytest

from learning.small_samples import adjusted_p_values, difference_of_shares, exact_share, fisher_p, trend_p


def test_the_exact_interval_of_a_share_is_that_of_clopper_and_pearson() -> None:
    # No success in 10: the upper end is 1 - 0.025^(1/10).
    assert exact_share(0, 10) == pytest.approx((0.0, 0.0, 1 - 0.025**0.1))
    assert exact_share(10, 10) == pytest.approx((1.0, 0.025**0.1, 1.0))
    assert exact_share(1, 2) == pytest.approx((0.5, 1 - 0.975**0.5, 0.975**0.5))
    assert exact_share(0, 0)[1:] == (0.0, 1.0)


def test_many_questions_pay_for_each_other() -> None:
    # Sorted 0.01, 0.02, 0.03, 0.5: times 4/1, 4/2, 4/3, 4/4, and never above the next.
    assert adjusted_p_values([0.5, 0.01, 0.03, 0.02]) == pytest.approx([0.5, 0.04, 0.04, 0.04])
    assert adjusted_p_values([0.04]) == [0.04]
    assert adjusted_p_values([]) == []


def test_fishers_tea_lady_needs_all_eight_cups() -> None:
    # 3 of 4 against 1 of 4: (16 + 16 + 1 + 1) of 70 tables; 4 of 4 against none: 2 of 70.
    assert fisher_p(3, 4, 1, 4) == pytest.approx(34 / 70)
    assert fisher_p(4, 4, 0, 4) == pytest.approx(2 / 70)
    assert fisher_p(0, 5, 0, 7) == 1.0


def test_a_difference_of_shares_has_the_interval_that_newcombe_printed() -> None:
    # Newcombe 1998, table II, (a) 56/70 - 48/80: 0.0524 to 0.3339.
    assert difference_of_shares(56, 70, 48, 80) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert difference_of_shares(1, 2, 0, 0)[1:] == (-1.0, 1.0)


def test_a_trend_is_seen_along_ordered_groups_and_none_where_all_are_alike() -> None:
    # 1/10, 5/10, 9/10: share 1/2, numerator 8, variance 1/4 * 20 = 5, z = 8/sqrt(5) = 3.5777.
    assert trend_p([1, 5, 9], [10, 10, 10]) == pytest.approx(3.466e-4, rel=1e-3)
    assert trend_p([5, 5, 5], [10, 10, 10]) == 1.0
    assert trend_p([], []) == 1.0
    assert trend_p([0, 0], [4, 4]) == 1.0
