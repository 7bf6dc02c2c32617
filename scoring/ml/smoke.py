"""Smoke vectors: assessments of training loans that a model must give again, whole, before it serves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.ml.assessment import SHOWN, differing, inputs_of, shown
from scoring.ml.champion import Champion, Smoke
from scoring.ml.features import TableValues

FloatArray = NDArray[np.float64]

# Training needs ten loans, so no model is made with fewer vectors; a file with fewer was cut.
LEAST_SMOKE_ROWS = 10


def smoke_of(champion: Champion, values: FloatArray) -> Smoke:
    """The champion's assessments of values (s, k), and of three more rows: nothing supplied, nothing readable, and all
    of the middle one of `values` too old, which no training loan may happen to show."""
    size, columns = values.shape
    inputs = np.vstack([values, np.full((2, columns), np.nan), values[size // 2]])
    unreadable, stale = np.zeros((2, *inputs.shape), dtype=np.bool_)
    unreadable[size + 1] = True
    stale[size + 2] = ~np.isnan(inputs[size + 2])
    assessed = shown(champion, champion.score_values(TableValues(inputs, unreadable, stale)))
    return Smoke(assessed, dict(champion.usual))


def smoke_rows(champion: Champion) -> int:
    """How many vectors the model has, each with all parts that any has; 0 where one lacks a part."""
    sizes = {len(column) for column in champion.smoke.assessed.values()}
    return sizes.pop() if len(sizes) == 1 else 0


def is_whole(champion: Champion) -> bool:
    """Whether the vectors hold all that an assessment shows; those of files of format 3 do not."""
    return set(champion.smoke.assessed) == set(SHOWN) and set(champion.smoke.usual) == set(champion.table.names)


def score_difference(champion: Champion) -> float:
    """The largest difference from the log-odds that training stored; needs no explanation, so it is quick."""
    difference = np.abs(champion.log_odds(_inputs(champion).values) - np.array(champion.smoke.assessed["log_odds"]))
    return float(difference.max(initial=0.0))


def assessment_differences(champion: Champion) -> Iterator[tuple[str, Any, Any]]:
    """(field, stored, recomputed) of all that the vectors hold and the model now gives otherwise."""
    again = shown(champion, champion.score_values(_inputs(champion)))
    for name, stored in champion.smoke.assessed.items():
        yield from differing(stored, again[name], name)
    if champion.smoke.usual:
        yield from differing(champion.smoke.usual, champion.usual, "usual")


def _inputs(champion: Champion) -> TableValues:
    return inputs_of(champion.smoke.assessed, champion.table.names)
