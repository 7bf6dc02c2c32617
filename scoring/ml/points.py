"""The one scale of all models' points: 600 at odds of 50 good to 1 bad, 20 points double the odds, more is safer."""

from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

POINTS_AT_BASE: Final = 600.0
BASE_ODDS: Final = 50.0
POINTS_TO_DOUBLE: Final = 20.0
# Points that a unit of log-odds of default costs.
POINTS_A_UNIT: Final = POINTS_TO_DOUBLE / log(2.0)
# Points at even odds, log-odds 0.
POINTS_AT_EVEN: Final = POINTS_AT_BASE - POINTS_A_UNIT * log(BASE_ODDS)


def score_points(log_odds: FloatArray) -> FloatArray:
    """Score points (n,) of natural log-odds of default (n,): 600 + 20 / ln 2 * (ln(good : bad odds) - ln 50)."""
    points: FloatArray = POINTS_AT_BASE - POINTS_A_UNIT * (log_odds + log(BASE_ODDS))
    return points
