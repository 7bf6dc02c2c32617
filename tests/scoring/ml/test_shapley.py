"""SHAP values, one by one: against the definition over all subsets, against exact fractions and against shap."""

from fractions import Fraction
from functools import cache
from itertools import combinations
from math import factorial
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
import shap
import xgboost as xgb
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from scoring.ml.shapley import TreeShapley
from scoring.ml.trees.flat_trees import FlatTrees
from scoring.ml.trees.shapley_kernel import LANES
from scoring.ml.trees.tree_readers import from_forest, from_hist_gradient_boosting, from_lightgbm, from_xgboost

COLUMNS = 4
QUIET = {"verbosity": -1, "num_threads": 1, "seed": 1, "objective": "binary"}


def goes_left(trees: FlatTrees, node: int, value: float) -> bool:
    if np.isnan(value):
        return bool(trees.missing_left[node])
    if trees.category_set[node] >= 0:
        return int(value) in trees.categories[trees.category_set[node]]
    return bool(value <= trees.threshold[node])


def expected(trees: FlatTrees, node: int, row: np.ndarray, known: frozenset[int]) -> float:
    """Expectation of a tree when only `known` columns are given, weighted by covers elsewhere."""
    if trees.feature[node] < 0:
        return float(trees.value[node])
    left, right = trees.left[node], trees.right[node]
    if trees.feature[node] in known:
        return expected(trees, left if goes_left(trees, node, row[trees.feature[node]]) else right, row, known)
    covers = trees.cover[[left, right]]
    sides = [expected(trees, side, row, known) for side in (left, right)]
    return float(covers @ sides / covers.sum())


def by_definition(trees: FlatTrees, row: np.ndarray) -> np.ndarray:
    """Shapley values by the sum over all subsets of columns."""

    @cache
    def worth(known: frozenset[int]) -> float:
        return sum(expected(trees, root, row, known) for root in trees.roots)

    values = np.zeros(trees.columns)
    for column in range(trees.columns):
        others = [other for other in range(trees.columns) if other != column]
        for size in range(trees.columns):
            weight = factorial(size) * factorial(trees.columns - size - 1) / factorial(trees.columns)
            for subset in map(frozenset, combinations(others, size)):
                values[column] += weight * (worth(subset | {column}) - worth(subset))
    return values


def drawn(seed: int, rows: int = 1500) -> np.ndarray:
    """Three columns with missing values, the third a category of 40 codes, and one without."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(rows, COLUMNS))
    values[:, 2] = random.integers(0, 40, rows)
    values[:, :3][random.random((rows, 3)) < 0.15] = np.nan
    return values


X = drawn(5)
ODDS = np.nan_to_num(X[:, 0], nan=1.0) + np.nan_to_num(X[:, 1]) * X[:, 3] + np.isin(X[:, 2] % 12, [1, 5, 7])
Y = (np.random.default_rng(6).random(len(X)) < 1 / (1 + np.exp(-ODDS))).astype(float)
TYPES = ["q", "q", "c", "q"]


def boosted_by_lightgbm(categorical: bool = True) -> lgb.Booster:
    data = lgb.Dataset(X, Y, categorical_feature=[2] if categorical else [])
    return lgb.train({**QUIET, "num_leaves": 15, "min_data_per_group": 5, "cat_smooth": 1.0}, data, 12)


def boosted_by_xgboost(categorical: bool = True, **settings: Any) -> xgb.Booster:
    data = xgb.DMatrix(X, Y, feature_types=TYPES if categorical else None, enable_categorical=categorical, nthread=1)
    return xgb.train({"objective": "binary:logistic", "max_depth": 6, "nthread": 1, **settings}, data, 8)


@pytest.fixture(scope="module")
def deep() -> FlatTrees:
    """Columns repeat on paths, codes and missing values are split on."""
    return from_lightgbm(boosted_by_lightgbm().model_to_string())


@pytest.fixture(scope="module")
def families() -> dict[str, FlatTrees]:
    boosting = HistGradientBoostingClassifier(max_iter=8, categorical_features=[2], random_state=0).fit(X, Y)
    return {
        "lightgbm": from_lightgbm(boosted_by_lightgbm().model_to_string()),
        "xgboost": from_xgboost(boosted_by_xgboost().save_raw("json")),
        "xgboost one by one": from_xgboost(boosted_by_xgboost(max_cat_to_onehot=100).save_raw("json")),
        "hist gradient boosting": from_hist_gradient_boosting(boosting),
        "forest": from_forest(RandomForestClassifier(5, max_depth=6, random_state=0).fit(X, Y), leaf="log_odds"),
    }


FAMILIES = ("lightgbm", "xgboost", "xgboost one by one", "hist gradient boosting", "forest")


@pytest.mark.parametrize("family", FAMILIES)
def test_every_value_is_the_definitions(family: str, families: dict[str, FlatTrees]) -> None:
    trees = families[family]
    rows = drawn(7, 12)
    rows[0], rows[1, 2], rows[2, 2] = np.nan, 300.0, -1.0
    assert family == "forest" or len(trees.categories) > 5
    for row, found in zip(rows, TreeShapley(trees).explain(rows), strict=True):
        assert np.abs(found - by_definition(trees, row)).max() < 1e-13


@pytest.mark.parametrize("family", FAMILIES)
def test_base_and_values_sum_to_the_prediction(family: str, families: dict[str, FlatTrees]) -> None:
    trees = families[family]
    explainer = TreeShapley(trees)
    total = explainer.base_value + explainer.explain(X).sum(axis=1)
    assert np.abs(total - trees.predict(X)).max() < 1e-12, family


@pytest.mark.parametrize("categorical", [True, False])
def test_shap_says_the_same_of_lightgbm(categorical: bool) -> None:
    booster = boosted_by_lightgbm(categorical)
    explainer = TreeShapley(from_lightgbm(booster.model_to_string()))
    # Told the objective, shap announces a list of two classes; without it, it explains the raw log-odds.
    booster.params = {}
    judge = shap.TreeExplainer(booster, feature_perturbation="tree_path_dependent")
    assert np.abs(explainer.explain(X) - judge.shap_values(X)).max() < 1e-12
    assert explainer.base_value == pytest.approx(np.ravel(judge.expected_value)[-1], abs=1e-12)


def test_shap_says_the_same_of_xgboost_as_far_as_float32_goes() -> None:
    booster = boosted_by_xgboost(categorical=False)
    explainer = TreeShapley(from_xgboost(booster.save_raw("json")))
    judge = shap.TreeExplainer(booster)
    assert np.abs(explainer.explain(X) - judge.shap_values(X)).max() < 1e-6
    assert explainer.base_value == pytest.approx(float(judge.expected_value), abs=1e-6)


def test_xgboost_itself_says_the_same_of_its_categories() -> None:
    """shap refuses categorical splits of XGBoost; the library's own contributions are float32."""
    booster = boosted_by_xgboost()
    judge = booster.predict(xgb.DMatrix(X, feature_types=TYPES, enable_categorical=True), pred_contribs=True)
    explainer = TreeShapley(from_xgboost(booster.save_raw("json")))
    assert np.abs(explainer.explain(X) - judge[:, :-1]).max() < 1e-6
    assert explainer.base_value == pytest.approx(float(judge[0, -1]), abs=1e-6)


def test_shap_says_the_same_of_hist_gradient_boosting() -> None:
    model = HistGradientBoostingClassifier(max_iter=15, random_state=0).fit(X, Y)
    explainer, judge = TreeShapley(from_hist_gradient_boosting(model)), shap.TreeExplainer(model)
    assert np.abs(explainer.explain(X) - judge.shap_values(X)).max() < 1e-12
    assert explainer.base_value == pytest.approx(float(np.ravel(judge.expected_value)[-1]), abs=1e-12)


@pytest.mark.parametrize(
    "model",
    [DecisionTreeClassifier(random_state=0), RandomForestClassifier(10, random_state=0, class_weight="balanced")],
    ids=["tree", "forest"],
)
def test_shap_says_the_same_of_trees_and_forests(model: Any) -> None:
    model.fit(X, Y)
    rows = np.vstack([X[:200], model.tree_.threshold[:200, None] * np.ones(4) if hasattr(model, "tree_") else X[:1]])
    explainer, judge = TreeShapley(from_forest(model)), shap.TreeExplainer(model)
    assert np.abs(explainer.explain(rows) - judge.shap_values(rows)[..., 1]).max() < 1e-12
    assert explainer.base_value == pytest.approx(float(judge.expected_value[1]), abs=1e-12)


def chain(splits: int, columns: int) -> FlatTrees:
    """One tree that asks on at every right child, column after column; covers shrink unevenly, some to nothing."""
    inner, leaves = np.arange(splits), np.full(splits + 1, -1)
    random = np.random.default_rng(splits)
    cover = np.append(np.sort(random.random(splits))[::-1] * 100, random.random(splits + 1) * 5).round(2)
    cover[splits] = 0.0
    return FlatTrees(
        columns=columns,
        start=0.25,
        roots=np.zeros(1, np.int32),
        feature=np.append(inner % columns, leaves).astype(np.int32),
        threshold=np.append(random.normal(size=splits), leaves),
        left=np.append(inner + splits, leaves).astype(np.int32),
        right=np.append([*range(1, splits), 2 * splits], leaves).astype(np.int32),
        missing_left=np.append(random.random(splits) < 0.5, leaves > 0),
        value=np.append(np.zeros(splits), random.normal(size=splits + 1)),
        cover=cover,
        categories=(),
        category_set=np.full(2 * splits + 1, -1, np.int32),
    )


def in_fractions(trees: FlatTrees, row: np.ndarray) -> list[Fraction]:
    """Shapley values of one tree, leaf by leaf with exact weights s! (d - 1 - s)! / d! of subsets of size s."""
    found = [Fraction(0)] * trees.columns

    def visit(node: int, path: dict[int, tuple[bool, Fraction]]) -> None:
        column = int(trees.feature[node])
        if column < 0:
            book(Fraction(float(trees.value[node])), path)
            return
        left = goes_left(trees, node, row[column])
        children = int(trees.left[node]), int(trees.right[node])
        covers = [Fraction(float(trees.cover[child])) for child in children]
        met, ratio = path.get(column, (True, Fraction(1)))
        for child, cover, here in zip(children, covers, (left, not left), strict=True):
            visit(child, {**path, column: (met and here, ratio * cover / sum(covers))})

    def book(value: Fraction, path: dict[int, tuple[bool, Fraction]]) -> None:
        for column, (met, ratio) in path.items():
            sizes = [Fraction(1)]
            for other, (also, its_ratio) in path.items():
                if other != column:
                    missed = [its_ratio * size for size in sizes] + [Fraction(0)]
                    sizes = [a + also * b for a, b in zip(missed, [Fraction(0), *sizes], strict=True)]
            d = len(path)
            mean = sum(Fraction(factorial(s) * factorial(d - 1 - s), factorial(d)) * w for s, w in enumerate(sizes))
            found[column] += value * (met - ratio) * mean

    visit(0, {})
    return found


@pytest.mark.parametrize(("splits", "columns"), [(24, 24), (30, 7), (1, 1), (2, 2), (9, 1)])
def test_long_paths_agree_with_exact_fractions(splits: int, columns: int) -> None:
    trees = chain(splits, columns)
    random = np.random.default_rng(columns)
    rows = random.normal(size=(3, columns)) + np.arange(3)[:, None]
    rows[random.random(rows.shape) < 0.2] = np.nan
    for row, found in zip(rows, TreeShapley(trees).explain(rows), strict=True):
        assert np.abs(found - np.array([float(value) for value in in_fractions(trees, row)])).max() < 1e-13


@pytest.mark.parametrize("family", FAMILIES)
def test_a_cohorts_base_is_its_mean_prediction_and_values_are_the_definitions(
    family: str, families: dict[str, FlatTrees]
) -> None:
    trees = families[family]
    cohort = X[trees.predict(X) < np.quantile(trees.predict(X), 0.1)]
    by_cohort = trees.with_cover(cohort)
    explainer = TreeShapley(by_cohort)
    assert (by_cohort.cover == 0).any(), family
    assert explainer.base_value == pytest.approx(trees.predict(cohort).mean(), abs=1e-12)
    assert (by_cohort.predict(X) == trees.predict(X)).all()
    rows = drawn(8, 6)
    # The definition divides by covers: where nobody of the cohort comes, sisters keep the ratio that they had.
    for row, found in zip(rows, explainer.explain(rows), strict=True):
        assert np.abs(found - by_definition(by_cohort, row)).max() < 1e-13
    total = explainer.base_value + explainer.explain(X).sum(axis=1)
    assert np.abs(total - trees.predict(X)).max() < 1e-12


def test_a_row_is_explained_alike_to_the_last_bit_in_every_batch(deep: FlatTrees) -> None:
    explainer, rows = TreeShapley(deep), X[:1000]
    together = explainer.explain(rows)
    for size in (1, 2, 3, 7, 64, LANES - 1, LANES, LANES + 1, LANES + 3):
        parts = [explainer.explain(rows[start : start + size]) for start in range(0, len(rows), size)]
        assert (np.concatenate(parts) == together).all(), size
    assert (TreeShapley(FlatTrees.from_dict(deep.to_dict())).explain(rows) == together).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_two_baselines_together_give_the_bits_of_each_alone(family: str, families: dict[str, FlatTrees]) -> None:
    trees = families[family]
    by_cohort = trees.with_cover(X[trees.predict(X) < np.quantile(trees.predict(X), 0.1)])
    both = TreeShapley(trees, by_cohort)
    assert both.base_values == (TreeShapley(trees).base_value, TreeShapley(by_cohort).base_value), family
    for rows in (X[:1], X[:LANES], X[: LANES + 2]):
        alone = [TreeShapley(each).explain(rows) for each in (trees, by_cohort)]
        assert (both.explain_from(rows, slice(0, 2)) == alone).all(), family
        assert (both.explain_from(rows, slice(1, 2)) == alone[1:]).all(), family


def test_baselines_of_other_trees_are_refused(deep: FlatTrees) -> None:
    with pytest.raises(ValueError, match="covers of their trees and in nothing else"):
        TreeShapley(deep, deep.scaled(2.0))


def test_no_rows_have_no_values_and_other_columns_are_refused(deep: FlatTrees) -> None:
    assert TreeShapley(deep).explain(np.zeros((0, COLUMNS))).shape == (0, COLUMNS)
    with pytest.raises(ValueError, match="4 columns"):
        TreeShapley(deep).explain(np.zeros((3, COLUMNS + 1)))


def test_a_model_without_a_split_explains_nothing_away(deep: FlatTrees) -> None:
    booster = lgb.train({**QUIET, "min_child_samples": 5000}, lgb.Dataset(X, Y), 3)
    flat = from_lightgbm(booster.model_to_string())
    explainer = TreeShapley(flat)
    assert (explainer.explain(X[:5]) == 0).all()
    assert explainer.base_value == pytest.approx(flat.predict(X[:1])[0], abs=1e-15)
    mixed = FlatTrees.joined([flat, deep, flat])
    assert (TreeShapley(mixed).explain(X) == TreeShapley(deep).explain(X)).all()


def test_values_of_joined_and_scaled_trees_are_sums_and_multiples(deep: FlatTrees) -> None:
    joined = FlatTrees.joined([deep, deep.scaled(-0.5)])
    assert np.abs(TreeShapley(joined).explain(X) - 0.5 * TreeShapley(deep).explain(X)).max() < 1e-13
    assert TreeShapley(joined).base_value == pytest.approx(0.5 * TreeShapley(deep).base_value, abs=1e-13)


def test_infinite_values_are_explained_like_very_large_ones(deep: FlatTrees) -> None:
    rows = np.array([[np.inf, -np.inf, 3.0, np.inf], [-np.inf, np.inf, np.inf, 0.0]])
    large = np.nan_to_num(rows, posinf=1e300, neginf=-1e300)
    assert (TreeShapley(deep).explain(rows) == TreeShapley(deep).explain(large)).all()
