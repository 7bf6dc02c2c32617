"""The independent witness: shap over the same flat trees."""

from dataclasses import replace

import numpy as np
import pytest

from scoring.ml.champion import Champion
from scoring.ml.features import FeatureTable
from scoring.ml.forms import BlendForm, TreesForm
from scoring.ml.reference import largest_difference_from_shap, shap_values
from scoring.ml.trees.flat_trees import FlatTrees
from tests.scoring.ml.conftest import Book


def test_shap_agrees_with_every_tree_member(champion: Champion, table: FeatureTable, book: Book) -> None:
    difference = largest_difference_from_shap(champion.blend, table.matrix(book.rows[:100]))
    assert difference is not None
    assert difference <= 1e-7


def test_a_wrong_explanation_is_found(
    champion: Champion, table: FeatureTable, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = TreesForm.explain
    monkeypatch.setattr(TreesForm, "explain", lambda form, values: right(form, values) + 0.001)
    difference = largest_difference_from_shap(champion.blend, table.matrix(book.rows[:5]))
    assert difference is not None
    weights = [one.weight for one in champion.blend.members if isinstance(one.form, TreesForm)]
    assert difference == pytest.approx(0.001 * max(weights), rel=1e-6)


def test_there_is_nothing_to_compare_without_trees_of_weight(champion: Champion, book: Book) -> None:
    members = tuple(replace(one, weight=0.0) for one in champion.blend.members)
    assert largest_difference_from_shap(BlendForm(0.0, members), np.zeros((2, champion.blend.columns))) is None


def test_sets_of_categories_are_refused_rather_than_misread() -> None:
    trees = FlatTrees(
        columns=1,
        start=0.0,
        roots=np.array([0]),
        feature=np.array([0, -1, -1]),
        threshold=np.array([0.0, 0.0, 0.0]),
        left=np.array([1, -1, -1]),
        right=np.array([2, -1, -1]),
        missing_left=np.array([False, False, False]),
        value=np.array([0.0, 1.0, -1.0]),
        cover=np.array([2.0, 1.0, 1.0]),
        categories=((0, 2),),
        category_set=np.array([0, -1, -1]),
    )
    with pytest.raises(ValueError, match="sets of categories"):
        shap_values(trees, np.zeros((1, 1)))
