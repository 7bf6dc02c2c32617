"""A trained tree model as it is stored, predicted and explained: LightGBM's text and what stands in for the missing."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class OneThreadBooster(lgb.Booster):  # type: ignore[misc, unused-ignore]
    """A LightGBM model that always predicts in one thread.

    Processes times OpenMP threads oversubscribe the machine, and LightGBM takes the number of threads from the call
    only, never from a loaded model. Here so that shap, which makes the call itself, obeys too.
    """

    def predict(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        """As `lightgbm.Booster.predict`, in one thread."""
        return super().predict(data, *args, **{"num_threads": 1, **kwargs})


def booster_from(text: str) -> OneThreadBooster:
    """The model of a LightGBM text; lightgbm.basic.LightGBMError when the text is none."""
    booster = OneThreadBooster(model_str=text)
    # Told the objective, shap announces a list of two classes; without it, it explains the raw log-odds.
    booster.params = {}
    return booster


def fills_for(values: FloatArray, least_missing: int) -> tuple[float | None, ...]:
    """What stands in for a missing value in each column of the training values (n, k); None: NaN is left to the trees.

    LightGBM learns where missing values belong only if it saw some, and otherwise reads NaN as 0, which would make a
    withheld interest rate the safest of all. So a column with fewer than `least_missing` missing values is filled
    with its median (the lower of two middle values, so that a category stays one); doubt tells that it was missing.
    """
    absent = np.isnan(values).sum(axis=0)
    fills: list[float | None] = []
    for column, missing in zip(values.T, absent, strict=True):
        known = column[~np.isnan(column)]
        usable = len(known) > 0 and missing < least_missing
        fills.append(float(np.quantile(known, 0.5, method="inverted_cdf")) if usable else None)
    return tuple(fills)


@dataclass(frozen=True)
class TreeModel:
    """A LightGBM text with one fill a column."""

    text: str
    fills: tuple[float | None, ...]

    @cached_property
    def booster(self) -> OneThreadBooster:
        """The model, ready to predict; lightgbm.basic.LightGBMError when the text is none."""
        return booster_from(self.text)

    def filled(self, values: FloatArray) -> FloatArray:
        """Values (n, k) as the trees read them."""
        fills = np.array([np.nan if fill is None else fill for fill in self.fills])
        return np.where(np.isnan(values), fills, values)

    def log_odds(self, values: FloatArray) -> FloatArray:
        """Raw log-odds (n,) of values (n, k) with NaN for missing; n may be 0."""
        if not len(values):
            return np.zeros(0)
        return np.asarray(self.booster.predict(self.filled(values), raw_score=True), dtype=np.float64)
