"""Fidelity: whether the model itself bears out that a group of features raised a PD.

The group's features are set to their norms, and the PD must fall (baseline substitution, the check of adverse action
reasons). Shapley contributions average over all coalitions, so that where features interact a group may have a
contribution above nought and yet leave the PD as it is, or raise it, when it alone becomes as usual.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# The fall is looked for at the precision that a replay must reproduce, so that no last bit decides about a reason.
DECIMALS = 9
_UNKNOWN, _FAILS, _HOLDS = -1, 0, 1


class Fidelity:
    """Answers about n rows; the model is asked once about each row and group, whoever wants to know."""

    def __init__(
        self,
        log_odds: Callable[[FloatArray], FloatArray],
        shown: FloatArray,
        values: FloatArray,
        norms: Mapping[str, float | None],
        names: Sequence[str],
    ) -> None:
        """`log_odds` takes values (m, k) to m log-odds, each by its own row alone; `shown` (n,) are those of `values`
        (n, k), whose columns are `names`. A feature without a norm stays as it is."""
        self._log_odds, self._shown, self._values = log_odds, shown, values
        self._norms = np.array([norms.get(name) for name in names], dtype=np.float64)
        self._known: dict[tuple[int, ...], NDArray[np.int8]] = {}

    def holds(self, columns: IntArray, wanted: BoolArray) -> BoolArray:
        """Of the groups with these columns (g, w), filled up with -1: which are wanted (n, g) and borne out (n, g).

        One call of the model on all that is wanted and not known yet; none where nothing is.
        """
        known = [
            self._known.setdefault(group, np.full(len(self._values), _UNKNOWN, dtype=np.int8))
            for group in (tuple(column for column in row if column >= 0) for row in columns.tolist())
        ]
        if not known:
            return wanted.copy()
        rows, groups = np.nonzero(wanted & (np.stack(known, axis=1) == _UNKNOWN))
        if len(rows):
            falls = self._falls(rows, columns[groups])
            for group, answers in enumerate(known):
                here = groups == group
                answers[rows[here]] = np.where(falls[here], _HOLDS, _FAILS)
        found: BoolArray = wanted & (np.stack(known, axis=1) == _HOLDS)
        return found

    def _falls(self, rows: IntArray, columns: IntArray) -> BoolArray:
        """Whether the PDs of rows (m,) fall when their columns (m, w) are at their norms."""
        # Fillings repeat the group's first column, which changes nothing.
        filled = np.where(columns < 0, columns[:, :1], columns)
        trial = self._values[rows]
        place = np.arange(len(rows))[:, None]
        norms = self._norms[filled]
        trial[place, filled] = np.where(np.isnan(norms), trial[place, filled], norms)
        falls: BoolArray = (self._shown[rows] - self._log_odds(trial)).round(DECIMALS) > 0.0
        return falls
