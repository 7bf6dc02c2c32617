"""Two plain models that nobody has tuned: what a champion must not be worse than on the same table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer, StandardScaler

from scoring.ml.columns import Columns

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
LogOdds = Callable[[FloatArray], FloatArray]

TREES: Final = 100
QUANTILES: Final = 1000


def lightgbm_default(values: FloatArray, y: IntArray, columns: Columns, seed: int) -> LogOdds:
    """LightGBM as it comes: 100 trees of 31 leaves, categories as such. Returns log-odds (n,) of values (n, k)."""
    categorical = [place for place, is_category in enumerate(columns.categorical) if is_category]
    data = lgb.Dataset(values, y.astype(np.float64), categorical_feature=categorical)
    settings: dict[str, Any] = {
        "objective": "binary",
        "seed": seed,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    booster = lgb.train(settings, data, TREES)
    return lambda fresh: cast(FloatArray, booster.predict(fresh, raw_score=True))


def logistic_on_ranks(values: FloatArray, y: IntArray, columns: Columns, seed: int) -> LogOdds:
    """Logistic regression on rank-transformed numbers and one-hot categories; missing numbers are the median, and
    said to be missing. Returns log-odds (n,) of values (n, k)."""
    categories = [place for place, is_category in enumerate(columns.categorical) if is_category]
    numbers = [place for place in range(len(columns)) if place not in set(categories)]
    ranks = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        QuantileTransformer(n_quantiles=min(QUANTILES, len(y)), subsample=None, random_state=seed),
        StandardScaler(),
    )
    one_hot = make_pipeline(
        SimpleImputer(strategy="constant", fill_value=-1.0, keep_empty_features=True),
        OneHotEncoder(handle_unknown="ignore", min_frequency=10, sparse_output=False),
    )
    model = make_pipeline(
        ColumnTransformer([("numbers", ranks, numbers), ("categories", one_hot, categories)]),
        LogisticRegression(solver="newton-cholesky"),
    ).fit(values, y)
    return lambda fresh: cast(FloatArray, model.decision_function(fresh))


REFERENCES: Final[Mapping[str, Callable[[FloatArray, IntArray, Columns, int], LogOdds]]] = {
    "lightgbm_default": lightgbm_default,
    "logistic_on_ranks": logistic_on_ranks,
}
