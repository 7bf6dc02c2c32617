"""Questions that a reader puts to the model of an assessment: do its reasons hold, and what would change it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scoring.ml.reasons import Reason, fidelity
from scoring.ml.whatif import Change, find_changes
from scoring.models import Assessment
from scoring.registry import load_version


def what_would_change(assessment: Assessment, target_pd: float) -> list[Change]:
    """At most three feasible changes that would carry the case past `target_pd`, by the model that assessed it.

    Raises:
        ArtefactError: the model's file is missing, altered, or made for other libraries.
    """
    champion = load_version(assessment.model)
    target = math.log(target_pd / (1 - target_pd))
    return find_changes(champion.log_odds, champion.table, _values(assessment)[0], target, champion.quantiles)


def reasons_hold(assessment: Assessment, reasons: Sequence[Reason]) -> list[bool]:
    """For each of `reasons` whether the model's PD falls once what raised it is as usual; ArtefactError as above."""
    champion = load_version(assessment.model)
    values = _values(assessment)
    asked = champion.fidelity(values, champion.log_odds(values), champion.table.row_of(champion.norms)[None, :])
    return fidelity(asked, champion.table, [reasons])[0]


def _values(assessment: Assessment) -> NDArray[np.float64]:
    """What the model read of the case, (1, k); NaN missing."""
    return np.array([assessment.values], dtype=np.float64)
