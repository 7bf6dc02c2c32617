"""Recipes: the models that can be trained, by name, with settings that follow from the size of the book."""

from dataclasses import dataclass
from math import sqrt

from scoring.ml.columns import Columns
from scoring.ml.estimators.blend import BlendRisk
from scoring.ml.estimators.boosting import GradientBoostingRisk, HistGradientBoostingRisk, XGBoostRisk
from scoring.ml.estimators.encoding import Categories
from scoring.ml.estimators.forests import DecisionTreeRisk, RandomForestRisk
from scoring.ml.estimators.linear import LogisticRegressionRisk
from scoring.ml.estimators.risk_classifier import RiskClassifier
from scoring.ml.estimators.scorecard import ScorecardRisk


@dataclass(frozen=True)
class RecipeWords:
    """What people call a recipe."""

    en: str
    zh: str


RECIPES = {
    "scorecard": RecipeWords("scorecard", "评分卡"),
    "logistic_regression": RecipeWords("logistic regression", "逻辑回归"),
    "decision_tree": RecipeWords("decision tree", "决策树"),
    "random_forest": RecipeWords("random forest", "随机森林"),
    "hist_gradient_boosting": RecipeWords("gradient boosting (scikit-learn)", "梯度提升（scikit-learn）"),
    "gradient_boosting": RecipeWords("gradient boosting (LightGBM)", "梯度提升（LightGBM）"),
    "xgboost": RecipeWords("gradient boosting (XGBoost)", "梯度提升（XGBoost）"),
    "blend": RecipeWords("blend of several models", "多模型融合"),
}
# What members of the blend count for before the data speak, where not 1. A single tree is trained to be looked at. The
# regression is the safest on a small book, and most other members are trees that say much the same.
PRIOR = {"decision_tree": 0.0, "logistic_regression": 2.0}
# The member that the blend has to better.
PLAIN = "logistic_regression"
LEAST_FOR_SETS = 1000


def make_recipe(name: str, columns: Columns, *, seed: int, rows: int, bads: int) -> RiskClassifier:
    """An estimator ready to fit on so many rows and bads; KeyError when there is no such recipe."""
    if name not in RECIPES:
        raise KeyError(f"no recipe {name}; there are {', '.join(RECIPES)}")
    if name == "blend":
        members = [(one, _sized(one, rows, bads)) for one in RECIPES if one != "blend"]
        recipe: RiskClassifier = BlendRisk(members, prior=PRIOR, plain=PLAIN)
    else:
        recipe = _sized(name, rows, bads)
    recipe.set_params(
        categorical=columns.categorical,
        monotone_constraints=columns.directions,
        special_values=columns.specials,
        random_state=seed,
    )
    return recipe


def _sized(name: str, rows: int, bads: int) -> RiskClassifier:
    """Capacity grows with the square root of the rarer outcome: what can be learned is bounded by it, not by rows."""
    rarer = min(bads, rows - bads)
    leaves = _between(4, round(sqrt(rarer) / 4), 31)
    leaf_rows = _between(5, rows // 200, 50)
    match name:
        case "scorecard":
            return ScorecardRisk()
        case "logistic_regression":
            return LogisticRegressionRisk()
        case "decision_tree":
            return DecisionTreeRisk(max_leaves=leaves, min_rows_a_leaf=leaf_rows)
        case "random_forest":
            return RandomForestRisk(max_leaves=_between(16, rarer // 10, 64))
        case "gradient_boosting":
            # Sets of codes need many bads; below, the rates of categories keep their noise down.
            categories: Categories = "codes" if rarer >= LEAST_FOR_SETS else "rates"
            return GradientBoostingRisk(max_leaves=leaves, min_rows_a_leaf=leaf_rows, categories=categories)
        case "hist_gradient_boosting":
            return HistGradientBoostingRisk(
                n_estimators=300, learning_rate=0.04, max_leaves=_between(3, leaves // 2, 16), min_rows_a_leaf=leaf_rows
            )
        case _:
            return _rich()


def _rich() -> RiskClassifier:
    """As many leaves as libraries grow by default, whatever the size: what a book with strong interactions or many
    alike applicants needs, and what the weights of a blend turn down elsewhere."""
    return XGBoostRisk(
        n_estimators=150,
        learning_rate=0.08,
        max_leaves=31,
        min_rows_a_leaf=5,
        reg_lambda=0.5,
        # Fewer columns a tree make such a book's AUC swing by 0.01 with the seed.
        feature_fraction=0.8,
        categories="codes",
    )


def _between(low: int, value: int, high: int) -> int:
    return max(low, min(value, high))
