"""Folds: every row once, the classes spread evenly, the same draw for the same seed."""

import numpy as np
import pytest

from scoring.ml.folds import stratified_folds


@pytest.mark.parametrize(("bads", "goods", "folds"), [(5, 95, 5), (7, 13, 5), (3, 4, 3), (517, 9340, 5), (2, 2, 2)])
def test_folds_differ_by_one_row_at_most_in_each_class_and_in_all(bads: int, goods: int, folds: int) -> None:
    y = np.repeat([1, 0], [bads, goods])
    fold_of = stratified_folds(y, folds, seed=0)
    for rows in (y == 1, y == 0, np.ones(len(y), dtype=np.bool_)):
        sizes = np.bincount(fold_of[rows], minlength=folds)
        assert len(sizes) == folds
        assert np.ptp(sizes) <= 1


def test_the_draw_depends_on_the_seed_alone() -> None:
    y = np.tile([0, 1, 0, 0], 25)
    one, again, other = (stratified_folds(y, 5, seed) for seed in (3, 3, 4))
    assert (one == again).all()
    assert (one != other).any()


def test_two_classes_may_be_of_any_kind_and_rows_none() -> None:
    assert stratified_folds(np.array([True, False, True, False]), 2, seed=0).tolist().count(0) == 2
    assert stratified_folds(np.zeros(0), 5, seed=0).shape == (0,)
