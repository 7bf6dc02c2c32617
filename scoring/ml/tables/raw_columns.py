"""Raw columns of a table as numbers: the quick way where a whole column is clean, the careful way for the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.ml.vocabulary import Feature, Words

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
RawColumn = Sequence[object] | NDArray[Any]

NUMBERS = {int, float, type(None)}
TEXTS = {str, type(None)}
DATE = Feature(name="date", words=Words("Date", "日期"), type="date")


@dataclass(frozen=True)
class Given:
    """The raw columns of `rows` rows; a column that is absent is missing in each row."""

    columns: Mapping[str, RawColumn]
    rows: int
    _days: dict[str, tuple[FloatArray, BoolArray]] = field(default_factory=dict)

    def raw(self, name: str) -> RawColumn:
        """The column as it was given."""
        return self.columns[name] if name in self.columns else [None] * self.rows

    def days(self, name: str) -> FloatArray:
        """A column of dates (n,) in days since 1970-01-01; NaN where there is none."""
        return self._read(name)[0]

    def is_given(self, name: str) -> BoolArray:
        """Where (n,) a column of dates says something, readable or not."""
        days, unreadable = self._read(name)
        return ~np.isnan(days) | unreadable

    def _read(self, name: str) -> tuple[FloatArray, BoolArray]:
        if name not in self._days:
            self._days[name] = read_column(DATE, self.raw(name))
        return self._days[name]


def read_column(feature: Feature, raw: RawColumn) -> tuple[FloatArray, BoolArray]:
    """Values (n,) of one column as `feature.number` reads them, and where (n,) a given value could not be read."""
    if isinstance(raw, np.ndarray) and raw.dtype != object:
        quick = _array(feature, raw)
        if quick is not None:
            return quick
        raw = raw.tolist()
    kinds = set(map(type, raw))
    if feature.type == "number" and kinds <= NUMBERS:
        try:
            return _finite(np.array(raw, dtype=np.float64), raw, type(None) in kinds)
        except OverflowError:
            return _carefully(feature, raw)
    if kinds <= TEXTS or feature.type == "date":
        # Texts and dates repeat, so each is read once.
        return _by_value(feature, raw)
    return _carefully(feature, raw)


def read_numbers(columns: Sequence[RawColumn]) -> tuple[FloatArray, BoolArray] | None:
    """Columns of numbers (n, m) read together as `read_column` reads each, or None where one needs the careful way.

    A single case costs one array this way, and not one a column.
    """
    if not all(type(raw) is list and set(map(type, raw)) <= NUMBERS for raw in columns):
        return None
    try:
        values = np.array(columns, dtype=np.float64).T
    except OverflowError:
        return None
    odd = ~np.isfinite(values)
    if odd.any():
        values[odd] = np.nan
        for place in np.flatnonzero(odd.any(axis=0)).tolist():
            odd[:, place] &= np.fromiter((one is not None for one in columns[place]), np.bool_, len(odd))
    return values, odd


def _array(feature: Feature, raw: NDArray[Any]) -> tuple[FloatArray, BoolArray] | None:
    """A typed array (n,) read as a whole, where NaN and NaT are missing; None where its type needs the careful way."""
    if feature.type == "date" and raw.dtype.kind == "M":
        days = raw.astype("datetime64[D]")
        return np.where(np.isnat(days), np.nan, days.astype(np.int64)), np.zeros(len(raw), dtype=np.bool_)
    if feature.type == "number" and raw.dtype.kind in "iuf":
        values = raw.astype(np.float64)
        infinite = np.isinf(values)
        return np.where(infinite, np.nan, values), infinite
    if feature.type == "flag" and raw.dtype.kind in "iufb":
        values = raw.astype(np.float64)
        readable = (values == 0) | (values == 1)
        return np.where(readable, values, np.nan), ~readable & ~np.isnan(values)
    return None


def _finite(values: FloatArray, raw: RawColumn, with_none: bool) -> tuple[FloatArray, BoolArray]:
    odd = ~np.isfinite(values)
    if with_none and odd.any():
        missing = np.fromiter((one is None for one in raw), np.bool_, len(raw))
        return np.where(odd, np.nan, values), odd & ~missing
    return np.where(odd, np.nan, values), odd


def _by_value(feature: Feature, raw: RawColumn) -> tuple[FloatArray, BoolArray]:
    try:
        known = {one: feature.number(one) for one in set(raw)}
    except TypeError:
        return _carefully(feature, raw)
    values = np.fromiter((known[one] for one in raw), np.float64, len(raw))
    return values, _is_said(raw) & np.isnan(values)


def _carefully(feature: Feature, raw: RawColumn) -> tuple[FloatArray, BoolArray]:
    values = np.fromiter((feature.number(one) for one in raw), np.float64, len(raw))
    return values, _is_said(raw) & np.isnan(values)


def _is_said(raw: RawColumn) -> BoolArray:
    return np.fromiter((one is not None and one != "" for one in raw), np.bool_, len(raw))
