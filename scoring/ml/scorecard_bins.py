"""The bins of a scorecard as its card shows them: how many loans fell in each, how they went, what it is worth."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.ml.card_parts import Bin
from scoring.ml.curves import Curve
from scoring.ml.features import FeatureTable
from scoring.ml.forms import AdditiveForm
from scoring.ml.points import POINTS_A_UNIT

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


class _Place(NamedTuple):
    """What a bin holds (as `Bin` says), the log-odds it adds and which rows (n,) are in it."""

    kind: Literal["range", "codes", "special", "missing"]
    height: float
    here: BoolArray
    low: float | None = None
    high: float | None = None
    codes: tuple[str, ...] = ()
    special: float | None = None


def scorecard_bins(table: FeatureTable, form: object, values: FloatArray, y: IntArray) -> list[Bin]:
    """Bins of every feature, in the table's order, of training values (n, k) and outcomes (n,); none unless `form` is
    a scorecard, that is, additive in steps."""
    if not isinstance(form, AdditiveForm) or any(curve.kind == "line" for curve in form.curves):
        return []
    return [
        _bin(feature.name, place, mean, y)
        for feature, curve, mean, column in zip(table.features, form.curves, form.means, values.T, strict=True)
        for place in _places(curve, column, [category.code for category in feature.categories])
    ]


def _bin(name: str, place: _Place, mean: float, y: IntArray) -> Bin:
    return Bin(
        feature=name,
        kind=place.kind,
        low=place.low,
        high=place.high,
        codes=list(place.codes),
        special=place.special,
        rows=int(place.here.sum()),
        bads=int(y[place.here].sum()),
        points=-(place.height - mean) * POINTS_A_UNIT,
    )


def _places(curve: Curve, column: FloatArray, codes: list[str]) -> Iterator[_Place]:
    """The bins of a column (n,). Those without a row are left out, except ranges, which would leave a gap."""
    special = np.isin(column, [value for value, _height in curve.specials])
    plain = ~np.isnan(column) & ~special
    if curve.kind == "codes":
        members: dict[float, list[int]] = {}
        for code in range(len(codes)):
            # A code that the training loans did not show has the height of the unseen.
            height = curve.heights[code + 1] if code + 1 < len(curve.heights) else curve.heights[0]
            members.setdefault(height, []).append(code)
        found = [
            _Place("codes", height, plain & np.isin(column, alike), codes=tuple(codes[code] for code in alike))
            for height, alike in members.items()
        ]
    else:
        place, bounds = np.searchsorted(curve.edges, column, side="right"), (None, *curve.edges, None)
        for at, height in enumerate(curve.heights):
            yield _Place("range", height, plain & (place == at), low=bounds[at], high=bounds[at + 1])
        found = []
    found += [_Place("special", height, column == value, special=value) for value, height in curve.specials]
    found.append(_Place("missing", curve.missing, np.isnan(column)))
    yield from (one for one in found if one.here.any())
