"""SHAP values, one by one: against the definition over all subsets and against the library, missing values included."""

from itertools import combinations
from math import factorial
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

from scoring.ml.pipeline import Champion
from scoring.ml.shapley import TreeShapley
from scoring.ml.trees import TreeModel
from tests.scoring.ml.conftest import Book

FEATURES = 4
NO_FILLS = (None,) * FEATURES


def goes_left(node: dict[str, Any], value: float) -> bool:
    if np.isnan(value):
        if node["missing_type"] == "NaN":
            return bool(node["default_left"])
        value = 0.0
    return bool(value <= node["threshold"])


def count(node: dict[str, Any]) -> int:
    return int(node["internal_count"] if "internal_count" in node else node["leaf_count"])


def expected(node: dict[str, Any], row: np.ndarray, known: frozenset[int]) -> float:
    """Expectation of a tree when only `known` features are given, weighted by training rows elsewhere."""
    if "split_feature" not in node:
        return float(node["leaf_value"])
    left, right = node["left_child"], node["right_child"]
    if node["split_feature"] in known:
        return expected(left if goes_left(node, row[node["split_feature"]]) else right, row, known)
    weights = np.array([count(left), count(right)]) / count(node)
    return float(weights @ [expected(left, row, known), expected(right, row, known)])


def by_definition(model: TreeModel, row: np.ndarray) -> np.ndarray:
    """Shapley values by the sum over all subsets of features."""
    trees = [tree["tree_structure"] for tree in model.booster.dump_model()["tree_info"]]

    def worth(known: frozenset[int]) -> float:
        return sum(expected(tree, row, known) for tree in trees)

    values = np.zeros(FEATURES)
    for feature in range(FEATURES):
        others = [other for other in range(FEATURES) if other != feature]
        for size in range(FEATURES):
            weight = factorial(size) * factorial(FEATURES - size - 1) / factorial(FEATURES)
            for subset in map(frozenset, combinations(others, size)):
                values[feature] += weight * (worth(subset | {feature}) - worth(subset))
    return values


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    random = np.random.default_rng(5)
    drawn = random.normal(size=(1500, FEATURES))
    drawn[random.random(drawn.shape) < 0.15] = np.nan
    drawn[:, 3] = np.nan_to_num(drawn[:, 3], nan=0.3)
    return drawn


@pytest.fixture(scope="module")
def deep(values: np.ndarray) -> TreeModel:
    """Features repeat on paths, missing values are learned in three columns and never seen in the fourth."""
    odds = np.nan_to_num(values, nan=1.0) @ [1.0, -0.5, 0.3, 0.8] + np.nan_to_num(values[:, 0]) * values[:, 3]
    y = (np.random.default_rng(6).random(len(values)) < 1 / (1 + np.exp(-odds))).astype(float)
    parameters = {"objective": "binary", "num_leaves": 15, "verbosity": -1, "num_threads": 1, "seed": 1}
    return TreeModel(lgb.train(parameters, lgb.Dataset(values, y), 12).model_to_string(), NO_FILLS)


def test_every_value_is_the_definitions(deep: TreeModel, values: np.ndarray) -> None:
    rows = values[:25].copy()
    rows[0], rows[1, 3] = np.nan, np.nan
    explained = TreeShapley(deep).explain(rows)
    assert np.isnan(rows).any()
    for row, found in zip(rows, explained, strict=True):
        assert np.abs(found - by_definition(deep, row)).max() < 1e-12


def test_every_value_is_the_librarys(deep: TreeModel, values: np.ndarray) -> None:
    explainer = TreeShapley(deep)
    judge = np.asarray(deep.booster.predict(values, pred_contrib=True))
    assert np.abs(explainer.explain(values) - judge[:, :-1]).max() == 0.0
    assert explainer.base_value == judge[0, -1]


def test_base_and_values_sum_to_the_models_log_odds(deep: TreeModel, values: np.ndarray) -> None:
    explainer = TreeShapley(deep)
    total = explainer.base_value + explainer.explain(values).sum(axis=1)
    assert np.abs(total - deep.log_odds(values)).max() < 1e-12


def test_no_rows_have_no_values(deep: TreeModel) -> None:
    assert TreeShapley(deep).explain(np.zeros((0, FEATURES))).shape == (0, FEATURES)


def test_a_model_without_a_split_explains_nothing_away(values: np.ndarray) -> None:
    y = np.tile([0.0, 0.0, 1.0], 500)
    parameters = {"objective": "binary", "min_child_samples": 5000, "verbosity": -1, "num_threads": 1}
    flat = TreeModel(lgb.train(parameters, lgb.Dataset(values, y), 3).model_to_string(), NO_FILLS)
    explainer = TreeShapley(flat)
    assert (explainer.explain(values[:5]) == 0).all()
    assert explainer.base_value == pytest.approx(np.log(0.5), abs=1e-9)


def test_a_champion_explains_its_calibrated_log_odds(champion: Champion, book: Book) -> None:
    batch = champion.score([*book.rows[:300], {"interest_rate": None}, {}])
    judge = np.asarray(champion.model.booster.predict(champion.model.filled(batch.values), pred_contrib=True))
    assert np.abs(batch.contributions - champion.calibration.slope * judge[:, :-1]).max() == 0.0
    assert batch.residual.max() < 1e-12


def test_a_shape_that_shap_never_had_is_refused(deep: TreeModel, monkeypatch: pytest.MonkeyPatch) -> None:
    explainer = TreeShapley(deep)
    monkeypatch.setattr(explainer, "_explainer", type("Odd", (), {"shap_values": lambda self, x: np.zeros((2, 2))})())
    with pytest.raises(ValueError, match="shape"):
        explainer.explain(np.zeros((3, FEATURES)))
