"""Flat trees: what they sum, how covers are recounted, how they are stored, and which arrays are refused."""

import json
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring.ml.trees.flat_trees import FlatTrees

NAN = float("nan")
# A tree that asks column 0, then a category; and a tree of one leaf.
PARTS: dict[str, Any] = {
    "columns": 2,
    "start": 0.5,
    "roots": [0, 5],
    "feature": [0, -1, 1, -1, -1, -1],
    "threshold": [1.5, 0.0, 0.0, 0.0, 0.0, 0.0],
    "left": [1, -1, 3, -1, -1, -1],
    "right": [2, -1, 4, -1, -1, -1],
    "missing_left": [True, False, False, False, False, False],
    "value": [0.0, 1.0, 0.0, 10.0, 100.0, 1000.0],
    "cover": [8.0, 2.0, 6.0, 1.0, 5.0, 8.0],
    "categories": ((0, 3),),
    "category_set": [-1, -1, 0, -1, -1, -1],
}


def trees(**changes: Any) -> FlatTrees:
    return FlatTrees(**{**PARTS, **changes})


def test_a_row_goes_left_up_to_the_threshold_and_by_its_code() -> None:
    rows = np.array([[1.5, 9.0], [np.nextafter(1.5, 2), 0.0], [2.0, 3.0], [2.0, 1.0], [2.0, 4.0], [2.0, 1e300]])
    assert trees().predict(rows).tolist() == [1001.5, 1010.5, 1010.5, 1100.5, 1100.5, 1100.5]


def test_missing_goes_where_the_node_says_and_negative_codes_go_right() -> None:
    rows = np.array([[NAN, 0.0], [2.0, NAN], [2.0, -1.0], [np.inf, -np.inf], [-np.inf, 0.0]])
    assert trees().predict(rows).tolist() == [1001.5, 1100.5, 1100.5, 1100.5, 1001.5]
    assert trees(missing_left=[False, False, True, False, False, False]).predict(rows[:2]).tolist() == [1010.5, 1010.5]


def test_no_rows_have_no_sums_and_other_columns_are_refused() -> None:
    assert trees().predict(np.zeros((0, 2))).shape == (0,)
    with pytest.raises(ValueError, match="2 columns cannot read values of shape"):
        trees().predict(np.zeros((3, 4)))


def test_rows_may_be_strided_read_only_or_of_another_type() -> None:
    rows = np.asfortranarray(np.array([[1.0, 0.0], [2.0, 0.0]]))
    rows.setflags(write=False)
    assert trees().predict(rows).tolist() == trees().predict(rows.astype(np.float32)).tolist() == [1001.5, 1010.5]


def test_covers_are_recounted_and_unmet_nodes_keep_their_ratio() -> None:
    rows = np.array([[1.0, 0.0], [0.0, 3.0], [NAN, 3.0]])
    recounted = trees().with_cover(rows)
    assert recounted.cover.tolist() == [3.0, 3.0, 0.0, 1.0, 5.0, 3.0]
    assert recounted.shares.tolist() == [1.0, 1.0, 0.0, 1 / 6, 5 / 6, 1.0]
    assert trees().cover.tolist() == PARTS["cover"]
    assert trees().with_cover(np.zeros((0, 2))).shares.tolist() == trees().shares.tolist()


def test_sisters_without_any_cover_share_in_halves() -> None:
    assert trees(cover=np.zeros(6)).shares.tolist() == [1.0, 0.5, 0.5, 0.5, 0.5, 1.0]


def test_the_directions_of_a_sum_are_read_off_its_trees() -> None:
    # Column 0 parts 1.0 from 10.0 and 100.0, column 1 by its codes: nothing is known of a category.
    rises, falls = trees().directions
    assert (rises.tolist(), falls.tolist()) == ([True, False], [False, False])
    rises, falls = trees().scaled(-1.0).directions
    assert (rises.tolist(), falls.tolist()) == ([False, False], [True, False])
    # One leaf beyond the split is lower than one before it: a larger value may go either way.
    rises, falls = trees(value=[0.0, 50.0, 0.0, 10.0, 100.0, 1000.0]).directions
    assert (rises.tolist(), falls.tolist()) == ([False, False], [False, False])
    # By an amount, column 1 rises too; equal leaves are both, and so is a column that is never asked.
    rises, falls = trees(category_set=[-1] * 6).directions
    assert (rises.tolist(), falls.tolist()) == ([True, True], [False, False])
    rises, falls = trees(value=[0.0, 7.0, 0.0, 7.0, 7.0, 0.0], category_set=[-1] * 6).directions
    assert rises.tolist() == falls.tolist() == [True, True]
    rises, falls = FlatTrees.constant(3, 0.0).directions
    assert rises.tolist() == falls.tolist() == [True] * 3


def test_scaled_and_joined_trees_sum_accordingly() -> None:
    rows = np.array([[1.0, 0.0], [2.0, 0.0], [2.0, 1.0]])
    joined = FlatTrees.joined([trees(), FlatTrees.constant(2, 3.0), trees().scaled(2.0)])
    assert joined.predict(rows).tolist() == (3 * trees().predict(rows) + 3.0).tolist()
    with pytest.raises(ValueError, match="same columns"):
        FlatTrees.joined([trees(), FlatTrees.constant(3, 0.0)])


def test_stored_trees_come_back_exact() -> None:
    before = trees(threshold=[np.inf, 0, 0, 0, 0, 0], value=[0, 0.1, 0, 1 / 3, 5e-324, -1e300], start=0.1 + 0.2)
    after = FlatTrees.from_dict(json.loads(json.dumps(before.to_dict(), allow_nan=False)))
    for field in fields(FlatTrees):
        one, other = getattr(before, field.name), getattr(after, field.name)
        assert np.array_equal(one, other)
        assert np.asarray(one).dtype == np.asarray(other).dtype


def test_what_was_not_stored_by_us_is_refused() -> None:
    stored = trees().to_dict()
    with pytest.raises(ValueError, match="must have the entries"):
        FlatTrees.from_dict({**stored, "more": 1})
    for name, wrong in [("value", ["x"] * 6), ("value", None), ("threshold", 3), ("left", [2**40] * 6)]:
        with pytest.raises(ValueError, match=r"trees|convert|array"):
            FlatTrees.from_dict({**stored, name: wrong})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"left": [6, -1, 3, -1, -1, -1]}, "a child is not among the nodes"),
        ({"left": [-1, -1, 3, -1, -1, -1]}, "a child is not among the nodes"),
        ({"left": [1, 2, 3, -1, -1, -1]}, "a leaf has no children"),
        ({"left": [0, -1, 3, -1, -1, -1]}, "every node must be a root or the child of one other node"),
        ({"right": [1, -1, 4, -1, -1, -1]}, "every node must be a root or the child of one other node"),
        ({"right": [5, -1, 2, -1, -1, -1], "roots": [0, 4]}, "some nodes form a circle"),
        ({"roots": [0, 7]}, "a root is not among the nodes"),
        ({"roots": [0]}, "every node must be a root or the child of one other node"),
        ({"feature": [2, -1, 1, -1, -1, -1]}, "a column that is not there"),
        ({"feature": [0, -2, 1, -1, -1, -1]}, "a leaf's feature must be -1"),
        ({"threshold": [NAN, 0, 0, 0, 0, 0]}, "a threshold is not a number"),
        ({"value": [0, np.inf, 0, 0, 0, 0]}, "a leaf's value is not a finite number"),
        ({"cover": [8, -2, 6, 1, 5, 8]}, "a cover must be finite and not negative"),
        ({"cover": [8.0]}, "cover must have one entry a node"),
        ({"category_set": [-1, -1, 1, -1, -1, -1]}, "a category set is not there"),
        ({"categories": ((-1,),)}, "category codes must lie in"),
        ({"categories": ((10**9,),)}, "category codes must lie in"),
        ({"start": NAN}, "plain numbers"),
    ],
)
def test_arrays_that_make_no_trees_are_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        trees(**changes)


def test_a_path_without_end_is_refused() -> None:
    splits = 1001
    left = np.append(np.arange(1, splits + 1), np.full(splits + 1, -1))
    right = np.append(np.arange(splits + 1, 2 * splits + 1), np.full(splits + 1, -1))
    nodes = np.zeros(2 * splits + 1)
    feature = np.append(np.zeros(splits), np.full(splits + 1, -1))
    with pytest.raises(ValueError, match="more than 1000 splits"):
        FlatTrees(1, 0.0, [0], feature, nodes, left, right, nodes, nodes, nodes, (), nodes - 1)  # type: ignore[arg-type]


def test_trees_cannot_be_written_to() -> None:
    given = np.array(PARTS["value"])
    made = trees(value=given)
    given[1] = 7.0
    assert made.value[1] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        made.value[1] = 7.0


def test_a_model_is_read_without_numba_and_explained_without_shap() -> None:
    code = """
import sys
from scoring.ml import shapley
from scoring.ml.trees import tree_readers
from scoring.ml.trees.flat_trees import FlatTrees
assert "numba" not in sys.modules
trees = FlatTrees.constant(2, 0.5)
import numpy as np
assert shapley.TreeShapley(trees).explain(np.zeros((1, 2))).tolist() == [[0.0, 0.0]]
assert "numba" in sys.modules and not {"shap", "lightgbm", "xgboost", "sklearn"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_a_disk_that_cannot_be_written_costs_a_compilation_and_nothing_else(tmp_path: Path) -> None:
    """No cache folder: the source is read-only, the user has no home and NUMBA_CACHE_DIR is not set."""
    code = """
import numba.core.caching as caching
caching.CacheImpl._locator_classes = []
from scoring.ml.trees.flat_trees import FlatTrees
import numpy as np
assert FlatTrees.constant(2, 0.5).predict(np.zeros((3, 2))).tolist() == [0.5, 0.5, 0.5]
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, env={**os.environ, "HOME": str(tmp_path)})
