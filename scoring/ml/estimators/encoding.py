"""What stands for a value before a model sees it: missing and special values, rare and unseen categories, ranks."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from scoring.ml.columns import Columns
from scoring.ml.folds import stratified_folds
from scoring.ml.sample_weights import Weights, count, mean, of_rows, quantile

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
# How trees read a category: as the log-odds of its bad rate, or as its code.
Categories = Literal["rates", "codes"]

# A column with fewer missing values than this teaches trees nothing about them, so they are filled.
LEAST_MISSING = 30
# A category with fewer training rows than this is pooled with the other rare ones.
LEAST_ROWS_OF_A_CATEGORY = 20
# Rows at the mean bad rate that are added to each category before its bad rate is taken.
SHRINKAGE_ROWS = 10.0
FOLDS = 5
# The largest amount that trees are trained on: most libraries hold values as float32.
MOST = 3e38


def special_mask(column: FloatArray, specials: tuple[float, ...]) -> BoolArray:
    """Where a column (n,) holds one of its special values."""
    return np.isin(column, np.array(specials)) if specials else np.zeros(len(column), dtype=np.bool_)


def common_codes(column: FloatArray, least: int, most: int | None = None) -> list[int]:
    """Codes of a categorical column (n,) that at least `least` rows hold, the `most` common of them, rising.

    The others are pooled as rare.
    """
    codes, counts = np.unique(column[column >= 0], return_counts=True)
    by_rows = np.argsort(-counts, kind="stable")[:most]
    return sorted(int(codes[place]) for place in by_rows if counts[place] >= least)


def median_of(column: FloatArray, weights: Weights = None) -> float:
    """The lower median of the known values of a column (n,), one of them; 0.0 where none is known."""
    known = ~np.isnan(column)
    return float(quantile(column[known], 0.5, of_rows(weights, known))) if known.any() else 0.0


@dataclass(frozen=True)
class CategoryRates:
    """A category as the log-odds of its bad rate: `known` for codes 0, 1, …, `unseen` for others, `missing` for NaN.

    Rates are shrunk towards the mean; rare codes share one rate with those never seen.
    """

    known: tuple[float, ...]
    unseen: float
    missing: float

    @classmethod
    def fit(cls, column: FloatArray, bad: FloatArray, weights: Weights = None) -> Self:
        """From codes (n,) and outcomes (n,), 1.0 = bad, of both classes. Which codes are rare, their rows tell."""
        usual = mean(bad, weights)

        def log_odds(group: BoolArray) -> float:
            bads = count(bad[group], of_rows(weights, group))
            share = (bads + SHRINKAGE_ROWS * usual) / (count(group, weights) + SHRINKAGE_ROWS)
            return float(np.log(share / (1.0 - share)))

        common, absent = common_codes(column, LEAST_ROWS_OF_A_CATEGORY), np.isnan(column)
        unseen = log_odds(~np.isin(column, common) & ~absent)
        known = [unseen] * ((common[-1] + 1) if common else 0)
        for code in common:
            known[code] = log_odds(column == code)
        return cls(tuple(known), unseen, log_odds(absent))

    def read(self, column: FloatArray) -> FloatArray:
        """Log-odds (n,) of codes (n,)."""
        codes = len(self.known)
        valid = (column >= 0) & (column < codes) & (column == np.floor(column))
        index = np.where(valid, column, np.where(np.isnan(column), codes + 1, codes))
        found: FloatArray = self._rates[index.astype(np.int64)]
        return found

    @cached_property
    def _rates(self) -> FloatArray:
        return np.array([*self.known, self.unseen, self.missing])

    @classmethod
    def of_other_folds(cls, column: FloatArray, bad: FloatArray, seed: int, weights: Weights = None) -> FloatArray:
        """Log-odds (n,) of training rows by the rates of the folds they are not in: no row tells its own outcome."""
        folds = min(FOLDS, int(bad.sum()), int(len(bad) - bad.sum()))
        if folds < 2:
            return cls.fit(column, bad, weights).read(column)
        result = np.empty(len(column))
        fold_of = stratified_folds(bad, folds, seed)
        for fold in range(folds):
            here = fold_of == fold
            result[here] = cls.fit(column[~here], bad[~here], of_rows(weights, ~here)).read(column[here])
        return result


@dataclass(frozen=True)
class TreeInputs:
    """How each of k columns is read by trees, one column from one.

    LightGBM learns where missing values belong only if it saw some, and otherwise reads NaN as 0, which would make a
    withheld interest rate the safest of all; so `fills` (None: NaN stays NaN) gives the median to columns with too
    few missing values. `specials` are read as missing. `rates` (None: read as it stands, amount or code) reads a
    category as the log-odds of its bad rate.
    """

    fills: tuple[float | None, ...]
    specials: tuple[tuple[float, ...], ...]
    rates: tuple[CategoryRates | None, ...]

    @classmethod
    def fit(
        cls,
        values: FloatArray,
        bad: FloatArray,
        columns: Columns,
        *,
        categories: Categories = "rates",
        weights: Weights = None,
    ) -> Self:
        """From training values (n, k) and outcomes (n,), 1.0 = bad."""
        fills: list[float | None] = []
        specials: list[tuple[float, ...]] = []
        rates: list[CategoryRates | None] = []
        for index, column in enumerate(values.T):
            category = columns.categorical[index]
            rates.append(CategoryRates.fit(column, bad, weights) if category and categories == "rates" else None)
            # Where more means riskier, a "no record" of -999 is no amount; elsewhere a tree can split it off by itself.
            special = columns.specials[index] if columns.directions[index] and not category else ()
            known = np.where(special_mask(column, special), np.nan, column)
            absent = int(np.isnan(known).sum())
            # A column without any value is filled too, because some libraries refuse to bin nothing.
            scarce = absent < LEAST_MISSING or absent == len(known)
            fills.append(median_of(known, weights) if scarce and not category else None)
            specials.append(special)
        return cls(tuple(fills), tuple(specials), tuple(rates))

    def prepare(self, values: FloatArray) -> FloatArray:
        """Values (n, k) as the trees read them."""
        prepared = np.array(values, dtype=np.float64)
        for index, special in enumerate(self.specials):
            if special:
                column = prepared[:, index]
                column[special_mask(column, special)] = np.nan
        np.copyto(prepared, self._fills, where=np.isnan(prepared))
        for index, rates in enumerate(self.rates):
            if rates is not None:
                prepared[:, index] = rates.read(values[:, index])
        return prepared

    @cached_property
    def _fills(self) -> FloatArray:
        """What missing values (k,) become, NaN where they stay."""
        return np.array([np.nan if fill is None else fill for fill in self.fills])

    def prepare_training(self, values: FloatArray, bad: FloatArray, seed: int, weights: Weights = None) -> FloatArray:
        """As `prepare`, for the rows of `fit`: rates of categories come from other folds, and amounts are bounded,
        because some libraries refuse what float32 cannot hold."""
        prepared = np.clip(self.prepare(values), -MOST, MOST)
        for index, rates in enumerate(self.rates):
            if rates is not None:
                prepared[:, index] = CategoryRates.of_other_folds(values[:, index], bad, seed, weights)
        return prepared

    def to_dict(self) -> dict[str, Any]:
        """Plain lists; `from_dict` gives the same inputs back."""
        return {
            "fills": list(self.fills),
            "specials": [list(one) for one in self.specials],
            "rates": [None if one is None else [*one.known, one.unseen, one.missing] for one in self.rates],
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """The inputs of `to_dict`."""
        rates = [None if one is None else tuple(map(float, one)) for one in content["rates"]]
        return cls(
            tuple(None if fill is None else float(fill) for fill in content["fills"]),
            tuple(tuple(map(float, one)) for one in content["specials"]),
            tuple(None if one is None else CategoryRates(one[:-2], one[-2], one[-1]) for one in rates),
        )
