"""Fairness by group: figures by hand, the yardstick, and groups too small to show."""

import numpy as np
import pytest
from numpy.typing import NDArray

from scoring.ml.fairness import Fairness, by_group
from scoring.ml.intervals import auc_interval, wilson


def book(*groups: tuple[str, int, int, int, int]) -> tuple[list[str], NDArray[np.int64], NDArray[np.bool_]]:
    """Names, outcomes, decisions of groups (name, goods approved, goods declined, bads approved, bads declined)."""
    names = [name for name, *counts in groups for _ in range(sum(counts))]
    y = np.concatenate([np.repeat([0, 0, 1, 1], counts) for _, *counts in groups])
    approved = np.concatenate([np.repeat([True, False, True, False], counts) for _, *counts in groups])
    return names, y.astype(np.int64), approved


def measured(*groups: tuple[str, int, int, int, int]) -> Fairness:
    names, y, approved = book(*groups)
    return by_group(names, y, np.where(approved, 0.05, 0.25), approved)


def test_every_figure_of_two_groups_by_hand() -> None:
    found = measured(("men", 160, 20, 10, 10), ("women", 50, 30, 10, 10))
    assert found.yardstick == "men"
    assert found.small == {}
    men, women = found.groups
    assert (men.name, men.rows, men.bads, men.approval) == ("men", 200, 20, wilson(170, 200))
    assert (women.name, women.rows, women.bads, women.approval) == ("women", 100, 20, wilson(60, 100))
    assert men.impact_ratio is None
    assert men.opportunity_difference is None
    assert women.impact_ratio is not None
    assert women.impact_ratio.value == pytest.approx(0.6 / 0.85)
    assert women.goods_approved == wilson(50, 80)
    assert women.opportunity_difference is not None
    assert women.opportunity_difference.value == pytest.approx(50 / 80 - 160 / 180)
    assert women.mean_pd == pytest.approx(0.6 * 0.05 + 0.4 * 0.25)
    assert women.bad_rate == wilson(20, 100)
    names, y, approved = book(("women", 50, 30, 10, 10))
    assert women.auc == auc_interval(y, np.where(approved, 0.05, 0.25))
    assert len(names) == 100


def test_the_ratios_interval_is_katzs_and_tells_small_samples_from_large_ones() -> None:
    few = measured(("a", 45, 5, 0, 0), ("b", 35, 15, 0, 0)).groups[1].impact_ratio
    many = measured(("a", 4500, 500, 0, 0), ("b", 3500, 1500, 0, 0)).groups[1].impact_ratio
    assert few is not None
    assert many is not None
    assert few.value == pytest.approx(many.value) == pytest.approx(7 / 9)
    assert few.low < 0.8 < few.high
    assert many.high < 0.8
    half = 1.959964 * np.sqrt(1 / 3500 - 1 / 5000 + 1 / 4500 - 1 / 5000)
    assert many.low == pytest.approx(7 / 9 * np.exp(-half), abs=2e-4)
    assert many.high == pytest.approx(7 / 9 * np.exp(half), abs=2e-4)


def test_the_intervals_hold_the_truth_as_often_as_they_say() -> None:
    random = np.random.default_rng(0)
    held = []
    for _ in range(300):
        one, other = int(random.binomial(200, 0.8)), int(random.binomial(80, 0.6))
        b = next(group for group in measured(("a", one, 200 - one, 0, 0), ("b", other, 80 - other, 0, 0)).groups[1:])
        assert b.impact_ratio is not None
        assert b.opportunity_difference is not None
        held.append(
            (
                b.impact_ratio.low <= 0.75 <= b.impact_ratio.high,
                b.opportunity_difference.low <= -0.2 <= b.opportunity_difference.high,
            )
        )
    assert np.mean(held, axis=0).tolist() == pytest.approx([0.95, 0.95], abs=0.04)


def test_small_groups_are_counted_and_not_measured() -> None:
    found = measured(("a", 20, 10, 5, 5), ("b", 29, 0, 0, 0), ("c", 1, 0, 0, 0))
    assert [group.name for group in found.groups] == ["a"]
    assert found.small == {"b": 29, "c": 1}
    assert found.yardstick == "a"


def test_a_group_under_two_in_a_hundred_is_shown_but_no_yardstick() -> None:
    found = measured(("most", 1500, 300, 100, 100), ("few", 35, 0, 0, 0))
    assert found.yardstick == "most"
    assert [group.name for group in found.groups] == ["most", "few"]
    assert found.groups[1].impact_ratio is not None
    assert found.groups[1].impact_ratio.value == pytest.approx(1.25)


def test_groups_of_one_outcome_have_no_ranking_and_groups_of_bads_no_opportunity() -> None:
    found = measured(("good", 50, 0, 0, 0), ("bad", 0, 0, 10, 30))
    good, bad = found.groups
    assert good.auc is None
    assert bad.auc is None
    assert bad.goods_approved is None
    assert bad.opportunity_difference is None
    assert bad.impact_ratio is not None


def test_nobody_approved_anywhere_leaves_no_ratio() -> None:
    found = measured(("a", 0, 40, 0, 5), ("b", 0, 40, 0, 4))
    assert [group.impact_ratio for group in found.groups] == [None, None]


def test_a_group_with_no_approval_has_a_ratio_of_nought_and_an_end_above_it() -> None:
    found = measured(("a", 40, 5, 0, 0), ("b", 0, 40, 0, 0)).groups[1].impact_ratio
    assert found is not None
    assert (found.low, found.value) == (0.0, 0.0)
    assert 0.0 < found.high < 0.5


def test_no_group_large_enough_leaves_no_yardstick() -> None:
    found = measured(("a", 5, 0, 0, 0))
    assert (found.groups, found.yardstick, found.small) == ((), "", {"a": 5})
