"""Every library's trees, read: the same numbers as the library's own predictions, at every edge of their splits."""

import json
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.tree import DecisionTreeClassifier

from scoring.ml.trees.flat_trees import FlatTrees
from scoring.ml.trees.float32 import at_most, below
from scoring.ml.trees.tree_readers import from_forest, from_hist_gradient_boosting, from_lightgbm, from_xgboost

QUIET = {"verbosity": -1, "num_threads": 1, "seed": 1, "objective": "binary"}
TYPES = ["q", "q", "c", "q"]


def drawn(seed: int, rows: int = 1200, missing: float = 0.1) -> np.ndarray:
    """Two amounts with missing values, a category of 40 codes with missing values, and an amount without any."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(rows, 4))
    values[:, 1] = values[:, 1].round(1)
    values[:, 2] = random.integers(0, 40, rows)
    values[:, :3][random.random((rows, 3)) < missing] = np.nan
    return values


X = drawn(0)
Y = (np.nan_to_num(X[:, 0]) + np.isin(X[:, 2] % 12, [1, 5, 7]) + X[:, 3] * np.nan_to_num(X[:, 1]) > 0.5).astype(float)


def probes(trees: FlatTrees) -> np.ndarray:
    """New rows, unknown codes, and rows that lie on the thresholds, beside them, and half way to the next float32."""
    rows = drawn(1)
    rows[:100, 2] = np.tile([40.0, 63.0, 64.0, 200.0, -1.0], 20)
    rows[100:110] = np.nan
    numeric = (trees.feature >= 0) & (trees.category_set < 0)
    for column in (0, 1, 3):
        edges = trees.threshold[numeric & (trees.feature == column) & np.isfinite(trees.threshold)]
        beside = [np.nextafter(edges, np.inf), np.nextafter(edges, -np.inf)]
        near = np.concatenate([edges, *beside, edges.astype(np.float32), *(b.astype(np.float32) for b in beside)])
        count = min(len(near), 800)
        rows[200 : 200 + count, column] = near[:count]
    return rows


@pytest.mark.parametrize("missing", [0.1, 0.0])
def test_lightgbm_is_read_to_the_last_bit(missing: float) -> None:
    values = drawn(0, missing=missing)
    data = lgb.Dataset(values, Y, categorical_feature=[2])
    booster = lgb.train({**QUIET, "num_leaves": 15, "min_data_per_group": 5, "cat_smooth": 1.0}, data, 20)
    trees = from_lightgbm(booster.model_to_string())
    rows = probes(trees)
    assert len(trees.categories) > 5
    assert (trees.predict(rows) == booster.predict(rows, raw_score=True, num_threads=1)).all()


def test_lightgbm_reads_missing_as_zero_where_training_saw_none() -> None:
    values = drawn(0, missing=0.0) + 0.5
    booster = lgb.train({**QUIET, "num_leaves": 15}, lgb.Dataset(values, Y), 10)
    trees = from_lightgbm(booster.model_to_string())
    assert set(trees.missing_left[trees.feature >= 0].tolist()) == {True, False}
    rows = np.where(np.random.default_rng(2).random(X.shape) < 0.4, np.nan, values)
    assert (trees.predict(rows) == booster.predict(rows, raw_score=True, num_threads=1)).all()


def test_lightgbms_random_forest_is_the_mean_of_its_trees() -> None:
    forest = {**QUIET, "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}
    booster = lgb.train(forest, lgb.Dataset(X, Y), 7)
    found = from_lightgbm(booster.model_to_string()).predict(X)
    assert np.abs(1 / (1 + np.exp(-found)) - booster.predict(X, num_threads=1)).max() < 1e-12


def test_a_lightgbm_model_without_a_split_is_one_leaf() -> None:
    booster = lgb.train({**QUIET, "min_child_samples": 5000}, lgb.Dataset(X, Y), 3)
    trees = from_lightgbm(booster.model_to_string())
    assert (trees.feature == -1).all()
    assert (trees.predict(X) == booster.predict(X, raw_score=True, num_threads=1)).all()


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"zero_as_missing": True}, "zero_as_missing"),
        ({"linear_tree": True}, "linear leaves"),
        ({"objective": "multiclass", "num_class": 3}, "several scores"),
    ],
)
def test_what_lightgbm_trees_cannot_say_here_is_refused(parameters: dict[str, Any], sentence: str) -> None:
    labels = np.arange(len(X)) % 3 if "num_class" in parameters else Y
    booster = lgb.train({**QUIET, **parameters}, lgb.Dataset(X, labels), 2)
    with pytest.raises(ValueError, match=sentence):
        from_lightgbm(booster.model_to_string())


def test_a_damaged_lightgbm_text_is_refused() -> None:
    text = lgb.train(QUIET, lgb.Dataset(X, Y), 2).model_to_string()
    for damaged in ("", text[:400], text.replace("leaf_value=", "leaf_value=0.5 ", 1), "{}"):
        with pytest.raises(ValueError, match="LightGBM"):
            from_lightgbm(damaged)


@pytest.mark.parametrize("one_hot", [1, 100])
@pytest.mark.parametrize("objective", ["binary:logistic", "binary:logitraw", "reg:squarederror", "reg:logistic"])
def test_xgboost_is_read_up_to_its_float32_sums(objective: str, one_hot: int) -> None:
    data = xgb.DMatrix(X, Y, feature_types=TYPES, enable_categorical=True, nthread=1)
    settings = {"objective": objective, "max_depth": 5, "nthread": 1, "max_cat_to_onehot": one_hot, "gamma": 0.5}
    booster = xgb.train(settings, data, 12)
    trees = from_xgboost(booster.save_raw("json"))
    rows = probes(trees)
    judge = booster.predict(xgb.DMatrix(rows, feature_types=TYPES, enable_categorical=True), output_margin=True)
    assert len(trees.categories) > 5
    assert np.abs(trees.predict(rows) - judge).max() < 2e-6
    text = booster.save_raw("json").decode()
    assert from_xgboost(text).to_dict() == from_xgboost(json.loads(text)).to_dict() == trees.to_dict()


def test_xgboosts_given_base_score_is_the_start() -> None:
    booster = xgb.train({"objective": "binary:logistic", "nthread": 1, "base_score": 0.2}, xgb.DMatrix(X, Y), 1)
    assert from_xgboost(booster.save_raw("json")).start == pytest.approx(np.log(0.25), abs=1e-7)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"booster": "dart"}, "booster dart"),
        ({"objective": "multi:softprob", "num_class": 2}, "several scores"),
        ({"objective": "count:poisson"}, "objective count:poisson"),
    ],
)
def test_what_xgboost_trees_cannot_say_here_is_refused(settings: dict[str, Any], sentence: str) -> None:
    booster = xgb.train({"objective": "binary:logistic", "nthread": 1, **settings}, xgb.DMatrix(X, Y), 2)
    with pytest.raises(ValueError, match=sentence):
        from_xgboost(booster.save_raw("json"))


@pytest.mark.parametrize("text", ["", "{}", "[]", "[1", "null"])
def test_what_is_no_xgboost_model_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not the JSON of an XGBoost model"):
        from_xgboost(text)


@pytest.mark.parametrize("missing", [0.1, 0.0])
@pytest.mark.parametrize("categorical", [[2], None])
def test_hist_gradient_boosting_is_read_to_the_last_bit(missing: float, categorical: list[int] | None) -> None:
    values = drawn(0, missing=missing)
    model = HistGradientBoostingClassifier(max_iter=15, categorical_features=categorical, random_state=0)
    model.fit(values, Y)
    trees = from_hist_gradient_boosting(model)
    rows = probes(trees)
    assert (len(trees.categories) > 5) == (categorical is not None)
    assert (trees.predict(rows) == model.decision_function(rows)).all()


def test_hist_gradient_boosting_regression_is_read_too_and_three_classes_are_refused() -> None:
    regressor = HistGradientBoostingRegressor(max_iter=5).fit(X, X[:, 3])
    assert (from_hist_gradient_boosting(regressor).predict(X) == regressor.predict(X)).all()
    classifier = HistGradientBoostingClassifier(max_iter=2).fit(X, np.arange(len(X)) % 3)
    with pytest.raises(ValueError, match="more than two classes"):
        from_hist_gradient_boosting(classifier)


def test_categories_that_are_no_codes_are_refused() -> None:
    model = HistGradientBoostingClassifier(max_iter=2, categorical_features=[2]).fit(X + 0.5, Y)
    with pytest.raises(ValueError, match="must be codes"):
        from_hist_gradient_boosting(model)


@pytest.mark.parametrize(
    "model",
    [
        DecisionTreeClassifier(max_depth=8, random_state=0),
        RandomForestClassifier(12, random_state=0, class_weight="balanced"),
        ExtraTreesClassifier(12, random_state=0),
    ],
    ids=["tree", "forest", "extra trees"],
)
def test_forests_are_read_at_every_edge_of_their_float32_splits(model: Any) -> None:
    model.fit(X, Y)
    trees = from_forest(model)
    rows = probes(trees)
    assert np.abs(trees.predict(rows) - model.predict_proba(rows)[:, 1]).max() < 1e-14


def test_a_leafs_log_odds_are_its_empirical_logit() -> None:
    model = DecisionTreeClassifier(max_depth=4, random_state=0).fit(X, Y)
    leaves = model.apply(X)
    found = from_forest(model, leaf="log_odds").predict(X)
    for leaf in np.unique(leaves):
        bads = Y[leaves == leaf].sum()
        expected = np.log((bads + 0.5) / ((leaves == leaf).sum() - bads + 0.5))
        assert found[leaves == leaf] == pytest.approx(expected, abs=1e-12)


def test_other_leaves_and_other_than_two_classes_are_refused() -> None:
    with pytest.raises(ValueError, match="probability"):
        from_forest(DecisionTreeClassifier().fit(X, Y), leaf="votes")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="two classes"):
        from_forest(DecisionTreeClassifier().fit(X, np.arange(len(X)) % 3))


def test_float32_splits_are_the_same_splits_of_every_float64() -> None:
    random = np.random.default_rng(3)
    exact = np.concatenate([random.normal(size=300), [0.0, 1.0, 3.4e38, -3.4e38, 1e-45, 2.0**-126]]).astype(np.float32)
    most = np.finfo(np.float32).max
    wide = np.concatenate([exact.astype(np.float64), random.normal(size=300), [most, -most, np.inf, 5e-324]])
    for thresholds, converted, judge in [(exact, below(exact), np.less), (wide, at_most(wide), np.less_equal)]:
        edges = converted[np.isfinite(converted)]
        values = np.concatenate([edges, np.nextafter(edges, np.inf), np.nextafter(edges, -np.inf), [np.inf, -np.inf]])
        values = np.concatenate([values, exact.astype(np.float64)])
        with np.errstate(over="ignore"):
            rounded = values.astype(np.float32)
        assert (judge(rounded[:, None], thresholds[None]) == (values[:, None] <= converted[None])).all()
