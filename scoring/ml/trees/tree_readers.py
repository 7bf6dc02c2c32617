"""Every library's trees as flat trees: one place to import the readers from."""

from scoring.ml.trees.lightgbm_trees import from_lightgbm
from scoring.ml.trees.sklearn_trees import from_forest, from_hist_gradient_boosting
from scoring.ml.trees.xgboost_trees import from_xgboost

__all__ = ["from_forest", "from_hist_gradient_boosting", "from_lightgbm", "from_xgboost"]
