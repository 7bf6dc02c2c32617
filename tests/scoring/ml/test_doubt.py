"""Doubt: each part by hand, and how the parts make the whole."""

import numpy as np
import pytest

from scoring.ml import doubt

WEIGHTS = np.array([0.5, 0.3, 0.2])
LOW, HIGH = np.zeros(3), np.full(3, 10.0)


def test_disagreement_is_one_less_the_ratio_of_the_odds() -> None:
    views = np.array([[0.0, -3.0], [np.log(2.0), -3.0], [0.1, -3.0]])
    assert doubt.disagreement(views).tolist() == pytest.approx([0.5, 0.0], abs=1e-12)


def test_missing_counts_the_weight_of_what_was_not_supplied() -> None:
    values = np.array([[np.nan, 1.0, np.nan], [1.0, 1.0, 1.0]])
    unreadable = np.array([[False, False, True], [False, False, False]])
    assert doubt.missing_weight(values, unreadable, WEIGHTS).tolist() == [0.5, 0.0]


def test_novelty_counts_what_training_did_not_show() -> None:
    values = np.array([[11.0, 5.0, np.nan], [10.0, 0.0, np.nan]])
    unreadable = np.array([[False, False, True], [False, False, False]])
    assert doubt.novel_weight(values, unreadable, LOW, HIGH, WEIGHTS).tolist() == [0.7, 0.0]


def test_any_value_is_new_where_training_had_none() -> None:
    bounds = np.full(3, np.nan)
    values, unreadable = np.array([[1.0, np.nan, np.nan]]), np.zeros((1, 3), dtype=np.bool_)
    assert doubt.novel_weight(values, unreadable, bounds, bounds, WEIGHTS).tolist() == [0.5]


def test_the_whole_is_never_below_its_largest_part_and_one_part_can_fill_it() -> None:
    parts = {"a": np.array([0.5, 1.0, 0.0]), "b": np.array([0.5, 0.0, 0.0])}
    assert doubt.combined(parts).tolist() == [0.75, 1.0, 0.0]


def test_the_range_holds_the_middle_of_what_was_seen() -> None:
    assert doubt.training_range(np.append(np.arange(10000.0), np.nan)) == (9.0, 9989.0)
    assert doubt.training_range(np.array([np.nan])) is None
