"""Fidelity: whether the model itself bears out that a group of features raised a PD.

The group's features are set to their norms, and the PD must fall (baseline substitution, the check of adverse action
reasons). Shapley contributions average over all coalitions, so that where features interact a group may have a
contribution above nought and yet leave the PD as it is, or raise it, when it alone becomes as usual.

Most answers need no prediction. Where the table gives a feature its direction, no tree of the champion rises when the
feature goes back to the norm from its adverse side, whatever the other features are (`FlatTrees.directions` checks the
very trees); and an additive member falls by the difference of two heights of a curve. So the sum of these differences
is the least that the log-odds fall, and where it is above nought the group is borne out.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from scoring.ml.forms import AdditiveForm, BlendForm

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# The fall is looked for at the precision that a replay must reproduce, so that no last bit decides about a reason.
DECIMALS = 9
# A least fall is trusted only this far from the digit in question, a hundred thousand times what rounding can add.
SURE = 1e-8


class Fidelity:
    """Answers about n rows."""

    def __init__(
        self,
        log_odds: Callable[[FloatArray], FloatArray],
        shown: FloatArray,
        values: FloatArray,
        norms: FloatArray,
        least_fall: FloatArray | None = None,
    ) -> None:
        """`log_odds` takes values (m, k) to m log-odds, each by its own row alone; `shown` (n,) are those of `values`
        (n, k). A feature whose norm (n, k) is NaN stays as it is. `least_fall` (n, k) is what the log-odds
        fall at least when this feature goes to its norm, alone or with others, the falls of which are then added;
        -inf where that is not known."""
        self._log_odds, self._shown, self._values = log_odds, shown, values
        self._norms = np.where(np.isnan(norms), values, norms)
        self._least: FloatArray | None = None
        if least_fall is not None:
            # The last column is for the fillings of a group.
            self._least = np.concatenate([least_fall, np.zeros((len(values), 1))], axis=1)

    def holds(self, columns: IntArray, wanted: BoolArray) -> BoolArray:
        """Of the groups with these columns (g, w), filled up with -1: which are wanted (n, g) and borne out (n, g).

        One call of the model on all that is not sure beforehand; none where nothing is.
        """
        rows, groups = np.nonzero(wanted)
        found = wanted.copy()
        if self._least is not None:
            unsure = self._least[rows[:, None], columns[groups]].sum(axis=1) <= SURE
            rows, groups = rows[unsure], groups[unsure]
        if len(rows):
            found[rows, groups] = self._falls(rows, columns[groups])
        return found

    def _falls(self, rows: IntArray, columns: IntArray) -> BoolArray:
        """Whether the PDs of rows (m,) fall when their columns (m, w) are at their norms."""
        # Fillings repeat the group's first column, which changes nothing.
        filled = np.where(columns < 0, columns[:, :1], columns)
        trial = self._values[rows]
        trial[np.arange(len(rows))[:, None], filled] = self._norms[rows[:, None], filled]
        falls: BoolArray = (self._shown[rows] - self._log_odds(trial)).round(DECIMALS) > 0.0
        return falls


def least_fall(blend: BlendForm, values: FloatArray, norms: FloatArray) -> FloatArray:
    """What the raw log-odds fall at least (n, k) when a column of values (n, k) goes to its norm (n, k).

    Columns may go there one after the other, and the falls then add up. An additive member falls by the difference of
    its heights. The trees fall by something or nothing where the value lies on the side of the norm on which they never
    are lower; elsewhere, and where the value is missing, nothing is known: -inf. With a norm of NaN a column stays, and
    the fall is nought.
    """
    stays = np.isnan(norms)
    aim = np.where(stays, values, norms)
    fall = np.zeros(values.shape)
    for member in blend.members:
        if isinstance(member.form, AdditiveForm):
            fall += member.weight * (member.form.read(values) - member.form.read(aim))
    rises, falls = blend.directions
    known = stays | (aim == values) | ((values > aim) & rises) | ((values < aim) & falls)
    return np.where(known, fall, -np.inf)
